//! Failures that are the receiver's, or that nobody caused: the deposit goes back, once it is proven
//! that no money moved.

use e2e::at_once;
use serde_json::json;
use time::Duration;
use twins::daraja::{Endpoint, FaultKind};

use super::ground::{
    LARGE, SMALL, asked, disbursements, goes_back, paid_once, phone, proven, questions, spoil,
    spoil_payout,
};

#[tokio::test]
async fn a_receivers_failure_is_proven_and_the_deposit_goes_back() {
    let rail = proven().await;
    let (stranger, full) = (phone(1), phone(2));
    rail.control().set_unregistered(&stranger);
    rail.control().set_recipient_limit(&full);
    // The twin's table of phones has two of the same kinds.
    let phones = [stranger.as_str(), &full, "254700000024", "254700000025"];
    let cases: Vec<(&str, u32)> =
        phones.iter().flat_map(|phone| [(*phone, LARGE), (*phone, SMALL)]).collect();
    at_once(cases.iter().map(async |(phone, coins)| {
        let id = rail.sell_to(phone, *coins).await;
        goes_back(&rail, &id, phone, "payout_failed").await;
        assert_eq!(disbursements(&rail, &id).await, ["1 failed_confirmed"], "{phone}");
        let is_full = *phone == full || phone.ends_with("025");
        let code = if is_full { "receiver_limit" } else { "receiver_not_registered" };
        let error = rail.order(&id).await["last_error"].clone();
        assert_eq!((&error["code"], &error["leg"]), (&json!(code), &json!("payout")), "{phone}");
        let story = rail.story(&id).await;
        let story = story.iter().map(String::as_str).collect::<Vec<_>>();
        let wanted =
            ["place", "deposit_final", "payout_started", "payout_accepted", "payout_failed"];
        assert_eq!(story, wanted, "{phone}");
    }))
    .await;
    for phone in phones {
        assert_eq!(asked(&rail, phone).len(), 2, "{phone}: one request for each order");
    }
    assert_eq!(rail.app.sql.number("SELECT count(*) FROM reviews").await, 0, "nobody is called");
    rail.finish().await;
}

#[tokio::test]
async fn a_large_failure_is_asked_about_and_a_small_one_waits() {
    let rail = proven().await;
    let (large, small) = (phone(1), phone(2));
    for phone in [&large, &small] {
        rail.control().set_unregistered(phone);
    }
    let (first, second) = (rail.sell_to(&large, LARGE).await, rail.sell_to(&small, SMALL).await);
    goes_back(&rail, &first, &large, "payout_failed").await;
    goes_back(&rail, &second, &small, "payout_failed").await;
    let [told_large] = asked(&rail, &large).try_into().expect("one request");
    let [told_small] = asked(&rail, &small).try_into().expect("one request");
    assert!(questions(&rail, &told_large) > 0, "so much is asked about");
    assert_eq!(questions(&rail, &told_small), 0, "so little is not");
    rail.finish().await;
}

#[tokio::test]
async fn an_opposed_failure_of_a_small_payout_is_asked_about() {
    let rail = proven().await;
    let phone = phone(1);
    // The queue says one thing, the result another, before the status decides.
    spoil(&rail, Endpoint::B2cV3, &phone, FaultKind::QueueTimeoutThenFailure);
    let id = rail.sell_to(&phone, SMALL).await;
    goes_back(&rail, &id, &phone, "payout_failed").await;
    assert_eq!(asked(&rail, &phone).len(), 1);
    rail.finish().await;
}

#[tokio::test]
async fn a_failure_that_a_success_follows_is_no_failure() {
    let rail = proven().await;
    let gaps = [(phone(1), SMALL, 300), (phone(2), LARGE, 60), (phone(3), LARGE, 900)];
    for (phone, _, gap) in &gaps {
        spoil_payout(&rail, phone, FaultKind::FailureThenSuccess(Duration::seconds(*gap)));
    }
    at_once(gaps.iter().map(async |(phone, coins, _)| {
        let id = rail.sell_to(phone, *coins).await;
        paid_once(&rail, &id, phone, *coins).await;
        assert_eq!(asked(&rail, phone).len(), 1, "{phone}");
    }))
    .await;
    rail.finish().await;
}

#[tokio::test]
async fn a_failure_after_the_success_changes_nothing_and_is_looked_at() {
    let rail = proven().await;
    let phone = phone(1);
    spoil_payout(&rail, &phone, FaultKind::CallbackSuccessThenFailure);
    let id = rail.sell_to(&phone, LARGE).await;
    super::ground::review_comes(&rail, "rail_contradiction", 1).await;
    paid_once(&rail, &id, &phone, LARGE).await;
    rail.finish().await;
}
