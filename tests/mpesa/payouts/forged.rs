//! Bodies that the rail has not sent, and those about something else.

use domain::order::OrderEvent;
use e2e::{RailApp, Stage, at_once, eventually};
use serde_json::json;
use time::Duration;
use twins::daraja::{Endpoint, FaultKind};

use super::ground::{
    LARGE, SMALL, asked, knock, operate, paid_once, phone, prove, proven, result, review_comes,
    spoil_payout, state, success, usual_twin,
};

/// The rail's own result comes so much later: there is time for lies.
const LATER: Duration = Duration::seconds(100);

/// An order whose payout the rail has, and whose result is not here yet.
async fn pending(rail: &RailApp, phone: &str, coins: u32) -> String {
    spoil_payout(rail, phone, FaultKind::CallbackDelay(LATER));
    let id = rail.sell_to(phone, coins).await;
    eventually("the rail takes it", async || {
        rail.story(&id).await.iter().any(|kind| kind == "payout_accepted")
    })
    .await;
    id
}

#[tokio::test]
async fn a_forged_failure_is_not_followed_by_another_payout() {
    let rail = proven().await;
    for (number, coins, code) in
        [(1, LARGE, "2040"), (2, SMALL, "2040"), (3, LARGE, "1"), (4, SMALL, "1")]
    {
        let phone = phone(number);
        let id = pending(&rail, &phone, coins).await;
        knock(&rail, &id, |reference| result(reference, code, &[])).await;
        let refused = operate(&rail, &id, OrderEvent::Resume).await;
        assert!(refused.is_err(), "it is not on hold: nobody can ask for another one");
        paid_once(&rail, &id, &phone, coins).await;
        assert_eq!(asked(&rail, &phone).len(), 1, "{phone}");
    }
    rail.finish().await;
}

#[tokio::test]
async fn a_forged_success_of_something_else_completes_nothing() {
    let rail = proven().await;
    let (receipt, other) = ("FORGED0000", "254711999999");
    let mut orders = Vec::new();
    for number in 1..=5 {
        let phone = phone(number);
        let id = pending(&rail, &phone, LARGE).await;
        knock(&rail, &id, |reference| match number {
            1 => success(reference, receipt, &phone, 14_101),
            2 => success(reference, receipt, other, 14_100),
            3 => success("11111111-2222-5333-8444-555555555555", receipt, &phone, 14_100),
            4 => result(reference, "0", &[("TransactionReceipt", json!(receipt))]),
            _ => json!({ "Result": "0" }),
        })
        .await;
        assert_eq!(state(&rail, &id).await, "paying_out", "case {number}");
        orders.push((id, phone));
    }
    at_once(orders.iter().map(async |(id, phone)| paid_once(&rail, id, phone, LARGE).await)).await;
    assert_eq!(rail.reviews("rail_contradiction").await, 2, "another amount, another phone");
    assert_eq!(rail.reviews("forged").await, 1, "another reference");
    assert_eq!(
        rail.reviews("unreadable").await,
        2,
        "a success without an amount, and nothing at all"
    );
    rail.finish().await;
}

#[tokio::test]
async fn a_result_that_was_changed_on_its_way_is_held_against_the_status() {
    let rail = proven().await;
    let kinds =
        [FaultKind::CallbackWrongAmount, FaultKind::CallbackWrongPhone, FaultKind::CallbackWrongId];
    let phones = [phone(1), phone(2), phone(3)];
    for (phone, kind) in phones.iter().zip(kinds) {
        spoil_payout(&rail, phone, kind);
    }
    at_once(phones.iter().map(async |phone| {
        let id = rail.sell_to(phone, LARGE).await;
        paid_once(&rail, &id, phone, LARGE).await;
        assert_eq!(asked(&rail, phone).len(), 1, "{phone}");
    }))
    .await;
    review_comes(&rail, "rail_contradiction", 2).await;
    review_comes(&rail, "forged", 1).await;
    rail.finish().await;
}

#[tokio::test]
async fn what_comes_from_elsewhere_or_to_another_door_is_not_acted_on() {
    let stage = Stage::test().set("KIVUKO__MPESA__TRUSTED_PROXIES", "127.0.0.1");
    let rail = prove(RailApp::start_as(stage, usual_twin().await).await).await;
    let phones = [phone(1), phone(2), phone(3)];
    let kinds = [
        FaultKind::ForgedSource("41.90.1.1".to_owned()),
        FaultKind::ForgedToken,
        FaultKind::ForgedReplay,
    ];
    for (phone, kind) in phones.iter().zip(kinds) {
        spoil_payout(&rail, phone, kind);
    }
    at_once(phones.iter().map(async |phone| {
        let id = rail.sell_to(phone, LARGE).await;
        paid_once(&rail, &id, phone, LARGE).await;
    }))
    .await;
    // One from an address that is not the rail's, one that was about something else.
    let called = async || rail.reviews("forged").await + rail.reviews("unreadable").await;
    eventually("two are looked at", async || called().await == 2).await;
    let unknown = "SELECT count(*) FROM callbacks WHERE outcome = 'unlisted source'";
    assert_eq!(rail.app.sql.number(unknown).await, 1);
    rail.finish().await;
}

#[tokio::test]
async fn a_true_result_from_an_unlisted_address_leaves_it_to_the_status() {
    let stage = Stage::test().set("KIVUKO__MPESA__TRUSTED_PROXIES", "127.0.0.1");
    let rail = prove(RailApp::start_as(stage, usual_twin().await).await).await;
    let phone = phone(1);
    rail.control().change_rules(|rules| rules.forwarded_for = Some("41.90.1.1".to_owned()));
    let id = rail.sell_to(&phone, LARGE).await;
    eventually("the result is kept and not acted on", async || rail.reviews("forged").await > 0)
        .await;
    assert_eq!(state(&rail, &id).await, "paying_out");
    rail.control().change_rules(|rules| rules.forwarded_for = None);
    paid_once(&rail, &id, &phone, LARGE).await;
    assert_eq!(rail.control().requests(Endpoint::B2cV3), 2);
    rail.finish().await;
}
