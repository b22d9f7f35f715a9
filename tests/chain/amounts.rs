//! What arrives in time: enough, too little, too much, and again.

use e2e::{Coins, ethereum, tron};

use crate::chain::ground::{COIN, Ground, LIFE};

#[tokio::test]
async fn a_short_deposit_counts_and_the_rest_of_it_pays() {
    let ground = Ground::on(tron().await).await;
    let order = ground.sell(10).await;
    ground.send(&order, 4 * COIN).await;
    ground.disposed(&order, &["counted"]).await;
    assert_eq!(ground.rail.order(&order.id).await["status"], "awaiting_crypto");
    ground.send(&order, 6 * COIN).await;
    ground.rail.reaches(&order.id, "completed").await;
    ground.disposed(&order, &["applied", "applied"]).await;
    ground.end().await;
}

#[tokio::test]
async fn a_hundredth_of_a_coin_less_pays_and_a_unit_less_than_that_does_not() {
    let ground = Ground::on(tron().await).await;
    let (enough, short) = (ground.sell(10).await, ground.sell(10).await);
    ground.send(&enough, 9_990_000).await;
    ground.send(&short, 9_989_999).await;
    ground.rail.reaches(&enough.id, "completed").await;
    ground.disposed(&enough, &["applied"]).await;
    ground.disposed(&short, &["counted"]).await;
    // Dust counts for nothing, even where it would be all that lacks.
    ground.send(&short, 9_999).await;
    ground.disposed(&short, &["counted", "dust"]).await;
    assert_eq!(ground.rail.order(&short.id).await["status"], "awaiting_crypto");
    ground.send(&short, 10_000).await;
    ground.rail.reaches(&short.id, "completed").await;
    ground.disposed(&short, &["applied", "dust", "applied"]).await;
    ground.end().await;
}

#[tokio::test]
async fn a_second_deposit_after_paying_goes_back() {
    let ground = Ground::on(tron().await).await;
    let order = ground.sell(10).await;
    ground.send(&order, 10 * COIN).await;
    ground.rail.reaches(&order.id, "completed").await;
    ground.send(&order, 7 * COIN).await;
    ground.disposed(&order, &["applied", "returned"]).await;
    ground.pays_back(&[7 * COIN]).await;
    assert_eq!(ground.rail.order(&order.id).await["status"], "completed");
    ground.end().await;
}

/// Three orders on one chain, each with a wrong amount of its own kind.
async fn what_is_over_or_short_goes_back_on(coins: Coins) {
    let ground = Ground::on(coins).await;
    let (over, short) = (ground.sell(10).await, ground.sell(10).await);
    ground.send(&over, 13 * COIN).await;
    ground.rail.reaches(&over.id, "completed").await;
    ground.disposed(&over, &["applied"]).await;
    ground.pays_back(&[3 * COIN]).await;

    ground.send(&short, 6 * COIN).await;
    ground.disposed(&short, &["counted"]).await;
    // Nothing is on its way, so that nothing grows too old for the node while our clock stands still.
    ground.settle().await;
    ground.pass(LIFE).await;
    ground.ends(&short.id, "failed", "underpaid").await;
    ground.disposed(&short, &["refunded"]).await;
    ground.pays_back(&[3 * COIN, 6 * COIN]).await;
    let story = ground.rail.story(&short.id).await;
    let end: Vec<_> = story.iter().rev().take(3).rev().map(String::as_str).collect();
    assert_eq!(end, ["deadline_passed", "refund_started", "refund_confirmed"], "{story:?}");
    ground.end().await;
}

#[tokio::test]
async fn an_excess_and_what_is_short_go_back_to_the_orders_wallet_on_tron() {
    what_is_over_or_short_goes_back_on(tron().await).await;
}

#[tokio::test]
async fn an_excess_and_what_is_short_go_back_to_the_orders_wallet_on_ethereum() {
    what_is_over_or_short_goes_back_on(ethereum().await).await;
}
