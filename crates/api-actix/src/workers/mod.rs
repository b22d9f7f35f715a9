//! What runs beside the requests: expiry, housekeeping, fresh keys, and the rail's loops. Each can be
//! interrupted anywhere, runs in any number of processes, and brings the service down if it dies.

mod chain;
mod jobs;
mod rail;
mod supervise;

use std::time::Duration;

use domain::service::{
    Cashier, Engine, ServiceError, StrandedJobs, Supervisor, Treasurer, Watcher,
};
use domain::supervision::SupervisionSchedule;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::auth::{Keys, Verifier};
use crate::chains::Nodes;
use crate::http::limits::Limits;
use crate::rail::Door;
use crate::settings::{AuthSettings, Settings};

/// The running loops.
#[derive(Debug)]
pub struct Workers {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
    /// How long a loop may go on after it was told to stop.
    patience: Duration,
}

impl Workers {
    /// No loop yet.
    pub fn none(patience: Duration) -> Self {
        Self { tasks: JoinSet::new(), stop: watch::channel(false).0, patience }
    }

    fn beat(&self, pace: Duration) -> Beat {
        Beat::every(pace, self.stop.subscribe())
    }

    /// What every process does for itself.
    pub fn keep_house(
        &mut self,
        engine: Engine,
        limits: Limits,
        verifier: Verifier,
        settings: &Settings,
    ) {
        let keep = time::Duration::hours(settings.workers.idempotency_keep_h);
        let beat = self.beat(Duration::from_mins(1));
        self.tasks.spawn(keep_house(engine, limits, keep, beat));
        let auth = settings.auth.clone();
        if !auth.jwks_url.is_empty() {
            let beat = self.beat(Duration::from_secs(auth.jwks_refresh_s.max(1)));
            self.tasks.spawn(refresh_keys(auth, verifier, beat));
        }
    }

    /// Tells overdue orders that they are, and opens the reviews that lie in the outbox.
    pub fn expire(&mut self, engine: Engine, settings: &Settings) {
        let of = &settings.workers;
        let beat = self.beat(Duration::from_millis(of.expiry_interval_ms));
        self.tasks.spawn(expire(engine.clone(), of.expiry_batch, beat));
        let beat = self.beat(Duration::from_millis(of.expiry_interval_ms));
        self.tasks.spawn(open_asked_reviews(engine, of.expiry_batch, beat));
    }

    /// Sees to it that nothing is stuck in silence.
    pub fn supervise(&mut self, engine: Engine) {
        let schedule = SupervisionSchedule::default();
        let supervisor = Supervisor { engine, schedule };
        let beat = self.beat(Duration::from_secs(5));
        self.tasks.spawn(supervise::supervise(supervisor, beat));
    }

    /// Moves shillings, on connections of its own.
    pub fn move_shillings(&mut self, cashier: &Cashier, door: &Door, settings: &Settings) {
        let of = &settings.mpesa;
        let pace = of.job_interval();
        let concurrency = of.job_concurrency;
        let (collector, news) = (jobs::Collector(cashier.clone()), door.jobs.clone());
        let beat = self.beat(pace);
        self.tasks.spawn(async move { jobs::jobs(collector, concurrency, &news, beat).await });
        let (payer, news, beat) =
            (jobs::Payer(cashier.clone()), door.jobs.clone(), self.beat(pace));
        self.tasks.spawn(async move { jobs::jobs(payer, concurrency, &news, beat).await });
        let beat = self.beat(pace);
        self.tasks.spawn(rail::callbacks(cashier.clone(), of.job_concurrency, door.clone(), beat));
        self.tasks.spawn(rail::sweep(cashier.clone(), self.beat(of.sweep_interval())));
        self.tasks.spawn(rail::balance(cashier.clone(), self.beat(of.sweep_interval())));
        self.tasks.spawn(rail::show(cashier.clone(), self.beat(of.sweep_interval())));
    }

    /// Moves coin, on connections of its own.
    pub fn move_coin(&mut self, treasurer: &Treasurer, settings: &Settings) {
        let of = &settings.treasury;
        let (crew, concurrency) = (treasurer.clone(), of.job_concurrency);
        let beat = self.beat(of.job_interval());
        let nothing = Notify::new();
        self.tasks.spawn(async move { jobs::jobs(crew, concurrency, &nothing, beat).await });
        self.tasks.spawn(chain::gather(treasurer.clone(), self.beat(of.watch_interval())));
    }

    /// Calls operators to coin jobs, where no network is carried.
    pub fn strand(&mut self, engine: Engine, settings: &Settings) {
        let crew = StrandedJobs { engine, tempo: settings.treasury.tempo() };
        let beat = self.beat(settings.treasury.job_interval());
        let nothing = Notify::new();
        self.tasks.spawn(async move { jobs::jobs(crew, 1, &nothing, beat).await });
    }

    /// Asks nodes again that do not answer.
    pub fn visit_nodes(&mut self, nodes: Nodes) {
        self.tasks.spawn(chain::visit_nodes(nodes, self.beat(Duration::from_secs(10))));
    }

    /// Watches a chain.
    pub fn watch(&mut self, watcher: Watcher, settings: &Settings) {
        let pace = settings.treasury.watch_interval();
        self.tasks.spawn(chain::watch(watcher, pace, self.beat(pace)));
    }

    /// Brings callbacks from the disk into the database.
    pub fn drain_spool(&mut self, cashier: &Cashier, door: &Door, settings: &Settings) {
        let beat = self.beat(settings.mpesa.sweep_interval());
        self.tasks.spawn(rail::drain(cashier.clone(), door.clone(), beat));
    }

    /// Waits for a loop to end, which none should.
    pub async fn ended(&mut self) -> String {
        match self.tasks.join_next().await {
            Some(Err(error)) => error.to_string(),
            Some(Ok(())) | None => "without a reason".to_owned(),
        }
    }

    /// Lets every loop finish its turn, for a while; then ends it where it stands. What it was at goes on
    /// after a start as after a kill: intent is stored before every act.
    pub async fn stop(self) {
        let Self { mut tasks, stop, patience } = self;
        stop.send_replace(true);
        let all = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(patience, all).await.is_err() {
            tracing::warn!(left = tasks.len(), ?patience, "loops are ended amid their turn");
            tasks.shutdown().await;
        }
    }
}

/// The beat of a loop.
struct Beat {
    ticks: Interval,
    stopped: watch::Receiver<bool>,
}

impl Beat {
    fn every(pace: Duration, stopped: watch::Receiver<bool>) -> Self {
        let mut ticks = interval(pace);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { ticks, stopped }
    }

    fn is_stopped(&self) -> bool {
        *self.stopped.borrow()
    }

    /// Waits for the next beat; `false` when it is time to stop.
    async fn next(&mut self) -> bool {
        tokio::select! {
            _ = self.stopped.changed() => {}
            _ = self.ticks.tick() => {}
        }
        !self.is_stopped()
    }
}

/// Tells overdue orders that they are.
async fn expire(engine: Engine, batch: u16, mut beat: Beat) {
    while beat.next().await {
        if let Err(error) = expire_all(&engine, batch, &beat).await {
            metrics::counter!("worker_errors_total", "worker" => "expiry").increment(1);
            tracing::warn!(%error, cause = ?std::error::Error::source(&error), "expiry failed");
        }
    }
}

/// Brings what older versions asked for in the outbox before operators.
async fn open_asked_reviews(engine: Engine, batch: u16, mut beat: Beat) {
    while beat.next().await {
        if let Err(error) = engine.open_asked_reviews(batch).await {
            trouble("reviews", &error);
        }
    }
}

/// One pass over all that are overdue; a stop is heard between its steps.
async fn expire_all(engine: &Engine, batch: u16, beat: &Beat) -> Result<(), ServiceError> {
    let mut pass = engine.expiry_pass(batch);
    while !beat.is_stopped() {
        let Some(step) = pass.step().await? else {
            break;
        };
        metrics::counter!("orders_expired_total").increment(step.moved as u64);
        metrics::counter!("worker_errors_total", "worker" => "expiry")
            .increment(step.failed as u64);
    }
    Ok(())
}

/// Forgets what need not be kept: idle callers' limits, old idempotency keys.
async fn keep_house(engine: Engine, limits: Limits, keep: time::Duration, mut beat: Beat) {
    while beat.next().await {
        limits.forget_idle();
        match engine.store.forget_keys(engine.clock.now() - keep).await {
            Ok(0) => {}
            Ok(forgotten) => tracing::debug!(forgotten, "old idempotency keys"),
            Err(error) => tracing::warn!(%error, "old idempotency keys stay"),
        }
    }
}

/// Reads the JWKS again; the old keys stay when it cannot be read.
async fn refresh_keys(auth: AuthSettings, verifier: Verifier, mut beat: Beat) {
    while beat.next().await {
        match Keys::load(&auth).await {
            Ok(keys) => verifier.replace_keys(keys),
            Err(error) => tracing::warn!(%error, "the JWKS could not be read: the old keys stay"),
        }
    }
}

/// As a gauge takes it.
fn count(things: usize) -> f64 {
    u32::try_from(things).unwrap_or(u32::MAX).into()
}

fn trouble(worker: &'static str, error: &dyn std::error::Error) {
    metrics::counter!("worker_errors_total", "worker" => worker).increment(1);
    tracing::warn!(worker, %error, cause = ?error.source(), "a worker failed and goes on");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_loop_that_does_not_end_is_ended_after_its_time() {
        let mut workers = Workers::none(Duration::from_millis(50));
        let mut beat = workers.beat(Duration::from_secs(1));
        workers.tasks.spawn(async move { while beat.next().await {} });
        workers.tasks.spawn(std::future::pending());
        tokio::time::timeout(Duration::from_secs(30), workers.stop())
            .await
            .expect("it waits for nobody");
    }
}
