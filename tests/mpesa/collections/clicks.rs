//! The same wish twice: one prompt, whatever the client does.

use e2e::{Answer, RailApp, at_once, eventually, send};
use reqwest::Method;
use serde_json::{Value, json};
use twins::daraja::{Endpoint, Fault, FaultKind};

use super::{fated, is_paid, is_payable, payer};

async fn pay_as(rail: &RailApp, key: &str, body: &Value) -> Answer {
    let path = "/api/v1/auth/orders/payment";
    let request = rail.app.request(Method::POST, path, &rail.app.customer);
    send(request.header("idempotency-key", key).json(body)).await
}

fn seconds(refused: &Answer) -> u64 {
    let header = refused.header("retry-after").expect("Retry-After");
    header.parse().expect("whole seconds")
}

#[tokio::test]
async fn a_double_click_is_one_prompt() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    let (one, other) = (payer(1), payer(2));
    let answers = at_once([rail.pay(&id, &one), rail.pay(&id, &other)]).await;
    let [started, refused] = answers.as_slice() else { panic!("two answers") };
    let (started, refused, phone) =
        if started.status == 200 { (started, refused, one) } else { (refused, started, other) };
    assert_eq!(started.status, 200, "{}", started.text);
    refused.problem(409, "payment_in_flight");
    assert_eq!(seconds(refused), 20);
    is_paid(&rail, &id, &phone).await;
    assert_eq!(rail.control().requests(Endpoint::StkPush), 1);
    assert_eq!(rail.oracle().payments.len(), 1);
    rail.finish().await;
}

#[tokio::test]
async fn twenty_clicks_on_one_phone_are_one_prompt() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    let phone = payer(1);
    let answers = at_once((0..20).map(|_| rail.pay(&id, &phone))).await;
    let started = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(started, 1, "{answers:?}");
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        refused.problem(409, "payment_in_flight");
    }
    is_paid(&rail, &id, &phone).await;
    assert_eq!(rail.control().requests(Endpoint::StkPush), 1);
    rail.finish().await;
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    let body = json!({ "order_id": id, "phone_number": payer(1) });
    let first = pay_as(&rail, "pay-1", &body).await.expect(200);
    is_paid(&rail, &id, &payer(1)).await;
    let again = pay_as(&rail, "pay-1", &body).await.expect(200);
    assert_eq!(again.text, first.text, "byte for byte");
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let other = json!({ "order_id": id, "phone_number": payer(2) });
    pay_as(&rail, "pay-1", &other).await.problem(422, "idempotency_key_reused");
    assert_eq!(rail.control().requests(Endpoint::StkPush), 1);
    rail.finish().await;
}

#[tokio::test]
async fn an_answer_that_was_not_known_is_replayed_as_it_was() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    let body = json!({ "order_id": id, "phone_number": fated("013") });
    let first = pay_as(&rail, "pay-1", &body).await.expect(202);
    is_paid(&rail, &id, &fated("013")).await;
    let again = pay_as(&rail, "pay-1", &body).await.expect(202);
    assert_eq!(again.text, first.text);
    assert_eq!(rail.control().requests(Endpoint::StkPush), 1);
    rail.finish().await;
}

#[tokio::test]
async fn a_refusal_leaves_the_key_free() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    rail.control().add_fault(Fault::once(Endpoint::StkPush, FaultKind::SpikeArrest));
    let body = json!({ "order_id": id, "phone_number": payer(1) });
    pay_as(&rail, "pay-1", &body).await.problem(503, "rail_unavailable");
    is_payable(&rail, &id, "refused").await;
    pay_as(&rail, "pay-1", &body).await.expect(200);
    is_paid(&rail, &id, &payer(1)).await;
    rail.finish().await;
}

#[tokio::test]
async fn the_same_key_at_once_is_one_prompt() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    let body = json!({ "order_id": id, "phone_number": payer(1) });
    let answers = at_once((0..8).map(|_| pay_as(&rail, "pay-1", &body))).await;
    let started: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    let first = started.first().expect("one is answered");
    assert!(started.iter().all(|answer| answer.text == first.text));
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        refused.problem(409, "payment_in_flight");
    }
    is_paid(&rail, &id, &payer(1)).await;
    let again = pay_as(&rail, "pay-1", &body).await.expect(200);
    assert_eq!(again.text, first.text);
    assert_eq!(rail.control().requests(Endpoint::StkPush), 1);
    rail.finish().await;
}

#[tokio::test]
async fn a_phone_is_asked_once_in_two_minutes() {
    let rail = RailApp::start().await;
    let (first, second) = (rail.buy(100).await, rail.buy(110).await);
    let phone = payer(1);
    rail.pay(&first, &phone).await.expect(200);
    let refused = rail.pay(&second, &phone).await;
    refused.problem(429, "phone_asked_recently");
    assert!((1..=120).contains(&seconds(&refused)), "{refused:?}");
    is_payable_still(&rail, &second).await;
    is_paid(&rail, &first, &phone).await;
    let may = async || {
        let asked = rail.pay(&second, &phone).await;
        assert!([200, 429].contains(&asked.status), "{}", asked.text);
        asked.status == 200
    };
    eventually("two minutes pass", may).await;
    is_paid_too(&rail, &second).await;
    assert_eq!(rail.oracle().debits(&phone), 210 * 14_600);
    rail.finish().await;
}

/// The refused attempt has left nothing behind.
async fn is_payable_still(rail: &RailApp, id: &str) {
    assert_eq!(rail.order(id).await["status"], "pending");
    assert_eq!(rail.story(id).await, ["place"]);
    assert_eq!(super::attempt(rail, id).await, "");
}

async fn is_paid_too(rail: &RailApp, id: &str) {
    rail.reaches(id, "processing").await;
    super::all_is_said(rail).await;
}

#[tokio::test]
async fn a_busy_phone_is_told_and_the_order_can_be_paid() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    let refused = rail.pay(&id, &fated("012")).await;
    refused.problem(409, "phone_busy");
    assert!(seconds(&refused) > 0);
    is_payable(&rail, &id, "refused").await;
    assert_eq!(rail.story(&id).await, ["place", "start_payment", "collection_failed"]);
    rail.pay(&id, &payer(1)).await.expect(200);
    is_paid(&rail, &id, &payer(1)).await;
    rail.finish().await;
}
