//! Values that are fine and do not fit each other, the offer or the rail.

use e2e::{
    ADMIN, BUY_OFFER, BUYING_VENDOR, SELL_OFFER, TestApp, VENDOR, buy, buy_of, offer, sell, user,
    with,
};
use serde_json::{Value, json};

use crate::bad_input::{OFFERS, ORDERS, UNKNOWN, USERS, orders, refuses, rule, said};

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
async fn an_offer_must_be_there_the_vendors_and_of_the_right_side() {
    let app = TestApp::start().await;
    let cases = [
        said("offer_id", UNKNOWN, "offer_not_found"),
        said("vendor_id", BUYING_VENDOR, "offer_vendor_mismatch"),
        said("vendor_id", UNKNOWN, "offer_vendor_mismatch"),
        said("asset", "USDC", "asset_mismatch"),
        said("asset", "DOGE", "invalid_value"),
        said("fiat_currency", "USD", "invalid_value"),
        said("payment_method", "card", "invalid_value"),
        said("order_type", "BARTER", "invalid_value"),
        said("order_type", "ON_RAMP_SELL", "unsupported_order_type"),
        said("payout_phone", "254727648169", "payout_phone_not_allowed"),
        said("customer_id", UNKNOWN, "customer_not_provisioned"),
        rule(json!({ "customer_id": VENDOR }), "self_trade", "vendor_id"),
        said("offer_id", "7c9a93117e7d47399abc34f7db00ff19", "invalid_uuid"),
        said("vendor_id", "the vendor", "invalid_uuid"),
    ];
    refuses(&app, &app.admin, ORDERS, &buy(), &cases).await;
    let cases = [
        rule(json!({ "payout_phone": null }), "payout_phone_required", "payout_phone"),
        said("order_type", "OFF_RAMP_BUY", "unsupported_order_type"),
    ];
    refuses(&app, &app.admin, ORDERS, &sell(), &cases).await;
    let wrong_side =
        json!({ "offer_id": BUY_OFFER, "vendor_id": BUYING_VENDOR, "fiat_amount": "169200.00" });
    let cases = [rule(wrong_side, "offer_type_mismatch", "offer_id")];
    refuses(&app, &app.customer, ORDERS, &buy(), &cases).await;
    // Whoever asks hears the same: nobody may place these yet.
    let vendors = with(buy(), &json!({ "order_type": "ON_RAMP_SELL" }));
    let own = with(vendors.clone(), &json!({ "customer_id": VENDOR, "vendor_id": BUYING_VENDOR }));
    for token in [&app.vendor, &app.buying_vendor, &app.customer, &app.seller, &app.admin] {
        for body in [&vendors, &own] {
            let answer = app.post(ORDERS, token, body).await;
            let expected = [("order_type", "unsupported_order_type")];
            answer.problem_with(422, "unsupported_order_type", &expected);
        }
    }
    assert_eq!(orders(&app).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn an_offer_must_be_active_and_its_coin_at_home_on_the_network() {
    let app = TestApp::start().await;
    let inactive = publish(&app, &json!({})).await;
    let path = format!("{OFFERS}/{inactive}");
    let rest = json!({ "status": "inactive" });
    app.patch(&path, &app.vendor, &rest).await.expect(200);
    let usdc = publish(&app, &json!({ "asset": "USDC" })).await;
    let cases = [rule(json!({}), "offer_inactive", "offer_id")];
    refuses(&app, &app.customer, ORDERS, &buy_of(&inactive), &cases).await;
    let cases = [rule(json!({}), "asset_not_on_network", "wallet_address")];
    refuses(&app, &app.customer, ORDERS, &buy_of(&usdc), &cases).await;
    assert_eq!(orders(&app).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn an_exhausted_offer_is_a_conflict() {
    let app = TestApp::start().await;
    let id = publish(&app, &json!({})).await;
    app.place(&app.customer, &on_offer(buy(), &id, "9.5", "1387")).await;
    let cases = [(json!({}), 409, "insufficient_liquidity", "crypto_amount")];
    refuses(&app, &app.customer, ORDERS, &buy_of(&id), &cases).await;
    app.finish().await;
}

#[tokio::test]
async fn offers_that_cannot_be_are_refused() {
    let app = TestApp::start().await;
    let cases = [
        said("min_order", "11", "limits_crossed"),
        said("available_amount", "10.00000001", "above_whole"),
        said("rate", "146.001", "invalid_amount"),
        said("rate", "0", "invalid_amount"),
        said("rate", "-146", "invalid_amount"),
        said("rate", "1000000", "invalid_amount"),
        (json!({ "rate": 146 }), 400, "wrong_type", "rate"),
        said("crypto_amount", "0", "invalid_amount"),
        said("min_order", "0", "invalid_amount"),
        said("available_amount", "-1", "invalid_amount"),
        said("offer_type", "sell", "invalid_value"),
        said("asset", "BTC", "invalid_value"),
        said("fiat_currency", "kes", "invalid_value"),
        said("description", "x".repeat(1001), "invalid_text"),
        said("description", "a\u{0}b", "invalid_text"),
        said("usdt_amount", "11", "amounts_differ"),
        said("vendor_id", UNKNOWN, "vendor_not_provisioned"),
        said("vendor_id", ADMIN, "vendor_not_provisioned"),
    ];
    refuses(&app, &app.admin, OFFERS, &offer(), &cases).await;
    let id = publish(&app, &json!({})).await;
    for (change, code, field) in [
        (json!({ "available_amount": "10.1" }), "above_whole", "available_amount"),
        (json!({ "min_order": "10.1" }), "limits_crossed", "min_order"),
        (json!({ "rate": "0.00" }), "invalid_amount", "rate"),
        (json!({ "status": "gone" }), "invalid_value", "status"),
    ] {
        let answer = app.patch(&format!("{OFFERS}/{id}"), &app.vendor, &change).await;
        answer.problem_with(422, code, &[(field, code)]);
    }
    app.finish().await;
}

#[tokio::test]
async fn parties_that_cannot_be_are_refused() {
    let app = TestApp::start().await;
    let mut cases = vec![
        said("role", "Customer", "invalid_value"),
        said("role", "root", "invalid_value"),
        said("first_name", "", "invalid_name"),
        said("first_name", " \t", "invalid_name"),
        said("last_name", "x".repeat(101), "invalid_name"),
        said("last_name", "a\u{0}b", "invalid_name"),
        said("id", "me", "invalid_uuid"),
    ];
    for email in ["amina", "@example.com", "a@b", "a b@example.com", "a@b@c.d", ""] {
        cases.push(said("email", email, "invalid_email"));
    }
    refuses(&app, &app.admin, USERS, &user("Zuri"), &cases).await;
    for (change, code) in [
        (json!({ "id": VENDOR }), "party_exists"),
        (json!({ "email": "AMINA@example.com" }), "email_taken"),
    ] {
        let answer = app.post(USERS, &app.admin, &with(user("Zuri"), &change)).await;
        answer.problem_with(409, code, &[]);
    }
    app.finish().await;
}
