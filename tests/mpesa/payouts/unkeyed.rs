//! The rail's first version knows no reference of ours: what may have been taken is never sent again.

use e2e::{RailApp, Stage, at_once, eventually};
use twins::daraja::{Endpoint, Fault, FaultKind};

use super::ground::{LARGE, disbursements, haste, phone, quick_twin, review_comes, state};

async fn unkeyed() -> RailApp {
    let stage = haste(Stage::test()).set("KIVUKO__MPESA__B2C_API", "v1");
    RailApp::start_as(stage, quick_twin().await).await
}

fn spoil_once(rail: &RailApp, phone: &str, kind: FaultKind) {
    rail.control().add_fault(Fault::once(Endpoint::B2cV1, kind).of_phone(phone));
}

#[tokio::test]
async fn without_a_reference_a_doubt_is_never_sent_again() {
    let kinds = [
        FaultKind::Drop { accepted: false },
        FaultKind::Status { status: 500, accepted: false },
        FaultKind::SpikeArrest,
    ];
    at_once(kinds.map(|kind| {
        Box::pin(async move {
            let rail = unkeyed().await;
            let phone = phone(1);
            spoil_once(&rail, &phone, kind.clone());
            let id = rail.sell_to(&phone, LARGE).await;
            review_comes(&rail, "unknown_expired", 1).await;
            assert_eq!(state(&rail, &id).await, "paying_out", "{kind:?}");
            assert_eq!(disbursements(&rail, &id).await, ["1 submit_unknown"], "{kind:?}");
            assert_eq!(rail.control().requests(Endpoint::B2cV1), 1, "{kind:?}: never sent again");
            assert!(rail.oracle().payouts.is_empty(), "{kind:?}");
            rail.finish().await;
        })
    }))
    .await;
}

#[tokio::test]
async fn what_the_rail_took_without_a_reference_and_did_not_answer_is_an_operators() {
    let rail = unkeyed().await;
    let phone = phone(1);
    spoil_once(&rail, &phone, FaultKind::Drop { accepted: true });
    spoil_once(&rail, &phone, FaultKind::CallbackDrop);
    let id = rail.sell_to(&phone, LARGE).await;
    review_comes(&rail, "unknown_expired", 1).await;
    assert_eq!(state(&rail, &id).await, "paying_out");
    assert_eq!(rail.control().requests(Endpoint::B2cV1), 1, "never sent again");
    assert_eq!(rail.oracle().payouts_to(&phone).len(), 1, "paid, which nobody told");
    rail.app.finish().await;
    rail.twin.stop().await;
}

#[tokio::test]
async fn what_goes_well_is_known_by_its_conversation() {
    let rail = unkeyed().await;
    let id = rail.sell_to(&phone(1), LARGE).await;
    let order = rail.reaches(&id, "completed").await;
    let oracle = rail.oracle();
    let [payout] = oracle.payouts.as_slice() else { panic!("one payout: {oracle:?}") };
    assert_eq!(order["mpesa_receipt_number"]["String"], payout.receipt.as_str());
    assert_eq!(rail.reviews("forged").await, 0);
    // The rail has a name of its own for it, so that only the sum can be compared.
    assert!(e2e::has_paid_all(&rail.app.sql, &oracle).await);
    rail.app.finish().await;
    rail.twin.stop().await;
}

#[tokio::test]
async fn a_refused_token_is_no_doubt_without_a_reference_either() {
    let rail = unkeyed().await;
    let phone = phone(1);
    spoil_once(&rail, &phone, FaultKind::InvalidToken);
    rail.sell_to(&phone, LARGE).await;
    eventually("it is paid", async || rail.oracle().payouts_to(&phone).len() == 1).await;
    assert_eq!(rail.control().requests(Endpoint::B2cV1), 2, "the gateway turned the first away");
    rail.app.finish().await;
    rail.twin.stop().await;
}
