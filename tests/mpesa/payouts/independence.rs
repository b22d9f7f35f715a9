//! One part of M-Pesa that is away or slow is nobody else's trouble.

use std::time::Duration;

use domain::rail::CircuitState;
use e2e::{Database, RailApp, Stage, at_once, in_time};
use twins::daraja::{Endpoint, Fault, FaultKind};

use super::ground::{LARGE, circuit_is, held_back, paid_once, phone, prove, usual_twin};

/// Paid, and the callback never comes: the query must tell.
const CALLBACK_LOST: &str = "254700000005";

#[tokio::test]
async fn without_a_token_the_service_starts_and_money_waits_for_it() {
    let (twin, database) = (usual_twin().await, Database::fresh().await);
    let away = FaultKind::Status { status: 503, accepted: false };
    twin.control().add_fault(Fault::always(Endpoint::OAuth, away));
    let app = Stage::test().with_rail(&twin).start_on(&database).await;
    let rail = RailApp { app, twin, database };
    rail.app.get("/healthz", "").await.expect(200);
    rail.app.get("/readyz", "").await.expect(200);
    let bought = rail.buy(100).await;
    rail.pay(&bought, &phone(9)).await.problem(503, "rail_unavailable");
    let phones = [phone(1), phone(2)];
    let orders = at_once(phones.iter().map(|phone| rail.sell_to(phone, LARGE))).await;
    assert_eq!(rail.order(&orders[0]).await["status"], "processing");
    let turned_away = "SELECT count(*) FROM disbursements
        WHERE (evidence->>'turned_away')::bigint > 0";
    e2e::eventually("they are turned away", async || rail.app.sql.number(turned_away).await > 0)
        .await;
    assert!(rail.oracle().payouts.is_empty());
    rail.control().clear_faults();
    at_once(orders.iter().zip(&phones).map(|(id, phone)| paid_once(&rail, id, phone, LARGE))).await;
    circuit_is(&rail, CircuitState::Closed).await;
    assert_eq!(rail.app.sql.number("SELECT count(*) FROM reviews").await, 0, "nobody is called");
    rail.finish().await;
}

#[tokio::test]
async fn payouts_that_hang_hold_no_collection_up() {
    let stage = Stage::test()
        .set("KIVUKO__MPESA__JOB_CONCURRENCY", 2)
        .set("KIVUKO__MPESA__PAYOUT_TIMEOUT_MS", 12_000);
    let rail = prove(RailApp::start_as(stage, usual_twin().await).await).await;
    let hangs = FaultKind::Hang { accepted: false };
    rail.control().add_fault(Fault::always(Endpoint::B2cV3, hangs));
    let before = rail.control().requests(Endpoint::B2cV3);
    let phones: Vec<String> = (1..=4).map(phone).collect();
    let sold = at_once(phones.iter().map(|phone| rail.sell_to(phone, LARGE))).await;
    e2e::eventually("payouts hang", async || {
        rail.control().requests(Endpoint::B2cV3) >= before + 2
    })
    .await;
    let id = rail.buy(100).await;
    rail.pay(&id, CALLBACK_LOST).await.expect(200);
    in_time("a collection", Duration::from_secs(8), rail.reaches(&id, "processing")).await;
    rail.control().clear_faults();
    at_once(sold.iter().zip(&phones).map(|(id, phone)| paid_once(&rail, id, phone, LARGE))).await;
    rail.finish().await;
}

#[tokio::test]
async fn a_statement_that_hangs_keeps_no_balance_from_being_asked() {
    let twin = usual_twin().await;
    let hangs = FaultKind::Hang { accepted: false };
    twin.control().add_fault(Fault::always(Endpoint::PullQuery, hangs));
    let stage = Stage::test().set("KIVUKO__MPESA__QUERY_TIMEOUT_MS", 12_000);
    let rail = RailApp::start_as(stage, twin).await;
    let told = async || rail.engine().circuit().await.expect("a database").float.told.is_some();
    let float = e2e::eventually("the balance is told", told);
    in_time("the balance", Duration::from_secs(8), float).await;
    assert!(rail.control().requests(Endpoint::PullQuery) > 0);
    rail.finish().await;
}

/// What a reader cannot take in stays for another time, and those beside it are read.
#[tokio::test]
async fn a_callback_that_cannot_be_read_holds_no_other_up() {
    let rail = prove(RailApp::start_as(Stage::test(), usual_twin().await).await).await;
    let spoilt = [FaultKind::CallbackNotJson, FaultKind::CallbackMissingFields];
    let phones: Vec<String> = (1..=4).map(phone).collect();
    for (phone, kind) in phones.iter().zip(spoilt) {
        super::ground::spoil_payout(&rail, phone, kind);
    }
    rail.engine().open_circuit("an operator's word").await.expect("a database");
    let orders = at_once(phones.iter().map(|phone| rail.sell_to(phone, LARGE))).await;
    held_back(&rail, 4, "circuit").await;
    rail.engine().close_circuit().await.expect("a database");
    at_once(orders.iter().zip(&phones).map(|(id, phone)| paid_once(&rail, id, phone, LARGE))).await;
    rail.finish().await;
}
