//! The outbox as jobs: an effect, when it is due, and whose it is.

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};

use super::tables::{Tables, rejected};
use super::unit_of_work::MemoryUnitOfWork;
use crate::ids::OrderId;
use crate::offer::Asset;
use crate::order::Effect;
use crate::ports::{Job, JobEnd, Jobs, Outbox, OutboxRow, StoreError};
use crate::supervision::OpenJob;

#[derive(Debug, Clone)]
pub(super) struct StoredJob {
    id: i64,
    row: OutboxRow,
    available_at: OffsetDateTime,
    leased_until: Option<OffsetDateTime>,
    attempts: i32,
    fence: i64,
    is_done: bool,
    created_at: OffsetDateTime,
    last_error: Option<String>,
}

impl StoredJob {
    fn is_free(&self, now: OffsetDateTime) -> bool {
        !self.is_done && self.leased_until.is_none_or(|until| until <= now)
    }

    fn reopen(&mut self, at: OffsetDateTime) {
        (self.is_done, self.leased_until, self.available_at) = (false, None, at);
    }

    fn take(&mut self, until: OffsetDateTime) -> Job {
        self.leased_until = Some(until);
        self.attempts = self.attempts.saturating_add(1);
        self.fence = self.fence.saturating_add(1);
        Job {
            id: self.id,
            order_id: self.row.order_id,
            effect: self.row.effect.clone(),
            key: self.row.idempotency_key.clone(),
            attempts: self.attempts,
            fence: self.fence,
        }
    }
}

impl Tables {
    /// Everything that is not done.
    pub(super) fn open_jobs(&self) -> Vec<OpenJob> {
        let open = self.outbox.iter().filter(|job| !job.is_done);
        let seen = |job: &StoredJob| OpenJob {
            id: job.id,
            order_id: job.row.order_id,
            kind: job.row.effect.kind().to_owned(),
            key: job.row.idempotency_key.clone(),
            attempts: job.attempts,
            created_at: job.created_at,
            available_at: job.available_at,
            leased_until: job.leased_until,
            last_error: job.last_error.clone(),
        };
        open.map(seen).collect()
    }

    fn job(&mut self, key: &str) -> Option<&mut StoredJob> {
        self.outbox.iter_mut().find(|job| job.row.idempotency_key == key)
    }

    pub(super) fn has_job(&self, key: &str) -> bool {
        self.outbox.iter().any(|job| job.row.idempotency_key == key)
    }

    /// Whether a sweep of the order's coin is asked for and not done.
    pub(super) fn has_open_sweep(&self, order: OrderId, coin: Asset) -> bool {
        self.outbox
            .iter()
            .filter(|job| !job.is_done && job.row.order_id == order)
            .any(|job| matches!(job.row.effect, Effect::Sweep { asset, .. } if asset == coin))
    }

    fn enqueue(&mut self, order: OrderId, effect: &Effect, at: OffsetDateTime) {
        let key = effect.idempotency_key(order);
        if let Some(known) = self.job(&key) {
            if known.is_done {
                known.reopen(at);
            }
            return;
        }
        self.outbox.push(StoredJob {
            id: i64::try_from(self.outbox.len()).unwrap_or(i64::MAX),
            row: OutboxRow { order_id: order, effect: effect.clone(), idempotency_key: key },
            available_at: at,
            leased_until: None,
            attempts: 0,
            fence: 0,
            is_done: false,
            created_at: at,
            last_error: None,
        });
    }

    pub(super) fn claim_jobs(
        &mut self,
        kinds: &[&str],
        limit: u16,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Vec<Job> {
        let is_due = |job: &StoredJob| job.available_at <= now && job.is_free(now);
        let wanted = |job: &&mut StoredJob| kinds.contains(&job.row.effect.kind()) && is_due(job);
        let mut due: Vec<_> = self.outbox.iter_mut().filter(wanted).collect();
        due.sort_by_key(|job| (job.available_at, job.id));
        due.into_iter().take(limit.into()).map(|job| job.take(until)).collect()
    }
}

#[async_trait]
impl Outbox for MemoryUnitOfWork {
    async fn enqueue(
        &mut self,
        order: OrderId,
        effects: &[Effect],
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        if !effects.is_empty() && !self.tables.orders.contains_key(&order) {
            return Err(rejected("an effect needs its order"));
        }
        for effect in effects {
            self.tables.enqueue(order, effect, at);
        }
        Ok(())
    }

    async fn pending_effects(&mut self, order: OrderId) -> Result<Vec<OutboxRow>, StoreError> {
        let open = self.tables.outbox.iter().filter(|job| !job.is_done);
        Ok(open.map(|job| &job.row).filter(|row| row.order_id == order).cloned().collect())
    }
}

#[async_trait]
impl Jobs for MemoryUnitOfWork {
    async fn take_job(
        &mut self,
        key: &str,
        now: OffsetDateTime,
        lease: Duration,
    ) -> Result<Option<Job>, StoreError> {
        let free = self.tables.job(key).filter(|job| job.is_free(now));
        Ok(free.map(|job| job.take(now.saturating_add(lease))))
    }

    async fn end_job(
        &mut self,
        job: &Job,
        end: JobEnd,
        error: Option<&str>,
        _now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let ours = |known: &&mut StoredJob| {
            known.fence == job.fence && known.leased_until.is_some() && !known.is_done
        };
        let Some(known) = self.tables.job(&job.key).filter(ours) else {
            return Ok(false);
        };
        known.leased_until = None;
        known.last_error = error.map(str::to_owned);
        match end {
            JobEnd::Done => known.is_done = true,
            JobEnd::Again(at) => known.available_at = at,
        }
        Ok(true)
    }

    async fn wake_job(&mut self, key: &str, at: OffsetDateTime) -> Result<(), StoreError> {
        match self.tables.job(key) {
            Some(job) if job.is_done => job.reopen(at),
            Some(job) => job.available_at = job.available_at.min(at),
            None => {}
        }
        Ok(())
    }
}
