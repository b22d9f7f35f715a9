//! M-Pesa does not take the request, or not for us: the client is told so at once, nothing is open,
//! and the order can be paid.

use e2e::{Database, RailApp, Stage, at_once, eventually, twin};
use twins::daraja::{DarajaTwin, Endpoint, Fault, FaultKind};

use super::{collected, is_paid, is_payable, payer};

/// A service whose settings differ from what its twin expects.
async fn with_setting(twin: DarajaTwin, variable: &str, value: &str) -> RailApp {
    let database = Database::fresh().await;
    let app = Stage::test().with_rail(&twin).set(variable, value).start_on(&database).await;
    RailApp { app, twin, database }
}

/// Nothing was sent, and the client may try again, as often as it likes.
async fn is_unavailable(rail: &RailApp, id: &str, phone: &str) {
    for _ in 0..2 {
        let refused = rail.pay(id, phone).await;
        refused.problem(503, "rail_unavailable");
        assert!(refused.header("retry-after").is_some(), "{refused:?}");
        is_payable(rail, id, "refused").await;
    }
}

#[tokio::test]
async fn nobody_listens() {
    let nowhere = "http://127.0.0.1:1";
    let rail = with_setting(twin().await, "KIVUKO__MPESA__BASE_URL", nowhere).await;
    let id = rail.buy(100).await;
    is_unavailable(&rail, &id, &payer(1)).await;
    assert_eq!(rail.control().requests(Endpoint::StkPush), 0);
    rail.app.cancel(&rail.app.customer, &id).await.expect(200);
    rail.finish().await;
}

#[tokio::test]
async fn a_wrong_pass_key() {
    let rail = with_setting(twin().await, "KIVUKO__MPESA__PASSKEY", "not-the-passkey").await;
    let id = rail.buy(100).await;
    is_unavailable(&rail, &id, &payer(1)).await;
    assert_eq!(rail.oracle().payments, []);
    rail.finish().await;
}

#[tokio::test]
async fn wrong_keys() {
    let rail = with_setting(twin().await, "KIVUKO__MPESA__CONSUMER_SECRET", "wrong").await;
    let id = rail.buy(100).await;
    is_unavailable(&rail, &id, &payer(1)).await;
    assert_eq!(rail.control().requests(Endpoint::StkPush), 0, "without a token nothing is sent");
    rail.finish().await;
}

/// Refusals that prove that nothing was done.
const REFUSALS: [FaultKind; 7] = [
    FaultKind::SpikeArrest,
    FaultKind::SystemBusy,
    FaultKind::QuotaViolation,
    FaultKind::WafHtml,
    FaultKind::Maintenance,
    FaultKind::ProductMissing,
    FaultKind::NotAuthorised,
];

#[tokio::test]
async fn refusals_of_the_gateway() {
    let rail = RailApp::start().await;
    let mut orders = Vec::new();
    for (number, kind) in REFUSALS.into_iter().enumerate() {
        let phone = payer(number);
        rail.control().add_fault(Fault::always(Endpoint::StkPush, kind).of_phone(&phone));
        let id = rail.buy(100).await;
        is_unavailable(&rail, &id, &phone).await;
        orders.push((id, phone));
    }
    assert_eq!(collected(&rail).await, 0);
    rail.control().clear_faults();
    for (id, phone) in &orders {
        rail.pay(id, phone).await.expect(200);
    }
    for (id, phone) in &orders {
        is_paid(&rail, id, phone).await;
    }
    assert_eq!(rail.oracle().payments.len(), orders.len());
    rail.finish().await;
}

#[tokio::test]
async fn a_refused_token_is_replaced_without_a_word() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    rail.control().add_fault(Fault::once(Endpoint::StkPush, FaultKind::InvalidToken));
    rail.pay(&id, &payer(1)).await.expect(200);
    is_paid(&rail, &id, &payer(1)).await;
    assert_eq!(rail.control().requests(Endpoint::StkPush), 2);
    rail.finish().await;
}

#[tokio::test]
async fn tokens_that_end_in_a_burst_of_payments() {
    const PAYMENTS: usize = 20;
    let rail = RailApp::start().await;
    let mut orders = Vec::new();
    for number in 0..PAYMENTS {
        orders.push((rail.buy(100).await, payer(number)));
    }
    let seen = || rail.control().requests(Endpoint::StkPush);
    let revoking = async {
        let mut beat = tokio::time::interval(std::time::Duration::from_millis(1));
        while seen() < PAYMENTS / 4 {
            beat.tick().await;
        }
        rail.control().revoke_tokens();
    };
    let paying = at_once(orders.iter().map(|(id, phone)| rail.pay(id, phone)));
    let (answers, ()) = tokio::join!(paying, revoking);
    for answer in answers {
        answer.expect(200);
    }
    for (id, phone) in &orders {
        is_paid(&rail, id, phone).await;
    }
    let oracle = rail.oracle();
    assert_eq!(oracle.payments.len(), PAYMENTS, "each is debited once");
    assert_eq!(collected(&rail).await, 20 * 1_460_000);
    rail.finish().await;
}

#[tokio::test]
async fn an_order_in_maintenance_is_paid_afterwards_from_the_same_phone() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    rail.control().maintenance(true);
    is_unavailable(&rail, &id, &payer(1)).await;
    rail.control().maintenance(false);
    let paid = async || rail.pay(&id, &payer(1)).await.status == 200;
    eventually("M-Pesa is back", paid).await;
    is_paid(&rail, &id, &payer(1)).await;
    rail.finish().await;
}
