//! The two ways through, from end to end, when nothing goes wrong.

use e2e::{Coins, VENDOR, buy_of, ethereum, eventually, hot_address, offer, tron, with};
use serde_json::{Value, json};
use twins::anvil::{At, Sender, Token};

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

/// Publishes an offer of USDC with these terms; answers its id.
async fn offers_usdc(ground: &Ground, terms: &Value) -> String {
    let body = with(with(offer(), &json!({ "asset": "USDC" })), terms);
    let app = &ground.rail.app;
    app.post("/api/v1/auth/offers", &app.vendor, &body).await.expect(201).id().to_owned()
}

#[tokio::test]
async fn usdc_is_sold_and_bought_on_ethereum() {
    let ground = Ground::on(ethereum().await).await;
    let chain = ground.coins.ethereum();
    let held = async |address: &str| {
        let address = address.parse().expect("an address");
        chain.balance_of(Token::Usdc, address, At::Latest).await.expect("a balance")
    };
    let hot = hot_address(ground.coins.network());
    let stock = held(&hot).await;
    let wanted = offers_usdc(&ground, &json!({ "offer_type": "BUY", "rate": "141.00" })).await;
    let terms = json!({ "offer_id": wanted, "vendor_id": VENDOR, "asset": "USDC" });
    let sold = ground.sell_with(10, &terms).await;
    let (from, to) = (ground.coins.stranger(), sold.escrow.as_str());
    let from = from.parse().expect("an address");
    chain.mint(Token::Usdc, from, 10 * COIN).await.expect("coin");
    let to = to.parse().expect("an address");
    chain.transfer(Token::Usdc, Sender::Anybody(from), to, 10 * COIN).await.expect("sent");
    ground.rail.reaches(&sold.id, "completed").await;
    ground.disposed(&sold, &["applied"]).await;
    eventually("it is swept", async || held(&hot).await == stock + 10 * COIN).await;
    let offered = offers_usdc(&ground, &json!({})).await;
    let terms = json!({ "wallet_address": ground.wallet(), "asset": "USDC" });
    let bought = ground.buy_as(&with(buy_of(&offered), &terms)).await;
    ground.rail.reaches(&bought, "completed").await;
    assert_eq!((held(&ground.wallet()).await, held(&sold.escrow).await), (COIN, 0));
    ground.end().await;
}
