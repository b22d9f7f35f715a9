//! Expiry when the store fails, as a conversation with it: an order that cannot be stored takes none
//! of its batch with it, and without a store the pass is given up.

use std::sync::Arc;

use domain::ids::OrderId;
use domain::order::{Order, OrderState};
use domain::ports::{Overdue, StoreError};
use domain::service::{Expired, ExpiryPass, ServiceError};
use domain::testing::mocks::{MockStore, MockUow};
use domain::testing::{SetClock, samples};
use futures_executor::block_on;
use mockall::Sequence;
use time::Duration;

/// Three orders of two offers, overdue at [`due`].
fn orders() -> [Order; 3] {
    let (buy, sell) = (samples::place_buy(), samples::place_sell());
    [(&buy, 1), (&sell, 2), (&buy, 3)].map(|(command, entropy)| samples::order(command, entropy))
}

fn due() -> SetClock {
    SetClock::at(samples::NOW + Duration::minutes(30))
}

fn listed() -> Vec<Overdue> {
    let overdue = |order: Order| Overdue { expires_at: order.expires_at, id: order.id };
    orders().map(overdue).to_vec()
}

/// A unit of work that locks these orders and expires them.
fn expiring(orders: Vec<Order>) -> MockUow {
    let (mut uow, mut seq) = (MockUow::new(), Sequence::new());
    let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
    let count = orders.len();
    uow.expect_lock_free_orders()
        .withf(move |asked| asked == ids)
        .times(1)
        .return_once(|_| Ok(orders));
    uow.expect_save_order()
        .withf(|order, _| matches!(order.state, OrderState::Cancelled { .. }))
        .times(count)
        .returning(|_, _| Ok(()));
    let mut last = None;
    uow.expect_settle_hold().times(count).returning(move |order, _| {
        assert!(last.replace(order.offer_id) <= Some(order.offer_id));
        Ok(())
    });
    uow.expect_enqueue().times(count).returning(|_, _, _| Ok(()));
    uow.expect_commit().times(1).in_sequence(&mut seq).returning(|| Ok(()));
    uow
}

/// A unit of work in which one of the orders makes no sense, and which frees the others at once.
fn corrupt() -> MockUow {
    let mut uow = MockUow::new();
    uow.expect_rollback().times(1).returning(|| Ok(()));
    uow.expect_lock_free_orders()
        .times(1)
        .returning(|_| Err(StoreError::Corrupt("state of an order".into())));
    uow
}

/// A store that lists the three orders once and then opens these units of work.
fn store(uows: Vec<MockUow>) -> MockStore {
    let (mut store, mut seq) = (MockStore::new(), Sequence::new());
    store
        .expect_list_overdue()
        .withf(|_, after, limit| after.is_none() && *limit == 10)
        .times(1)
        .return_once(|_, _, _| Ok(listed()));
    for uow in uows {
        store.expect_begin().times(1).in_sequence(&mut seq).return_once(move || Ok(Box::new(uow)));
    }
    store
}

async fn walk(pass: &mut ExpiryPass<'_>) -> Result<Vec<(usize, usize)>, ServiceError> {
    let mut steps = Vec::new();
    while let Some(Expired { moved, failed }) = pass.step().await? {
        steps.push((moved, failed));
    }
    Ok(steps)
}

fn away() -> StoreError {
    StoreError::Unavailable("the database went away".into())
}

#[test]
fn a_batch_is_one_unit_of_work_that_settles_its_holds_offer_by_offer() {
    let mut store = store(vec![expiring(orders().to_vec())]);
    let after = listed().last().copied();
    store
        .expect_list_overdue()
        .withf(move |_, from, _| *from == after)
        .times(1)
        .return_once(|_, _, _| Ok(vec![]));
    let engine = samples::engine(Arc::new(store), Arc::new(due()));
    let steps = block_on(walk(&mut engine.expiry_pass(10)));
    assert_eq!(steps.expect("nothing fails"), [(3, 0)]);
}

#[test]
fn an_order_that_fails_is_left_and_counted_and_the_others_move() {
    let [first, _, third] = orders();
    let alone = |order| expiring(vec![order]);
    let mut store = store(vec![corrupt(), alone(first), corrupt(), alone(third)]);
    store.expect_ping().times(1).returning(|| Ok(()));
    store.expect_list_overdue().times(1).return_once(|_, _, _| Ok(vec![]));
    let engine = samples::engine(Arc::new(store), Arc::new(due()));
    let steps = block_on(walk(&mut engine.expiry_pass(10)));
    let one_by_one = [(0, 0), (1, 0), (0, 1), (1, 0)];
    assert_eq!(steps.expect("the store is there"), one_by_one);
}

#[test]
fn without_a_store_the_pass_is_given_up() {
    let mut store = store(vec![corrupt(), corrupt()]);
    store.expect_ping().times(1).returning(|| Err(away()));
    let engine = samples::engine(Arc::new(store), Arc::new(due()));
    let given_up = block_on(walk(&mut engine.expiry_pass(10)));
    let told = matches!(given_up, Err(ServiceError::Store(StoreError::Unavailable(_))));
    assert!(told, "{given_up:?}");
}
