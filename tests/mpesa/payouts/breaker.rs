//! The breaker: three wrong credentials lock the initiator, so the first one stops everything. And
//! what the balance tells.

use adapters_mpesa::credential::encrypt;
use domain::order::OrderEvent;
use domain::rail::CircuitState;
use e2e::{Database, RailApp, Stage, at_once, eventually};
use twins::daraja::{Endpoint, JournalKind};

use super::ground::{
    LARGE, asked, circuit_is, disbursements, hasty, held_back, operate, paid_at_last, paid_once,
    phone, proven, review_comes, state, usual_twin,
};

/// Ten orders whose payouts are due.
async fn ten(rail: &RailApp) -> Vec<(String, String)> {
    at_once((1..=10).map(async |number| {
        let phone = phone(number);
        (rail.sell_to(&phone, LARGE).await, phone)
    }))
    .await
}

#[tokio::test]
async fn a_wrong_credential_is_tried_once_and_stops_all_payouts() {
    let (twin, database) = (usual_twin().await, Database::fresh().await);
    let wrong = encrypt(twin.certificate_pem().as_bytes(), "another password");
    let stage = Stage::test().with_rail(&twin);
    let stage = stage.set("KIVUKO__MPESA__SECURITY_CREDENTIAL", wrong.expect("a credential"));
    let app = stage.start_on(&database).await;
    let rail = RailApp { app, twin, database };
    rail.cashier().register_bills().await.expect("the twin registers");
    let orders = ten(&rail).await;
    circuit_is(&rail, CircuitState::Open).await;
    held_back(&rail, 10, "circuit").await;
    assert_eq!(rail.control().requests(Endpoint::B2cV3), 1, "one, and no more");
    assert_eq!(rail.reviews("blocked").await, 1);
    for (id, _) in &orders {
        assert_eq!(rail.order(id).await["status"], "processing");
    }
    assert!(rail.oracle().payouts.is_empty());

    let RailApp { app, twin, database } = rail;
    app.finish().await;
    let app = Stage::test().with_rail(&twin).start_on(&database).await;
    let rail = RailApp { app, twin, database };
    rail.engine().close_circuit().await.expect("a database");
    // The one that was refused is asked about: nothing was paid, and it is our fault.
    eventually("one waits for an operator", async || rail.reviews("payout_blocked").await == 1)
        .await;
    at_once(orders.iter().map(async |(id, phone)| {
        let is_refused = disbursements(&rail, id).await == ["1 failed_confirmed"];
        if is_refused {
            operate(&rail, id, OrderEvent::Resume).await.expect("an operator resumes");
            paid_at_last(&rail, id, phone, LARGE, &["1 failed_confirmed", "2 paid"]).await;
        } else {
            paid_once(&rail, id, phone, LARGE).await;
        }
    }))
    .await;
    assert_eq!(rail.oracle().payouts.len(), 10);
    rail.finish().await;
}

#[tokio::test]
async fn after_the_breaker_the_first_payout_goes_alone() {
    let rail = proven().await;
    rail.engine().open_circuit("an operator's word").await.expect("a database");
    let orders = ten(&rail).await;
    held_back(&rail, 10, "circuit").await;
    let before = rail.control().journal().len();
    rail.engine().close_circuit().await.expect("a database");
    at_once(orders.iter().map(|(id, phone)| paid_once(&rail, id, phone, LARGE))).await;
    circuit_is(&rail, CircuitState::Closed).await;
    let journal = rail.control().journal();
    let since = &journal[before..];
    let is_payout =
        |kind, what: &str| kind == JournalKind::Request && what.contains(Endpoint::B2cV3.path());
    let is_result = |kind, what: &str| kind == JournalKind::Callback && what.contains("b2c result");
    let proof = since.iter().position(|entry| is_result(entry.kind, &entry.what));
    let proof = proof.expect("a result");
    let alone = since[..proof].iter().filter(|entry| is_payout(entry.kind, &entry.what)).count();
    assert_eq!(alone, 1, "until one has gone well, one at a time");
    rail.finish().await;
}

#[tokio::test]
async fn charges_are_posted_and_the_balance_finds_no_difference() {
    let rail = hasty().await;
    let phones = [phone(1), phone(2), phone(3)];
    at_once(phones.iter().map(async |phone| {
        let id = rail.sell_to(phone, LARGE).await;
        paid_once(&rail, &id, phone, LARGE).await;
    }))
    .await;
    let fees =
        "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_postings WHERE account = 'fees'";
    eventually("four charges are posted", async || rail.app.sql.number(fees).await == 4 * 2_240)
        .await;
    // So often that what has just been paid explains nothing any more.
    let asked_before = rail.control().requests(Endpoint::AccountBalance);
    eventually("the balance is looked at again and again", async || {
        rail.control().requests(Endpoint::AccountBalance) >= asked_before + 3
    })
    .await;
    let utility = "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_postings
        WHERE account = 'mpesa_utility' AND asset = 'KES'";
    assert_eq!(rail.app.sql.number(utility).await, rail.oracle().float_cents);
    circuit_is(&rail, CircuitState::Closed).await;
    assert_eq!(rail.app.sql.number("SELECT count(*) FROM reviews").await, 0);
    rail.finish().await;
}

#[tokio::test]
async fn a_float_that_changes_behind_our_back_stops_payouts() {
    let rail = hasty().await;
    let opened = "SELECT count(*) FROM ledger_entries WHERE cause = 'opening:mpesa_utility'";
    eventually("the float is known", async || rail.app.sql.number(opened).await == 1).await;
    for (round, change) in [-5_000_000, 5_000_000].into_iter().enumerate() {
        rail.control().set_float(rail.oracle().float_cents + change);
        circuit_is(&rail, CircuitState::Open).await;
        let circuit = rail.engine().circuit().await.expect("a database");
        assert!(circuit.reason.is_some_and(|why| why.starts_with("difference")));
        review_comes(&rail, "blocked", i64::try_from(round).expect("a small number") + 1).await;
        let phone = phone(10 + round);
        let id = rail.sell_to(&phone, LARGE).await;
        held_back(&rail, 1, "circuit").await;
        assert!(asked(&rail, &phone).is_empty(), "payouts stop");
        assert_eq!(state(&rail, &id).await, "paying_out");
        // The operator finds out why, puts it right and says so.
        rail.control().set_float(rail.oracle().float_cents - change);
        rail.engine().close_circuit().await.expect("a database");
        paid_once(&rail, &id, &phone, LARGE).await;
        circuit_is(&rail, CircuitState::Closed).await;
    }
    rail.finish().await;
}

#[tokio::test]
async fn a_credential_that_has_gone_bad_is_noticed_by_one_question_about_the_balance() {
    let rail = hasty().await;
    circuit_is(&rail, CircuitState::Closed).await;
    let RailApp { app, twin, database } = rail;
    app.finish().await;
    let wrong = encrypt(twin.certificate_pem().as_bytes(), "another password");
    let stage = super::ground::haste(Stage::test()).with_rail(&twin);
    let stage = stage.set("KIVUKO__MPESA__SECURITY_CREDENTIAL", wrong.expect("a credential"));
    let before = twin.control().requests(Endpoint::AccountBalance);
    let app = stage.start_on(&database).await;
    let rail = RailApp { app, twin, database };
    circuit_is(&rail, CircuitState::Open).await;
    let phone = phone(50);
    rail.sell_to(&phone, LARGE).await;
    held_back(&rail, 1, "circuit").await;
    assert!(asked(&rail, &phone).is_empty(), "payouts stop");
    let asked = rail.control().requests(Endpoint::AccountBalance) - before;
    assert_eq!(asked, 1, "another one would bring the lock nearer");
    rail.finish().await;
}
