//! Units of work side by side: whole or not at all, one after the other on one order, and never two
//! workers on the same one.

use adapters_db::{DbConfig, PgStore};
use domain::access::Visibility;
use domain::ids::OrderId;
use domain::order::{Order, OrderState};
use domain::ports::{OrderQueries, Placements, Store, StoreError};
use domain::testing::samples::{self, CUSTOMER};
use futures_util::future::{join_all, pending};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::support::{Database, buy, engine, place, seed, store};

/// A store with one connection, that does not wait long for it.
fn narrow(database: &Database) -> PgStore {
    store(&DbConfig { pool_size: 1, ..database.config() })
}

/// A store that does not wait long for locks.
fn impatient(database: &Database) -> PgStore {
    store(&DbConfig { lock_timeout_ms: 50, ..database.config() })
}

async fn is_known(store: &PgStore) -> bool {
    let mut uow = store.begin().await.expect("a unit of work");
    let party = uow.find_party(CUSTOMER).await.expect("it works");
    uow.rollback().await.expect("it works");
    party.is_some()
}

async fn seeded() -> (Database, PgStore) {
    let database = Database::fresh().await;
    let store = database.store();
    seed(&store).await;
    (database, store)
}

#[tokio::test]
async fn a_dropped_unit_of_work_is_rolled_back_and_its_connection_replaced() {
    let store = narrow(&Database::fresh().await);
    for _ in 0..3 {
        let mut uow = store.begin().await.expect("a unit of work");
        let party = &samples::parties()[0];
        uow.insert_party(party).await.expect("a new party");
        drop(uow);
        assert!(!is_known(&store).await);
    }
}

#[tokio::test]
async fn a_failed_unit_of_work_can_be_dropped_or_rolled_back() {
    let store = narrow(&Database::fresh().await);
    for rolls_back in [false, true] {
        let mut uow = store.begin().await.expect("a unit of work");
        let refused = uow.insert_offer(&samples::sell_offer()).await;
        assert!(matches!(refused, Err(StoreError::Rejected(_))), "{refused:?}");
        if rolls_back {
            uow.rollback().await.expect("what failed can be rolled back");
        } else {
            drop(uow);
        }
        store.ping().await.expect("the pool goes on");
    }
}

#[tokio::test]
async fn a_task_that_is_aborted_inside_its_unit_of_work_leaves_nothing() {
    let store = narrow(&Database::fresh().await);
    let (inside, reached) = oneshot::channel();
    let mut tasks = JoinSet::new();
    let theirs = store.clone();
    tasks.spawn(async move {
        let mut uow = theirs.begin().await.expect("a unit of work");
        let party = &samples::parties()[0];
        uow.insert_party(party).await.expect("a new party");
        inside.send(()).expect("somebody listens");
        pending::<()>().await;
    });
    reached.await.expect("the task got there");
    tasks.shutdown().await;
    assert!(!is_known(&store).await);
}

#[tokio::test]
async fn a_task_that_is_aborted_while_it_waits_for_a_lock_leaves_nothing() {
    let (database, holder) = seeded().await;
    let (order, store) = (place(&holder, buy(1, 10)).await, narrow(&database));
    let mut held = holder.begin().await.expect("a unit of work");
    held.lock_order(order.id).await.expect("it is free");
    let mut tasks = JoinSet::new();
    let (theirs, id) = (store.clone(), order.id);
    tasks.spawn(async move {
        let mut uow = theirs.begin().await.expect("a unit of work");
        uow.lock_order(id).await.expect("nobody gets here");
    });
    database.owner().await.until_somebody_waits().await;
    tasks.shutdown().await;
    store.ping().await.expect("the pool goes on");
    held.rollback().await.expect("it works");
    let mut uow = store.begin().await.expect("a unit of work");
    assert_eq!(uow.lock_order(id).await.expect("it is free"), Some(order));
}

#[tokio::test]
async fn the_second_unit_of_work_waits_for_the_first_and_sees_its_change() {
    let (database, store) = seeded().await;
    let order = place(&store, buy(1, 10)).await;
    let mut first = store.begin().await.expect("a unit of work");
    first.lock_order(order.id).await.expect("it is free");
    let mut tasks = JoinSet::new();
    let theirs = store.clone();
    tasks.spawn(async move {
        let mut second = theirs.begin().await.expect("a unit of work");
        second.lock_order(order.id).await.expect("it comes free")
    });
    database.owner().await.until_somebody_waits().await;
    let (moved, entry) = samples::moved(&order, OrderState::Delivering);
    first.save_order(&moved, &entry).await.expect("it is ours");
    first.commit().await.expect("a commit");
    assert_eq!(tasks.join_all().await, [Some(moved)]);
}

#[tokio::test]
async fn who_waits_too_long_for_a_lock_is_told_busy_and_may_come_again() {
    let (database, holder) = seeded().await;
    let order = place(&holder, buy(1, 10)).await;
    let store = impatient(&database);
    let claim = samples::claim(CUSTOMER, "key", 1);
    let mut held = holder.begin().await.expect("a unit of work");
    held.lock_order(order.id).await.expect("it is free");
    held.lock_offer(order.offer_id).await.expect("it is free");
    held.claim_key(&claim).await.expect("it is free");

    let begin = async || store.begin().await.expect("a unit of work");
    let busy = [
        ("the order", begin().await.lock_order(order.id).await.err()),
        ("the offer", begin().await.lock_offer(order.offer_id).await.err()),
        ("the key", begin().await.claim_key(&claim).await.err()),
        ("a new hold", store.place(&samples::placement_of(buy(2, 10))).await.err()),
    ];
    for (what, error) in busy {
        assert!(matches!(error, Some(StoreError::Busy)), "{what}: {error:?}");
    }
    held.rollback().await.expect("it works");
    assert!(begin().await.lock_order(order.id).await.is_ok());
}

#[tokio::test]
async fn of_two_that_wait_for_each_other_one_is_told_busy_and_one_goes_on() {
    let (_database, store) = seeded().await;
    let (one, other) = (samples::sell_offer().id, samples::buy_offer().id);
    let mut first = store.begin().await.expect("a unit of work");
    first.lock_offer(one).await.expect("it is free");
    let mut second = store.begin().await.expect("a unit of work");
    second.lock_offer(other).await.expect("it is free");
    let outcomes = tokio::join!(first.lock_offer(other), second.lock_offer(one));
    let one_goes_on = matches!(
        outcomes,
        (Ok(Some(_)), Err(StoreError::Busy)) | (Err(StoreError::Busy), Ok(Some(_)))
    );
    assert!(one_goes_on, "{outcomes:?}");
}

fn ids(orders: &[Order]) -> Vec<OrderId> {
    let mut ids: Vec<_> = orders.iter().map(|order| order.id).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn who_takes_free_orders_waits_for_none_and_gets_no_other() {
    let (database, holder) = seeded().await;
    let mut orders = Vec::new();
    for entropy in 1..=5 {
        orders.push(place(&holder, buy(entropy, 10)).await);
    }
    let all = ids(&orders);
    let mut first = holder.begin().await.expect("a unit of work");
    first.lock_order(all[1]).await.expect("it is free");
    let store = impatient(&database);
    let mut second = store.begin().await.expect("a unit of work");
    let half = second.lock_free_orders(&all[..3]).await.expect("no wait");
    assert_eq!(ids(&half), [all[0], all[2]]);
    let mut third = store.begin().await.expect("a unit of work");
    let rest = third.lock_free_orders(&all).await.expect("no wait");
    assert_eq!(ids(&rest), [all[3], all[4]]);
}

#[tokio::test]
async fn passes_that_run_at_once_expire_every_order_once() {
    let (_database, store) = seeded().await;
    let mut orders = Vec::new();
    for entropy in 1..=40 {
        orders.push(place(&store, buy(entropy, 10)).await);
    }
    let engine = engine(&store, 10);
    let walk = async || {
        let (mut pass, mut moved) = (engine.expiry_pass(7), 0);
        while let Some(step) = pass.step().await.expect("the store is there") {
            assert_eq!(step.failed, 0);
            moved += step.moved;
        }
        moved
    };
    let moved: usize = join_all((0..4).map(|_| walk())).await.iter().sum();
    assert_eq!(moved + walk().await, 40, "what one passed over comes with the next pass");
    for order in orders {
        let history = store.find_history(Visibility::All, order.id).await;
        let entries = history.expect("it works").map(|entries| entries.len());
        assert_eq!(entries, Some(2));
    }
}
