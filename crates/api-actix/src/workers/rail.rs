//! The loops of the M-Pesa rail: callbacks, the sweep, and the spool. Any number of processes
//! may run them: leases keep them apart, fences and references make it harmless when they do not.

use domain::rail::CircuitState;
use domain::service::{Cashier, ServiceError};
use tokio::task::JoinSet;

use super::jobs::{free, next};
use super::{Beat, count, trouble};
use crate::rail::Door;

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
    let counts = cashier.engine.store.count_reviews().await?;
    let open: i64 = counts.iter().map(|count| count.reviews).sum();
    metrics::gauge!("reviews_open").set(count(usize::try_from(open).unwrap_or(0)));
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
