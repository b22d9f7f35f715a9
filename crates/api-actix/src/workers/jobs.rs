//! The loop of all who carry effects out: claims what is due, works on as many at once as are free, and
//! hears a stop between two claims.

use domain::ports::{Job, StoreError};
use domain::service::{COLLECTING_JOBS, Cashier, PAYING_JOBS, StrandedJobs, Treasurer};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::{Beat, trouble};

/// Somebody who carries effects out.
pub(super) trait Crew: Clone + Send + Sync + 'static {
    /// In the log and in metrics.
    const NAME: &'static str;
    fn claim(&self, limit: u16) -> impl Future<Output = Result<Vec<Job>, StoreError>> + Send;
    fn work_on(self, job: Job) -> impl Future<Output = ()> + Send;
}

/// Money in. Whoever waits for it does not wait for payouts: each has as many hands as it may have.
#[derive(Clone)]
pub(super) struct Collector(pub(super) Cashier);

/// Money out.
#[derive(Clone)]
pub(super) struct Payer(pub(super) Cashier);

impl Crew for Collector {
    const NAME: &'static str = "collections";

    async fn claim(&self, limit: u16) -> Result<Vec<Job>, StoreError> {
        self.0.claim_jobs_of(&COLLECTING_JOBS, limit).await
    }

    async fn work_on(self, job: Job) {
        self.0.work_on(job).await;
    }
}

impl Crew for Payer {
    const NAME: &'static str = "payouts";

    async fn claim(&self, limit: u16) -> Result<Vec<Job>, StoreError> {
        self.0.claim_jobs_of(&PAYING_JOBS, limit).await
    }

    async fn work_on(self, job: Job) {
        self.0.work_on(job).await;
    }
}

impl Crew for Treasurer {
    const NAME: &'static str = "transfers";

    async fn claim(&self, limit: u16) -> Result<Vec<Job>, StoreError> {
        self.claim_jobs(limit).await
    }

    async fn work_on(self, job: Job) {
        Self::work_on(&self, job).await;
    }
}

impl Crew for StrandedJobs {
    const NAME: &'static str = "stranded";

    async fn claim(&self, limit: u16) -> Result<Vec<Job>, StoreError> {
        self.claim_jobs(limit).await
    }

    async fn work_on(self, job: Job) {
        Self::work_on(&self, job).await;
    }
}

/// Carries effects out. Jobs under way do not hold up others: as many as are free are taken.
pub(super) async fn jobs<C: Crew>(crew: C, concurrency: u16, news: &Notify, mut beat: Beat) {
    let mut under_way = JoinSet::new();
    while next(&mut beat, news, &mut under_way).await {
        loop {
            let free = free(concurrency, &under_way);
            if free == 0 || beat.is_stopped() {
                break;
            }
            match crew.claim(free).await {
                Ok(jobs) if jobs.is_empty() => break,
                Ok(jobs) => {
                    for job in jobs {
                        under_way.spawn(crew.clone().work_on(job));
                    }
                }
                Err(error) => {
                    trouble(C::NAME, &error);
                    break;
                }
            }
        }
        metrics::gauge!("rail_jobs_under_way", "crew" => C::NAME)
            .set(super::count(under_way.len()));
    }
    while under_way.join_next().await.is_some() {}
}

/// Waits for the beat, for news, or for something under way to end; `false` when it is time to stop.
pub(super) async fn next(beat: &mut Beat, news: &Notify, under_way: &mut JoinSet<()>) -> bool {
    tokio::select! {
        goes_on = beat.next() => goes_on,
        () = news.notified() => !beat.is_stopped(),
        Some(ended) = under_way.join_next() => {
            if let Err(error) = ended {
                tracing::error!(%error, "a task of the rail panicked; its lease will end");
            }
            !beat.is_stopped()
        }
    }
}

pub(super) fn free(concurrency: u16, under_way: &JoinSet<()>) -> u16 {
    concurrency.saturating_sub(u16::try_from(under_way.len()).unwrap_or(u16::MAX))
}
