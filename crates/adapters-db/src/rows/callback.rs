//! Rows of `callbacks`, as leased, and what tokens were made for.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Bytea, Integer, Text, Timestamptz};
use domain::ids::CollectionId;
use domain::ports::{Callback, Received, StoreError};
use domain::rail::{Hook, Subject};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::corrupt;

/// What `claim_callbacks.sql` answers.
pub(crate) type CallbackTypes =
    (BigInt, BigInt, Integer, Text, Bytea, Text, Bool, Bytea, Timestamptz);

#[derive(Debug, Queryable)]
pub(crate) struct CallbackRow {
    pub(crate) id: i64,
    fence: i64,
    attempts: i32,
    hook: String,
    token_hash: Vec<u8>,
    source: String,
    from_rail: bool,
    body: Vec<u8>,
    pub(crate) received_at: OffsetDateTime,
}

impl TryFrom<CallbackRow> for Callback {
    type Error = StoreError;

    fn try_from(row: CallbackRow) -> Result<Self, StoreError> {
        let wrong = |what| corrupt(what, format!("callback {}", row.id));
        let received = Received {
            hook: Hook::parse(&row.hook).ok_or_else(|| wrong("hook"))?,
            token_hash: row.token_hash.try_into().map_err(|_| wrong("token_hash"))?,
            source: row.source,
            from_rail: row.from_rail,
            body: row.body,
            at: row.received_at,
        };
        Ok(Self { id: row.id, fence: row.fence, attempts: row.attempts, received })
    }
}

/// `subject_kind` and `subject_id` of a token.
pub(crate) fn subject_columns(subject: Subject) -> (&'static str, Option<Uuid>) {
    match subject {
        Subject::Collection(id) => ("collection", Some(id.0)),
        Subject::Disbursement(id) => ("disbursement", Some(id)),
        Subject::Balance => ("balance", None),
        Subject::Bills => ("bills", None),
    }
}

/// The subject of a token from its columns.
pub(crate) fn subject_from(kind: &str, id: Option<Uuid>) -> Option<Subject> {
    match (kind, id) {
        ("collection", Some(id)) => Some(Subject::Collection(CollectionId(id))),
        ("disbursement", Some(id)) => Some(Subject::Disbursement(id)),
        ("balance", None) => Some(Subject::Balance),
        ("bills", None) => Some(Subject::Bills),
        _ => None,
    }
}
