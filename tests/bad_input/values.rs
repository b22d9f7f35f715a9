//! Single values: addresses, phones, amounts, statuses, dates.

use e2e::{TestApp, buy, now, sell, user, with};
use serde_json::json;
use std::collections::BTreeSet;
use time::format_description::well_known::Rfc3339;

use crate::bad_input::{Case, ORDERS, USERS, refuses, rule};

fn in_days(days: i64) -> String {
    let then = now() + time::Duration::days(days);
    then.format(&Rfc3339).expect("a time")
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
    ];
    let mut reasons = BTreeSet::new();
    for wallet in broken {
        let body = with(buy(), &json!({ "wallet_address": wallet }));
        let answer = app.post(ORDERS, &app.customer, &body).await;
        answer.problem_with(422, "invalid_address", &[("wallet_address", "invalid_address")]);
        reasons.insert(answer.json["errors"][0]["message"].to_string());
    }
    assert_eq!(reasons.len(), broken.len(), "{reasons:?}");
    let further: Vec<Case> = [
        "x",
        "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU",
        "EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N",
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
        assert!(answer.text_of("detail").contains("254XXXXXXXXX"), "{}", answer.text);
    }
    for phone in ["254727648169", "+25472764816", "0727648169", "+44727648169", "+"] {
        let body = with(user("Zuri"), &json!({ "phone_number": phone }));
        let answer = app.post(USERS, &app.admin, &body).await;
        answer.problem_with(422, "invalid_phone", &[("phone_number", "invalid_phone")]);
        assert!(answer.text_of("detail").contains("+254XXXXXXXXX"), "{}", answer.text);
    }
    app.finish().await;
}

#[tokio::test]
async fn amounts_are_plain_positive_decimals_of_bounded_length() {
    let app = TestApp::start().await;
    let amount =
        |field: &'static str, text: &str| (json!({ field: text }), 422, "invalid_amount", field);
    let mut cases = vec![];
    for text in ["0", "0.00", "-1", "-0", "1e3", "1,200", " 1", "+1", ".5", "1.", "", "NaN", "0x1"]
    {
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
    let answer = app.post(ORDERS, &app.customer, &with(buy(), &longest)).await;
    answer.problem_with(422, "amount_outside_offer_limits", &expected);
    let differing = json!({ "crypto_amount": "1200.00000001" });
    let cases = [(differing, 422, "amounts_differ", "usdt_amount")];
    refuses(&app, &app.customer, ORDERS, &buy(), &cases).await;
    app.place(&app.customer, &with(buy(), &json!({ "crypto_amount": "1200" }))).await;
    app.finish().await;
}

#[tokio::test]
async fn a_status_that_is_not_the_initial_one_is_refused() {
    let app = TestApp::start().await;
    let refused = |status: &str| {
        let change = json!({ "status": status });
        (change, 422, "status_not_initial", "status")
    };
    let later = ["processing", "confirming", "completed", "cancelled", "failed"];
    let mut on_ramp: Vec<Case> = later.map(refused).into();
    on_ramp.push(refused("awaiting_crypto"));
    on_ramp.push(rule(json!({ "status": "PENDING" }), "invalid_value", "status"));
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
        at("9999-12-31T23:59:59-01:00", "invalid_time"),
        at("9999-12-31T23:59:59.999999999-23:59", "invalid_time"),
        at("0000-01-01T00:00:00Z", "invalid_time"),
        at("0001-01-01T00:00:00+23:59", "invalid_time"),
        at("2027-06-30T23:59:60Z", "invalid_time"),
        at("٢٠٢٧-01-31T23:59:59Z", "invalid_time"),
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
