//! What the store does for the rail outside units of work. Leases run by the caller's clock.

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};

use super::MemoryStore;
use crate::ledger::AccountKey;
use crate::ports::{Callback, Job, RailStore, Received, StoreError};
use crate::rail::collection::CollectionState;
use crate::rail::{Circuit, Collection};

fn is_undecided(collection: &Collection, sent_before: OffsetDateTime) -> bool {
    let is_open = !collection.state.is_settled() && collection.state != CollectionState::Created;
    is_open && collection.sent_at.is_some_and(|sent| sent < sent_before)
}

#[async_trait]
impl RailStore for MemoryStore {
    async fn claim_jobs(
        &self,
        kinds: &[&str],
        limit: u16,
        now: OffsetDateTime,
        lease: Duration,
    ) -> Result<Vec<Job>, StoreError> {
        let _writer = self.writer.lock().await;
        Ok(self.tables().claim_jobs(kinds, limit, now, now.saturating_add(lease)))
    }

    async fn store_callback(&self, received: &Received) -> Result<(), StoreError> {
        let _writer = self.writer.lock().await;
        self.tables().store_callback(received);
        Ok(())
    }

    async fn claim_callbacks(
        &self,
        limit: u16,
        now: OffsetDateTime,
        lease: Duration,
    ) -> Result<Vec<Callback>, StoreError> {
        let _writer = self.writer.lock().await;
        Ok(self.tables().claim_callbacks(limit, now, now.saturating_add(lease)))
    }

    async fn claim_turn(
        &self,
        name: &str,
        every: Duration,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let _writer = self.writer.lock().await;
        let turns = &mut self.tables().turns;
        let is_due = turns.get(name).is_none_or(|last| last.saturating_add(every) <= now);
        if is_due {
            turns.insert(name.to_owned(), now);
        }
        Ok(is_due)
    }

    async fn undecided_collections(
        &self,
        sent_before: OffsetDateTime,
        limit: u16,
    ) -> Result<Vec<Collection>, StoreError> {
        let tables = self.tables();
        let all = tables.collections.values();
        let mut open: Vec<_> = all.filter(|it| is_undecided(it, sent_before)).cloned().collect();
        open.sort_by_key(|collection| (collection.sent_at, collection.id));
        open.truncate(limit.into());
        Ok(open)
    }

    async fn find_circuit(&self) -> Result<Option<Circuit>, StoreError> {
        Ok(self.tables().circuit.clone())
    }

    async fn balances(&self) -> Result<Vec<(AccountKey, i128)>, StoreError> {
        Ok(self.tables().balances())
    }
}
