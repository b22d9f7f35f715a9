//! The two trades, as a client makes them: place, pay or deposit, and follow the status.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use domain::address::Network;
use domain::offer::Asset;
use serde_json::{Value, json};
use tokio::time::interval;

use super::Story;
use super::client::Client;
use crate::demo;
use crate::twin_wallet::{Coin, TwinWallet};

/// A buy: shillings by M-Pesa, coin to the wallet.
pub(super) async fn buy(story: Story, client: &Client, network: Network) -> Result<()> {
    let order = client.post("/orders", &json!({
        "customer_id": demo::CUSTOMER, "vendor_id": demo::VENDOR, "offer_id": demo::SELL_OFFER,
        "usdt_amount": "100.00", "fiat_amount": "14600.00", "fiat_currency": "KES",
        "wallet_address": TwinWallet::address(network), "payment_method": "mpesa", "order_type": "ON_RAMP_BUY",
    })).await?;
    let id = text(&order, "/id")?;
    story.tell("amina", format!("buys 100 USDT for 14600 KES: POST /orders → 201, {id}"));
    let payment = json!({ "order_id": id, "phone_number": "254727648169" });
    client.post("/orders/payment", &payment).await?;
    story.tell("amina", "asks for the M-Pesa prompt: POST /orders/payment → her phone rings");
    follow(story, client, "amina", &id).await
}

/// A sell: coin to the escrow address, shillings to the phone. Answers the escrow address.
pub(super) async fn sell(
    story: Story,
    client: &Client,
    coins: &TwinWallet,
    network: Network,
) -> Result<String> {
    let order = client.post("/orders", &json!({
        "customer_id": demo::SELLER, "vendor_id": demo::BUYING_VENDOR, "offer_id": demo::BUY_OFFER,
        "usdt_amount": "79.99", "fiat_amount": "11278.59", "fiat_currency": "KES",
        "wallet_address": TwinWallet::address(network), "payment_method": "mpesa", "order_type": "OFF_RAMP_SELL",
        "payout_phone": "254712345678",
    })).await?;
    let id = text(&order, "/id")?;
    let escrow = text(&order, "/escrow_wallet_address/String")?;
    story.tell("brian", format!("sells 79.99 USDT for 11278.59 KES: POST /orders → 201, {id}"));
    let hash = coins.send(Coin::Token(Asset::Usdt), &escrow, 79_990_000).await?;
    story.tell("brian", format!("sends 79.99 USDT to {escrow}: {hash}"));
    follow(story, client, "brian", &id).await?;
    let deposits = client.get(&format!("/order/id/{id}/deposits")).await?;
    let explanation = text(&deposits, "/0/explanation")?;
    story.tell(
        "brian",
        format!("his deposit: {} ({explanation})", text(&deposits, "/0/disposition")?),
    );
    Ok(escrow)
}

/// Prints every new thing that the order says of itself, to its end.
async fn follow(story: Story, client: &Client, who: &str, id: &str) -> Result<()> {
    let (mut beat, mut said) = (interval(Duration::from_millis(100)), Vec::<String>::new());
    loop {
        beat.tick().await;
        let order = client.get(&format!("/order/id/{id}/details")).await?;
        for line in lines(&order) {
            if !said.contains(&line) {
                story.tell(who, format!("sees {line}"));
                said.push(line);
            }
        }
        match order["status"].as_str() {
            Some("completed") => return Ok(()),
            Some("failed" | "cancelled") => bail!("the order ended otherwise: {order}"),
            _ => {}
        }
    }
}

/// The status with what is waited for, and every receipt and hash.
fn lines(order: &Value) -> Vec<String> {
    let status = order["status"].as_str().unwrap_or("?");
    let mut lines = vec![match order["waiting_for"]["what"].as_str() {
        Some(what) => {
            format!(
                "{status}: waits for {} to {what}",
                order["waiting_for"]["actor"].as_str().unwrap_or("?")
            )
        }
        None => status.to_owned(),
    }];
    let facts = [
        ("M-Pesa receipt", "/mpesa_receipt_number"),
        ("M-Pesa reference", "/payment_txn_id"),
        ("deposit", "/deposit_tx_hash"),
        ("delivery", "/blockchain_txn_hash"),
    ];
    for (what, field) in facts {
        let value = order.pointer(&format!("{field}/String")).and_then(Value::as_str);
        lines.extend(value.filter(|v| !v.is_empty()).map(|value| format!("{what} {value}")));
    }
    lines
}

fn text(value: &Value, pointer: &str) -> Result<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).with_context(|| format!("{pointer} is missing in {value}"))
}
