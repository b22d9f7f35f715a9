//! Rows of `outbox`, as leased.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use domain::ids::OrderId;
use domain::ports::{Job, StoreError};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::corrupt;

/// What `claim_jobs.sql` and `take_job.sql` answer.
pub(crate) type JobTypes = (Timestamptz, BigInt, SqlUuid, Jsonb, Text, Integer, BigInt);

#[derive(Debug, Queryable)]
pub(crate) struct JobRow {
    pub(crate) available_at: OffsetDateTime,
    pub(crate) id: i64,
    order_id: Uuid,
    payload: Value,
    idempotency_key: String,
    attempts: i32,
    fence: i64,
}

impl TryFrom<JobRow> for Job {
    type Error = StoreError;

    fn try_from(row: JobRow) -> Result<Self, StoreError> {
        let effect = serde_json::from_value(row.payload);
        Ok(Self {
            id: row.id,
            order_id: OrderId(row.order_id),
            effect: effect.map_err(|_| corrupt("effect", &row.idempotency_key))?,
            key: row.idempotency_key,
            attempts: row.attempts,
            fence: row.fence,
        })
    }
}
