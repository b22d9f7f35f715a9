//! Expiry beside rows that are broken: they are told and left, and the others move.

use domain::access::Visibility;
use domain::ids::OrderId;
use domain::order::OrderStatus;
use domain::service::{Engine, Expired};

use crate::support::{Database, buy, engine, place, seed, sell};

async fn pass(engine: &Engine, batch: u16) -> Expired {
    let (mut pass, mut sum) = (engine.expiry_pass(batch), Expired::default());
    while let Some(step) = pass.step().await.expect("the store is there") {
        sum.moved += step.moved;
        sum.failed += step.failed;
    }
    sum
}

async fn status(engine: &Engine, id: OrderId) -> OrderStatus {
    let details = engine.store.find_details(Visibility::All, id).await;
    details.expect("it works").expect("it is there").order.status()
}

#[tokio::test]
async fn a_broken_order_is_left_and_counted_in_every_pass_until_it_is_mended() {
    let database = Database::fresh().await;
    let store = database.store();
    seed(&store).await;
    // The oldest of the batch no longer converts; the hold of the next has gone.
    let corrupt = place(&store, buy(1, 1)).await;
    let unheld = place(&store, sell(2, 2)).await;
    let (sound, last) = (place(&store, buy(3, 3)).await, place(&store, buy(4, 4)).await);
    let owner = database.owner().await;
    owner
        .run(&format!(
            "UPDATE orders SET evidence = '\"nonsense\"' WHERE id = '{}';
             UPDATE offers SET held_amount = 0 WHERE id = '{}'",
            corrupt.id, unheld.offer_id
        ))
        .await;
    let engine = engine(&store, 10);
    assert_eq!(pass(&engine, 3).await, Expired { moved: 2, failed: 2 });
    for order in [&sound, &last] {
        assert_eq!(status(&engine, order.id).await, OrderStatus::Cancelled);
    }
    assert_eq!(pass(&engine, 3).await, Expired { moved: 0, failed: 2 });
    assert_eq!(status(&engine, unheld.id).await, OrderStatus::AwaitingCrypto);
    owner
        .run(&format!(
            "UPDATE orders SET evidence = NULL WHERE id = '{}';
             UPDATE offers SET held_amount = {} WHERE id = '{}'",
            corrupt.id,
            unheld.crypto.minor(),
            unheld.offer_id
        ))
        .await;
    assert_eq!(pass(&engine, 3).await, Expired { moved: 2, failed: 0 });
    assert_eq!(pass(&engine, 3).await, Expired::default());
}

#[tokio::test]
async fn a_store_that_is_away_ends_the_pass() {
    let database = Database::fresh().await;
    let store = database.store();
    seed(&store).await;
    for entropy in 1..=3 {
        place(&store, buy(entropy, 1)).await;
    }
    let engine = engine(&store, 10);
    let mut pass = engine.expiry_pass(1);
    assert!(pass.step().await.expect("it is there").is_some());
    let owner = database.owner().await;
    // As an administrator would, and nobody of ours can come back.
    owner
        .run(
            "UPDATE pg_database SET datallowconn = false WHERE datname = current_database();
             SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    assert!(pass.step().await.is_err());
}
