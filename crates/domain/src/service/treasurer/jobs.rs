//! Jobs: effects out of the outbox. One claim signs and sends, or looks; it comes again until nothing is
//! left to do. Nothing is dropped: a job that fails is tried again, ever more slowly.

use tracing::Instrument;

use super::Treasurer;
use crate::chain::Transfer;
use crate::chain::transfer::{AttemptState, Purpose, TransferState, TransferStep};
use crate::order::{Actor, OrderEvent};
use crate::ports::{Job, JobEnd, StoreError, UnitOfWork};
use crate::service::ServiceError;
use crate::service::cashier::failing;

/// The effects that the treasurer carries out.
pub const COIN_JOBS: [&str; 5] = ["deliver", "refund_crypto", "sweep", "fund_gas", "return_native"];

/// A job that fails after so many claims is an operator's too.
const PATIENCE: i32 = 20;
/// What is under way is tried again as if it had failed so often.
const UNDER_WAY: u32 = 2;

impl Treasurer {
    /// Takes up to `limit` jobs that are due.
    ///
    /// # Errors
    /// The store's.
    pub async fn claim_jobs(&self, limit: u16) -> Result<Vec<Job>, StoreError> {
        let store = &self.engine.store;
        store.claim_jobs(&COIN_JOBS, limit, self.now(), self.tempo.lease).await
    }

    /// Does the next step of a job; one that fails is put off.
    pub async fn work_on(&self, job: Job) {
        let span = tracing::info_span!("job", key = job.key);
        let Err(error) = self.carry_out(&job).instrument(span).await else {
            return;
        };
        let text = error.to_string();
        tracing::warn!(job = job.key, attempts = job.attempts, error = text, cause = ?std::error::Error::source(&error), "a transfer is put off");
        if let Err(error) = self.put_off(&job, &text).await {
            tracing::warn!(job = job.key, %error, "the job waits for its lease to end");
        }
    }

    /// Neither this process nor another of the deployment has a node for it.
    fn is_stranded(&self, job: &Job) -> bool {
        let open = self.engine.rules.open;
        let nobodys = |network| self.chain(network).is_err() && !open.contains(network);
        job.effect.network().is_some_and(nobodys)
    }

    async fn carry_out(&self, job: &Job) -> Result<(), ServiceError> {
        if self.is_stranded(job) {
            return self.engine.strand_job(job, &self.tempo).await;
        }
        let plan = self.plan(job)?;
        let now = self.now();
        let mut uow = self.engine.store.begin().await?;
        let stored = uow.lock_transfer(&plan.key).await?;
        let transfer = stored.unwrap_or_else(|| Transfer::planned(plan, now));
        match transfer.next_step() {
            TransferStep::Sign => {
                uow.rollback().await?;
                self.sign(job, &transfer).await
            }
            TransferStep::Send { tx_hash } => {
                uow.rollback().await?;
                self.send(job, &transfer.plan, &tx_hash).await
            }
            TransferStep::Look => {
                uow.rollback().await?;
                self.look(job, &transfer).await
            }
            TransferStep::Wait => {
                self.end(&mut *uow, job, &transfer).await?;
                Ok(uow.commit().await?)
            }
            TransferStep::Finish => {
                uow.rollback().await?;
                self.finish(job, &transfer).await
            }
        }
    }

    /// It was asked for again after its end: whoever did so is told how it ended.
    async fn finish(&self, job: &Job, transfer: &Transfer) -> Result<(), ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let order = self.lock_order(&mut *uow, job.order_id).await?;
        if let Some(event) = ended(transfer) {
            self.engine.apply(&mut *uow, order, Actor::System, &event).await?;
        }
        self.end(&mut *uow, job, transfer).await?;
        Ok(uow.commit().await?)
    }

    /// Ends the claim: done, or due again when the transfer says so.
    pub(super) async fn end(
        &self,
        uow: &mut dyn UnitOfWork,
        job: &Job,
        transfer: &Transfer,
    ) -> Result<(), StoreError> {
        let due = transfer.due_again(&self.tempo, self.now());
        let end = due.map_or(JobEnd::Done, JobEnd::Again);
        uow.end_job(job, end, None, self.now()).await.map(drop)
    }

    /// Ends the claim for a reason that time may mend. What is under way is claimed again and again
    /// without any trouble, so that its claims say nothing of how long it fails.
    pub(super) async fn put_off(&self, job: &Job, error: &str) -> Result<(), StoreError> {
        let attempts = u32::try_from(job.attempts).unwrap_or(0);
        let mut uow = self.engine.store.begin().await?;
        let transfer = uow.lock_transfer(&job.key).await?;
        let is_flying = transfer.as_ref().is_some_and(|it| it.state == TransferState::InFlight);
        let is_late = transfer.map_or(job.attempts >= PATIENCE, |it| {
            it.updated_at.saturating_add(self.tempo.patience()) < self.now()
        });
        let attempts = if is_flying { UNDER_WAY } else { attempts };
        let again = JobEnd::Again(self.tempo.next_try(attempts, self.now()));
        if is_late {
            let detail = format!("a transfer keeps failing: {error}");
            let review = failing(job, detail, self.now());
            self.engine.call_operator(&mut *uow, &review).await?;
        }
        uow.end_job(job, again, Some(error), self.now()).await?;
        uow.commit().await
    }
}

/// What an order hears of a transfer of its own that has ended.
fn ended(transfer: &Transfer) -> Option<OrderEvent> {
    let done = transfer.attempts.iter().find(|attempt| attempt.state == AttemptState::Done);
    let done = done.map(|attempt| attempt.signed.tx_hash.clone());
    match (&transfer.plan.purpose, done) {
        (Purpose::Delivery, Some(tx_hash)) => Some(OrderEvent::DeliveryFinal { tx_hash }),
        (Purpose::Delivery, None) => {
            let last = transfer.attempts.last().map(|attempt| attempt.signed.tx_hash.clone());
            let unsent = || format!("unsent:{}", transfer.plan.key);
            Some(OrderEvent::DeliveryFailed { tx_hash: last.unwrap_or_else(unsent) })
        }
        (Purpose::Refund { refund }, Some(reference)) => {
            Some(OrderEvent::RefundConfirmed { refund: refund.clone(), reference })
        }
        (Purpose::Refund { refund }, None) => {
            Some(OrderEvent::RefundFailed { refund: refund.clone(), error: None })
        }
        (Purpose::Sweep | Purpose::Gas | Purpose::Return { .. }, _) => None,
    }
}
