//! Payers who do not pay: the order says so, nobody is debited, and the next attempt succeeds.

use e2e::RailApp;
use serde_json::{Value, json};

use super::{all_is_said, collected, evidence, fated, is_paid, is_payable, payer};

/// The phone's owner does not pay, for this reason; then somebody does.
async fn comes_to_nothing(suffix: &str, code: &str, ours: &str) {
    let rail = RailApp::start().await;
    let phone = fated(suffix);
    let id = rail.buy(100).await;
    assert_eq!(rail.order(&id).await["last_error"], Value::Null);
    let started = rail.pay(&id, &phone).await.expect(200);
    is_payable(&rail, &id, "not_paid").await;
    assert_eq!(evidence(&rail, &id, "told_not").await, json!(code));
    is_told(&rail, &id, &started.json["account_reference"], ours).await;
    all_is_said(&rail).await;
    assert_eq!(rail.oracle().payments, []);
    assert_eq!(collected(&rail).await, 0);
    assert_eq!(
        rail.story(&id).await,
        ["place", "start_payment", "collection_accepted", "collection_failed"]
    );

    let second = rail.pay(&id, &payer(1)).await.expect(200);
    is_paid(&rail, &id, &payer(1)).await;
    let order = rail.order(&id).await;
    assert_eq!(order["last_error"], Value::Null, "it has worked");
    assert_eq!(order["attempts"].as_array().map(Vec::len), Some(1), "{order}");
    assert_ne!(second.json["account_reference"], started.json["account_reference"]);
    assert_eq!(order["account_reference"], second.json["account_reference"]);
    assert_eq!(collected(&rail).await, 1_460_000);
    assert_eq!(rail.oracle().debits(&phone), 0);
    let story = rail.story(&id).await;
    assert_eq!(story[4..], ["start_payment", "collection_accepted", "payment_confirmed"]);
    rail.finish().await;
}

/// The order, its history and the list tell why, and the customer's own message leads to the order.
async fn is_told(rail: &RailApp, id: &str, reference: &Value, code: &str) {
    let order = rail.order(id).await;
    let error = &order["last_error"];
    assert_eq!((&error["code"], &error["leg"]), (&json!(code), &json!("collection")), "{order}");
    assert!(error["message"].as_str().is_some_and(|text| text.len() > 10), "{error}");
    assert!(error["at"].is_string(), "{error}");
    assert_eq!(order["attempts"], json!([error]));
    assert_eq!(order["account_reference"], *reference);
    let events = rail.app.events(&rail.app.customer, id).await.expect(200);
    let last = events.rows().last().expect("events");
    assert_eq!(last["payload"]["error"]["code"], code, "{last}");

    let reference = reference.as_str().expect("a reference");
    let typed = reference.to_lowercase().replace('0', "o");
    for spelling in [reference, &typed] {
        let path =
            format!("/api/v1/auth/orders?page_id=1&page_size=10&account_reference={spelling}");
        let found = rail.app.get(&path, &rail.app.customer).await.expect(200);
        let ids: Vec<&Value> = found.rows().iter().map(|order| &order["id"]).collect();
        assert_eq!(ids, [id], "{spelling}");
        assert_eq!(found.rows()[0]["last_error"], *error);
        let foreign = rail.app.get(&path, &rail.app.seller).await.expect(200);
        assert!(foreign.rows().is_empty(), "only to those who may see the order");
    }
    let path = "/api/v1/auth/orders?page_id=1&page_size=10&account_reference=ABC";
    rail.app.get(path, &rail.app.customer).await.problem(422, "invalid_reference");
}

#[tokio::test]
async fn a_payer_who_cancels() {
    comes_to_nothing("001", "1032", "payer_cancelled").await;
}

#[tokio::test]
async fn a_payer_with_a_wrong_pin() {
    comes_to_nothing("002", "2001", "wrong_pin").await;
}

#[tokio::test]
async fn nobody_home() {
    comes_to_nothing("003", "1037", "no_response").await;
}

#[tokio::test]
async fn a_payer_with_too_little() {
    comes_to_nothing("004", "1", "insufficient_funds").await;
}

#[tokio::test]
async fn a_wallet_that_cannot_pay_the_price() {
    let rail = RailApp::start().await;
    let id = rail.buy(10).await;
    rail.control().set_wallet(&payer(1), 145_999);
    rail.pay(&id, &payer(1)).await.expect(200);
    is_payable(&rail, &id, "not_paid").await;
    rail.control().set_wallet(&payer(2), 146_000);
    rail.pay(&id, &payer(2)).await.expect(200);
    is_paid(&rail, &id, &payer(2)).await;
    let oracle = rail.oracle();
    let left = [payer(1), payer(2)].map(|phone| oracle.wallets.get(&phone).copied());
    assert_eq!(left, [Some(145_999), Some(0)]);
    rail.finish().await;
}

#[tokio::test]
async fn the_same_price_from_the_same_phone_at_once_is_refused_by_the_rail_only() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    rail.pay(&id, &fated("001")).await.expect(200);
    is_payable(&rail, &id, "not_paid").await;
    // The rail looks further back here than we do.
    rail.control().change_rules(|rules| rules.same_amount_window = time::Duration::hours(1));
    let free = async || rail.pay(&id, &fated("001")).await.status == 200;
    e2e::eventually("the phone may be asked again", free).await;
    is_payable(&rail, &id, "not_paid").await;
    assert_eq!(evidence(&rail, &id, "told_not").await, json!("17"));
    assert_eq!(rail.oracle().payments, []);
    rail.finish().await;
}
