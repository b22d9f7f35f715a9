//! Deposits between the block that includes them and the one that makes them final.

use e2e::{Coins, ethereum_with, tron_by_hand};
use serde_json::Value;
use twins::anvil::Mining;

use crate::chain::ground::{COIN, Ground};

async fn a_deposit_is_seen_and_grows_on(coins: Coins) {
    let ground = Ground::on(coins).await;
    let order = ground.sell(10).await;
    let hash = ground.send(&order, 10 * COIN).await;
    ground.coins.mine(1).await;
    let told = ground.rail.reaches(&order.id, "confirming").await;
    assert_eq!(told["deposit_tx_hash"]["String"], Value::from(hash));
    assert_eq!(told["deposit_detected_at"]["Valid"], true, "{told}");
    for confirmations in 1..5 {
        grown(&ground, &order.id, confirmations).await;
        ground.disposed(&order, &["confirming"]).await;
        ground.cancel(&order).await.problem(409, "deposit_seen");
        ground.coins.mine(1).await;
    }
    assert_eq!(ground.rail.order(&order.id).await["status"], "confirming", "it is not final");
    ground.coins.finalise().await;
    ground.rail.reaches(&order.id, "completed").await;
    ground.disposed(&order, &["applied"]).await;
    ground.end_mining().await;
}

/// The order says so, wherever it is shown.
async fn grown(ground: &Ground, id: &str, confirmations: u64) {
    e2e::eventually("the deposit gains confirmations", async || {
        ground.rail.order(id).await["deposit_confirmations"] == confirmations
    })
    .await;
    let path = "/api/v1/auth/orders?page_id=1&page_size=10";
    let listed = ground.rail.app.get(path, &ground.rail.app.seller).await.expect(200);
    let listed = listed.rows().iter().find(|row| row["id"] == id).expect("it is listed").clone();
    assert_eq!(listed["deposit_confirmations"], confirmations, "{listed}");
}

#[tokio::test]
async fn a_deposit_is_seen_in_its_block_and_gains_confirmations_with_the_head_on_tron() {
    a_deposit_is_seen_and_grows_on(tron_by_hand().await).await;
}

#[tokio::test]
async fn a_deposit_is_seen_in_its_block_and_gains_confirmations_with_the_head_on_ethereum() {
    a_deposit_is_seen_and_grows_on(ethereum_with(Mining::Manual).await).await;
}
