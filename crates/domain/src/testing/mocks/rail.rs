//! The ports whose methods borrow within what they borrow, which [`mockall::mock!`] cannot spell:
//! each method asks the expectation of its name.

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};

use super::{MockStore, MockUow};
use crate::ledger::AccountKey;
use crate::ports::{Callback, Job, JobEnd, Jobs, RailStore, Received, StoreError};
use crate::rail::{Circuit, Collection};

#[async_trait]
impl Jobs for MockUow {
    async fn take_job(
        &mut self,
        key: &str,
        now: OffsetDateTime,
        lease: Duration,
    ) -> Result<Option<Job>, StoreError> {
        Self::take_job(self, key, now, lease)
    }

    async fn end_job(
        &mut self,
        job: &Job,
        end: JobEnd,
        error: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        Self::end_job(self, job, end, error.map(str::to_owned), now)
    }

    async fn wake_job(&mut self, key: &str, at: OffsetDateTime) -> Result<(), StoreError> {
        Self::wake_job(self, key, at)
    }
}

#[async_trait]
impl RailStore for MockStore {
    async fn claim_jobs(
        &self,
        kinds: &[&str],
        limit: u16,
        now: OffsetDateTime,
        lease: Duration,
    ) -> Result<Vec<Job>, StoreError> {
        let kinds: Vec<_> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        Self::claim_jobs(self, &kinds, limit, now, lease)
    }

    async fn store_callback(&self, received: &Received) -> Result<(), StoreError> {
        Self::store_callback(self, received)
    }

    async fn claim_callbacks(
        &self,
        limit: u16,
        now: OffsetDateTime,
        lease: Duration,
    ) -> Result<Vec<Callback>, StoreError> {
        Self::claim_callbacks(self, limit, now, lease)
    }

    async fn claim_turn(
        &self,
        name: &str,
        every: Duration,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        Self::claim_turn(self, name, every, now)
    }

    async fn undecided_collections(
        &self,
        sent_before: OffsetDateTime,
        limit: u16,
    ) -> Result<Vec<Collection>, StoreError> {
        Self::undecided_collections(self, sent_before, limit)
    }

    async fn find_circuit(&self) -> Result<Option<Circuit>, StoreError> {
        Self::find_circuit(self)
    }

    async fn balances(&self) -> Result<Vec<(AccountKey, i128)>, StoreError> {
        Self::balances(self)
    }
}
