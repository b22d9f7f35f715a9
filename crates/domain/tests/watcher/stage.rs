//! What the scenarios share.

use domain::address::Network;
use domain::chain::Disposition;
use domain::order::{Order, OrderState};
use domain::ports::ChainStore;
use domain::testing::memory_chain::ChainScene;

pub(crate) const NETWORKS: [Network; 2] = [Network::Tron, Network::Ethereum];

/// Where the order's arrivals have ended, in the order of the chain.
pub(crate) async fn dispositions(scene: &ChainScene, order: &Order) -> Vec<Disposition> {
    let now = scene.order(order.id).await;
    let arrivals = scene.arrivals(order).await;
    arrivals.iter().map(|arrival| arrival.disposition(&now)).collect()
}

/// They have ended so, and the books hold what the chain does.
pub(crate) async fn assert_end(scene: &ChainScene, order: &Order, ends: &[Disposition]) {
    assert_eq!(dispositions(scene, order).await, ends);
    scene.assert_escrow().await;
}

pub(crate) async fn state(scene: &ChainScene, order: &Order) -> OrderState {
    scene.order(order.id).await.state
}

/// How often the order was told this.
pub(crate) async fn times_told(scene: &ChainScene, order: &Order, kind: &str) -> usize {
    let history = scene.scene.history(order.id).await;
    history.iter().filter(|entry| entry.kind == kind).count()
}

pub(crate) async fn cursor(scene: &ChainScene, network: Network) -> domain::chain::Cursor {
    let cursor = scene.memory().find_cursor(network).await.expect("memory is always there");
    cursor.expect("it has begun")
}

pub(crate) async fn review_kinds(scene: &ChainScene) -> Vec<&'static str> {
    scene.reviews().await.into_iter().map(|review| review.kind).collect()
}
