//! What the scenarios share.

use domain::address::Network;
use domain::chain::transfer::Wallet;
use domain::ids::OrderId;
use domain::ledger::{Account, LedgerAsset};
use domain::offer::Asset;
use domain::order::{Order, OrderState};
use domain::ports::Store;
use domain::service::{COIN_JOBS, Treasurer};
use domain::testing::memory_chain::{ChainScene, Moved};

pub(crate) const NETWORKS: [Network; 2] = [Network::Tron, Network::Ethereum];
const PLENTY: i64 = 100_000_000_000;

/// One turn of a treasurer that has just been started.
pub(crate) async fn turn(scene: &ChainScene) {
    let treasurer: Treasurer = scene.treasurer();
    for job in treasurer.claim_jobs(10).await.unwrap_or_default() {
        treasurer.work_on(job).await;
    }
}

/// Turns and blocks in turn, until nothing is asked for any more.
pub(crate) async fn run(scene: &ChainScene, order: OrderId) {
    for _ in 0..500 {
        if open_jobs(scene, order).await == 0 {
            return;
        }
        turn(scene).await;
        scene.chain.mine();
    }
    panic!("it comes to no end: {:?}", scene.order(order).await.state);
}

/// So many turns and blocks, whatever comes of it.
pub(crate) async fn go_on(scene: &ChainScene, turns: u32) {
    for _ in 0..turns {
        turn(scene).await;
        scene.chain.mine();
    }
}

pub(crate) async fn open_jobs(scene: &ChainScene, order: OrderId) -> usize {
    let effects = scene.scene.effects(order).await;
    effects.iter().filter(|row| COIN_JOBS.contains(&row.effect.kind())).count()
}

pub(crate) fn to_customer(scene: &ChainScene, order: &Order) -> Vec<Moved> {
    scene.chain.transfers_to(order.wallet.as_str())
}

pub(crate) fn ledger(scene: &ChainScene, account: Account, asset: LedgerAsset) -> i64 {
    let entries = scene.memory().entries();
    let all = entries.iter().flat_map(|entry| &entry.postings);
    let of_it = all.filter(|(key, _)| key.account == account && key.asset == asset);
    of_it.map(|(_, minor)| minor).sum()
}

/// The ledger has moved what the chain has, and every fee.
pub(crate) fn assert_books(scene: &ChainScene, network: Network) {
    let hot = scene.chain.balance(Asset::Usdt, &scene.chain.wallet(Wallet::Hot));
    let moved = i64::try_from(hot).expect("little") - PLENTY;
    assert_eq!(ledger(scene, Account::hot(network), LedgerAsset::Usdt), moved * 100, "hot");
    let fees = i64::try_from(scene.chain.fees_of_ours()).expect("little");
    let native = LedgerAsset::native(network);
    assert_eq!(ledger(scene, Account::Fees, native), fees, "fees");
    assert_eq!(ledger(scene, Account::Gas, native), -fees, "gas");
}

/// The order has its coin, once, and the books say so.
pub(crate) async fn assert_delivered(scene: &ChainScene, network: Network, order: &Order) {
    let moved = to_customer(scene, order);
    let units: Vec<_> = moved.iter().map(|moved| moved.transfer.units).collect();
    assert_eq!(units, [1_200_000_000]);
    let order = scene.order(order.id).await;
    assert_eq!(order.state, OrderState::Completed);
    let delivery = order.evidence.delivery.expect("it is final");
    assert_eq!((delivery.tx_hash, delivery.is_final), (moved[0].tx_hash.clone(), true));
    assert_books(scene, network);
}

pub(crate) async fn review_kinds(scene: &ChainScene) -> Vec<&'static str> {
    scene.reviews().await.into_iter().map(|review| review.kind).collect()
}

pub(crate) fn delivery_key(order: &Order) -> String {
    format!("{}:deliver", order.id)
}

/// An order whose 300 USDT are final, and too little: they go back.
pub(crate) async fn underpaid(scene: &ChainScene) -> Order {
    let order = scene.sell().await;
    scene.deposit(&order, "300");
    scene.settle().await;
    scene.scene.clock.advance(time::Duration::minutes(31));
    scene.settle().await;
    let order = scene.order(order.id).await;
    assert!(matches!(order.state, OrderState::Refunding { .. }), "{:?}", order.state);
    order
}

/// What is stored of a transfer.
pub(crate) async fn transfer(scene: &ChainScene, key: &str) -> Option<domain::chain::Transfer> {
    let mut uow = scene.memory().begin().await.expect("memory is always there");
    uow.lock_transfer(key).await.expect("memory is always there")
}
