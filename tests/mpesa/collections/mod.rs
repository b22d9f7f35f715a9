//! Money in: everything that can happen between a wish to pay and a payment that is believed.

mod away;
mod clicks;
mod fates;
mod forged;
mod late;
mod leaked;
mod lies;
mod lost;
mod payers;
mod refused;
mod strays;
mod tap;
mod unclear;

use std::time::Duration;

use e2e::{RailApp, eventually};
use serde_json::Value;
use twins::daraja::{Behaviour, Payer};

/// A phone of the twin's table.
fn fated(suffix: &str) -> String {
    format!("254700000{suffix}")
}

/// A phone whose owner pays.
fn payer(number: usize) -> String {
    format!("2547113{number:05}")
}

/// Somebody who takes so many seconds.
fn after(seconds: i64, behaviour: Behaviour) -> Payer {
    Payer { behaviour, delay: Some(time::Duration::seconds(seconds)) }
}

/// How the order's latest attempt stands.
async fn attempt(rail: &RailApp, order: &str) -> String {
    let query = "SELECT state::text FROM collections WHERE order_id = $1::text::uuid
        ORDER BY created_at DESC LIMIT 1";
    let rows = rail.app.sql.rows(query, &[&order]).await;
    rows.first().map_or_else(String::new, |row| row.get(0))
}

async fn attempt_is(rail: &RailApp, order: &str, state: &str) {
    let stands = async || attempt(rail, order).await == state;
    eventually("an attempt gets there", stands).await;
}

/// What somebody has said of the order's latest attempt.
async fn evidence(rail: &RailApp, order: &str, member: &str) -> Value {
    let query = "SELECT evidence::text FROM collections WHERE order_id = $1::text::uuid
        ORDER BY created_at DESC LIMIT 1";
    let rows = rail.app.sql.rows(query, &[&order]).await;
    let text: String = rows.first().expect("an attempt").get(0);
    let evidence: Value = serde_json::from_str(&text).expect("JSON");
    evidence[member].clone()
}

/// What the ledger says customers have paid and not got back, in cents.
async fn collected(rail: &RailApp) -> i64 {
    let query = "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_postings
        WHERE account = 'mpesa_collection' AND asset = 'KES'";
    rail.app.sql.number(query).await
}

/// Waits until the twin has said all that it had to say, and we have read it.
async fn all_is_said(rail: &RailApp) {
    assert!(rail.control().settle(Duration::from_secs(30)).await, "the twin comes to rest");
    let unread = "SELECT count(*) FROM callbacks WHERE settled_at IS NULL";
    eventually("callbacks are read", async || rail.app.sql.number(unread).await == 0).await;
}

/// The text of a member that may be null.
fn text<'a>(order: &'a Value, member: &str) -> Option<&'a str> {
    order[member]["String"].as_str().filter(|_| order[member]["Valid"] == true)
}

/// Checks that the order is paid, by exactly one debit of this phone, and knows which.
async fn is_paid(rail: &RailApp, id: &str, phone: &str) {
    let order = rail.reaches(id, "processing").await;
    all_is_said(rail).await;
    let oracle = rail.oracle();
    let kept = oracle.payments.iter().filter(|one| one.msisdn == phone && !one.reversed);
    let kept: Vec<_> = kept.collect();
    let [payment] = kept.as_slice() else { panic!("one payment of {phone}: {oracle:?}") };
    assert_eq!(text(&order, "mpesa_receipt_number"), Some(payment.receipt.as_str()));
    assert_eq!(text(&order, "payment_phone_number"), Some(phone));
    assert_eq!(order["status_reason"], Value::Null, "{order}");
    assert_eq!(attempt(rail, id).await, "paid");
    let story = rail.story(id).await;
    let confirmed = story.iter().filter(|kind| *kind == "payment_confirmed").count();
    assert_eq!(confirmed, 1, "{story:?}");
    assert_eq!(story.last().map(String::as_str), Some("payment_confirmed"));
}

/// Checks that the attempt came to nothing: the order awaits a payment, and nobody was debited.
async fn is_payable(rail: &RailApp, id: &str, attempt: &str) {
    attempt_is(rail, id, attempt).await;
    let order = rail.order(id).await;
    assert_eq!(order["status"], "pending", "{order}");
    assert_eq!(order["status_reason"], Value::Null, "{order}");
    assert_eq!(text(&order, "mpesa_receipt_number"), None, "{order}");
    let story = rail.story(id).await;
    assert_eq!(story.last().map(String::as_str), Some("collection_failed"), "{story:?}");
}
