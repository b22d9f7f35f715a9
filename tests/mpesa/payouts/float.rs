//! A float that is too low: payouts that it does not cover are not asked for, one review says so, and
//! they go by themselves once M-Pesa tells of enough.

use domain::order::OrderEvent;
use domain::rail::CircuitState;
use e2e::{RailApp, Stage, at_once, eventually, twin_with};
use serde_json::json;
use twins::daraja::{Endpoint, Fault, FaultKind, Options};

use super::ground::{
    LARGE, SMALL, asked, cents, circuit_is, disbursements, goes_back, held_back, operate,
    paid_at_last, paid_once, phone, prove, proven, review_comes, spoil_payout, state,
};

/// What the rail charges for a payout.
const FEE: i64 = 2_240;
/// More than anything here needs.
const PLENTY: i64 = 100_000_000;

/// A float that is so large when the breaker has been closed, and known.
async fn with_float(left: i64) -> RailApp {
    let options =
        Options { speed: e2e::SPEED, utility_float: left + cents(1) + FEE, ..Options::default() };
    let rail = prove(RailApp::start_as(Stage::test(), twin_with(options).await).await).await;
    float_is_told(&rail).await;
    rail
}

async fn float_is_told(rail: &RailApp) {
    eventually("M-Pesa tells what the float holds", async || {
        rail.engine().circuit().await.expect("a database").float.told.is_some()
    })
    .await;
}

/// The review of what has settled by itself is closed.
pub(super) async fn settles(rail: &RailApp, subject: &'static str) {
    let open =
        format!("SELECT count(*) FROM reviews WHERE subject = '{subject}' AND closed_at IS NULL");
    eventually(subject, async || rail.app.sql.number(&open).await == 0).await;
}

async fn float_review(rail: &RailApp) -> String {
    review_comes(rail, "float", 1).await;
    let rows = rail.app.sql.rows("SELECT detail FROM reviews WHERE kind = 'float'", &[]).await;
    rows.iter().map(|row| row.get::<_, String>(0)).collect()
}

#[tokio::test]
async fn what_the_float_does_not_cover_waits_and_goes_by_itself_after_the_top_up() {
    let rail = with_float(0).await;
    let cases = [(phone(1), LARGE), (phone(2), SMALL)];
    let orders =
        at_once(cases.iter().map(async |(phone, coins)| rail.sell_to(phone, *coins).await)).await;
    held_back(&rail, 2, "float").await;
    let detail = float_review(&rail).await;
    assert!(detail.starts_with("float: ") && detail.contains(" shillings asked for"), "{detail}");
    assert!(detail.contains("22.40 there"), "{detail}");
    for (id, (phone, _)) in orders.iter().zip(&cases) {
        let order = rail.order(id).await;
        assert_eq!(order["status"], "processing", "{phone}: no hold");
        assert_eq!(order["waiting_for"]["actor"], "operator", "{phone}");
        assert_eq!(order["waiting_for"]["what"], "put shillings into the M-Pesa float", "{phone}");
        assert!(asked(&rail, phone).is_empty(), "{phone}: the rail is not asked in vain");
    }
    rail.control().set_float(PLENTY);
    at_once(orders.iter().zip(&cases).map(async |(id, (phone, coins))| {
        paid_once(&rail, id, phone, *coins).await;
    }))
    .await;
    assert_eq!(rail.reviews("float").await, 1, "one for all that waited");
    circuit_is(&rail, CircuitState::Closed).await;
    rail.finish().await;
}

#[tokio::test]
async fn what_the_rail_itself_finds_too_low_goes_by_itself_too() {
    let rail = proven().await;
    float_is_told(&rail).await;
    let phone = phone(1);
    spoil_payout(&rail, &phone, FaultKind::Outcome("1".to_owned()));
    let id = rail.sell_to(&phone, LARGE).await;
    paid_at_last(&rail, &id, &phone, LARGE, &["1 failed_confirmed", "2 paid"]).await;
    let [first, second] = asked(&rail, &phone).try_into().expect("two requests");
    assert_ne!(first, second, "a new intent is a new reference");
    let story = rail.story(&id).await;
    assert!(!story.contains(&"resume".to_owned()), "nobody had to say so: {story:?}");
    assert_eq!(rail.reviews("payout_blocked").await, 0);
    rail.finish().await;
}

#[tokio::test]
async fn a_float_that_was_drained_stops_payouts_until_it_is_back() {
    let rail = proven().await;
    float_is_told(&rail).await;
    let before = rail.oracle().float_cents;
    rail.control().set_float(cents(1));
    let phones: Vec<String> = (1..=4).map(phone).collect();
    let orders = at_once(phones.iter().map(|phone| rail.sell_to(phone, LARGE))).await;
    circuit_is(&rail, CircuitState::Open).await;
    let circuit = rail.engine().circuit().await.expect("a database");
    assert!(circuit.reason.is_some_and(|why| why.starts_with("difference")));
    for id in &orders {
        assert_eq!(state(&rail, id).await, "paying_out", "no hold");
    }
    rail.control().set_float(before);
    at_once(orders.iter().zip(&phones).map(async |(id, phone)| {
        rail.reaches(id, "completed").await;
        assert_eq!(rail.oracle().payouts_to(phone).len(), 1, "{phone}");
    }))
    .await;
    circuit_is(&rail, CircuitState::Closed).await;
    assert!(rail.reviews("float").await <= 1, "one for all that waited");
    rail.finish().await;
}

#[tokio::test]
async fn when_no_balance_is_told_one_payout_tries_for_all() {
    let rail = super::ground::hasty().await;
    let silent = Fault::always(Endpoint::AccountBalance, FaultKind::CallbackDrop);
    rail.control().add_fault(silent);
    let phones = [phone(1), phone(2)];
    for phone in &phones {
        spoil_payout(&rail, phone, FaultKind::Outcome("1".to_owned()));
    }
    let orders = at_once(phones.iter().map(|phone| rail.sell_to(phone, LARGE))).await;
    at_once(orders.iter().zip(&phones).map(async |(id, phone)| {
        rail.reaches(id, "completed").await;
        assert_eq!(rail.oracle().payouts_to(phone).len(), 1, "{phone}");
    }))
    .await;
    assert!(float_review(&rail).await.contains("does not say"));
    rail.finish().await;
}

#[tokio::test]
async fn an_operator_gives_the_deposit_back_instead() {
    let rail = with_float(0).await;
    let phone = phone(1);
    let id = rail.sell_to(&phone, LARGE).await;
    held_back(&rail, 1, "float").await;
    operate(&rail, &id, OrderEvent::Hold).await.expect("an operator holds");
    operate(&rail, &id, OrderEvent::Refund).await.expect("an operator refunds");
    rail.control().set_float(PLENTY);
    goes_back(&rail, &id, &phone, "refunded_by_operator").await;
    let resumed = operate(&rail, &id, OrderEvent::Resume).await;
    assert!(resumed.is_err(), "there is nothing to resume");
    // Another payout shows that the rail would pay by now.
    let other = super::ground::phone(2);
    let paid = rail.sell_to(&other, LARGE).await;
    paid_once(&rail, &paid, &other, LARGE).await;
    goes_back(&rail, &id, &phone, "refunded_by_operator").await;
    assert!(asked(&rail, &phone).is_empty());
    assert_eq!(disbursements(&rail, &id).await, Vec::<String>::new());
    rail.finish().await;
}

#[tokio::test]
async fn when_the_float_runs_out_midway_some_are_paid_and_the_rest_wait() {
    let rail = with_float(3 * (cents(LARGE) + FEE)).await;
    let phones: Vec<String> = (1..=6).map(phone).collect();
    let orders = at_once(phones.iter().map(|phone| rail.sell_to(phone, LARGE))).await;
    let ended = async |wanted: &'static str| {
        let states = at_once(orders.iter().map(|id| state(&rail, id))).await;
        states.iter().filter(|state| *state == wanted).count()
    };
    eventually("three are paid", async || ended("completed").await == 3).await;
    held_back(&rail, 3, "float").await;
    assert_eq!(rail.oracle().payouts.len(), 4);
    assert_eq!(ended("paying_out").await, 3, "three wait");
    let small = phone(9);
    rail.control().set_float(PLENTY);
    at_once(orders.iter().zip(&phones).map(async |(id, phone)| {
        rail.reaches(id, "completed").await;
        assert_eq!(rail.oracle().payouts_to(phone).len(), 1, "{phone}");
    }))
    .await;
    let id = rail.sell_to(&small, SMALL).await;
    paid_once(&rail, &id, &small, SMALL).await;
    assert_eq!(rail.reviews("float").await, 1, "one for all that waited");
    rail.finish().await;
}

/// Nobody tells what refunds are paid from: they are tried again after a while.
#[tokio::test]
async fn a_refund_that_finds_too_little_goes_by_itself() {
    let rail = super::ground::hasty().await;
    let phone = phone(1);
    let short = FaultKind::Outcome("1".to_owned());
    rail.control().add_fault(Fault::once(Endpoint::Reversal, short));
    let id = super::refunds::undeliverable(&rail, &phone, 100).await;
    super::ground::becomes(&rail, &id, "refunded").await;
    assert_eq!(disbursements(&rail, &id).await, ["1 failed_confirmed", "2 paid"]);
    assert!(float_review(&rail).await.contains("a refund of 14600.00 shillings"));
    settles(&rail, "float:refunds").await;
    assert_eq!(rail.reviews("refund_failed").await, 0);
    assert_eq!(rail.order(&id).await["waiting_for"], json!(null));
    rail.finish().await;
}
