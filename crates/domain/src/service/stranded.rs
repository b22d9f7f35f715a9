//! Coin jobs of networks that this deployment has no node for. Nobody can carry them out, so an operator
//! hears of each at its first attempt; they are tried again for ever, and go on by themselves once a
//! node is configured.

use super::cashier::failing;
use super::treasurer::COIN_JOBS;
use super::{Engine, ServiceError};
use crate::chain::ChainTempo;
use crate::ports::{Job, JobEnd, StoreError};

/// As if it had failed so often: a minute lies between two tries at most.
const MOST_TRIES: u32 = 5;

/// Takes up coin jobs in a deployment that moves no coin at all. Cheap to clone.
#[derive(Debug, Clone)]
pub struct StrandedJobs {
    pub engine: Engine,
    pub tempo: ChainTempo,
}

impl StrandedJobs {
    /// Takes up to `limit` coin jobs that are due.
    ///
    /// # Errors
    /// The store's.
    pub async fn claim_jobs(&self, limit: u16) -> Result<Vec<Job>, StoreError> {
        let (store, now) = (&self.engine.store, self.engine.clock.now());
        store.claim_jobs(&COIN_JOBS, limit, now, self.tempo.lease).await
    }

    /// Calls an operator to the job.
    pub async fn work_on(&self, job: Job) {
        if let Err(error) = self.engine.strand_job(&job, &self.tempo).await {
            tracing::warn!(job = job.key, %error, "the job waits for its lease to end");
        }
    }
}

impl Engine {
    /// Calls an operator, once, to a job that nobody here can carry out, and puts it off.
    pub(super) async fn strand_job(
        &self,
        job: &Job,
        tempo: &ChainTempo,
    ) -> Result<(), ServiceError> {
        let network = job.effect.network().map_or("its network", |network| network.as_str());
        let detail = format!("no node for {network} is configured: {} waits for one", job.key);
        let now = self.clock.now();
        let tries = u32::try_from(job.attempts).unwrap_or(0).min(MOST_TRIES);
        let again = JobEnd::Again(tempo.next_try(tries, now));
        let mut uow = self.store.begin().await?;
        self.call_operator(&mut *uow, &failing(job, detail.clone(), now)).await?;
        uow.end_job(job, again, Some(&detail), now).await?;
        Ok(uow.commit().await?)
    }
}
