//! The loops of the M-Pesa rail: jobs, callbacks, the sweep, and the spool. Any number of processes
//! may run them: leases keep them apart, fences and references make it harmless when they do not.

use domain::rail::CircuitState;
use domain::service::{Cashier, ServiceError};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::Beat;
use crate::rail::Door;

/// Carries effects out. Jobs under way do not hold up others: as many as are free are taken.
pub(super) async fn jobs(cashier: Cashier, concurrency: u16, door: Door, mut beat: Beat) {
    let mut under_way = JoinSet::new();
    while next(&mut beat, &door.jobs, &mut under_way).await {
        loop {
            let free = free(concurrency, &under_way);
            if free == 0 || beat.is_stopped() {
                break;
            }
            match cashier.claim_jobs(free).await {
                Ok(jobs) if jobs.is_empty() => break,
                Ok(jobs) => {
                    for job in jobs {
                        let cashier = cashier.clone();
                        under_way.spawn(async move { cashier.work_on(job).await });
                    }
                }
                Err(error) => {
                    trouble("jobs", &error);
                    break;
                }
            }
        }
        metrics::gauge!("rail_jobs_under_way").set(count(under_way.len()));
    }
    while under_way.join_next().await.is_some() {}
}

/// Reads callbacks as they come in.
pub(super) async fn callbacks(cashier: Cashier, concurrency: u16, door: Door, mut beat: Beat) {
    let mut under_way = JoinSet::new();
    while next(&mut beat, &door.callbacks, &mut under_way).await {
        let free = free(concurrency, &under_way);
        if free == 0 {
            continue;
        }
        match cashier.claim_callbacks(free).await {
            Ok(callbacks) => {
                for callback in callbacks {
                    let (cashier, jobs) = (cashier.clone(), door.jobs.clone());
                    under_way.spawn(async move {
                        cashier.read_callback(callback).await;
                        jobs.notify_one();
                    });
                }
            }
            Err(error) => trouble("callbacks", &error),
        }
    }
    while under_way.join_next().await.is_some() {}
}

/// Waits for the beat, for news, or for something under way to end; `false` when it is time to stop.
async fn next(beat: &mut Beat, news: &Notify, under_way: &mut JoinSet<()>) -> bool {
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

fn free(concurrency: u16, under_way: &JoinSet<()>) -> u16 {
    concurrency.saturating_sub(u16::try_from(under_way.len()).unwrap_or(u16::MAX))
}

/// Holds what the rail remembers against what we do.
pub(super) async fn sweep(cashier: Cashier, mut beat: Beat) {
    while beat.next().await {
        match cashier.sweep_statement().await {
            Ok(Some(swept)) => tracing::debug!(swept.rows, swept.silent, "statement compared"),
            Ok(None) => {}
            Err(error) => trouble("statement", &error),
        }
        if let Err(error) = cashier.ask_balance().await {
            trouble("balance", &error);
        }
        if let Err(error) = show(&cashier).await {
            trouble("metrics", &error);
        }
    }
}

/// What operators watch: what waits for them, and whether money may go out.
async fn show(cashier: &Cashier) -> Result<(), ServiceError> {
    let reviews = cashier.engine.store.open_reviews(1_000).await?;
    metrics::gauge!("reviews_open").set(count(reviews.len()));
    let is_open = cashier.engine.circuit().await?.state == CircuitState::Open;
    metrics::gauge!("payout_circuit_open").set(if is_open { 1.0 } else { 0.0 });
    Ok(())
}

/// Files a batch at a time, so that a stop is heard.
const BATCH: usize = 100;

/// Brings callbacks from the disk into the database; those that it does not take stay.
pub(super) async fn drain(cashier: Cashier, door: Door, mut beat: Beat) {
    while beat.next().await {
        let kept = match door.spool.kept(BATCH) {
            Ok(kept) => kept,
            Err(error) => {
                trouble("spool", &error);
                continue;
            }
        };
        metrics::gauge!("callbacks_in_spool").set(count(kept.len()));
        for (file, received) in kept {
            if let Err(error) = cashier.receive(&received).await {
                trouble("spool", &error);
                break;
            }
            if let Err(error) = std::fs::remove_file(&file) {
                trouble("spool", &error);
            }
            door.callbacks.notify_one();
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
