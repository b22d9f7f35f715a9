//! Finding the orders that the deadline concerns.

use time::{Duration, OffsetDateTime};

use super::stage::{WORKS, place, save_as, seed};
use crate::address::Network;
use crate::ids::{CollectionId, OrderId};
use crate::order::{CancelReason, Deposit, DepositId, DepositStage, HoldReason, Order, OrderState};
use crate::placement::PlaceOrder;
use crate::ports::Store;
use crate::testing::samples::{self, NOW, crypto};

fn minutes(minutes: i64) -> OffsetDateTime {
    NOW.saturating_add(Duration::minutes(minutes))
}

/// Places a small order that expires `after` so many minutes.
async fn place_until(store: &dyn Store, command: &PlaceOrder, entropy: u64, after: i64) -> Order {
    let order = samples::order(command, entropy);
    let order = Order {
        crypto: crypto("1"),
        expires_at: minutes(after),
        ..order
    };
    place(store, &samples::placement_of(order)).await
}

async fn overdue(store: &dyn Store, now: OffsetDateTime, limit: u16) -> Vec<OrderId> {
    let mut uow = store.begin().await.expect(WORKS);
    let orders = uow.lock_overdue(now, limit).await.expect(WORKS);
    uow.rollback().await.expect(WORKS);
    orders.iter().map(|order| order.id).collect()
}

pub async fn overdue_orders_come_oldest_deadline_first(store: &dyn Store) {
    seed(store).await;
    let third = place_until(store, &samples::place_buy(), 1, 30).await;
    let first = place_until(store, &samples::place_sell(), 2, 10).await;
    let second = place_until(store, &samples::place_buy(), 3, 20).await;
    place_until(store, &samples::place_buy(), 4, 31).await;
    let early = minutes(10).saturating_sub(Duration::MICROSECOND);
    assert_eq!(overdue(store, early, 10).await, []);
    assert_eq!(
        overdue(store, minutes(30), 10).await,
        [first.id, second.id, third.id]
    );
    let mut uow = store.begin().await.expect(WORKS);
    let whole = uow.lock_overdue(minutes(10), 10).await.expect(WORKS);
    assert_eq!(
        whole,
        [first],
        "as it is stored; its deadline is part of being overdue"
    );
}

pub async fn only_orders_that_await_their_first_leg_are_overdue(store: &dyn Store) {
    use OrderState as S;
    seed(store).await;
    let in_flight = S::AwaitingPayment {
        collection: Some(CollectionId(uuid::Uuid::from_u128(1))),
    };
    let held = |was| S::OnHold {
        was: Box::new(was),
        reason: HoldReason::ByOperator,
    };
    let cases = [
        (
            samples::place_buy(),
            S::AwaitingPayment { collection: None },
            true,
        ),
        (samples::place_buy(), in_flight, false),
        (
            samples::place_buy(),
            held(S::AwaitingPayment { collection: None }),
            false,
        ),
        (samples::place_buy(), S::Delivering, false),
        (
            samples::place_buy(),
            S::Cancelled {
                reason: CancelReason::ByCustomer,
            },
            false,
        ),
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
    let mut found = overdue(store, minutes(10), 20).await;
    found.sort();
    assert_eq!(found, expected);
}

pub async fn a_deposit_does_not_hide_an_overdue_order(store: &dyn Store) {
    seed(store).await;
    let mut order = place_until(store, &samples::place_sell(), 1, 10).await;
    for stage in [DepositStage::Seen, DepositStage::Final] {
        order.evidence.deposits = vec![Deposit {
            id: DepositId {
                network: Network::Tron,
                tx_hash: "dead".into(),
                ordinal: 0,
            },
            amount: crypto("0.5"),
            block_time: NOW,
            detected_at: NOW,
            confirmations: 1,
            stage,
        }];
        order = save_as(store, &order, OrderState::AwaitingDeposit).await;
        assert_eq!(
            overdue(store, minutes(10), 10).await,
            [order.id],
            "{stage:?}"
        );
    }
}

pub async fn no_more_than_the_limit_are_locked(store: &dyn Store) {
    seed(store).await;
    let mut ids = Vec::new();
    for (entropy, after) in (1..=4).zip(1..) {
        ids.push(
            place_until(store, &samples::place_buy(), entropy, after)
                .await
                .id,
        );
    }
    for limit in [1, 3, 4] {
        let found = overdue(store, minutes(60), limit).await;
        assert_eq!(found, ids[..usize::from(limit)]);
    }
}
