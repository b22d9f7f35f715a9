//! A delivery from its signature to finality, event by event: what the order remembers of it.

use domain::order::{
    Delivery, Evidence, Order, OrderEvent, OrderState, Refusal, Transition, transition,
};
use domain::testing::matrix::facts::*;
use domain::testing::samples::{fiat, order, place_buy};

const STARTED: OrderEvent = OrderEvent::DeliveryStarted;

fn told(order: Order, events: &[OrderEvent]) -> Order {
    events.iter().fold(order, |order, event| match transition(order, event) {
        Ok(Transition::Applied { order, .. }) => *order,
        other => panic!("{event:?} was not applied: {other:?}"),
    })
}

fn paid_and(events: &[OrderEvent]) -> Order {
    told(told(order(&place_buy(), 1), &[paid("PAID", fiat("175200"))]), events)
}

fn refusal(order: Order, event: &OrderEvent) -> Refusal {
    transition(order, event).expect_err("refused").refusal
}

fn hash(order: &Order) -> Option<&str> {
    order.evidence.delivery.as_ref().map(|delivery| delivery.tx_hash.as_str())
}

#[test]
fn what_is_shown_is_the_last_variant_until_one_is_final() {
    let order = paid_and(&[STARTED, broadcast("0xa")]);
    assert_eq!((hash(&order), &order.state), (Some("0xa"), &OrderState::DeliveryConfirming));
    let raised = told(order, &[broadcast("0xb"), broadcast("0xc")]);
    assert_eq!(hash(&raised), Some("0xc"));
    let done = told(raised, &[delivered("0xa")]);
    assert_eq!((hash(&done), &done.state), (Some("0xa"), &OrderState::Completed));
    let late = transition(done.clone(), &broadcast("0xb"));
    assert_eq!(late, Ok(Transition::AlreadyApplied(done.into())), "it was told before");
}

#[test]
fn a_dead_delivery_shows_nothing_and_is_signed_anew() {
    let dead = paid_and(&[STARTED, broadcast("0xa"), broadcast("0xb"), delivery_stopped("0xa")]);
    assert_eq!((hash(&dead), &dead.state), (None, &OrderState::Delivering));
    assert!(!dead.evidence.delivery_started);
    assert_eq!(dead.evidence.delivery_dead, ["0xa", "0xb"]);
    let anew = told(dead, &[STARTED, broadcast("0xc")]);
    assert_eq!((hash(&anew), &anew.state), (Some("0xc"), &OrderState::DeliveryConfirming));
    assert_eq!(anew.evidence.delivery_variants, ["0xc"]);
    assert_eq!(told(anew, &[delivered("0xc")]).state, OrderState::Completed);
}

/// News of a signature of before must not make room for a refund while a later one lives.
#[test]
fn the_death_of_an_earlier_signature_does_not_free_the_living_one() {
    let stopped = paid_and(&[STARTED, broadcast("0xa"), delivery_stopped("0xa"), STARTED]);
    for event in [delivery_stopped("0xa"), delivery_failed("0xa")] {
        let same = transition(stopped.clone(), &event);
        assert_eq!(same, Ok(Transition::AlreadyApplied(stopped.clone().into())), "{event:?}");
    }
    let held = told(stopped, &[OrderEvent::Hold]);
    assert_eq!(refusal(held, &OrderEvent::Refund), Refusal::LegUnderWay);
}

/// Never both deliver and refund: whichever is asked for first rules the other out.
#[test]
fn a_signature_and_a_refund_rule_each_other_out() {
    let signed = paid_and(&[STARTED, OrderEvent::Hold]);
    assert_eq!(refusal(signed.clone(), &OrderEvent::Refund), Refusal::LegUnderWay);
    let refunding = told(signed, &[delivery_stopped("0xa"), OrderEvent::Refund]);
    assert!(matches!(refunding.state, OrderState::Refunding { .. }));
    assert_eq!(refusal(refunding.clone(), &STARTED), Refusal::LegNotWanted);
    let given_up = transition(refunding.clone(), &delivery_failed("unsent:key"));
    assert_eq!(given_up, Ok(Transition::AlreadyApplied(refunding.into())));
}

#[test]
fn a_refunded_order_shows_no_delivery() {
    let failed = paid_and(&[STARTED, broadcast("0xa"), delivery_failed("0xa")]);
    assert_eq!(hash(&failed), None);
    assert_eq!(failed.evidence.delivery_dead, ["0xa"]);
}

#[test]
fn every_final_transfer_to_the_customer_is_remembered() {
    let twice = paid_and(&[STARTED, broadcast("0xa"), delivered("0xa"), delivered("0xb")]);
    assert_eq!((hash(&twice), &twice.state), (Some("0xa"), &OrderState::Completed));
    assert_eq!(twice.evidence.delivered_beside, ["0xb"]);
    let again = transition(twice.clone(), &delivered("0xb"));
    assert_eq!(again, Ok(Transition::AlreadyApplied(twice.into())));
}

/// Orders stored before variants were remembered go on as they were.
#[test]
fn evidence_without_variants_can_be_read_and_goes_on() {
    let delivery = Delivery { tx_hash: "0xa".into(), is_final: false };
    let evidence = Evidence { delivery: Some(delivery), ..Evidence::default() };
    let text = serde_json::to_string(&evidence).expect("JSON");
    assert_eq!(text, r#"{"delivery":{"tx_hash":"0xa","is_final":false}}"#);
    assert_eq!(serde_json::from_str::<Evidence>(&text).expect("evidence"), evidence);
    let old = Order { evidence, state: OrderState::DeliveryConfirming, ..paid_and(&[]) };
    let raised = told(old.clone(), &[broadcast("0xb")]);
    assert_eq!(raised.evidence.delivery_variants, ["0xa", "0xb"]);
    assert_eq!(told(raised, &[delivered("0xa")]).state, OrderState::Completed);
    assert_eq!(told(old, &[delivery_stopped("0xa")]).state, OrderState::Delivering);
}
