//! Wishes to pay that are refused before anybody is asked for anything.

use domain::ids::OrderId;
use domain::order::{Actor, OrderEvent};
use e2e::{Answer, RailApp, Stage, twin};
use serde_json::{Value, json};
use twins::daraja::Endpoint;

use super::{is_paid, payer};

const PATH: &str = "/api/v1/auth/orders/payment";

async fn pay_as(rail: &RailApp, token: &str, order: &str) -> Answer {
    let body = json!({ "order_id": order, "phone_number": payer(1) });
    rail.app.post(PATH, token, &body).await
}

/// Nobody was asked, and the phone may still be.
async fn finish(rail: RailApp) {
    assert_eq!(rail.control().requests(Endpoint::StkPush), 0);
    let traces = "SELECT count(*) FROM collections, phone_prompts";
    assert_eq!(rail.app.sql.number(traces).await, 0);
    rail.finish().await;
}

/// Tells the order something that only we may tell it.
async fn tell(rail: &RailApp, id: &str, event: &OrderEvent) {
    let id = OrderId(id.parse().expect("an id"));
    rail.engine().record_event(id, Actor::System, event).await.expect("it is told");
}

#[tokio::test]
async fn only_the_customer_pays() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    pay_as(&rail, "", &id).await.problem(401, "token_missing");
    pay_as(&rail, &rail.app.seller, &id).await.problem(404, "not_found");
    pay_as(&rail, &rail.app.buying_vendor, &id).await.problem(404, "not_found");
    pay_as(&rail, &rail.app.vendor, &id).await.problem(403, "forbidden");
    pay_as(&rail, &rail.app.admin, &id).await.problem(403, "forbidden");
    let nobodys = "01890000-0000-7000-8000-000000000000";
    pay_as(&rail, &rail.app.customer, nobodys).await.problem(404, "not_found");
    assert_eq!(rail.story(&id).await, ["place"]);
    finish(rail).await;
}

#[tokio::test]
async fn a_sell_is_not_paid_for() {
    let rail = RailApp::start().await;
    let placed = rail.app.place(&rail.app.seller, &e2e::sell()).await;
    pay_as(&rail, &rail.app.seller, placed.id()).await.problem(409, "order_not_payable");
    finish(rail).await;
}

#[tokio::test]
async fn a_cancelled_order_is_not_paid_for() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    rail.app.cancel(&rail.app.customer, &id).await.expect(200);
    pay_as(&rail, &rail.app.customer, &id).await.problem(409, "order_not_payable");
    assert_eq!(rail.story(&id).await, ["place", "cancel"]);
    finish(rail).await;
}

#[tokio::test]
async fn an_order_under_review_is_not_paid_for() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    tell(&rail, &id, &OrderEvent::Hold).await;
    pay_as(&rail, &rail.app.customer, &id).await.problem(409, "under_review");
    assert_eq!(rail.order(&id).await["status_reason"], "under_review");
    finish(rail).await;
}

#[tokio::test]
async fn an_order_whose_time_has_run_out_is_not_paid_for() {
    // The clock does not tell it so before we ask.
    let stage = Stage::test().set("KIVUKO__WORKERS__EXPIRY_INTERVAL_MS", 3_600_000);
    let rail = RailApp::start_as(stage, twin().await).await;
    let id = rail.buy(100).await;
    rail.app.sql.execute("UPDATE orders SET expires_at = now()").await;
    pay_as(&rail, &rail.app.customer, &id).await.problem(409, "order_expired");
    assert_eq!(rail.order(&id).await["status"], "pending");
    finish(rail).await;
}

#[tokio::test]
async fn an_order_is_paid_for_once() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    rail.pay(&id, &payer(1)).await.expect(200);
    is_paid(&rail, &id, &payer(1)).await;
    rail.pay(&id, &payer(2)).await.problem(409, "order_not_payable");
    let tx_hash = "ab".repeat(32);
    tell(&rail, &id, &OrderEvent::DeliveryBroadcast { tx_hash: tx_hash.clone() }).await;
    tell(&rail, &id, &OrderEvent::DeliveryFinal { tx_hash }).await;
    assert_eq!(rail.order(&id).await["status"], "completed");
    rail.pay(&id, &payer(2)).await.problem(409, "order_not_payable");
    assert_eq!(rail.control().requests(Endpoint::StkPush), 1);
    rail.finish().await;
}

#[tokio::test]
async fn bodies_that_cannot_be_meant() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    let body = |order: Value, phone: Value| json!({ "order_id": order, "phone_number": phone });
    let cases = [
        (json!({}), 400, vec!["order_id", "phone_number"]),
        (json!({ "order_id": id }), 400, vec!["phone_number"]),
        (body(json!(id), json!(254_711_222_333_u64)), 400, vec!["phone_number"]),
        (body(json!(1), json!(payer(1))), 400, vec!["order_id"]),
        (body(json!("x"), json!(payer(1))), 422, vec!["order_id"]),
        (body(json!(id), json!("0711222333")), 422, vec!["phone_number"]),
        (body(json!(id), json!("+254711222333")), 422, vec!["phone_number"]),
        (body(json!(id), json!("254211222333")), 422, vec!["phone_number"]),
        (body(json!(id), json!("25471122233")), 422, vec!["phone_number"]),
        (json!({ "order_id": id, "phone_number": payer(1), "amount": "1" }), 400, vec!["amount"]),
    ];
    for (body, status, fields) in cases {
        let refused = rail.app.post(PATH, &rail.app.customer, &body).await;
        assert_eq!(refused.status, status, "{body}: {}", refused.text);
        let code = refused.text_of("code").to_owned();
        let wrong = refused.problem(status, &code);
        let wrong: Vec<&str> = wrong.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(wrong, fields, "{body}: {}", refused.text);
    }
    let list = rail.app.post(PATH, &rail.app.customer, &json!([])).await;
    assert_eq!(list.status, 400, "{}", list.text);
    finish(rail).await;
}
