//! What keeps coin here: the token's owner, a wallet that is short, a receiver that is shut out.

use e2e::{Coins, STOCK, ethereum, eventually, hot_address, offer, tron, with};
use serde_json::json;
use twins::anvil::{At, Token};

use super::is_delivered_once;
use crate::chain::ground::{COIN, Ground, PHONE};

/// A delivery that cannot be made, until it can.
async fn waits_while(coins: Coins, block: impl AsyncFn(&Coins, bool)) {
    let ground = Ground::on(coins).await;
    block(&ground.coins, true).await;
    let id = ground.buy(10).await;
    ground.reviewed("blocked").await;
    assert_eq!(ground.rail.order(&id).await["status"], "processing");
    assert!(ground.signatures(&id, "delivery").await.is_empty(), "nothing was signed");
    block(&ground.coins, false).await;
    is_delivered_once(&ground, &id).await;
    assert_eq!(ground.rail.reviews("blocked").await, 1);
    ground.end().await;
}

#[tokio::test]
async fn while_the_token_is_paused_nothing_is_signed_on_tron() {
    waits_while(tron().await, async |coins: &Coins, paused| {
        let control = coins.tron();
        control.set_paused(control.token_address(), paused);
    })
    .await;
}

#[tokio::test]
async fn while_the_token_is_paused_nothing_is_signed_on_ethereum() {
    waits_while(ethereum().await, async |coins: &Coins, paused| {
        let chain = coins.ethereum();
        let sent = chain.pause(Token::Usdt, paused).await.expect("sent");
        chain.mined(sent).await.expect("a receipt");
    })
    .await;
}

#[tokio::test]
async fn while_our_wallet_is_blacklisted_nothing_is_signed() {
    waits_while(tron().await, async |coins: &Coins, listed| {
        let (control, hot) = (coins.tron(), hot_address(coins.network()));
        let hot = hot.parse().expect("an address");
        control.set_blacklisted(control.token_address(), hot, listed);
    })
    .await;
}

#[tokio::test]
async fn a_wallet_that_is_short_delivers_when_it_is_filled() {
    let coins = tron().await;
    let (control, hot) = (coins.tron(), hot_address(coins.network()));
    let hot = hot.parse().expect("an address");
    let stranger = coins.stranger().parse().expect("an address");
    let usdt = control.token_address();
    control.transfer(hot, stranger, STOCK - 5 * COIN);
    eventually("the wallet is nearly empty", async || {
        control.solid_balance_of(usdt, hot) == 5 * COIN
    })
    .await;
    let ground = Ground::on(coins).await;
    let id = ground.buy(10).await;
    ground.reviewed("blocked").await;
    assert_eq!(ground.rail.order(&id).await["status"], "processing");
    control.fund_token(usdt, hot, 100 * COIN);
    ground.rail.reaches(&id, "completed").await;
    assert_eq!(ground.sent_out().await, [10 * COIN]);
    // What was put in by hand is booked by hand.
    let treasurer = ground.treasurer().await;
    let network = ground.coins.network();
    eventually("the operator's coin is booked", async || {
        treasurer.book_stock(network, domain::offer::Asset::Usdt).await.is_ok()
    })
    .await;
    ground.end().await;
}

#[tokio::test]
async fn a_receiver_whom_the_token_shuts_out_gets_the_shillings_back_once() {
    let ground = Ground::on(ethereum().await).await;
    let chain = ground.coins.ethereum();
    let shut_out = ground.wallet().parse().expect("an address");
    let sent = chain.blacklist(Token::Usdc, shut_out, true).await.expect("sent");
    chain.mined(sent).await.expect("a receipt");
    let app = &ground.rail.app;
    let body = with(offer(), &json!({ "asset": "USDC" }));
    let offered = app.post("/api/v1/auth/offers", &app.vendor, &body).await.expect(201);
    let terms = json!({ "wallet_address": ground.wallet(), "asset": "USDC" });
    let id = ground.buy_as(&with(e2e::buy_of(offered.id()), &terms)).await;
    ground.ends(&id, "failed", "delivery_failed").await;
    eventually("the shillings are back", async || {
        ground.rail.oracle().payments.iter().all(|payment| payment.reversed)
    })
    .await;
    let payments = ground.rail.oracle().payments;
    assert_eq!(payments.len(), 1, "{payments:?}");
    assert_eq!(ground.rail.oracle().credits(PHONE), payments[0].amount_cents);
    assert!(ground.signatures(&id, "delivery").await.is_empty(), "nothing was signed");
    let held = chain.balance_of(Token::Usdc, shut_out, At::Latest).await.expect("a balance");
    assert_eq!(held, 0);
    ground.end().await;
}
