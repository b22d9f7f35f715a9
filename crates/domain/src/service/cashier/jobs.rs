//! Jobs: effects out of the outbox. One claim is one step of one effect; it comes again until nothing
//! is left to do. Nothing is dropped: a job that fails is tried again, ever more slowly.

use time::OffsetDateTime;
use tracing::Instrument;

use super::Cashier;
use crate::order::Effect;
use crate::ports::{Job, JobEnd, StoreError};
use crate::rail::disbursement::Purpose;
use crate::rail::{RailReview, Review};
use crate::service::ServiceError;

/// The effects that the cashier carries out.
pub const JOB_KINDS: [&str; 3] = ["request_collection", "pay_out", "refund_fiat"];
/// Those of money in, and those of money out: whoever works on both apart lets no slow answer to one
/// hold up the other.
pub const COLLECTING_JOBS: [&str; 1] = ["request_collection"];
pub const PAYING_JOBS: [&str; 2] = ["pay_out", "refund_fiat"];

/// A job that fails after so many claims is an operator's too.
const PATIENCE: i32 = 20;

impl Cashier {
    /// Takes up to `limit` jobs that are due.
    ///
    /// # Errors
    /// The store's.
    pub async fn claim_jobs(&self, limit: u16) -> Result<Vec<Job>, StoreError> {
        self.claim_jobs_of(&JOB_KINDS, limit).await
    }

    /// Takes up to `limit` jobs of these kinds that are due.
    ///
    /// # Errors
    /// The store's.
    pub async fn claim_jobs_of(&self, kinds: &[&str], limit: u16) -> Result<Vec<Job>, StoreError> {
        let store = &self.engine.store;
        store.claim_jobs(kinds, limit, self.now(), self.tempo.lease).await
    }

    /// Does the next step of a job; one that fails is put off.
    pub async fn work_on(&self, job: Job) {
        let span = tracing::info_span!("job", key = job.key);
        let Err(error) = self.carry_out(&job).instrument(span).await else {
            return;
        };
        let text = error.to_string();
        tracing::warn!(job = job.key, attempts = job.attempts, error = text, cause = ?std::error::Error::source(&error), "a job is put off");
        if let Err(error) = self.put_off(&job, &text).await {
            tracing::warn!(job = job.key, %error, "the job waits for its lease to end");
        }
    }

    async fn carry_out(&self, job: &Job) -> Result<(), ServiceError> {
        match &job.effect {
            Effect::RequestCollection { collection, .. } => {
                self.collect(job, *collection).await.map(drop)
            }
            Effect::PayOut { phone, amount } => {
                Box::pin(self.disburse(job, &Purpose::Payout, phone, *amount)).await
            }
            Effect::RefundFiat { refund, phone, amount, receipt } => {
                let purpose = Purpose::Refund { refund: refund.clone(), receipt: receipt.clone() };
                Box::pin(self.disburse(job, &purpose, phone, *amount)).await
            }
            Effect::OpenReview { .. }
            | Effect::Deliver { .. }
            | Effect::RefundCrypto { .. }
            | Effect::Sweep { .. }
            | Effect::FundGas { .. }
            | Effect::ReturnNative { .. } => {
                Err(StoreError::Corrupt(format!("job {} is not the cashier's", job.key)).into())
            }
        }
    }

    async fn put_off(&self, job: &Job, error: &str) -> Result<(), StoreError> {
        let attempts = u32::try_from(job.attempts).unwrap_or(0);
        let again = JobEnd::Again(self.tempo.next_try(attempts, self.now()));
        let mut uow = self.engine.store.begin().await?;
        if job.attempts >= PATIENCE {
            let detail = format!("a job keeps failing: {error}");
            self.call(&mut *uow, &failing(job, detail, self.now())).await?;
        }
        uow.end_job(job, again, Some(error), self.now()).await?;
        uow.commit().await
    }
}

/// One for each job, which is closed when the job is done.
pub(in crate::service) fn failing(job: &Job, detail: String, at: OffsetDateTime) -> Review {
    let subject = format!("job:{}", job.key);
    let review = Review::new(RailReview::Blocked, subject.clone(), subject, detail, at);
    Review { is_condition: true, ..review.about(job.order_id) }
}
