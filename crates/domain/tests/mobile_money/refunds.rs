//! Payments that go back: to the phone that paid.

use domain::order::{Effect, Order, OrderEvent};
use domain::party::Msisdn;
use domain::ports::Store;
use domain::rail::Disbursement;
use domain::rail::disbursement::DisbursementState;
use domain::testing::memory_mobile_money::MobileMoneyFixture;
use domain::testing::samples::{CUSTOMER, phone};
use futures_executor::block_on;
use time::Duration;

use crate::mobile_money::support::{assert_refunded_once, other_phone};

/// The first phone declines; the second is asked; then the first has paid all the same.
async fn paid_by_the_first_of_two(fixture: &MobileMoneyFixture) -> Order {
    let order = fixture.buy().await;
    fixture.start_payment(order.id, &phone()).await.expect("it is sent");
    fixture.rail.decline(0);
    fixture.run(order.id).await;
    fixture.scene.clock.advance(Duration::minutes(3));
    fixture.start_payment(order.id, &other_phone()).await.expect("it is sent");
    fixture.rail.pay(0);
    fixture.rail.decline(1);
    fixture.run(order.id).await;
    fixture.order(order.id).await
}

async fn refund_phone(fixture: &MobileMoneyFixture, order: &Order) -> Option<Msisdn> {
    let effects = fixture.scene.effects(order.id).await;
    effects.into_iter().find_map(|row| match row.effect {
        Effect::RefundFiat { phone, .. } => Some(phone),
        _ => None,
    })
}

/// The last one that was asked for under a key.
async fn disbursement(fixture: &MobileMoneyFixture, key: &str) -> Disbursement {
    let mut uow = fixture.memory().begin().await.expect("memory is always there");
    let last = uow.lock_last_disbursement(key).await.expect("memory is always there");
    last.expect("it was asked for")
}

#[test]
fn a_refund_goes_to_the_phone_that_paid_not_to_the_one_that_was_asked_last() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let order = paid_by_the_first_of_two(&fixture).await;
        assert_eq!(order.evidence.payer_phone, Some(other_phone()), "asked last");
        let paid: Vec<_> = order.evidence.payments.iter().map(|paid| &paid.phone).collect();
        assert_eq!(paid, [&phone()]);
        fixture
            .scene
            .tell(order.id, &OrderEvent::DeliveryFailed { tx_hash: "0xdead".into() })
            .await;
        assert_eq!(refund_phone(&fixture, &order).await, Some(phone()));
        fixture.run(order.id).await;
        let refund = disbursement(&fixture, &format!("{}:refund", order.id)).await;
        assert_eq!((refund.phone, refund.state), (phone(), DisbursementState::Paid));
        assert_refunded_once(&fixture, &order).await;
    });
}

#[test]
fn a_second_payment_goes_back_to_the_phone_that_made_it() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let order = fixture.buy().await;
        fixture.start_payment(order.id, &phone()).await.expect("it is sent");
        fixture.rail.decline(0);
        fixture.run(order.id).await;
        fixture.scene.clock.advance(Duration::minutes(3));
        fixture.start_payment(order.id, &other_phone()).await.expect("it is sent");
        fixture.rail.pay(1);
        fixture.run(order.id).await;
        let second = fixture.rail.pay(0);
        fixture.run(order.id).await;
        let refund = disbursement(&fixture, &format!("{}:refund:{second}", order.id)).await;
        assert_eq!((refund.phone, refund.state), (phone(), DisbursementState::Paid));
        let back = fixture.rail.paid_in().into_iter().filter(|paid| paid.is_reversed);
        assert_eq!(back.map(|paid| paid.receipt).collect::<Vec<_>>(), [second]);
        fixture.assert_books();
    });
}

#[test]
fn a_payment_of_a_cancelled_order_goes_back_to_the_phone_that_made_it() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let order = fixture.buy().await;
        fixture.start_payment(order.id, &phone()).await.expect("it is sent");
        fixture.rail.decline(0);
        fixture.run(order.id).await;
        let by = domain::order::CancelledBy::Customer;
        let cancelled = OrderEvent::Cancel { by, note: None };
        let customer = domain::order::Actor::Customer(CUSTOMER);
        fixture.engine.record_event(order.id, customer, &cancelled).await.expect("nothing is here");
        fixture.rail.pay(0);
        fixture.run(order.id).await;
        assert!(fixture.rail.paid_in().iter().all(|paid| paid.is_reversed));
        fixture.assert_books();
    });
}
