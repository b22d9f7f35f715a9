//! Payments that come when nobody waits for them any more, and orders whose time runs out meanwhile.

use e2e::{RailApp, eventually};
use serde_json::{Value, json};
use twins::daraja::{Answer, Behaviour, Payment};

use super::{
    after, all_is_said, attempt_is, collected, evidence, fated, is_paid, is_payable, payer, text,
};

/// Waits until this phone's payment has gone back.
async fn is_returned(rail: &RailApp, phone: &str) -> Payment {
    let is_back = async || rail.oracle().credits(phone) > 0;
    eventually("the payment goes back", is_back).await;
    all_is_said(rail).await;
    let booked = "SELECT count(*) FROM disbursements WHERE kind = 'refund' AND state = 'paid'";
    eventually("we know that", async || rail.app.sql.number(booked).await == 1).await;
    let oracle = rail.oracle();
    assert_eq!(oracle.credits(phone), oracle.debits(phone), "no more and no less");
    assert_eq!(oracle.payouts, [], "it goes back the way that it came");
    let returned = oracle.payments.into_iter().find(|one| one.msisdn == phone && one.reversed);
    returned.expect("a reversed payment")
}

/// The order's events of a kind.
async fn count(rail: &RailApp, id: &str, kind: &str) -> usize {
    rail.story(id).await.iter().filter(|told| *told == kind).count()
}

#[tokio::test]
async fn a_late_success_is_taken_while_the_order_waits() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    rail.pay(&id, &fated("007")).await.expect(200);
    is_paid(&rail, &id, &fated("007")).await;
    assert_eq!(evidence(&rail, &id, "told_not").await, json!("1037"));
    assert_eq!(
        rail.story(&id).await,
        ["place", "start_payment", "collection_accepted", "collection_failed", "payment_confirmed"]
    );
    rail.finish().await;
}

#[tokio::test]
async fn a_late_success_for_a_cancelled_order_goes_back() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    rail.pay(&id, &fated("007")).await.expect(200);
    // The success follows the failure at once: whoever wants to come between must not look around.
    eventually("the customer may cancel", async || {
        rail.app.cancel(&rail.app.customer, &id).await.status == 200
    })
    .await;
    let payment = is_returned(&rail, &fated("007")).await;
    let order = rail.order(&id).await;
    assert_eq!(order["status"], "cancelled");
    assert_eq!(order["status_reason"], "late_payment");
    assert_eq!(evidence(&rail, &id, "told_not").await, json!("1037"));
    assert_eq!(payment.amount_cents, 1_460_000);
    for kind in ["cancel", "payment_confirmed", "refund_started", "refund_confirmed"] {
        assert_eq!(count(&rail, &id, kind).await, 1, "{kind}");
    }
    assert_eq!(collected(&rail).await, 0);
    rail.finish().await;
}

#[tokio::test]
async fn of_two_attempts_that_are_both_paid_the_first_counts() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    rail.pay(&id, &fated("007")).await.expect(200);
    is_payable(&rail, &id, "not_paid").await;
    let second = payer(1);
    rail.control().set_payer(&second, after(1, Behaviour::Approve));
    rail.pay(&id, &second).await.expect(200);
    is_returned(&rail, &fated("007")).await;
    let order = rail.order(&id).await;
    let kept = rail.oracle().payments.into_iter().find(|one| !one.reversed).expect("one is kept");
    assert_eq!(kept.msisdn, second);
    assert_eq!(order["status"], "processing");
    assert_eq!(order["status_reason"], Value::Null);
    assert_eq!(text(&order, "mpesa_receipt_number"), Some(kept.receipt.as_str()));
    assert_eq!(text(&order, "payment_phone_number"), Some(second.as_str()));
    assert_eq!(count(&rail, &id, "payment_confirmed").await, 2);
    assert_eq!(count(&rail, &id, "refund_confirmed").await, 1);
    assert_eq!(collected(&rail).await, 1_460_000);
    rail.finish().await;
}

/// A prompt that stands on a phone until it is answered.
async fn standing() -> (RailApp, String, String) {
    let rail = RailApp::start().await;
    let phone = payer(1);
    rail.control().set_payer(&phone, after(800, Behaviour::ByHand));
    let id = rail.buy(100).await;
    rail.pay(&id, &phone).await.expect(200);
    attempt_is(&rail, &id, "awaiting").await;
    (rail, id, phone)
}

/// Lets the time of every order run out, and waits until the clock has said so to one that nothing
/// holds back.
async fn time_runs_out(rail: &RailApp) {
    let other = rail.buy(10).await;
    let overdue = "UPDATE orders SET expires_at = now() WHERE state = 'awaiting_payment'";
    rail.app.sql.execute(overdue).await;
    let order = rail.reaches(&other, "cancelled").await;
    assert_eq!(order["status_reason"], "expired");
}

#[tokio::test]
async fn an_open_attempt_holds_the_deadline_off() {
    let (rail, id, phone) = standing().await;
    time_runs_out(&rail).await;
    assert_eq!(rail.order(&id).await["status"], "pending");
    assert!(rail.control().answer_prompt(&phone, Answer::Approve));
    is_paid(&rail, &id, &phone).await;
    rail.finish().await;
}

#[tokio::test]
async fn an_attempt_that_fails_after_the_deadline_lets_it_act() {
    let (rail, id, phone) = standing().await;
    time_runs_out(&rail).await;
    assert_eq!(rail.order(&id).await["status"], "pending");
    assert!(rail.control().answer_prompt(&phone, Answer::Cancel));
    let order = rail.reaches(&id, "cancelled").await;
    assert_eq!(order["status_reason"], "expired");
    assert_eq!(rail.oracle().payments, []);
    rail.finish().await;
}

#[tokio::test]
async fn nobody_cancels_while_a_prompt_stands() {
    let (rail, id, phone) = standing().await;
    for token in [&rail.app.customer, &rail.app.vendor, &rail.app.admin] {
        let refused = rail.app.cancel(token, &id).await;
        refused.problem(409, "payment_in_flight");
        assert!(refused.header("retry-after").is_some());
    }
    assert!(rail.control().answer_prompt(&phone, Answer::Cancel));
    is_payable(&rail, &id, "not_paid").await;
    rail.app.cancel(&rail.app.customer, &id).await.expect(200);
    assert_eq!(rail.order(&id).await["status_reason"], "cancelled_by_customer");
    assert_eq!(collected(&rail).await, 0);
    rail.finish().await;
}
