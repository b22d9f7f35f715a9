//! Transfers under lock, with everything that was signed for them.

use async_trait::async_trait;
use bigdecimal::BigDecimal;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::address::Network;
use domain::chain::transfer::{Plan, Purpose, TransferState};
use domain::chain::{Attempt, Transfer};
use domain::offer::Asset;
use domain::ports::{StoreError, TransferRepository};

use super::sequences;
use crate::error::from_diesel;
use crate::prepared::Prepared;
use crate::rows::{AttemptProgress, AttemptRow, TransferRow, transfer_from};
use crate::schema::{chain_attempts, chain_transfers};
use crate::statement::{Bind, Statement};
use crate::unit_of_work::PgUnitOfWork;

const EMPTY_ESCROW: &str = include_str!("../sql/empty_escrow.sql");

fn missing(key: &str) -> StoreError {
    StoreError::Conflict(format!("transfer {key}"))
}

impl PgUnitOfWork {
    async fn add_attempt(&mut self, plan: &Plan, attempt: &Attempt) -> Result<(), StoreError> {
        let row = AttemptRow::of(plan, attempt)?;
        let insert = diesel::insert_into(chain_attempts::table).values(row);
        Prepared(insert).execute(self.connection()).await.map(drop).map_err(from_diesel)
    }

    /// Under another hash it is another transaction: it is added, and refused for its number.
    async fn save_attempt(&mut self, plan: &Plan, attempt: &Attempt) -> Result<(), StoreError> {
        let known = chain_attempts::table
            .find((&plan.key, attempt.generation, attempt.variant))
            .filter(chain_attempts::tx_hash.eq(&attempt.signed.tx_hash));
        let update = diesel::update(known).set(AttemptProgress::try_from(attempt)?);
        let saved = Prepared(update).execute(self.connection()).await.map_err(from_diesel)?;
        if saved == 1 { Ok(()) } else { self.add_attempt(plan, attempt).await }
    }

    async fn attempts(&mut self, key: &str) -> Result<Vec<Attempt>, StoreError> {
        let rows: Vec<AttemptRow> = chain_attempts::table
            .filter(chain_attempts::key.eq(key))
            .order((chain_attempts::generation, chain_attempts::variant))
            .select(AttemptRow::as_select())
            .load(self.connection())
            .await
            .map_err(from_diesel)?;
        rows.into_iter().map(Attempt::try_from).collect()
    }

    /// Nobody need look for coin where a sweep has left none.
    async fn empty_escrow(&mut self, plan: &Plan) -> Result<(), StoreError> {
        let asset = plan.value.asset().map(Asset::as_str);
        let binds = vec![Bind::Uuid(Some(plan.order_id.0)), Bind::Text(asset)];
        let update = Statement { text: EMPTY_ESCROW, binds };
        update.execute(self.connection()).await.map(drop).map_err(from_diesel)
    }
}

#[async_trait]
impl TransferRepository for PgUnitOfWork {
    async fn insert_transfer(&mut self, transfer: &Transfer) -> Result<(), StoreError> {
        let row = TransferRow::try_from(transfer)?;
        let insert = diesel::insert_into(chain_transfers::table).values(row);
        Prepared(insert).execute(self.connection()).await.map_err(from_diesel)?;
        for attempt in &transfer.attempts {
            self.add_attempt(&transfer.plan, attempt).await?;
        }
        Ok(())
    }

    async fn lock_transfer(&mut self, key: &str) -> Result<Option<Transfer>, StoreError> {
        let row: Option<TransferRow> = chain_transfers::table
            .find(key)
            .select(TransferRow::as_select())
            .for_no_key_update()
            .first(self.connection())
            .await
            .optional()
            .map_err(from_diesel)?;
        let Some(row) = row else { return Ok(None) };
        let attempts = self.attempts(key).await?;
        transfer_from(&row, attempts).map(Some)
    }

    /// Attempts first: the database lets a transfer stand only where they stand.
    async fn save_transfer(&mut self, transfer: &Transfer) -> Result<(), StoreError> {
        let plan = &transfer.plan;
        for attempt in &transfer.attempts {
            self.save_attempt(plan, attempt).await?;
        }
        let update = diesel::update(chain_transfers::table.find(&plan.key)).set((
            chain_transfers::state.eq(transfer.state.as_str()),
            chain_transfers::reviewed.eq(transfer.reviewed),
            chain_transfers::updated_at.eq(transfer.updated_at),
        ));
        if Prepared(update).execute(self.connection()).await.map_err(from_diesel)? != 1 {
            return Err(missing(&plan.key));
        }
        if plan.purpose == Purpose::Sweep && transfer.state == TransferState::Done {
            self.empty_escrow(plan).await?;
        }
        Ok(())
    }

    async fn lock_sequence(
        &mut self,
        network: Network,
        address: &str,
    ) -> Result<Option<u64>, StoreError> {
        sequences::lock_sequence(self.connection(), network, address).await
    }

    async fn save_sequence(
        &mut self,
        network: Network,
        address: &str,
        last: u64,
    ) -> Result<(), StoreError> {
        sequences::save_sequence(self.connection(), network, address, last).await
    }

    async fn find_attempts(
        &mut self,
        network: Network,
        address: &str,
        sequence: u64,
    ) -> Result<Vec<Attempt>, StoreError> {
        let rows: Vec<AttemptRow> = chain_attempts::table
            .filter(chain_attempts::network.eq(network.as_str()))
            .filter(chain_attempts::from_address.eq(address))
            .filter(chain_attempts::sequence.eq(BigDecimal::from(sequence)))
            .order(chain_attempts::variant)
            .select(AttemptRow::as_select())
            .load(self.connection())
            .await
            .map_err(from_diesel)?;
        rows.into_iter().map(Attempt::try_from).collect()
    }
}
