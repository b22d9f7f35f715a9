//! An empty float: the fault is ours, so the order waits for an operator and pays when they say so.

use domain::order::OrderEvent;
use e2e::{RailApp, Stage, at_once, eventually, twin_with};
use twins::daraja::Options;

use super::ground::{
    LARGE, SMALL, asked, blocked, cents, disbursements, goes_back, operate, paid_at_last,
    paid_once, phone, prove, state,
};

/// What the rail charges for a payout.
const FEE: i64 = 2_240;
/// More than anything here needs.
const PLENTY: i64 = 100_000_000;

/// A float that is so large when the breaker has been closed. The balance is looked at once, at the
/// start: money that an operator puts in is not in the ledger.
async fn with_float(left: i64) -> RailApp {
    let options =
        Options { speed: e2e::SPEED, utility_float: left + cents(1) + FEE, ..Options::default() };
    let stage = Stage::test().set("KIVUKO__MPESA__SWEEP_INTERVAL_MS", 600_000);
    prove(RailApp::start_as(stage, twin_with(options).await).await).await
}

#[tokio::test]
async fn an_empty_float_holds_the_order_until_it_is_filled() {
    let rail = with_float(0).await;
    let cases = [(phone(1), LARGE), (phone(2), SMALL)];
    let orders = at_once(cases.iter().map(async |(phone, coins)| {
        let id = rail.sell_to(phone, *coins).await;
        blocked(&rail, &id, phone).await;
        assert_eq!(disbursements(&rail, &id).await, ["1 failed_confirmed"], "{phone}");
        id
    }))
    .await;
    rail.control().set_float(PLENTY);
    at_once(orders.iter().zip(&cases).map(async |(id, (phone, coins))| {
        operate(&rail, id, OrderEvent::Resume).await.expect("an operator resumes");
        paid_at_last(&rail, id, phone, *coins, &["1 failed_confirmed", "2 paid"]).await;
        let [first, second] = asked(&rail, phone).try_into().expect("two requests");
        assert_ne!(first, second, "a new decision is a new reference");
        let story = rail.story(id).await;
        let started = story.iter().filter(|kind| *kind == "payout_started").count();
        assert_eq!(started, 2, "{story:?}");
    }))
    .await;
    rail.finish().await;
}

#[tokio::test]
async fn a_resumed_order_stops_again_while_the_float_is_empty() {
    let rail = with_float(0).await;
    let phone = phone(1);
    let id = rail.sell_to(&phone, LARGE).await;
    for round in 1..=3_usize {
        eventually("it stops", async || {
            let failed = disbursements(&rail, &id).await;
            let is_failed = failed.iter().all(|it| it.ends_with("failed_confirmed"));
            failed.len() == round && is_failed && state(&rail, &id).await == "on_hold"
        })
        .await;
        if round == 3 {
            rail.control().set_float(PLENTY);
        }
        operate(&rail, &id, OrderEvent::Resume).await.expect("an operator resumes");
    }
    let failed = "failed_confirmed";
    let disbursed = [1, 2, 3].map(|generation| format!("{generation} {failed}"));
    let [one, two, three] = disbursed.each_ref().map(String::as_str);
    paid_at_last(&rail, &id, &phone, LARGE, &[one, two, three, "4 paid"]).await;
    assert_eq!(rail.reviews("payout_blocked").await, 3, "an operator is called each time");
    rail.finish().await;
}

#[tokio::test]
async fn an_operator_gives_the_deposit_back_instead() {
    let rail = with_float(0).await;
    let phone = phone(1);
    let id = rail.sell_to(&phone, LARGE).await;
    blocked(&rail, &id, &phone).await;
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
    assert_eq!(asked(&rail, &phone).len(), 1);
    assert_eq!(disbursements(&rail, &id).await, ["1 failed_confirmed"]);
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
    eventually("three wait", async || ended("on_hold").await == 3).await;
    assert_eq!(rail.oracle().payouts.len(), 4);
    rail.control().set_float(PLENTY);
    at_once(orders.iter().zip(&phones).map(async |(id, phone)| {
        if state(&rail, id).await == "on_hold" {
            operate(&rail, id, OrderEvent::Resume).await.expect("an operator resumes");
            paid_at_last(&rail, id, phone, LARGE, &["1 failed_confirmed", "2 paid"]).await;
        } else {
            paid_once(&rail, id, phone, LARGE).await;
        }
    }))
    .await;
    rail.finish().await;
}
