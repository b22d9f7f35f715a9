//! The two ways through, from end to end, when nothing goes wrong.

use e2e::{Coins, ethereum, eventually, hot_address, tron};
use serde_json::json;

use crate::chain::ground::{COIN, Ground};

async fn a_buy_completes_on(coins: Coins) {
    let ground = Ground::on(coins).await;
    let id = ground.buy(100).await;
    let order = ground.rail.reaches(&id, "completed").await;
    let transfers = ground.coins.transfers().await;
    let hot = hot_address(ground.coins.network());
    let ours: Vec<_> = transfers.iter().filter(|(_, from, ..)| *from == hot).collect();
    let [(hash, _, to, units)] = ours.as_slice() else { panic!("one delivery: {ours:?}") };
    assert_eq!((to.as_str(), *units), (ground.wallet().as_str(), 100 * COIN));
    assert_eq!(order["blockchain_txn_hash"]["String"], json!(hash));
    ground.end().await;
}

async fn a_sell_completes_on(coins: Coins) {
    let ground = Ground::on(coins).await;
    let terms = json!({ "usdt_amount": "799.99", "fiat_amount": "112798.59" });
    let order = ground.sell_with(800, &terms).await;
    let hash = ground.send(&order, 799_990_000).await;
    let told = ground.rail.reaches(&order.id, "completed").await;
    assert_eq!(told["deposit_tx_hash"]["String"], json!(hash));
    ground.disposed(&order, &["applied"]).await;
    assert_eq!(ground.deposits(&order).await[0]["amount"], "799.99000000");
    // What was deposited is gathered in the hot wallet.
    eventually("the escrow address is swept", async || {
        ground.coins.balance(&order.escrow).await == 0
    })
    .await;
    ground.end().await;
}

#[tokio::test]
async fn a_buy_completes_on_tron() {
    a_buy_completes_on(tron().await).await;
}

#[tokio::test]
async fn a_buy_completes_on_ethereum() {
    a_buy_completes_on(ethereum().await).await;
}

#[tokio::test]
async fn a_sell_completes_on_tron() {
    a_sell_completes_on(tron().await).await;
}

#[tokio::test]
async fn a_sell_completes_on_ethereum() {
    a_sell_completes_on(ethereum().await).await;
}
