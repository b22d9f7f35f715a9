//! Rows of `chain_attempts`.

use bigdecimal::BigDecimal;
use diesel::prelude::*;
use domain::chain::transfer::{AttemptState, Plan, Signed};
use domain::chain::{Attempt, BlockRef};
use domain::ports::StoreError;
use serde_json::Value as Json;
use time::OffsetDateTime;

use super::chain::{height_column, height_from, uint64_from};
use crate::error::corrupt;
use crate::schema::chain_attempts;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = chain_attempts, check_for_backend(diesel::pg::Pg))]
pub(crate) struct AttemptRow {
    key: String,
    generation: i32,
    variant: i32,
    network: String,
    from_address: String,
    sequence: BigDecimal,
    tx_hash: String,
    raw: Vec<u8>,
    terms: Json,
    created_at: OffsetDateTime,
    #[diesel(embed)]
    progress: AttemptProgress,
}

/// What of an attempt changes after it was signed.
#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = chain_attempts, treat_none_as_null = true, check_for_backend(diesel::pg::Pg))]
pub(crate) struct AttemptProgress {
    state: String,
    sends: i32,
    first_sent_at: Option<OffsetDateTime>,
    last_sent_at: Option<OffsetDateTime>,
    included_height: Option<i64>,
    included_hash: Option<String>,
    fee: Option<BigDecimal>,
    death: Option<Json>,
}

fn unwritable(attempt: &Attempt) -> StoreError {
    corrupt("json", format!("attempt {}", attempt.signed.tx_hash))
}

impl TryFrom<&Attempt> for AttemptProgress {
    type Error = StoreError;

    fn try_from(attempt: &Attempt) -> Result<Self, StoreError> {
        let death = attempt.death.as_ref().map(serde_json::to_value);
        let included = attempt.included.as_ref();
        Ok(Self {
            state: attempt.state.as_str().to_owned(),
            sends: attempt.sends,
            first_sent_at: attempt.first_sent_at,
            last_sent_at: attempt.last_sent_at,
            included_height: included.map(|block| height_column(block.height)),
            included_hash: included.map(|block| block.hash.clone()),
            fee: attempt.fee.map(BigDecimal::from),
            death: death.transpose().map_err(|_| unwritable(attempt))?,
        })
    }
}

impl AttemptRow {
    /// The row of what was signed for `plan`.
    pub(crate) fn of(plan: &Plan, attempt: &Attempt) -> Result<Self, StoreError> {
        let signed = &attempt.signed;
        Ok(Self {
            key: plan.key.clone(),
            generation: attempt.generation,
            variant: attempt.variant,
            network: plan.network.as_str().to_owned(),
            from_address: plan.from.clone(),
            sequence: BigDecimal::from(signed.sequence),
            tx_hash: signed.tx_hash.clone(),
            raw: signed.raw.clone(),
            terms: serde_json::to_value(&signed.terms).map_err(|_| unwritable(attempt))?,
            created_at: attempt.created_at,
            progress: attempt.try_into()?,
        })
    }

    fn wrong(&self, what: &str) -> StoreError {
        corrupt(what, format!("attempt {}", self.tx_hash))
    }

    /// The block that it is in, of two columns that are both there or both not.
    fn included(&self) -> Result<Option<BlockRef>, StoreError> {
        let (height, hash) = (self.progress.included_height, &self.progress.included_hash);
        let height = height.map(|it| height_from(it).ok_or_else(|| self.wrong("height")));
        match (height.transpose()?, hash) {
            (Some(height), Some(hash)) => Ok(Some(BlockRef { height, hash: hash.clone() })),
            (None, None) => Ok(None),
            _ => Err(self.wrong("block")),
        }
    }
}

impl TryFrom<AttemptRow> for Attempt {
    type Error = StoreError;

    fn try_from(row: AttemptRow) -> Result<Self, StoreError> {
        let included = row.included()?;
        let it = &row.progress;
        let fee = it.fee.as_ref().map(|fee| uint64_from(fee).ok_or_else(|| row.wrong("fee")));
        let death = it.death.clone().map(serde_json::from_value).transpose();
        let terms = serde_json::from_value(row.terms.clone());
        let signed = Signed {
            sequence: uint64_from(&row.sequence).ok_or_else(|| row.wrong("sequence"))?,
            terms: terms.map_err(|_| row.wrong("terms"))?,
            tx_hash: row.tx_hash.clone(),
            raw: row.raw.clone(),
        };
        Ok(Self {
            generation: row.generation,
            variant: row.variant,
            signed,
            state: AttemptState::parse(&it.state).ok_or_else(|| row.wrong("state"))?,
            sends: it.sends,
            first_sent_at: it.first_sent_at,
            last_sent_at: it.last_sent_at,
            included,
            fee: fee.transpose()?,
            death: death.map_err(|_| row.wrong("death"))?,
            created_at: row.created_at,
        })
    }
}
