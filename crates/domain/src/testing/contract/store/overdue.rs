//! Finding the orders that the deadline concerns, and taking those that are free.

use time::{Duration, OffsetDateTime};

use super::stage::{WORKS, place, save_as, seed};
use crate::address::Network;
use crate::ids::{CollectionId, OrderId};
use crate::order::{CancelReason, Deposit, DepositId, DepositStage, HoldReason, Order, OrderState};
use crate::placement::PlaceOrder;
use crate::ports::{Overdue, Store};
use crate::testing::samples::{self, NOW, crypto};

fn minutes(minutes: i64) -> OffsetDateTime {
    NOW.saturating_add(Duration::minutes(minutes))
}

/// Places a small order that expires `after` so many minutes.
async fn place_until(store: &dyn Store, command: &PlaceOrder, entropy: u64, after: i64) -> Order {
    let order = samples::order(command, entropy);
    let order = Order { crypto: crypto("1"), expires_at: minutes(after), ..order };
    place(store, &samples::placement_of(order)).await
}

async fn overdue(store: &dyn Store, now: OffsetDateTime) -> Vec<OrderId> {
    let listed = store.list_overdue(now, None, 100).await.expect(WORKS);
    listed.iter().map(|order| order.id).collect()
}

pub async fn overdue_orders_come_oldest_deadline_first(store: &dyn Store) {
    seed(store).await;
    let third = place_until(store, &samples::place_buy(), 1, 30).await;
    let first = place_until(store, &samples::place_sell(), 2, 10).await;
    let second = place_until(store, &samples::place_buy(), 3, 20).await;
    place_until(store, &samples::place_buy(), 4, 31).await;
    let early = minutes(10).saturating_sub(Duration::MICROSECOND);
    assert_eq!(overdue(store, early).await, []);
    assert_eq!(
        overdue(store, minutes(10)).await,
        [first.id],
        "the deadline is part of being overdue"
    );
    assert_eq!(overdue(store, minutes(30)).await, [first.id, second.id, third.id]);
}

pub async fn only_orders_that_await_their_first_leg_are_overdue(store: &dyn Store) {
    use OrderState as S;
    seed(store).await;
    let in_flight = S::AwaitingPayment { collection: Some(CollectionId(uuid::Uuid::from_u128(1))) };
    let held = |was| S::OnHold { was: Box::new(was), reason: HoldReason::ByOperator };
    let cases = [
        (samples::place_buy(), S::AwaitingPayment { collection: None }, true),
        (samples::place_buy(), in_flight, false),
        (samples::place_buy(), held(S::AwaitingPayment { collection: None }), false),
        (samples::place_buy(), S::Delivering, false),
        (samples::place_buy(), S::Cancelled { reason: CancelReason::ByCustomer }, false),
        (samples::place_buy(), S::Completed, false),
        (samples::place_sell(), S::AwaitingDeposit, true),
        (samples::place_sell(), held(S::AwaitingDeposit), false),
        (samples::place_sell(), S::DepositConfirming, false),
        (samples::place_sell(), S::PayingOut, false),
    ];
    let mut expected = Vec::new();
    for ((command, state, is_overdue), entropy) in cases.into_iter().zip(1..) {
        let order = place_until(store, &command, entropy, 10).await;
        let order = save_as(store, &order, state).await;
        expected.extend(is_overdue.then_some(order.id));
    }
    let mut found = overdue(store, minutes(10)).await;
    found.sort();
    assert_eq!(found, expected);
}

pub async fn a_deposit_does_not_hide_an_overdue_order(store: &dyn Store) {
    seed(store).await;
    let mut order = place_until(store, &samples::place_sell(), 1, 10).await;
    for stage in [DepositStage::Seen, DepositStage::Final] {
        order.evidence.deposits = vec![Deposit {
            id: DepositId { network: Network::Tron, tx_hash: "dead".into(), ordinal: 0 },
            amount: crypto("0.5"),
            block_time: NOW,
            detected_at: NOW,
            confirmations: 1,
            height: None,
            stage,
        }];
        order = save_as(store, &order, OrderState::AwaitingDeposit).await;
        assert_eq!(overdue(store, minutes(10)).await, [order.id], "{stage:?}");
    }
}

pub async fn a_walk_in_batches_visits_every_overdue_order_once(store: &dyn Store) {
    seed(store).await;
    let mut placed = Vec::new();
    for (entropy, after) in (1..).zip([20, 10, 20, 10, 20, 30]) {
        let order = place_until(store, &samples::place_buy(), entropy, after).await;
        placed.push(Overdue { expires_at: order.expires_at, id: order.id });
    }
    placed.sort();
    for limit in 1..=7 {
        let (mut walked, mut after) = (Vec::new(), None);
        loop {
            let batch = store.list_overdue(minutes(60), after, limit).await;
            let batch = batch.expect(WORKS);
            assert!(batch.len() <= usize::from(limit));
            let Some(last) = batch.last() else { break };
            after = Some(*last);
            walked.extend(batch);
        }
        assert_eq!(walked, placed, "{limit} at a time");
    }
}

pub async fn free_orders_are_locked_as_they_are_stored(store: &dyn Store) {
    seed(store).await;
    let buy = place_until(store, &samples::place_buy(), 1, 10).await;
    let sell = place_until(store, &samples::place_sell(), 2, 10).await;
    place_until(store, &samples::place_buy(), 3, 10).await;
    let unknown = OrderId(uuid::Uuid::from_u128(404));
    let cases = [
        (vec![buy.id, unknown, sell.id], vec![buy, sell]),
        (vec![unknown], vec![]),
        (vec![], vec![]),
    ];
    for (ids, expected) in cases {
        let mut uow = store.begin().await.expect(WORKS);
        let mut locked = uow.lock_free_orders(&ids).await.expect(WORKS);
        uow.rollback().await.expect(WORKS);
        locked.sort_by_key(|order| order.id);
        assert_eq!(locked, expected, "{ids:?}");
    }
}
