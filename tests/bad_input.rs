//! Requests that are wrong, each in one way, and what exactly they are told. Whatever is refused
//! leaves nothing behind.

use e2e::{
    ADMIN, Answer, BUY_OFFER, BUYING_VENDOR, Connection, SELL_OFFER, TestApp, VENDOR, buy, buy_of,
    now, offer, sell, send, user, with,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use time::format_description::well_known::Rfc3339;

const ORDERS: &str = "/api/v1/auth/orders";
const OFFERS: &str = "/api/v1/auth/offers";
const USERS: &str = "/api/v1/auth/users/provision";
const UNKNOWN: &str = "00000000-0000-7000-8000-00000000dead";

/// A change to a body, and the status, code and field that it is refused with.
type Case = (Value, u16, &'static str, &'static str);

/// Sends `body` with every case's change and checks what it is told.
async fn refuses(app: &TestApp, token: &str, path: &str, body: &Value, cases: &[Case]) {
    for (change, status, code, field) in cases {
        let answer = app.post(path, token, &with(body.clone(), change)).await;
        let told = answer.problem(*status, code);
        let expected = ((*field).to_owned(), (*code).to_owned());
        assert_eq!(told, [expected], "{change}: {}", answer.text);
    }
}

async fn post_text(app: &TestApp, path: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = app.request(Method::POST, path, &app.admin);
    let request = request.header("content-type", "application/json");
    send(request.body(body)).await
}

async fn orders(app: &TestApp) -> i64 {
    app.sql.number("SELECT count(*) FROM orders").await
}

fn in_days(days: i64) -> String {
    let then = now() + time::Duration::days(days);
    then.format(&Rfc3339).expect("a time")
}

#[tokio::test]
async fn everything_wrong_with_a_body_is_told_at_once() {
    let app = TestApp::start().await;
    let body = format!(
        r#"{{"customer_id":7,"vendor_id":"{VENDOR}","vendor_id":"{VENDOR}","usdt_amount":1200.0,
            "order_type":"BARTER","colour":"red","wallet_address":"0x1"}}"#
    );
    let expected = [
        ("vendor_id", "duplicate_field"),
        ("customer_id", "wrong_type"),
        ("offer_id", "missing_field"),
        ("order_type", "invalid_value"),
        ("usdt_amount", "wrong_type"),
        ("fiat_amount", "missing_field"),
        ("fiat_currency", "missing_field"),
        ("payment_method", "missing_field"),
        ("wallet_address", "invalid_address"),
        ("colour", "unknown_field"),
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
async fn every_required_field_is_missed_when_left_out_or_null() {
    let app = TestApp::start().await;
    let bodies = [(ORDERS, buy()), (OFFERS, offer()), (USERS, user("Zuri"))];
    for (path, body) in bodies {
        for name in body.as_object().expect("an object").keys() {
            if name == "description" {
                continue;
            }
            let missed = if name.ends_with("dt_amount") {
                "crypto_amount"
            } else {
                name
            };
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
        (
            json!({ "Usdt_amount": "1" }),
            400,
            "unknown_field",
            "Usdt_amount",
        ),
        (json!({ "": "1" }), 400, "unknown_field", ""),
    ];
    let (named, [nameless]) = cases.split_at(cases.len() - 1) else {
        panic!("cases")
    };
    refuses(&app, &app.customer, ORDERS, &buy(), named).await;
    let answer = app
        .post(ORDERS, &app.customer, &with(buy(), &nameless.0))
        .await;
    assert_eq!(
        (answer.status, &answer.json["code"]),
        (400, &json!("unknown_field"))
    );
    let number = app
        .post(
            ORDERS,
            &app.customer,
            &with(buy(), &json!({ "wallet_address": 4e47 })),
        )
        .await;
    assert!(
        number.text_of("detail").contains("string"),
        "{}",
        number.text
    );
    app.finish().await;
}

/// The names that an answer has and a request may not.
const ANSWERED: [&str; 26] = [
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
        let answer = app
            .post(OFFERS, &app.admin, &with(offer(), &json!({ name: "1" })))
            .await;
        answer.problem_with(400, "unknown_field", &[(name, "unknown_field")]);
    }
    for name in [
        "vendor_id",
        "offer_type",
        "asset",
        "crypto_amount",
        "held_amount",
    ] {
        let path = format!("{OFFERS}/{SELL_OFFER}");
        let answer = app.patch(&path, &app.vendor, &json!({ name: "1" })).await;
        answer.problem_with(400, "unknown_field", &[(name, "unknown_field")]);
    }
    assert_eq!(orders(&app).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn every_kind_of_broken_address_has_its_own_reason() {
    let app = TestApp::start().await;
    let broken = [
        "",
        "somewhere else",
        "TPY7ewYk2eY9b4TTYkCHJH3Cqudh3NU6t",
        "TPY7ewYk2eY9b4TTYkCHJH3Cqudh3NU6t0",
        "TPY7ewYk2eY9b4TTYkCHJH3Cqudh3NU6tN",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "0x70997970C51812dc3A010C7d01b50e0d17dc79",
        "0x70997970C51812dc3A010C7d01b50e0d17dc79Cg",
        "0x70997970C51812dc3A010C7d01b50e0d17dc79c8",
        "0x0000000000000000000000000000000000000000",
    ];
    let mut reasons = BTreeSet::new();
    for wallet in broken {
        let body = with(buy(), &json!({ "wallet_address": wallet }));
        let answer = app.post(ORDERS, &app.customer, &body).await;
        answer.problem_with(
            422,
            "invalid_address",
            &[("wallet_address", "invalid_address")],
        );
        reasons.insert(answer.json["errors"][0]["message"].to_string());
    }
    assert_eq!(reasons.len(), broken.len(), "{reasons:?}");
    let further: Vec<Case> = [
        "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb",
        "0X70997970C51812dc3A010C7d01b50e0d17dc79C8",
        " TPY7ewYk2eY9b4TTYkCHJH3Cqudh3NU6tM",
        "tPY7ewYk2eY9b4TTYkCHJH3Cqudh3NU6tM",
        "4.085896624744069e+47",
    ]
    .map(|wallet| {
        let change = json!({ "wallet_address": wallet });
        (change, 422, "invalid_address", "wallet_address")
    })
    .into();
    refuses(&app, &app.customer, ORDERS, &buy(), &further).await;
    let long = json!({ "wallet_address": "T".repeat(10_000) });
    let cases = [(long, 422, "invalid_address", "wallet_address")];
    refuses(&app, &app.customer, ORDERS, &buy(), &cases).await;
    for wallet in [
        "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
        "0x70997970C51812DC3A010C7D01B50E0D17DC79C8",
    ] {
        let body = with(buy(), &json!({ "wallet_address": wallet }));
        let placed = app.place(&app.customer, &body).await;
        assert_eq!(placed.json["wallet_address"], wallet, "as it was sent");
    }
    app.finish().await;
}

#[tokio::test]
async fn phones_in_any_other_form_are_told_the_right_one() {
    let app = TestApp::start().await;
    for phone in [
        "+254727648169",
        "0727648169",
        "254227648169",
        "25472764816",
        "2547276481690",
        "25472764816a",
        "254 727648169",
        "٢٥٤٧٢٧٦٤٨١٦٩",
        "",
    ] {
        let body = with(sell(), &json!({ "payout_phone": phone }));
        let answer = app.post(ORDERS, &app.seller, &body).await;
        answer.problem_with(422, "invalid_phone", &[("payout_phone", "invalid_phone")]);
        assert!(
            answer.text_of("detail").contains("254XXXXXXXXX"),
            "{}",
            answer.text
        );
    }
    for phone in [
        "254727648169",
        "+25472764816",
        "0727648169",
        "+44727648169",
        "+",
    ] {
        let body = with(user("Zuri"), &json!({ "phone_number": phone }));
        let answer = app.post(USERS, &app.admin, &body).await;
        answer.problem_with(422, "invalid_phone", &[("phone_number", "invalid_phone")]);
        assert!(
            answer.text_of("detail").contains("+254XXXXXXXXX"),
            "{}",
            answer.text
        );
    }
    app.finish().await;
}

#[tokio::test]
async fn amounts_are_plain_positive_decimals_of_bounded_length() {
    let app = TestApp::start().await;
    let amount =
        |field: &'static str, text: &str| (json!({ field: text }), 422, "invalid_amount", field);
    let mut cases = vec![];
    for text in [
        "0", "0.00", "-1", "-0", "1e3", "1,200", " 1", "+1", ".5", "1.", "", "NaN", "0x1",
    ] {
        cases.push(amount("usdt_amount", text));
        cases.push(amount("fiat_amount", text));
    }
    cases.push(amount("usdt_amount", "1.123456789"));
    cases.push(amount("usdt_amount", "1200.000000000"));
    cases.push(amount("usdt_amount", "1000000000"));
    cases.push(amount("fiat_amount", "175200.001"));
    cases.push(amount("fiat_amount", "1000000000000"));
    refuses(&app, &app.customer, ORDERS, &buy(), &cases).await;
    let longest = json!({ "usdt_amount": "999999999.99999999", "fiat_amount": "145999999999.99" });
    let expected = [
        ("crypto_amount", "amount_outside_offer_limits"),
        ("fiat_amount", "amount_outside_rail_limits"),
    ];
    let answer = app
        .post(ORDERS, &app.customer, &with(buy(), &longest))
        .await;
    answer.problem_with(422, "amount_outside_offer_limits", &expected);
    let differing = json!({ "crypto_amount": "1200.00000001" });
    let cases = [(differing, 422, "amounts_differ", "usdt_amount")];
    refuses(&app, &app.customer, ORDERS, &buy(), &cases).await;
    app.place(
        &app.customer,
        &with(buy(), &json!({ "crypto_amount": "1200" })),
    )
    .await;
    app.finish().await;
}

/// Publishes an offer with these changes; answers its id.
async fn publish(app: &TestApp, changes: &Value) -> String {
    let published = app.post(OFFERS, &app.admin, &with(offer(), changes)).await;
    published.expect(201).id().to_owned()
}

/// An order on a published offer, with these amounts.
fn on_offer(body: Value, offer_id: &str, crypto: &str, fiat: &str) -> Value {
    let changes = json!({ "offer_id": offer_id, "usdt_amount": crypto, "fiat_amount": fiat });
    with(body, &changes)
}

#[tokio::test]
async fn amounts_are_held_to_the_offer_the_rate_and_the_rails_at_the_very_bound() {
    let app = TestApp::start().await;
    let limited = publish(&app, &json!({ "crypto_amount": "100" })).await;
    let tiny = json!({ "vendor_id": BUYING_VENDOR, "offer_type": "BUY", "rate": "141.00",
        "crypto_amount": "5000", "min_order": "0.01", "max_order": "5000" });
    let buying = publish(&app, &tiny).await;
    let (sell_offer, buy_offer) = (SELL_OFFER.to_string(), BUY_OFFER.to_string());
    let offers_limits = Some(("crypto_amount", "amount_outside_offer_limits"));
    let rate = Some(("fiat_amount", "rate_mismatch"));
    let rail = Some(("fiat_amount", "amount_outside_rail_limits"));
    let cases = [
        (buy(), &limited, "1", "146.00", None),
        (buy(), &limited, "0.99999999", "146.00", offers_limits),
        (buy(), &limited, "10", "1460.00", None),
        (buy(), &limited, "10.00000001", "1460.00", offers_limits),
        // 50 basis points of 175,200 are 876.
        (buy(), &sell_offer, "1200", "176076.00", None),
        (buy(), &sell_offer, "1200", "176076.01", rate),
        (buy(), &sell_offer, "1200", "174324.00", None),
        (buy(), &sell_offer, "1200", "174323.99", rate),
        // Collections round up to the shilling, payouts down.
        (buy(), &sell_offer, "1712.32876712", "250000.00", None),
        (buy(), &sell_offer, "1712.32876712", "250000.01", rail),
        (sell(), &buy_offer, "1773.05673759", "250000.99", None),
        (sell(), &buy_offer, "1773.05673759", "250001.00", rail),
        (sell(), &buying, "0.07092199", "10.00", None),
        (sell(), &buying, "0.07085107", "9.99", rail),
    ];
    for (body, offer_id, crypto, fiat, refused) in cases {
        let body = on_offer(body, offer_id, crypto, fiat);
        let answer = app.post(ORDERS, &app.admin, &body).await;
        match refused {
            None => assert_eq!(answer.status, 201, "{crypto} for {fiat}: {}", answer.text),
            Some((field, code)) => answer.problem_with(422, code, &[(field, code)]),
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_status_that_is_not_the_initial_one_is_refused() {
    let app = TestApp::start().await;
    let refused = |status: &str| {
        let change = json!({ "status": status });
        (change, 422, "status_not_initial", "status")
    };
    let later = [
        "processing",
        "confirming",
        "completed",
        "cancelled",
        "failed",
    ];
    let mut on_ramp: Vec<Case> = later.map(refused).into();
    on_ramp.push(refused("awaiting_crypto"));
    on_ramp.push((
        json!({ "status": "PENDING" }),
        422,
        "invalid_value",
        "status",
    ));
    refuses(&app, &app.customer, ORDERS, &buy(), &on_ramp).await;
    let mut off_ramp: Vec<Case> = later.map(refused).into();
    off_ramp.push(refused("pending"));
    refuses(&app, &app.seller, ORDERS, &sell(), &off_ramp).await;
    let right = json!({ "status": "awaiting_crypto" });
    app.place(&app.seller, &with(sell(), &right)).await;
    app.finish().await;
}

#[tokio::test]
async fn dates_are_rfc_3339_ahead_and_within_the_cap() {
    let app = TestApp::start().await;
    let at = |text: &str, code| (json!({ "expires_at": text }), 422, code, "expires_at");
    let cases = [
        at("2025-12-31T23:59:59Z", "expires_in_past"),
        at(&in_days(-1), "expires_in_past"),
        at("0001-01-01T00:00:00Z", "expires_in_past"),
        at(&in_days(31), "expires_beyond_cap"),
        at("9999-12-31T23:59:59Z", "expires_beyond_cap"),
        at("tomorrow", "invalid_time"),
        at("2027-13-01T00:00:00Z", "invalid_time"),
        at("2027-02-30T00:00:00Z", "invalid_time"),
        at("2027-01-01T00:00:00", "invalid_time"),
        at("2027-01-01", "invalid_time"),
        at("", "invalid_time"),
    ];
    refuses(&app, &app.customer, ORDERS, &buy(), &cases).await;
    let body = with(buy(), &json!({ "expires_at": in_days(29) }));
    app.place(&app.customer, &body).await;
    app.finish().await;
}

#[tokio::test]
async fn an_offer_must_be_there_active_the_vendors_and_of_the_right_side() {
    let app = TestApp::start().await;
    let inactive = publish(&app, &json!({})).await;
    let path = format!("{OFFERS}/{inactive}");
    let switched = app
        .patch(&path, &app.vendor, &json!({ "status": "inactive" }))
        .await;
    switched.expect(200);
    let usdc = publish(&app, &json!({ "asset": "USDC", "max_order": "10" })).await;
    let cases = [
        (
            json!({ "offer_id": UNKNOWN }),
            422,
            "offer_not_found",
            "offer_id",
        ),
        (
            json!({ "vendor_id": BUYING_VENDOR }),
            422,
            "offer_vendor_mismatch",
            "vendor_id",
        ),
        (
            json!({ "vendor_id": UNKNOWN }),
            422,
            "offer_vendor_mismatch",
            "vendor_id",
        ),
        (json!({ "asset": "USDC" }), 422, "asset_mismatch", "asset"),
        (json!({ "asset": "DOGE" }), 422, "invalid_value", "asset"),
        (
            json!({ "fiat_currency": "USD" }),
            422,
            "invalid_value",
            "fiat_currency",
        ),
        (
            json!({ "payment_method": "card" }),
            422,
            "invalid_value",
            "payment_method",
        ),
        (
            json!({ "order_type": "BARTER" }),
            422,
            "invalid_value",
            "order_type",
        ),
        (
            json!({ "order_type": "ON_RAMP_SELL" }),
            422,
            "unsupported_order_type",
            "order_type",
        ),
        (
            json!({ "payout_phone": "254727648169" }),
            422,
            "payout_phone_not_allowed",
            "payout_phone",
        ),
        (
            json!({ "customer_id": UNKNOWN }),
            422,
            "customer_not_provisioned",
            "customer_id",
        ),
        (
            json!({ "customer_id": VENDOR }),
            422,
            "self_trade",
            "vendor_id",
        ),
        (
            json!({ "offer_id": "7c9a93117e7d47399abc34f7db00ff19" }),
            422,
            "invalid_uuid",
            "offer_id",
        ),
        (
            json!({ "vendor_id": "the vendor" }),
            422,
            "invalid_uuid",
            "vendor_id",
        ),
    ];
    refuses(&app, &app.admin, ORDERS, &buy(), &cases).await;
    let cases = [
        (
            json!({ "payout_phone": null }),
            422,
            "payout_phone_required",
            "payout_phone",
        ),
        (
            json!({ "order_type": "OFF_RAMP_BUY" }),
            422,
            "unsupported_order_type",
            "order_type",
        ),
    ];
    refuses(&app, &app.admin, ORDERS, &sell(), &cases).await;
    let cases = [(json!({}), 422, "offer_inactive", "offer_id")];
    refuses(&app, &app.customer, ORDERS, &buy_of(&inactive), &cases).await;
    let cases = [(json!({}), 422, "asset_not_on_network", "wallet_address")];
    refuses(&app, &app.customer, ORDERS, &buy_of(&usdc), &cases).await;
    let wrong_side =
        json!({ "offer_id": BUY_OFFER, "vendor_id": BUYING_VENDOR, "fiat_amount": "169200.00" });
    let cases = [(wrong_side, 422, "offer_type_mismatch", "offer_id")];
    refuses(&app, &app.customer, ORDERS, &buy(), &cases).await;
    assert_eq!(orders(&app).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn an_exhausted_offer_is_a_conflict() {
    let app = TestApp::start().await;
    let id = publish(&app, &json!({})).await;
    app.place(&app.customer, &on_offer(buy(), &id, "9.5", "1387"))
        .await;
    let cases = [(json!({}), 409, "insufficient_liquidity", "crypto_amount")];
    refuses(&app, &app.customer, ORDERS, &buy_of(&id), &cases).await;
    app.finish().await;
}

#[tokio::test]
async fn offers_that_cannot_be_are_refused() {
    let app = TestApp::start().await;
    let cases = [
        (
            json!({ "min_order": "11" }),
            422,
            "limits_crossed",
            "min_order",
        ),
        (
            json!({ "available_amount": "10.00000001" }),
            422,
            "above_whole",
            "available_amount",
        ),
        (json!({ "rate": "146.001" }), 422, "invalid_amount", "rate"),
        (json!({ "rate": "0" }), 422, "invalid_amount", "rate"),
        (json!({ "rate": "-146" }), 422, "invalid_amount", "rate"),
        (json!({ "rate": "1000000" }), 422, "invalid_amount", "rate"),
        (json!({ "rate": 146 }), 400, "wrong_type", "rate"),
        (
            json!({ "crypto_amount": "0" }),
            422,
            "invalid_amount",
            "crypto_amount",
        ),
        (
            json!({ "min_order": "0" }),
            422,
            "invalid_amount",
            "min_order",
        ),
        (
            json!({ "available_amount": "-1" }),
            422,
            "invalid_amount",
            "available_amount",
        ),
        (
            json!({ "offer_type": "sell" }),
            422,
            "invalid_value",
            "offer_type",
        ),
        (json!({ "asset": "BTC" }), 422, "invalid_value", "asset"),
        (
            json!({ "fiat_currency": "kes" }),
            422,
            "invalid_value",
            "fiat_currency",
        ),
        (
            json!({ "description": "x".repeat(1001) }),
            422,
            "invalid_text",
            "description",
        ),
        (
            json!({ "description": "a\u{0}b" }),
            422,
            "invalid_text",
            "description",
        ),
        (
            json!({ "usdt_amount": "11" }),
            422,
            "amounts_differ",
            "usdt_amount",
        ),
        (
            json!({ "vendor_id": UNKNOWN }),
            422,
            "vendor_not_provisioned",
            "vendor_id",
        ),
        (
            json!({ "vendor_id": ADMIN }),
            422,
            "vendor_not_provisioned",
            "vendor_id",
        ),
    ];
    refuses(&app, &app.admin, OFFERS, &offer(), &cases).await;
    let id = publish(&app, &json!({})).await;
    for (change, code, field) in [
        (
            json!({ "available_amount": "10.1" }),
            "above_whole",
            "available_amount",
        ),
        (
            json!({ "min_order": "10.1" }),
            "limits_crossed",
            "min_order",
        ),
        (json!({ "rate": "0.00" }), "invalid_amount", "rate"),
        (json!({ "status": "gone" }), "invalid_value", "status"),
    ] {
        let answer = app
            .patch(&format!("{OFFERS}/{id}"), &app.vendor, &change)
            .await;
        answer.problem_with(422, code, &[(field, code)]);
    }
    app.finish().await;
}

#[tokio::test]
async fn parties_that_cannot_be_are_refused() {
    let app = TestApp::start().await;
    let mut cases = vec![
        (json!({ "role": "Customer" }), 422, "invalid_value", "role"),
        (json!({ "role": "root" }), 422, "invalid_value", "role"),
        (
            json!({ "first_name": "" }),
            422,
            "invalid_name",
            "first_name",
        ),
        (
            json!({ "first_name": " \t" }),
            422,
            "invalid_name",
            "first_name",
        ),
        (
            json!({ "last_name": "x".repeat(101) }),
            422,
            "invalid_name",
            "last_name",
        ),
        (
            json!({ "last_name": "a\u{0}b" }),
            422,
            "invalid_name",
            "last_name",
        ),
        (json!({ "id": "me" }), 422, "invalid_uuid", "id"),
    ];
    for email in [
        "amina",
        "@example.com",
        "a@b",
        "a b@example.com",
        "a@b@c.d",
        "",
    ] {
        cases.push((json!({ "email": email }), 422, "invalid_email", "email"));
    }
    refuses(&app, &app.admin, USERS, &user("Zuri"), &cases).await;
    for (change, code) in [
        (json!({ "id": VENDOR }), "party_exists"),
        (json!({ "email": "AMINA@example.com" }), "email_taken"),
    ] {
        let answer = app
            .post(USERS, &app.admin, &with(user("Zuri"), &change))
            .await;
        answer.problem_with(409, code, &[]);
    }
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
        let bodies = [
            "",
            "{",
            "order",
            "[]",
            "\"order\"",
            "null",
            "{} {}",
            "\u{feff}{}",
            &deep,
        ];
        for body in bodies {
            if body.is_empty() && *method == Method::PUT {
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
    assert_eq!(
        still.json["status"], "pending",
        "a malformed request cancels nothing"
    );
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
        assert!(
            spoken.text.contains("\"code\":\"body_too_large\""),
            "{}",
            spoken.text
        );
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
async fn pages_and_filters_outside_their_bounds_are_refused() {
    let app = TestApp::start().await;
    let malformed = |field| (400, "missing_field", vec![(field, "missing_field")]);
    let outside = |field| (422, "out_of_range", vec![(field, "out_of_range")]);
    let text = |field| (400, "wrong_type", vec![(field, "wrong_type")]);
    let both = vec![("page_size", "missing_field"), ("page_id", "missing_field")];
    let everywhere = [
        ("", (400, "missing_field", both)),
        ("page_id=1", malformed("page_size")),
        ("page_size=10", malformed("page_id")),
        ("page_id=0&page_size=10", outside("page_id")),
        ("page_id=-1&page_size=10", outside("page_id")),
        ("page_id=9999999999&page_size=10", outside("page_id")),
        ("page_id=1&page_size=0", outside("page_size")),
        ("page_id=1&page_size=101", outside("page_size")),
        ("page_id=one&page_size=10", text("page_id")),
        ("page_id=1&page_size=ten", text("page_size")),
        ("page_id=1.5&page_size=10", text("page_id")),
        ("page_id=&page_size=10", text("page_id")),
        (
            "page_id=1&page_size=99999999999999999999",
            text("page_size"),
        ),
        (
            "page_size=10&cursor=here",
            (400, "invalid_cursor", vec![("cursor", "invalid_cursor")]),
        ),
        (
            "page_size=10&cursor=",
            (400, "invalid_cursor", vec![("cursor", "invalid_cursor")]),
        ),
        (
            "page_size=101&page_id=x&cursor=y",
            (
                400,
                "invalid_cursor",
                vec![
                    ("page_size", "out_of_range"),
                    ("cursor", "invalid_cursor"),
                    ("page_id", "wrong_type"),
                ],
            ),
        ),
    ];
    let by_type = format!("{OFFERS}/type/SELL");
    let pending = format!("{ORDERS}/pending");
    for path in [ORDERS, &pending, OFFERS, &by_type] {
        for (query, (status, code, expected)) in &everywhere {
            let answer = app.get(&format!("{path}?{query}"), &app.customer).await;
            answer.problem_with(*status, code, expected);
        }
    }
    let filters = [
        (ORDERS, "order_type=BARTER", "invalid_value"),
        (ORDERS, "status=PENDING", "invalid_value"),
        (ORDERS, "customer_id=me", "invalid_uuid"),
        (ORDERS, "vendor_id=", "invalid_uuid"),
        (ORDERS, "created_from=today", "invalid_time"),
        (ORDERS, "created_to=2026-01-01", "invalid_time"),
        (&pending, "include=everything", "invalid_value"),
        (OFFERS, "status=open", "invalid_value"),
        (&by_type, "vendor_id=1", "invalid_uuid"),
    ];
    for (path, query, code) in filters {
        let answer = app
            .get(
                &format!("{path}?page_id=1&page_size=10&{query}"),
                &app.customer,
            )
            .await;
        let field = query.split('=').next().expect("a name");
        answer.problem_with(422, code, &[(field, code)]);
    }
    app.finish().await;
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_told_apart() {
    let app = TestApp::start().await;
    for path in [
        "/nothing",
        "/",
        "/api/v1/auth/nothing",
        "/api/v1/auth/orders/",
        "/api/v1/auth/order",
        "/api/v1/auth/orders/payment/x",
        "/api/v1/auth/offers/type/sell",
        "/api/v2/auth/orders",
        "/api/v1/auth/../../../etc/passwd",
        "/healthz/x",
    ] {
        app.get(path, &app.admin)
            .await
            .problem_with(404, "not_found", &[]);
    }
    let id = SELL_OFFER;
    for (path, allowed) in [
        (ORDERS.to_owned(), "GET, POST"),
        (format!("{ORDERS}/pending"), "GET"),
        (format!("/api/v1/auth/order/id/{id}/details"), "GET"),
        (format!("/api/v1/auth/order/id/{id}/events"), "GET"),
        (format!("/api/v1/auth/order/id/{id}/cancel"), "PUT"),
        (OFFERS.to_owned(), "GET, POST"),
        (format!("{OFFERS}/{id}"), "GET, PATCH"),
        (format!("{OFFERS}/type/SELL"), "GET"),
        (USERS.to_owned(), "POST"),
        ("/healthz".to_owned(), "GET"),
        ("/readyz".to_owned(), "GET"),
        ("/metrics".to_owned(), "GET"),
        ("/openapi.json".to_owned(), "GET"),
    ] {
        for method in [
            "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW",
        ] {
            if allowed.split(", ").any(|known| known == method) {
                continue;
            }
            let named = Method::from_bytes(method.as_bytes()).expect("a method");
            let answer = send(app.request(named, &path, &app.admin)).await;
            answer.problem_with(405, "method_not_allowed", &[]);
            assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn an_id_in_the_path_must_be_a_uuid() {
    let app = TestApp::start().await;
    let routes = [
        (Method::GET, "/api/v1/auth/order/id/{}/details"),
        (Method::GET, "/api/v1/auth/order/id/{}/events"),
        (Method::PUT, "/api/v1/auth/order/id/{}/cancel"),
        (Method::GET, "/api/v1/auth/offers/{}"),
        (Method::PATCH, "/api/v1/auth/offers/{}"),
    ];
    for (method, path) in routes {
        for id in [
            "x",
            "1",
            "%27%20OR%201=1--",
            "%00",
            "7c9a93117e7d47399abc34f7db00ff19",
            "7c9a9311-7e7d-4739-9abc-34f7db00ff1",
            "7c9a9311-7e7d-4739-9abc-34f7db00ff1g",
        ] {
            let mut request = app.request(method.clone(), &path.replace("{}", id), &app.admin);
            if method == Method::PATCH {
                request = request.json(&json!({}));
            }
            let answer = send(request).await;
            answer.problem_with(400, "invalid_uuid", &[("id", "invalid_uuid")]);
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn an_idempotency_key_is_short_and_visible() {
    let app = TestApp::start().await;
    let wrong: [&[u8]; 5] = [
        b"",
        &[b'k'; 129],
        b"two words",
        "ключ".as_bytes(),
        b"tab\there",
    ];
    for (path, body) in [(ORDERS, buy()), (OFFERS, offer()), (USERS, user("Zuri"))] {
        for key in wrong {
            let request = app.request(Method::POST, path, &app.admin);
            let answer = send(request.header("idempotency-key", key).json(&body)).await;
            let expected = [("Idempotency-Key", "invalid_idempotency_key")];
            answer.problem_with(400, "invalid_idempotency_key", &expected);
        }
        let request = app.request(Method::POST, path, &app.admin);
        let longest = "~".repeat(128);
        let answer = send(
            request
                .header("idempotency-key", longest.clone())
                .json(&body),
        )
        .await;
        // The last two use the same key for something else.
        assert_eq!(
            answer.status,
            if path == ORDERS { 201 } else { 422 },
            "{}",
            answer.text
        );
    }
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
        let names = [
            "page_id",
            "page_size",
            "cursor",
            "status",
            "order_type",
            "created_from",
            "x",
        ];
        for name in names {
            let mut query = form_urlencoded::Serializer::new(String::new());
            let query = query.append_pair(name, text).finish();
            let path = format!("{ORDERS}?{query}&page_id=1&page_size=10");
            let answer = app.get(&path, &app.admin).await;
            assert!(
                matches!(answer.status, 200 | 400 | 422),
                "{name}: {}",
                answer.text
            );
        }
    }
    let counts = "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM parties)
        + (SELECT count(*) FROM offers)";
    assert_eq!(
        app.sql.number(counts).await,
        7,
        "the demo parties and offers"
    );
    app.finish().await;
}
