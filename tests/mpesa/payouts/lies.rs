//! A failure is reported although the money was paid: what costs the most when it is believed.

use domain::rail::CircuitState;
use e2e::{RailApp, Stage, at_once, check_rail_books, eventually};
use twins::daraja::{Endpoint, FaultKind};

use super::ground::{
    LARGE, SMALL, asked, circuit_is, disbursements, goes_back, paid_once, phone, prove, proven,
    review_comes, spoil, state, usual_twin,
};

const DENIED: &str = "254700000028";

#[tokio::test]
async fn a_denied_payout_of_much_is_asked_about_and_completes() {
    let rail = proven().await;
    let id = rail.sell_to(DENIED, LARGE).await;
    paid_once(&rail, &id, DENIED, LARGE).await;
    review_comes(&rail, "rail_contradiction", 1).await;
    assert_eq!(asked(&rail, DENIED).len(), 1);
    rail.finish().await;
}

#[tokio::test]
async fn a_denial_from_an_address_that_is_not_the_rails_is_never_believed_by_itself() {
    let stage = Stage::test()
        .set("KIVUKO__MPESA__SOURCES", "196.201.214.200")
        .set("KIVUKO__MPESA__ENFORCE_SOURCES", false);
    let rail = prove(RailApp::start_as(stage, usual_twin().await).await).await;
    let cases = [(DENIED.to_owned(), SMALL), (phone(1), LARGE)];
    spoil(&rail, Endpoint::B2cV3, &cases[1].0, FaultKind::CallbackFailureThoughPaid);
    at_once(cases.iter().map(async |(phone, coins)| {
        let id = rail.sell_to(phone, *coins).await;
        paid_once(&rail, &id, phone, *coins).await;
        assert_eq!(asked(&rail, phone).len(), 1, "{phone}");
    }))
    .await;
    review_comes(&rail, "rail_contradiction", 2).await;
    rail.finish().await;
}

/// The price of believing little failures: bounded, and found by the balance.
#[tokio::test]
async fn a_well_told_denial_of_a_little_is_believed_and_found_by_the_balance() {
    let rail = proven().await;
    let opened = "SELECT count(*) FROM ledger_entries WHERE cause = 'opening:mpesa_utility'";
    eventually("the float is known", async || rail.app.sql.number(opened).await == 1).await;
    let id = rail.sell_to(DENIED, SMALL).await;
    eventually("it is given back", async || state(&rail, &id).await == "refunding").await;
    assert_eq!(asked(&rail, DENIED).len(), 1, "never a second payout");
    assert_eq!(rail.oracle().payouts_to(DENIED).len(), 1);
    assert_eq!(disbursements(&rail, &id).await, ["1 failed_confirmed"]);
    circuit_is(&rail, CircuitState::Open).await;
    let circuit = rail.engine().circuit().await.expect("a database");
    assert!(circuit.reason.is_some_and(|why| why.starts_with("difference")));
    review_comes(&rail, "blocked", 1).await;
    let mut believed = rail.oracle();
    believed.payouts.retain(|payout| payout.msisdn != DENIED);
    check_rail_books(&rail.app.sql, &believed).await;
    rail.app.finish().await;
    rail.twin.stop().await;
}

#[tokio::test]
async fn a_failure_of_nothing_is_not_held_against_a_neighbour() {
    let rail = proven().await;
    let stranger = phone(2);
    rail.control().set_unregistered(&stranger);
    let (lied, failed) = (rail.sell_to(DENIED, LARGE).await, rail.sell_to(&stranger, LARGE).await);
    paid_once(&rail, &lied, DENIED, LARGE).await;
    goes_back(&rail, &failed, &stranger, "payout_failed").await;
    rail.finish().await;
}
