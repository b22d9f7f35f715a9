//! The loops of the chain rail: watching, telling, deadlines, gathering. Any number of processes may run
//! them: turns keep them apart, cursors and locks make it harmless when they do not.

use std::time::Duration;

use domain::service::{ServiceError, Step, Stock, Treasurer, Watcher};

use super::rail::units;
use super::{Beat, count, trouble};
use crate::chains::Nodes;

/// Blocks of a long way between two words about it.
const SHOWN_EVERY: u64 = 1_000;
/// Arrivals and orders per look.
const BATCH: u16 = 200;

/// Reads a chain to its head, tells the orders, and closes those whose deadline the chain has passed.
pub(super) async fn watch(watcher: Watcher, pace: Duration, mut beat: Beat) {
    let turn = format!("watch {}", watcher.network().as_str());
    let every = time::Duration::try_from(pace).unwrap_or(time::Duration::ZERO);
    while beat.next().await {
        let now = watcher.engine.clock.now();
        match watcher.engine.store.claim_turn(&turn, every, now).await {
            Ok(true) => read_on(&watcher, &beat).await,
            Ok(false) => {}
            Err(error) => trouble("watcher", &error),
        }
        if let Err(error) = tell(&watcher, &beat).await {
            trouble("watcher", &error);
        }
    }
}

/// Reads until nothing is left to read; long ways are shown in the log.
async fn read_on(watcher: &Watcher, beat: &Beat) {
    let (mut read, mut shown) = (0_u64, 0_u64);
    while !beat.is_stopped() {
        match watcher.step().await {
            Ok(step) => {
                show(watcher, step);
                read += step.blocks;
                if step.lag == 0 || step.is_halted || step == Step::default() {
                    break;
                }
                if read >= shown + SHOWN_EVERY {
                    shown = read;
                    tracing::info!(
                        network = watcher.network().as_str(),
                        read,
                        left = step.lag,
                        "catching up"
                    );
                }
                // What has been read is told at once: the way may be long.
                if let Err(error) = tell(watcher, beat).await {
                    trouble("watcher", &error);
                }
            }
            Err(error) => {
                trouble("watcher", &error);
                break;
            }
        }
    }
}

async fn tell(watcher: &Watcher, beat: &Beat) -> Result<(), ServiceError> {
    while !beat.is_stopped() && watcher.tell(BATCH).await? > 0 {}
    let mut last = None;
    while !beat.is_stopped() {
        last = watcher.close_overdue(last, BATCH).await?.last;
        if last.is_none() {
            break;
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a gauge shows, it does not count")]
fn show(watcher: &Watcher, step: Step) {
    let network = watcher.network().as_str();
    metrics::counter!("chain_blocks_read_total", "network" => network).increment(step.blocks);
    metrics::gauge!("chain_lag_blocks", "network" => network).set(step.lag as f64);
    metrics::gauge!("chain_halted", "network" => network).set(if step.is_halted {
        1.0
    } else {
        0.0
    });
}

/// Asks nodes again that do not answer.
pub(super) async fn visit_nodes(nodes: Nodes, mut beat: Beat) {
    while beat.next().await {
        nodes.revisit().await;
    }
}

/// Gathers coin, and holds the stock against the ledger.
pub(super) async fn gather(treasurer: Treasurer, mut beat: Beat) {
    while beat.next().await {
        match treasurer.gather().await {
            Ok(asked) => metrics::gauge!("sweeps_asked").set(count(asked)),
            Err(error) => trouble("gather", &error),
        }
        match treasurer.weigh_stock().await {
            Ok(stocks) => stocks.iter().for_each(show_stock),
            Err(error) => trouble("stock", &error),
        }
    }
}

fn show_stock(stock: &Stock) {
    let labels = [("network", stock.network.as_str()), ("asset", stock.asset.as_str())];
    metrics::gauge!("hot_wallet_coins", &labels).set(units(stock.held, 1e8));
    metrics::gauge!("hot_wallet_off_coins", &labels).set(units(stock.off, 1e8));
}
