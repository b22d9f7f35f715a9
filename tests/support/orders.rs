//! Request bodies: the seeds' own, and how to vary them.

use domain::testing::samples::{
    BUY_OFFER, BUYING_VENDOR, CUSTOMER, SELL_OFFER, SELLER, TRON_WALLET, VENDOR,
};
use serde_json::{Value, json};

/// The on-ramp order of the seeds: 1200 USDT at 146.00.
pub fn buy() -> Value {
    json!({
        "customer_id": CUSTOMER,
        "vendor_id": VENDOR,
        "offer_id": SELL_OFFER,
        "usdt_amount": "1200.00",
        "fiat_amount": "175200.00",
        "fiat_currency": "KES",
        "wallet_address": TRON_WALLET,
        "payment_method": "mpesa",
        "order_type": "ON_RAMP_BUY",
    })
}

/// The off-ramp order of the seeds: 799.99 USDT at 141.00.
pub fn sell() -> Value {
    let off_ramp = json!({
        "customer_id": SELLER,
        "vendor_id": BUYING_VENDOR,
        "offer_id": BUY_OFFER,
        "usdt_amount": "799.99",
        "fiat_amount": "112798.59",
        "payout_phone": "254727648169",
        "order_type": "OFF_RAMP_SELL",
    });
    with(buy(), &off_ramp)
}

/// One coin of an offer at 146.00, small enough for any number of them.
pub fn buy_of(offer_id: &str) -> Value {
    with(buy(), &json!({ "offer_id": offer_id, "usdt_amount": "1", "fiat_amount": "146.00" }))
}

/// An offer of the demo vendor that sells 10 coins.
pub fn offer() -> Value {
    json!({
        "vendor_id": VENDOR,
        "offer_type": "SELL",
        "asset": "USDT",
        "crypto_amount": "10",
        "rate": "146.00",
        "fiat_currency": "KES",
        "min_order": "1",
        "max_order": "10",
        "description": "ten coins",
    })
}

/// A new customer; `name` tells customers apart.
pub fn user(name: &str) -> Value {
    json!({
        "role": "customer",
        "email": format!("{name}@example.com"),
        "phone_number": "+254712345679",
        "first_name": name,
        "last_name": "Mwangi",
    })
}

/// `body` with these members set; null takes one away.
#[must_use]
pub fn with(mut body: Value, changes: &Value) -> Value {
    let object = body.as_object_mut().expect("bodies are objects");
    for (name, value) in changes.as_object().expect("changes are objects") {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    body
}
