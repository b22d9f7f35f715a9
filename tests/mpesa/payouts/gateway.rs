//! What the gateway turns away was never queued: it goes again, later, under its reference.

use domain::rail::CircuitState;
use e2e::{at_once, eventually};
use twins::daraja::{Endpoint, Fault, FaultKind};

use super::ground::{
    LARGE, asked, circuit_is, held_back, paid_once, phone, proven, review_comes, spoil_payout,
};

#[tokio::test]
async fn what_is_throttled_goes_again() {
    let rail = proven().await;
    let kinds = [
        FaultKind::SpikeArrest,
        FaultKind::SystemBusy,
        FaultKind::QuotaViolation,
        FaultKind::WafHtml,
        FaultKind::Maintenance,
    ];
    let phones: Vec<String> = (1..=kinds.len()).map(phone).collect();
    for (phone, kind) in phones.iter().zip(kinds) {
        let fault = Fault::always(Endpoint::B2cV3, kind).of_phone(phone);
        rail.control().add_fault(Fault { times: Some(2), ..fault });
    }
    at_once(phones.iter().map(async |phone| {
        let id = rail.sell_to(phone, LARGE).await;
        paid_once(&rail, &id, phone, LARGE).await;
        assert_eq!(asked(&rail, phone).len(), 3, "{phone}");
    }))
    .await;
    assert_eq!(rail.app.sql.number("SELECT count(*) FROM reviews").await, 0, "nobody is called");
    rail.finish().await;
}

#[tokio::test]
async fn a_maintenance_window_only_delays() {
    let rail = proven().await;
    rail.control().maintenance(true);
    let phones = [phone(1), phone(2), phone(3)];
    let orders = at_once(phones.iter().map(|phone| rail.sell_to(phone, LARGE))).await;
    let turned_away =
        "SELECT count(*) FROM disbursements WHERE (evidence->>'turned_away')::bigint > 1";
    eventually("all are turned away", async || rail.app.sql.number(turned_away).await == 3).await;
    assert!(phones.iter().all(|phone| rail.oracle().payouts_to(phone).is_empty()));
    rail.control().maintenance(false);
    at_once(orders.iter().zip(&phones).map(|(id, phone)| paid_once(&rail, id, phone, LARGE))).await;
    rail.finish().await;
}

#[tokio::test]
async fn a_refusal_of_us_stops_everything_until_an_operator_has_looked() {
    let rail = proven().await;
    for (round, kind) in
        [FaultKind::NotAuthorised, FaultKind::ProductMissing].into_iter().enumerate()
    {
        let (refused, other) = (phone(10 + round), phone(20 + round));
        let fault = Fault::always(Endpoint::B2cV3, kind).of_phone(&refused);
        rail.control().add_fault(fault);
        let first = rail.sell_to(&refused, LARGE).await;
        circuit_is(&rail, CircuitState::Open).await;
        review_comes(&rail, "blocked", i64::try_from(round).expect("a small number") + 1).await;
        let second = rail.sell_to(&other, LARGE).await;
        held_back(&rail, 2, "circuit").await;
        assert!(asked(&rail, &other).is_empty(), "nothing goes out");
        assert_eq!(rail.order(&second).await["status"], "processing");
        rail.control().clear_faults();
        rail.engine().close_circuit().await.expect("a database");
        paid_once(&rail, &first, &refused, LARGE).await;
        paid_once(&rail, &second, &other, LARGE).await;
        circuit_is(&rail, CircuitState::Closed).await;
    }
    rail.finish().await;
}

#[tokio::test]
async fn a_token_that_ends_amid_a_burst_costs_nothing() {
    let rail = proven().await;
    let phones: Vec<String> = (1..=20).map(phone).collect();
    let sell = async |phone: &String| rail.sell_to(phone, LARGE).await;
    let (first, second) = phones.split_at(10);
    let mut orders = at_once(first.iter().map(sell)).await;
    rail.control().revoke_tokens();
    orders.extend(at_once(second.iter().map(sell)).await);
    at_once(orders.iter().zip(&phones).map(|(id, phone)| paid_once(&rail, id, phone, LARGE))).await;
    assert_eq!(rail.oracle().payouts.len(), 21);
    circuit_is(&rail, CircuitState::Closed).await;
    rail.finish().await;
}

#[tokio::test]
async fn a_refused_token_is_replaced_and_the_request_goes_once_more() {
    let rail = proven().await;
    let phone = phone(1);
    spoil_payout(&rail, &phone, FaultKind::InvalidToken);
    let id = rail.sell_to(&phone, LARGE).await;
    paid_once(&rail, &id, &phone, LARGE).await;
    assert_eq!(asked(&rail, &phone).len(), 2);
    circuit_is(&rail, CircuitState::Closed).await;
    rail.finish().await;
}
