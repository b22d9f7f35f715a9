//! Callbacks and the ledger inside a unit of work.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ledger::Entry;
use domain::ports::{Callback, FloatBooks, RailBooks, StoreError};
use domain::rail::{Hook, Subject};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::{corrupt, from_diesel};
use crate::prepared::Prepared;
use crate::rows::{subject_columns, subject_from};
use crate::schema::callback_tokens;
use crate::unit_of_work::PgUnitOfWork;
use crate::{callbacks, ledger};

#[async_trait]
impl RailBooks for PgUnitOfWork {
    async fn add_token(
        &mut self,
        hash: &[u8; 32],
        hook: Hook,
        subject: Subject,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let (kind, id) = subject_columns(subject);
        let insert = diesel::insert_into(callback_tokens::table).values((
            callback_tokens::token_hash.eq(hash.as_slice()),
            callback_tokens::hook.eq(hook.letter()),
            callback_tokens::subject_kind.eq(kind),
            callback_tokens::subject_id.eq(id),
            callback_tokens::created_at.eq(at),
        ));
        Prepared(insert).execute(self.connection()).await.map(drop).map_err(from_diesel)
    }

    async fn find_token(
        &mut self,
        hook: Hook,
        hash: &[u8; 32],
    ) -> Result<Option<Subject>, StoreError> {
        let row: Option<(String, Option<Uuid>)> = callback_tokens::table
            .find((hook.letter(), hash.as_slice()))
            .select((callback_tokens::subject_kind, callback_tokens::subject_id))
            .first(self.connection())
            .await
            .optional()
            .map_err(from_diesel)?;
        let Some((kind, id)) = row else { return Ok(None) };
        let wrong = || corrupt("subject", format!("a token of hook {}", hook.letter()));
        subject_from(&kind, id).ok_or_else(wrong).map(Some)
    }

    async fn settle_callback(
        &mut self,
        callback: &Callback,
        outcome: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        callbacks::settle_callback(self.connection(), callback, outcome, at).await
    }

    async fn post(&mut self, entry: &Entry) -> Result<bool, StoreError> {
        ledger::post(self.connection(), entry).await
    }

    async fn float_books(&mut self, since: OffsetDateTime) -> Result<FloatBooks, StoreError> {
        ledger::float_books(self.connection(), since).await
    }
}
