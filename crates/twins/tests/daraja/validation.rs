//! Requests that never reach M-Pesa: the exact refusals of the gateway.

use serde_json::{Value, json};
use twins::daraja::{DarajaTwin, Endpoint, Options};

use crate::daraja::support::{Desk, PAYER, answered};

async fn refusal_of(desk: &Desk, field: &str, value: Value) -> (u16, String, String) {
    let mut body = desk.stk_body(PAYER, 10);
    body[field] = value;
    let answer = desk.post(Endpoint::StkPush, &body).await;
    (answer.status, answer.field("errorCode"), answer.field("errorMessage"))
}

#[tokio::test]
async fn a_bad_field_of_a_prompt_is_named() {
    let desk = Desk::new().await;
    let cases = [
        ("Amount", json!(0), "Amount"),
        ("Amount", json!(250_001), "Amount"),
        ("Amount", json!(100.0), "Amount"),
        ("Amount", json!("1.50"), "Amount"),
        ("PhoneNumber", json!(254_812_345_678_u64), "PhoneNumber"),
        ("PhoneNumber", json!("0712345678"), "PhoneNumber"),
        ("PartyA", json!(1), "PartyA"),
        ("Timestamp", json!("2026"), "Timestamp"),
        ("TransactionType", json!("Gift"), "TransactionType"),
        ("TransactionDesc", json!(""), "Remarks"),
        ("AccountReference", json!(""), "AccountReference"),
        ("CallBackURL", json!("http://127.0.0.1:1/mpesa/cb"), "CallBackURL"),
        ("CallBackURL", json!("http://127.0.0.1:1/stk-QUERY"), "CallBackURL"),
        ("CallBackURL", json!("https://example.org/cb"), "CallBackURL"),
        ("CallBackURL", json!("{{url}}"), "CallBackURL"),
    ];
    for (field, value, named) in cases {
        let shown = format!("{field} = {value}");
        let expected = (400, "400.002.02".to_owned(), format!("Bad Request - Invalid {named}"));
        assert_eq!(refusal_of(&desk, field, value).await, expected, "{shown}");
    }
    assert!(desk.control().open_prompts().is_empty());
}

#[tokio::test]
async fn the_merchant_is_checked_by_short_code_and_password() {
    let desk = Desk::new().await;
    let (status, code, words) = refusal_of(&desk, "BusinessShortCode", json!(1)).await;
    assert_eq!(
        (status, code.as_str(), words.as_str()),
        (500, "500.001.1001", "Merchant does not exist")
    );
    let (status, code, words) = refusal_of(&desk, "Timestamp", json!("20261121120001")).await;
    assert_eq!((status, code.as_str()), (500, "500.001.1001"));
    assert_eq!(words, "[MerchantValidate] - Wrong credentials");
}

#[tokio::test]
async fn numbers_may_be_strings_and_references_long() {
    let desk = Desk::new().await;
    let mut body = desk.stk_body(PAYER, 10);
    body["Amount"] = json!("10");
    body["PhoneNumber"] = json!(PAYER);
    body["AccountReference"] = json!("fifteen-letters");
    assert_eq!(desk.post(Endpoint::StkPush, &body).await.status, 200);
    desk.control().change_rules(|rules| rules.strict_lengths = true);
    assert_eq!(
        desk.post(Endpoint::StkPush, &body).await.field("errorMessage"),
        "Bad Request - Invalid AccountReference"
    );
}

#[tokio::test]
async fn an_uppercase_url_is_refused_where_the_rule_says_so() {
    let desk = Desk::new().await;
    desk.control().change_rules(|rules| rules.refuse_uppercase_urls = true);
    let url = json!("http://127.0.0.1:1/CB");
    assert_eq!(refusal_of(&desk, "CallBackURL", url).await.0, 400);
}

#[tokio::test]
async fn a_body_without_its_content_type_lacks_its_first_field() {
    let desk = Desk::new().await;
    let url = format!("{}{}", desk.twin.base_url(), Endpoint::StkPush.path());
    let send = |kind: &'static str, body: String| {
        let request = desk.client.post(&url).bearer_auth(&desk.token);
        request.header("content-type", kind).body(body).send()
    };
    let body = desk.stk_body(PAYER, 10).to_string();
    let answer = answered(send("text/plain", body).await.expect("an answer")).await;
    assert_eq!(answer.field("errorMessage"), "Bad Request - Invalid BusinessShortCode");
    let answer = answered(send("application/json", "{".to_owned()).await.expect("an answer")).await;
    assert_eq!(answer.refusal(), (400, "400.002.05".to_owned()));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let desk = Desk::new().await;
    let base = desk.twin.base_url();
    let get = |path: &str| desk.client.get(format!("{base}{path}")).send();
    let unknown = answered(get("/mpesa/unheard").await.expect("an answer")).await;
    assert_eq!(unknown.refusal(), (404, "404.001.01".to_owned()));
    let wrong_verb = answered(get(Endpoint::StkPush.path()).await.expect("an answer")).await;
    assert_eq!(wrong_verb.refusal(), (405, "405.001".to_owned()));
    assert_eq!(desk.control().requests(Endpoint::Unknown), 1);
}

#[tokio::test]
async fn a_bad_field_of_a_payout_is_named() {
    let desk = Desk::new().await;
    let cases = [
        ("OriginatorConversationID", json!("")),
        ("CommandID", json!("Gift")),
        ("Amount", json!("ten")),
        ("Remarks", json!("x")),
        ("ResultURL", json!("http://10.1.1.1/cb")),
        ("QueueTimeOutURL", json!("http://127.0.0.1/sql")),
        ("Occassion", json!("x".repeat(101))),
    ];
    for (field, value) in cases {
        let mut body = desk.b2c_body("bad-1", PAYER, 100);
        body[field] = value;
        let answer = desk.post(Endpoint::B2cV3, &body).await;
        assert_eq!(answer.field("errorMessage"), format!("Bad Request - Invalid {field}"));
    }
}

#[tokio::test]
async fn a_twin_binds_to_loopback_only() {
    let host = std::net::Ipv4Addr::UNSPECIFIED.into();
    let refused = DarajaTwin::start(Options { host, ..Options::default() }).await;
    assert_eq!(refused.expect_err("a refusal").kind(), std::io::ErrorKind::AddrNotAvailable);
}
