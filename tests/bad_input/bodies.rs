//! Whole bodies: their fields, their form, their size.

use e2e::{Connection, SELL_OFFER, TestApp, VENDOR, buy, offer, send, user, with};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

use crate::bad_input::{OFFERS, ORDERS, USERS, orders, post_text, refuses};

#[tokio::test]
async fn everything_wrong_with_a_body_is_told_at_once() {
    let app = TestApp::start().await;
    let body = format!(
        r#"{{"customer_id":7,"vendor_id":"{VENDOR}","vendor_id":"{VENDOR}","usdt_amount":1200.0,
            "order_type":"BARTER","colour":"red","wallet_address":"0x1"}}"#
    );
    // What is malformed comes before what is against a rule.
    let expected = [
        ("vendor_id", "duplicate_field"),
        ("customer_id", "wrong_type"),
        ("offer_id", "missing_field"),
        ("usdt_amount", "wrong_type"),
        ("fiat_amount", "missing_field"),
        ("fiat_currency", "missing_field"),
        ("payment_method", "missing_field"),
        ("colour", "unknown_field"),
        ("order_type", "invalid_value"),
        ("wallet_address", "invalid_address"),
    ];
    let answer = post_text(&app, ORDERS, body).await;
    answer.problem_with(400, "duplicate_field", &expected);
    let rules = json!({ "status": "processing", "payout_phone": "254727648169",
        "usdt_amount": "0.5", "fiat_amount": "5" });
    let expected = [
        ("status", "status_not_initial"),
        ("payout_phone", "payout_phone_not_allowed"),
        ("crypto_amount", "amount_outside_offer_limits"),
        ("fiat_amount", "rate_mismatch"),
    ];
    let answer = app.post(ORDERS, &app.customer, &with(buy(), &rules)).await;
    answer.problem_with(422, "status_not_initial", &expected);
    assert_eq!(orders(&app).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn code_and_detail_speak_of_the_first_error() {
    let app = TestApp::start().await;
    let bodies = [
        json!({ "customer_id": "x" }),
        json!({ "customer_id": "x", "colour": "red" }),
        json!({ "wallet_address": "x", "fiat_amount": 7 }),
        with(buy(), &json!({ "customer_id": "x", "wallet_address": "x" })),
        with(buy(), &json!({ "status": "processing", "payout_phone": "254727648169" })),
    ];
    for body in bodies {
        let answer = app.post(ORDERS, &app.admin, &body).await;
        let first = &answer.json["errors"][0];
        assert_eq!(answer.json["code"], first["code"], "{}", answer.text);
        let said = (first["field"].as_str(), first["message"].as_str());
        let (Some(field), Some(message)) = said else { panic!("{}", answer.text) };
        assert_eq!(answer.text_of("detail"), format!("{field} {message}"), "{}", answer.text);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_cancellation_with_nothing_to_say_is_one() {
    let app = TestApp::start().await;
    for body in ["", "null", " null\n", "{}", r#"{"reason":null}"#] {
        let placed = app.place(&app.customer, &buy()).await;
        let path = format!("/api/v1/auth/order/id/{}/cancel", placed.id());
        let request = app.request(Method::PUT, &path, &app.customer);
        let request = request.header("content-type", "application/json").body(body);
        assert_eq!(send(request).await.expect(200).json["status"], "cancelled", "{body:?}");
    }
    app.finish().await;
}

#[tokio::test]
async fn every_required_field_is_missed_when_left_out_or_null() {
    let app = TestApp::start().await;
    let bodies = [(ORDERS, buy()), (OFFERS, offer()), (USERS, user("Zuri"))];
    for (path, body) in bodies {
        for name in body.as_object().expect("an object").keys() {
            if name == "description" {
                continue;
            }
            let missed = if name.ends_with("dt_amount") { "crypto_amount" } else { name };
            let without = with(body.clone(), &json!({ name: null }));
            let mut nulled = body.clone();
            nulled[name] = Value::Null;
            for body in [without, nulled] {
                let answer = app.post(path, &app.admin, &body).await;
                answer.problem_with(400, "missing_field", &[(missed, "missing_field")]);
            }
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn values_of_the_wrong_type_and_unknown_names_are_malformed() {
    let app = TestApp::start().await;
    let mistyped =
        |field: &'static str, value: Value| (json!({ field: value }), 400, "wrong_type", field);
    let cases = [
        mistyped("customer_id", json!(7)),
        mistyped("vendor_id", json!({})),
        mistyped("offer_id", json!([])),
        mistyped("usdt_amount", json!(1200.0)),
        mistyped("usdt_amount", json!(1200)),
        mistyped("fiat_amount", json!(175_200)),
        mistyped("fiat_currency", json!(true)),
        mistyped("wallet_address", json!(4.085_896_624_744_069e47)),
        mistyped("wallet_address", json!(["T"])),
        mistyped("payment_method", json!(1)),
        mistyped("order_type", json!(1)),
        mistyped("status", json!(false)),
        mistyped("expires_at", json!(1_900_000_000)),
        mistyped("payout_phone", json!(254_727_648_169_u64)),
        mistyped("asset", json!(1)),
        (json!({ "Usdt_amount": "1" }), 400, "unknown_field", "Usdt_amount"),
        (json!({ "": "1" }), 400, "unknown_field", ""),
    ];
    let (named, [nameless]) = cases.split_at(cases.len() - 1) else { panic!("cases") };
    refuses(&app, &app.customer, ORDERS, &buy(), named).await;
    let answer = app.post(ORDERS, &app.customer, &with(buy(), &nameless.0)).await;
    assert_eq!((answer.status, &answer.json["code"]), (400, &json!("unknown_field")));
    let number =
        app.post(ORDERS, &app.customer, &with(buy(), &json!({ "wallet_address": 4e47 }))).await;
    assert!(number.text_of("detail").contains("string"), "{}", number.text);
    app.finish().await;
}

/// The names that an answer has and a request may not.
const ANSWERED: [&str; 29] = [
    "id",
    "payment_txn_id",
    "blockchain_txn_hash",
    "completed_at",
    "created_at",
    "updated_at",
    "deleted_at",
    "merchant_request_id",
    "checkout_request_id",
    "mpesa_receipt_number",
    "payment_phone_number",
    "order_subtype",
    "sender_name",
    "sender_country",
    "sender_phone",
    "escrow_wallet_address",
    "escrow_network",
    "escrow_reference",
    "deposit_tx_hash",
    "deposit_confirmations",
    "deposit_detected_at",
    "status_reason",
    "waiting_for",
    "last_error",
    "account_reference",
    "attempts",
    "rate",
    "state",
    "version",
];

#[tokio::test]
async fn fields_of_answers_cannot_be_slipped_into_a_request() {
    let app = TestApp::start().await;
    for name in ANSWERED {
        let body = with(buy(), &json!({ name: "1" }));
        let answer = app.post(ORDERS, &app.admin, &body).await;
        answer.problem_with(400, "unknown_field", &[(name, "unknown_field")]);
    }
    for name in ["id", "status", "held_amount", "created_at", "terms_version"] {
        let answer = app.post(OFFERS, &app.admin, &with(offer(), &json!({ name: "1" }))).await;
        answer.problem_with(400, "unknown_field", &[(name, "unknown_field")]);
    }
    for name in ["vendor_id", "offer_type", "asset", "crypto_amount", "held_amount"] {
        let path = format!("{OFFERS}/{SELL_OFFER}");
        let answer = app.patch(&path, &app.vendor, &json!({ name: "1" })).await;
        answer.problem_with(400, "unknown_field", &[(name, "unknown_field")]);
    }
    assert_eq!(orders(&app).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn bodies_that_are_no_json_object_are_told_so() {
    let app = TestApp::start().await;
    let deep = format!(r#"{{"customer_id":{}"#, "[".repeat(10_000));
    let placed = app.place(&app.customer, &buy()).await;
    let cancel = format!("/api/v1/auth/order/id/{}/cancel", placed.id());
    let amend = format!("{OFFERS}/{SELL_OFFER}");
    let routes = [
        (Method::POST, ORDERS),
        (Method::POST, OFFERS),
        (Method::POST, USERS),
        (Method::PATCH, &amend),
        (Method::PUT, &cancel),
    ];
    for (method, path) in &routes {
        let bodies = ["", "{", "order", "[]", "\"order\"", "null", "{} {}", "\u{feff}{}", &deep];
        for body in bodies {
            if ["", "null"].contains(&body) && *method == Method::PUT {
                continue; // a cancellation needs none
            }
            let request = app.request(method.clone(), path, &app.admin);
            let request = request.header("content-type", "application/json");
            let answer = send(request.body(body.to_owned())).await;
            answer.problem_with(400, "invalid_json", &[]);
        }
        for media_type in ["text/plain", "application/xml", "application/jsonx", ""] {
            let request = app.request(method.clone(), path, &app.admin);
            let request = request.header("content-type", media_type);
            let answer = send(request.body(buy().to_string())).await;
            answer.problem_with(415, "unsupported_media_type", &[]);
        }
        let request = app.request(method.clone(), path, &app.admin);
        let answer = send(request.body(buy().to_string())).await;
        answer.problem_with(415, "unsupported_media_type", &[]);
    }
    let latin = post_text(&app, ORDERS, b"{\"customer_id\":\"\xe9\"}".to_vec()).await;
    latin.problem_with(400, "invalid_json", &[]);
    let request = app.request(Method::POST, ORDERS, &app.customer);
    let request = request.header("content-type", "Application/JSON; charset=utf-8");
    send(request.body(buy().to_string())).await.expect(201);
    for (body, status, code) in [
        (json!({ "reason": 5 }), 400, "wrong_type"),
        (json!({ "why": "so" }), 400, "unknown_field"),
        (json!({ "reason": "x".repeat(1001) }), 422, "invalid_text"),
    ] {
        let request = app.request(Method::PUT, &cancel, &app.customer);
        send(request.json(&body)).await.problem(status, code);
    }
    let still = app.details(&app.customer, placed.id()).await;
    assert_eq!(still.json["status"], "pending", "a malformed request cancels nothing");
    app.finish().await;
}

#[tokio::test]
async fn a_body_of_a_megabyte_is_too_large_however_it_is_sent() {
    let app = TestApp::start().await;
    let megabyte = " ".repeat(1024 * 1024);
    let head = format!(
        "POST {ORDERS} HTTP/1.1\r\nhost: kivuko\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\n",
        app.customer
    );
    let measured = format!("{head}content-length: {}\r\n\r\n{megabyte}", megabyte.len());
    let chunked =
        format!("{head}transfer-encoding: chunked\r\n\r\n100000\r\n{megabyte}\r\n0\r\n\r\n");
    for request in [measured, chunked] {
        let mut connection = Connection::open(&app.url).await;
        connection.say_what_is_heard(&request).await;
        let spoken = connection.hear_the_end(Duration::from_secs(5)).await;
        assert_eq!(spoken.status, 413, "{}", spoken.text);
        assert!(spoken.text.contains("\"code\":\"body_too_large\""), "{}", spoken.text);
    }
    let at_the_limit = with(buy(), &json!({}));
    let text = at_the_limit.to_string();
    let padded = format!("{text}{}", " ".repeat(16 * 1024 - text.len()));
    assert_eq!(post_text(&app, ORDERS, padded.clone()).await.status, 201);
    let answer = post_text(&app, ORDERS, padded + " ").await;
    answer.problem_with(413, "body_too_large", &[]);
    app.finish().await;
}

#[tokio::test]
async fn hostile_texts_reach_nothing() {
    let app = TestApp::start().await;
    let texts = [
        "'; DROP TABLE orders; --",
        "\" OR \"\"=\"",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "a\r\nset-cookie: b=c",
        "\u{0}",
        "\u{202e}abc",
        "\u{d7ff}\u{10ffff}",
        "%s%s%n",
        "../../etc/passwd",
        "<script>alert(1)</script>",
        "\u{1b}[31m",
    ];
    for text in texts {
        for (path, body) in [(ORDERS, buy()), (OFFERS, offer()), (USERS, user("Zuri"))] {
            for name in body.as_object().expect("an object").keys() {
                if ["description", "first_name", "last_name"].contains(&name.as_str()) {
                    continue;
                }
                let body = with(body.clone(), &json!({ name: text }));
                let answer = app.post(path, &app.admin, &body).await;
                assert_eq!(answer.status, 422, "{name}: {}", answer.text);
            }
        }
        let names = ["page_id", "page_size", "cursor", "status", "order_type", "created_from", "x"];
        for name in names {
            let mut query = form_urlencoded::Serializer::new(String::new());
            let query = query.append_pair(name, text).finish();
            let path = format!("{ORDERS}?{query}&page_id=1&page_size=10");
            let answer = app.get(&path, &app.admin).await;
            assert!(matches!(answer.status, 200 | 400 | 422), "{name}: {}", answer.text);
        }
    }
    let counts = "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM parties)
        + (SELECT count(*) FROM offers)";
    assert_eq!(app.sql.number(counts).await, 7, "the demo parties and offers");
    app.finish().await;
}
