//! Bodies that work as they are printed where the demo data is loaded, each with the token that it needs.

use serde_json::{Value, json};

use crate::demo::{BUY_OFFER, BUYING_VENDOR, CUSTOMER, SELL_OFFER, SELLER, VENDOR};

const WALLET: &str = "TPY7ewYk2eY9b4TTYkCHJH3Cqudh3NU6tM";

/// An operation, and its examples: name, who sends it, the body.
type Examples = (&'static str, Vec<(&'static str, &'static str, Value)>);

fn all() -> [Examples; 5] {
    [
        ("create_order", vec![("buy", "the demo customer", buy()), ("sell", "Brian", sell())]),
        ("create_offer", vec![("offer", "the demo vendor", offer())]),
        ("amend_offer", vec![("terms", "the demo vendor", json!({ "status": "active" }))]),
        ("provision_user", vec![("customer", "the demo admin", user())]),
        ("cancel_order", vec![("reason", "the order's party", json!({ "reason": "mistaken" }))]),
    ]
}

fn buy() -> Value {
    json!({
        "customer_id": CUSTOMER,
        "vendor_id": VENDOR,
        "offer_id": SELL_OFFER,
        "crypto_amount": "1200.00",
        "fiat_amount": "175200.00",
        "fiat_currency": "KES",
        "wallet_address": WALLET,
        "payment_method": "mpesa",
        "order_type": "ON_RAMP_BUY",
    })
}

fn sell() -> Value {
    json!({
        "customer_id": SELLER,
        "vendor_id": BUYING_VENDOR,
        "offer_id": BUY_OFFER,
        "crypto_amount": "799.99",
        "fiat_amount": "112798.59",
        "fiat_currency": "KES",
        "wallet_address": WALLET,
        "payment_method": "mpesa",
        "payout_phone": "254712345678",
        "order_type": "OFF_RAMP_SELL",
    })
}

fn offer() -> Value {
    json!({
        "vendor_id": VENDOR,
        "offer_type": "SELL",
        "asset": "USDT",
        "crypto_amount": "5000.00",
        "rate": "146.00",
        "fiat_currency": "KES",
        "min_order": "1.00",
        "max_order": "1700.00",
        "description": "USDT by M-Pesa",
    })
}

fn user() -> Value {
    json!({
        "role": "customer",
        "email": "zuri@example.com",
        "phone_number": "+254712345679",
        "first_name": "Zuri",
        "last_name": "Mwangi",
    })
}

pub(super) fn add(document: &mut Value) {
    for (operation_id, examples) in all() {
        let Some(operation) = operation(document, operation_id) else { continue };
        let body = operation.pointer_mut("/requestBody/content/application~1json");
        let Some(body) = body else { continue };
        for (name, sender, value) in examples {
            let summary = format!("{name}, with the token of {sender}");
            body["examples"][name] = json!({ "summary": summary, "value": value });
        }
    }
}

fn operation<'a>(document: &'a mut Value, id: &str) -> Option<&'a mut Value> {
    let paths = document["paths"].as_object_mut()?;
    let items = paths.values_mut().filter_map(Value::as_object_mut);
    items.flat_map(serde_json::Map::values_mut).find(|operation| operation["operationId"] == id)
}
