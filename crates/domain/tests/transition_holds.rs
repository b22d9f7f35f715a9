//! What comes on top of an order while it is on hold goes back when the hold ends, and once.

use domain::order::{
    DepositStage, Effect, HoldReason, Order, OrderEvent, OrderState, PayoutFailure, RefundOf,
    RefundReason, Transition, transition,
};
use domain::testing::matrix::facts::*;
use domain::testing::samples::{NOW, crypto, fiat, order, place_buy, place_sell};

fn tell(order: Order, event: &OrderEvent) -> (Order, Vec<Effect>) {
    match transition(order, event) {
        Ok(Transition::Applied { order, effects }) => (*order, effects),
        other => panic!("{event:?} was not applied: {other:?}"),
    }
}

/// Tells all of it; what was asked of the world is forgotten.
fn told(order: Order, events: &[OrderEvent]) -> Order {
    events.iter().fold(order, |order, event| tell(order, event).0)
}

fn on_ramp(events: &[OrderEvent]) -> Order {
    told(order(&place_buy(), 1), events)
}

fn off_ramp(events: &[OrderEvent]) -> Order {
    told(order(&place_sell(), 2), events)
}

fn exact() -> OrderEvent {
    paid("PAID", fiat("175200"))
}

fn whole() -> OrderEvent {
    arrived(deposit("whole", crypto("799.99")))
}

/// Which refunds are asked for, with the amounts in minor units.
fn refunds(effects: &[Effect]) -> Vec<(RefundOf, i64)> {
    let refund = |effect: &Effect| match effect {
        Effect::RefundFiat { refund, amount, .. } => Some((refund.clone(), amount.minor())),
        Effect::RefundCrypto { refund, amount, .. } => Some((refund.clone(), amount.minor())),
        _ => None,
    };
    effects.iter().filter_map(refund).collect()
}

#[test]
fn a_second_payment_during_a_hold_goes_back_when_it_ends() {
    let held = on_ramp(&[exact(), OrderEvent::Hold]);
    let (held, asked) = tell(held, &paid("MORE", fiat("10")));
    assert_eq!(refunds(&asked), [], "nothing moves during a hold");
    let (resumed, asked) = tell(held, &OrderEvent::Resume);
    assert_eq!(resumed.state, OrderState::Delivering);
    assert_eq!(refunds(&asked), [(extra("MORE"), 1_000)]);
}

#[test]
fn deposits_during_a_hold_go_back_when_it_ends() {
    let held = off_ramp(&[whole(), OrderEvent::Hold]);
    let second = arrived(deposit("second", crypto("300")));
    let late = arrived(late(deposit("late", crypto("5"))));
    let (held, asked) = tell(told(held, &[second]), &late);
    assert_eq!(refunds(&asked), []);
    let (_, asked) = tell(held, &OrderEvent::Resume);
    let back = [(extra("second:0"), 30_000_000_000), (extra("late:0"), 500_000_000)];
    assert_eq!(refunds(&asked), back);
}

#[test]
fn an_excess_that_was_found_during_a_hold_goes_back_when_it_ends() {
    let over = arrived(deposit("over", crypto("801.99")));
    let held = off_ramp(&[OrderEvent::Hold, over]);
    assert_eq!(held.state.behind_hold(), &OrderState::PayingOut);
    let (resumed, asked) = tell(held, &OrderEvent::Resume);
    assert_eq!(refunds(&asked), [(extra("excess"), 200_000_000)]);
    let (_, asked) = tell(resumed, &payout_failed(PayoutFailure::Receiver));
    assert_eq!(refunds(&asked), [(RefundOf::Order, 79_999_000_000)], "the excess is not in it");
}

#[test]
fn an_operators_refund_sends_back_what_was_put_off_too() {
    let held = off_ramp(&[OrderEvent::Hold, arrived(deposit("over", crypto("801.99")))]);
    let (refunding, asked) = tell(held, &OrderEvent::Refund);
    assert_eq!(refunding.state, OrderState::Refunding { reason: RefundReason::ByOperator });
    let back = [(RefundOf::Order, 79_999_000_000), (extra("excess"), 200_000_000)];
    assert_eq!(refunds(&asked), back);
}

/// Asked for again it is the same act, which the outbox knows; what is back is not asked for.
#[test]
fn what_goes_back_goes_back_once() {
    let second = arrived(deposit("second", crypto("300")));
    let third = arrived(deposit("third", crypto("4")));
    let order = off_ramp(&[whole(), second, third, refunded(extra("third:0"), "BACK")]);
    let (again, asked) = tell(told(order, &[OrderEvent::Hold]), &OrderEvent::Resume);
    assert_eq!(refunds(&asked), [(extra("second:0"), 30_000_000_000)]);
    assert_eq!(again.evidence.returned, ["second:0", "third:0"]);
}

#[test]
fn what_the_chain_took_back_during_a_hold_does_not_go_back() {
    let second = deposit("second", crypto("300"));
    let held = off_ramp(&[whole(), OrderEvent::Hold, arrived(second.clone()), orphaned(second.id)]);
    assert_eq!(refunds(&tell(held, &OrderEvent::Resume).1), []);
    let over = deposit("over", crypto("801.99"));
    let held = off_ramp(&[OrderEvent::Hold, arrived(over.clone()), orphaned(over.id)]);
    assert_eq!(held.evidence.deposits[0].stage, DepositStage::Reverted);
    assert_eq!(refunds(&tell(held, &OrderEvent::Resume).1), []);
}

/// Its amount is chosen when it is asked for, not while a hold lasts, and stays the same from then on.
#[test]
fn the_orders_own_refund_is_chosen_when_the_hold_ends() {
    let (a, b) = (deposit("a", crypto("300")), deposit("b", crypto("499.99")));
    let unpayable = payout_failed(PayoutFailure::Receiver);
    let gone = orphaned(b.id.clone());
    let held = [arrived(a), arrived(b), OrderEvent::Hold, unpayable, gone];
    let (refunding, asked) = tell(off_ramp(&held), &OrderEvent::Resume);
    assert_eq!(refunds(&asked), [(RefundOf::Order, 30_000_000_000)]);
    let failed = told(refunding, &[refund_failed(RefundOf::Order)]);
    let reason = HoldReason::RefundFailed;
    assert!(matches!(&failed.state, OrderState::OnHold { reason: why, .. } if *why == reason));
    let gone = told(failed, &[orphaned(deposit_id("a"))]);
    let (_, asked) = tell(gone, &OrderEvent::Resume);
    assert_eq!(refunds(&asked), [(RefundOf::Order, 30_000_000_000)], "one act, one content");
}

#[test]
fn a_hold_over_an_order_that_completes_behind_it_returns_what_came_on_top() {
    let held = on_ramp(&[start_payment(ATTEMPT, NOW), exact(), OrderEvent::Hold]);
    let held = told(held, &[delivered("0xsent"), paid("MORE", fiat("10"))]);
    let (completed, asked) = tell(held, &OrderEvent::Resume);
    assert_eq!(completed.state, OrderState::Completed);
    assert_eq!(refunds(&asked), [(extra("MORE"), 1_000)]);
}
