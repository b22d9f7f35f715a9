//! Idempotency keys: claimed under an advisory lock, stored with the change.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::placement::{IdempotencyClaim, StoredAnswer};
use domain::ports::{ClaimOutcome, IdempotencyKeys, StoreError};
use time::OffsetDateTime;

use crate::error::{corrupt, from_diesel, violated};
use crate::schema::idempotency_keys::{self as keys, dsl};
use crate::unit_of_work::PgUnitOfWork;

/// What was answered under the claim's key; `None` when nothing was.
pub(crate) async fn find_answer(
    connection: &mut AsyncPgConnection,
    claim: &IdempotencyClaim,
) -> Result<Option<ClaimOutcome>, StoreError> {
    let row: Option<(Vec<u8>, i16, String)> = keys::table
        .find((claim.principal.0, &claim.key))
        .select((keys::fingerprint, keys::status, keys::body))
        .first(connection)
        .await
        .optional()
        .map_err(from_diesel)?;
    let Some((fingerprint, status, body)) = row else {
        return Ok(None);
    };
    if fingerprint != claim.fingerprint {
        return Ok(Some(ClaimOutcome::Reused));
    }
    let status = u16::try_from(status).map_err(|_| corrupt("status", &claim.key))?;
    Ok(Some(ClaimOutcome::Replay(StoredAnswer { status, body })))
}

#[async_trait]
impl IdempotencyKeys for PgUnitOfWork {
    async fn claim_key(&mut self, claim: &IdempotencyClaim) -> Result<ClaimOutcome, StoreError> {
        let name = format!("{}:{}", claim.principal, claim.key);
        diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind::<diesel::sql_types::Text, _>(name)
            .execute(self.connection())
            .await
            .map_err(from_diesel)?;
        let earlier = find_answer(self.connection(), claim).await?;
        Ok(earlier.unwrap_or(ClaimOutcome::Fresh))
    }

    async fn store_answer(
        &mut self,
        claim: &IdempotencyClaim,
        answer: &StoredAnswer,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let status = i16::try_from(answer.status).map_err(|_| corrupt("status", &claim.key))?;
        diesel::insert_into(keys::table)
            .values((
                dsl::principal.eq(claim.principal.0),
                dsl::key.eq(&claim.key),
                dsl::fingerprint.eq(claim.fingerprint.as_slice()),
                dsl::status.eq(status),
                dsl::body.eq(&answer.body),
                dsl::created_at.eq(at),
            ))
            .execute(self.connection())
            .await
            .map(drop)
            .map_err(|error| match violated(&error) {
                // Placing an order claims its key without the lock of `claim_key`.
                Some("idempotency_keys_pkey") => StoreError::Busy,
                _ => from_diesel(error),
            })
    }
}
