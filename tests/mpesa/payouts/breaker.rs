//! The breaker: three wrong credentials lock the initiator, so the first one stops everything. And
//! what the balance tells.

use adapters_mpesa::credential::encrypt;
use domain::order::OrderEvent;
use domain::rail::CircuitState;
use e2e::{Database, RailApp, Stage, at_once, eventually, has_paid_all};
use twins::daraja::{Endpoint, Fault, FaultKind, JournalKind, Oracle};

use super::ground::{
    LARGE, asked, circuit_is, disbursements, hasty, held_back, operate, paid_at_last, paid_once,
    phone, proven, review_comes, spoil, state, usual_twin,
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
    let uses = [Endpoint::B2cV3, Endpoint::AccountBalance].map(|it| rail.control().requests(it));
    assert_eq!(uses.iter().sum::<usize>(), 1, "our initiator is used once, and no more: {uses:?}");
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
    // The one that was refused, if it was a payout, is asked about: nothing was paid, and it is our
    // fault.
    let refused = i64::from(uses[0] == 1);
    eventually("it waits for an operator", async || {
        rail.reviews("payout_blocked").await == refused
    })
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

/// The silent phone's result never comes, and its status neither.
const SILENT: &str = "254700000027";

/// A breaker that probes with a payout of which nothing will be heard.
async fn probing_in_silence() -> (RailApp, String) {
    let rail = proven().await;
    rail.engine().open_circuit("an operator's word").await.expect("a database");
    let id = rail.sell_to(SILENT, LARGE).await;
    held_back(&rail, 1, "circuit").await;
    rail.engine().close_circuit().await.expect("a database");
    eventually("the probe leaves", async || asked(&rail, SILENT).len() == 1).await;
    (rail, id)
}

#[tokio::test]
async fn an_unknown_outcome_holds_the_others_up_for_a_bounded_time_only() {
    let (rail, silent) = probing_in_silence().await;
    let phones = [phone(1), phone(2), phone(3)];
    let orders = at_once(phones.iter().map(|phone| rail.sell_to(phone, LARGE))).await;
    let waiting = rail.order(&orders[0]).await["waiting_for"].clone();
    assert_eq!(waiting["actor"], "kivuko", "the order says that the breaker holds it: {waiting}");
    assert_eq!(waiting["what"], "try M-Pesa with one payment at a time", "{waiting}");
    let scrape = rail.app.get("/metrics", "").await.expect(200).text;
    assert!(scrape.contains("# HELP payout_circuit "), "{scrape}");
    for state in CircuitState::ALL {
        let series = format!("payout_circuit{{state=\"{}\"}}", state.as_str());
        assert!(scrape.contains(&series), "{series}");
    }
    at_once(orders.iter().zip(&phones).map(|(id, phone)| paid_once(&rail, id, phone, LARGE))).await;
    circuit_is(&rail, CircuitState::Closed).await;
    assert_eq!(state(&rail, &silent).await, "paying_out", "unknown stays unknown");
    assert_eq!(asked(&rail, SILENT).len(), 1);
    finish_with_one_unknown(rail).await;
}

/// Ends it while the silent one's shillings have left, and nobody has told the books.
async fn finish_with_one_unknown(rail: RailApp) {
    let oracle = rail.oracle();
    let left: i64 = oracle.payouts_to(SILENT).iter().map(|payout| payout.amount_cents).sum();
    assert_eq!(left, 1_410_000);
    let known = oracle.payouts.into_iter().filter(|payout| payout.msisdn != SILENT).collect();
    assert!(has_paid_all(&rail.app.sql, &Oracle { payouts: known, ..rail.oracle() }).await);
    rail.app.finish().await;
    rail.twin.stop().await;
}

#[tokio::test]
async fn when_no_probe_is_answered_the_breaker_opens_before_the_third_and_calls_an_operator() {
    let (rail, _) = probing_in_silence().await;
    for question in [Endpoint::AccountBalance, Endpoint::TransactionStatus] {
        rail.control().add_fault(Fault::always(question, FaultKind::CallbackDrop));
    }
    let (lost, other) = (phone(1), phone(2));
    spoil(&rail, Endpoint::B2cV3, &lost, FaultKind::CallbackDrop);
    let before = begun(&rail);
    let first = rail.sell_to(&lost, LARGE).await;
    circuit_is(&rail, CircuitState::Open).await;
    let circuit = rail.engine().circuit().await.expect("a database");
    assert!(circuit.reason.is_some_and(|why| why.starts_with("unanswered")));
    assert_eq!(begun(&rail), before + 1, "nothing is begun a third time unproven");
    review_comes(&rail, "blocked", 1).await;
    let second = rail.sell_to(&other, LARGE).await;
    let waiting = rail.order(&second).await["waiting_for"].clone();
    assert_eq!(waiting["actor"], "operator", "the order says so: {waiting}");
    rail.control().clear_faults();
    rail.engine().close_circuit().await.expect("a database");
    paid_once(&rail, &second, &other, LARGE).await;
    rail.reaches(&first, "completed").await;
    circuit_is(&rail, CircuitState::Closed).await;
    finish_with_one_unknown(rail).await;
}

/// How often something was begun with our initiator.
fn begun(rail: &RailApp) -> usize {
    let endpoints = [Endpoint::B2cV3, Endpoint::Reversal, Endpoint::AccountBalance];
    endpoints.map(|it| rail.control().requests(it)).iter().sum()
}

#[tokio::test]
async fn readiness_says_why_no_shillings_go_out() {
    let rail = proven().await;
    let reasons = async || {
        let ready = rail.app.get("/readyz", "").await.expect(200).json;
        (ready["status"].clone(), ready["reasons"].to_string())
    };
    rail.engine().open_circuit("an audit").await.expect("a database");
    let (status, why) = reasons().await;
    assert_eq!(status, "degraded");
    assert!(why.contains("payouts: the breaker is open: an audit"), "{why}");
    rail.engine().close_circuit().await.expect("a database");
    let (_, why) = reasons().await;
    assert!(!why.contains("payouts"), "{why}");
    rail.finish().await;
}

#[tokio::test]
async fn closing_a_closed_breaker_changes_nothing() {
    let rail = proven().await;
    let before = rail.engine().circuit().await.expect("a database");
    let after = rail.engine().close_circuit().await.expect("a database");
    assert_eq!((after.state, after.since), (CircuitState::Closed, before.since));
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
    for (round, change) in [-5_000_000, -4_000_000].into_iter().enumerate() {
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
        // The operator finds out why and puts it right: the next balance shows it.
        rail.control().set_float(rail.oracle().float_cents - change);
        paid_once(&rail, &id, &phone, LARGE).await;
        circuit_is(&rail, CircuitState::Closed).await;
    }
    rail.finish().await;
}

#[tokio::test]
async fn shillings_that_the_books_do_not_know_are_an_operators_and_hold_nobody_up() {
    let rail = hasty().await;
    let opened = "SELECT count(*) FROM ledger_entries WHERE cause = 'opening:mpesa_utility'";
    eventually("the float is known", async || rail.app.sql.number(opened).await == 1).await;
    rail.control().set_float(rail.oracle().float_cents + 5_000_000);
    review_comes(&rail, "recon_delta", 1).await;
    let phone = phone(10);
    let id = rail.sell_to(&phone, LARGE).await;
    paid_once(&rail, &id, &phone, LARGE).await;
    circuit_is(&rail, CircuitState::Closed).await;
    rail.engine().book_float(5_000_000, "a top-up").await.expect("a database");
    super::float::settles(&rail, "float:surplus").await;
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
