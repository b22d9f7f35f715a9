//! The loops of the M-Pesa rail: callbacks, the sweep, the balance, what is shown, and the spool. Any
//! number of processes may run them: leases keep them apart, fences and references make it harmless when they do not.

use domain::rail::CircuitState;
use domain::service::{Cashier, ServiceError};
use time::OffsetDateTime;
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
                        // All who wait, and whoever is at work just now.
                        jobs.notify_waiters();
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
    }
}

/// Asks for the balance. Not beside the statement: a slow answer to one must not hold up the other.
pub(super) async fn balance(cashier: Cashier, mut beat: Beat) {
    while beat.next().await {
        if let Err(error) = cashier.ask_balance().await {
            trouble("balance", &error);
        }
    }
}

/// Shows what operators watch, whatever the rail answers.
pub(super) async fn show(cashier: Cashier, mut beat: Beat) {
    while beat.next().await {
        if let Err(error) = look(&cashier).await {
            trouble("metrics", &error);
        }
    }
}

/// Why the breaker may be open.
const REASONS: [&str; 4] = ["refused", "difference", "unanswered", "operator"];

/// Whether money may go out.
async fn look(cashier: &Cashier) -> Result<(), ServiceError> {
    let circuit = cashier.engine.circuit().await?;
    for state in CircuitState::ALL {
        let is = truth(circuit.state == state);
        metrics::gauge!("payout_circuit", "state" => state.as_str()).set(is);
    }
    for why in REASONS {
        let is = truth(circuit.why() == Some(why));
        metrics::gauge!("payout_circuit_open_why", "why" => why).set(is);
    }
    metrics::gauge!("payout_circuit_since_seconds").set(seconds(circuit.since));
    if let Some((told, _)) = circuit.float.told {
        metrics::gauge!("payout_float_shillings").set(told.to_string().parse().unwrap_or(0.0));
    }
    if let Some(off) = circuit.float.off {
        metrics::gauge!("payout_float_off_shillings").set(units(off, 100.0));
    }
    let missing = circuit.float.shortage.map_or(0.0, |shortage| seconds(shortage.since));
    metrics::gauge!("payout_float_missing_since_seconds").set(missing);
    Ok(())
}

/// Minor units as a gauge shows them.
#[expect(clippy::cast_precision_loss, reason = "a gauge shows, it does not count")]
pub(super) fn units(minor: i64, in_one: f64) -> f64 {
    minor as f64 / in_one
}

fn truth(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

/// As a gauge takes it: exact up to the year 2106.
fn seconds(at: OffsetDateTime) -> f64 {
    u32::try_from(at.unix_timestamp()).unwrap_or(u32::MAX).into()
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
