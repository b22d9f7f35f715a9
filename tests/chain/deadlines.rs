//! Deadlines of deposits: judged by the chain's clock, awaited by the watcher, and beaten by what was
//! mined in time.

use domain::address::Network;
use e2e::{Coins, ethereum, eventually, now, tron};
use serde_json::json;
use time::Duration;
use twins::anvil::Token;

use crate::chain::ground::{COIN, Ground, LIFE, ahead, pass};

#[tokio::test]
async fn a_deposit_after_the_deadline_or_a_cancellation_goes_back() {
    let ground = Ground::on(tron().await).await;
    let (late, cancelled) = (ground.sell(10).await, ground.sell(10).await);
    ground.cancel(&cancelled).await.expect(200);
    ground.pass(LIFE).await;
    ground.ends(&late.id, "cancelled", "expired").await;
    ground.send(&late, 10 * COIN).await;
    ground.disposed(&late, &["returned"]).await;
    ground.ends(&late.id, "cancelled", "late_deposit").await;
    ground.pays_back(&[10 * COIN]).await;
    ground.send(&cancelled, 8 * COIN).await;
    ground.disposed(&cancelled, &["returned"]).await;
    ground.ends(&cancelled.id, "cancelled", "late_deposit").await;
    ground.pays_back(&[10 * COIN, 8 * COIN]).await;
    ground.end().await;
}

#[tokio::test]
async fn what_is_mined_too_late_goes_back_though_the_order_still_waits() {
    let ground = Ground::on(ethereum().await).await;
    let order = ground.sell_with(10, &json!({ "expires_at": ahead(Duration::hours(1)) })).await;
    ground.send(&order, 4 * COIN).await;
    ground.disposed(&order, &["counted"]).await;
    ground.cancel(&order).await.problem(409, "deposit_seen");
    ground.pass(Duration::minutes(61)).await;
    ground.send(&order, 10 * COIN).await;
    ground.ends(&order.id, "failed", "underpaid").await;
    ground.disposed(&order, &["refunded", "returned"]).await;
    eventually("both go back", async || ground.sent_out().await.len() == 2).await;
    let mut back = ground.sent_out().await;
    back.sort_unstable();
    assert_eq!(back, [4 * COIN, 10 * COIN]);
    ground.end().await;
}

async fn what_is_mined_in_time_counts_on(coins: Coins) {
    let ground = Ground::on(coins).await;
    let (paid, unpaid) = (ground.sell(10).await, ground.sell(10).await);
    let escrow = paid.escrow.clone();
    let ground = ground
        .down_while(async |coins: &Coins| {
            let hash = coins.send(&escrow, 10 * COIN).await;
            eventually("it is mined", async || {
                coins.transfers().await.iter().any(|(mined, ..)| *mined == hash)
            })
            .await;
            pass(coins, LIFE).await;
        })
        .await;
    ground.ends(&unpaid.id, "cancelled", "expired").await;
    ground.rail.reaches(&paid.id, "completed").await;
    ground.disposed(&paid, &["applied"]).await;
    ground.end().await;
}

#[tokio::test]
async fn what_was_mined_in_time_counts_though_nobody_watched_on_tron() {
    what_is_mined_in_time_counts_on(tron().await).await;
}

#[tokio::test]
async fn what_was_mined_in_time_counts_though_nobody_watched_on_ethereum() {
    what_is_mined_in_time_counts_on(ethereum().await).await;
}

#[tokio::test]
async fn while_the_node_is_away_no_order_is_overdue() {
    let ground = Ground::on(tron().await).await;
    let deadline = now() + Duration::seconds(1);
    let order = ground.sell_with(10, &json!({ "expires_at": ahead(Duration::seconds(1)) })).await;
    let Coins::Tron(twin) = &ground.coins else { unreachable!("it is") };
    // A chain that was never read is silent since nobody knows when.
    eventually("a block is read", async || {
        ground.readiness().await["chains"][0]["height"].is_u64()
    })
    .await;
    twin.stop().await;
    eventually("the deadline is past, and nobody knows what the chain has", async || {
        let silence = ground.readiness().await["chains"][0]["silent_s"].as_i64();
        now() > deadline && silence.is_some_and(|seconds| seconds > 0)
    })
    .await;
    assert_eq!(ground.rail.order(&order.id).await["status"], "awaiting_crypto");
    twin.restart().await.expect("the same ports");
    ground.ends(&order.id, "cancelled", "expired").await;
    ground.end().await;
}

/// Coin that no event tells of.
async fn give(coins: &Coins, to: &str, units: u128) {
    match coins.network() {
        Network::Tron => {
            let control = coins.tron();
            let usdt = control.token_address();
            control.fund_token(usdt, to.parse().expect("an address"), units);
        }
        Network::Ethereum => {
            let to = to.parse().expect("an address");
            coins.ethereum().mint(Token::Usdt, to, units).await.expect("coin");
        }
    }
}

/// And is gone again.
async fn take(coins: &Coins, from: &str, units: u128) {
    match coins.network() {
        Network::Tron => {
            let to = coins.stranger().parse().expect("an address");
            coins.tron().transfer(from.parse().expect("an address"), to, units);
        }
        Network::Ethereum => {
            let (chain, from) = (coins.ethereum(), from.parse().expect("an address"));
            chain.blacklist(Token::Usdt, from, true).await.expect("sent");
            chain.destroy_black_funds(Token::Usdt, from).await.expect("sent");
        }
    }
}

async fn unknown_coin_keeps_the_order_open_on(coins: Coins) {
    let ground = Ground::on(coins).await;
    let order = ground.sell(10).await;
    give(&ground.coins, &order.escrow, 3 * COIN).await;
    // Beyond any margin in which it could be coin that is still to be read.
    ground.pass(Duration::hours(2)).await;
    eventually("an operator is called", async || {
        let query = format!(
            "SELECT count(*) FROM reviews WHERE kind = 'recon_delta' AND order_id = '{}'",
            order.id
        );
        ground.rail.app.sql.number(&query).await > 0
    })
    .await;
    assert_eq!(ground.rail.order(&order.id).await["status"], "awaiting_crypto");
    assert!(ground.deposits(&order).await.is_empty());
    take(&ground.coins, &order.escrow, 3 * COIN).await;
    ground.ends(&order.id, "cancelled", "expired").await;
    ground.end().await;
}

#[tokio::test]
async fn coin_that_the_books_do_not_know_keeps_the_order_open_on_tron() {
    unknown_coin_keeps_the_order_open_on(tron().await).await;
}

#[tokio::test]
async fn coin_that_the_books_do_not_know_keeps_the_order_open_on_ethereum() {
    unknown_coin_keeps_the_order_open_on(ethereum().await).await;
}
