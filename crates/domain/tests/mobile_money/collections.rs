//! Collections: when a prompt is sent, and what a payment is credited to.

use domain::order::{Actor, OrderEvent, OrderState};
use domain::rail::CollectionOutcome;
use domain::rail::Hook;
use domain::testing::MemoryMobileMoney;
use domain::testing::memory_chain::stepping::{Polled, poll_for};
use domain::testing::memory_mobile_money::MobileMoneyFixture;
use domain::testing::samples::{ADMIN, phone};
use futures_executor::block_on;
use time::Duration;

use crate::mobile_money::support::{
    assert_paid_once, other_phone, pay_until_accepted, review_kinds,
};

/// Leaves a payment's start after so many polls.
fn leave_start(fixture: &MobileMoneyFixture, order: domain::ids::OrderId, polls: usize) -> bool {
    let started = async {
        fixture.start_payment(order, &phone()).await.expect("it is sent");
    };
    poll_for(started, polls) == Polled::Left
}

/// What happens to an order whose payment was left before its prompt was sent; then no prompt is.
fn assert_no_prompt_after(happens: &impl AsyncFn(&MobileMoneyFixture, domain::ids::OrderId)) {
    let (mut polls, mut was_prompted) = (0, 0);
    loop {
        let fixture = block_on(MobileMoneyFixture::new());
        let order = block_on(fixture.buy());
        let is_left = leave_start(&fixture, order.id, polls);
        let before = fixture.rail.prompts().len();
        block_on(async {
            happens(&fixture, order.id).await;
            for _ in 0..20 {
                fixture.scene.clock.advance(Duration::minutes(1));
                fixture.read_callbacks().await;
                fixture.turn().await;
            }
        });
        assert_eq!(fixture.rail.prompts().len(), before, "left after {polls} polls");
        was_prompted += before;
        if !is_left {
            break;
        }
        polls += 1;
    }
    assert!(polls > 20 && was_prompted > 0, "{polls} points, {was_prompted} with a prompt");
}

#[test]
fn no_prompt_is_sent_for_an_order_that_is_on_hold_meanwhile() {
    assert_no_prompt_after(&async |fixture: &MobileMoneyFixture, order| {
        let held = fixture.engine.record_event(order, Actor::Operator(ADMIN), &OrderEvent::Hold);
        held.await.expect("it can be held");
    });
}

#[test]
fn no_prompt_is_sent_for_an_order_that_has_expired_meanwhile() {
    assert_no_prompt_after(&async |fixture: &MobileMoneyFixture, _| {
        fixture.scene.clock.advance(Duration::minutes(31));
    });
}

#[test]
fn a_receipt_is_credited_to_one_collection() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let (one, other) = (fixture.buy().await, fixture.buy().await);
        fixture.start_payment(one.id, &phone()).await.expect("it is sent");
        fixture.start_payment(other.id, &other_phone()).await.expect("it is sent");
        let receipt = fixture.rail.pay(0);
        fixture.run(one.id).await;
        assert_eq!(fixture.order(one.id).await.state, OrderState::Delivering);
        // The same money is claimed for the other order too, and the rail confirms that prompt.
        fixture.rail.pay(1);
        drop(fixture.rail.take_callbacks());
        let prompt = fixture.rail.prompts().remove(1);
        let outcome = CollectionOutcome::Paid {
            receipt: receipt.clone(),
            amount: prompt.request.amount,
            phone: Some(other_phone()),
        };
        let told = MemoryMobileMoney::end_of(&prompt, outcome);
        let received = fixture.rail.received(Hook::Collection, &prompt.request.token, &told);
        let service = fixture.service();
        service.receive(&received).await.expect("memory is always there");
        for _ in 0..3 {
            fixture.read_callbacks().await;
            fixture.turn().await;
            fixture.scene.clock.advance(Duration::seconds(2));
        }
        let credited = fixture.scene.orders().await.into_iter().filter(|order| {
            order.evidence.payments.iter().any(|payment| payment.receipt == receipt)
        });
        assert_eq!(credited.map(|order| order.id).collect::<Vec<_>>(), [one.id]);
        assert_ne!(fixture.order(other.id).await.state, OrderState::Delivering);
        assert!(!review_kinds(&fixture).await.is_empty(), "somebody is told");
    });
}

#[test]
fn a_customer_who_declines_may_pay_with_the_next_prompt() {
    block_on(async {
        let fixture = MobileMoneyFixture::new().await;
        let order = fixture.buy().await;
        fixture.start_payment(order.id, &phone()).await.expect("it is sent");
        fixture.rail.decline(0);
        fixture.run(order.id).await;
        let state = fixture.order(order.id).await.state;
        assert_eq!(state, OrderState::AwaitingPayment { collection: None });
        pay_until_accepted(&fixture, &order).await;
        assert_paid_once(&fixture, &order).await;
    });
}
