//! The matrix itself: flow × effect × mishap.

use futures_util::stream::{self, StreamExt as _};

use crate::flows::{Flow, World};
use crate::tripwire::Mishap;

/// Cells that run at once.
const LANES: usize = 8;

/// Every cell of a flow. Which effect has which number may shift between runs; that every number of a
/// calm run is tried does not.
async fn every_effect_of(flow: Flow) {
    let effects = World::new(flow).await.run(None).await;
    assert!(effects.len() > 5, "{flow:?} has the effects {effects:?}");
    let cells = effects.iter().flat_map(|at| Mishap::OF_ACTS.map(|mishap| (*at, mishap)));
    let runs = stream::iter(cells).map(|cell| async move {
        let world = World::new(flow).await;
        world.run(Some(cell)).await;
    });
    let ran = runs.buffer_unordered(LANES).count().await;
    println!(
        "{flow:?}: {} effects, {ran} mishaps, nobody debited or credited twice",
        effects.len()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_buy_survives_every_mishap() {
    every_effect_of(Flow::Buy).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sell_survives_every_mishap() {
    every_effect_of(Flow::Sell).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_survives_every_mishap() {
    every_effect_of(Flow::Refund).await;
}
