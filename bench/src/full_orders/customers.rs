//! Customers of both kinds: every other order buys, the others sell.

use crate::customers::{Custom, FIRST_PHONE, Street, body};
use crate::world::{BUY_OFFER_PREFIX, COINS, RATE, WALLET};
use anyhow::{Context, Result};
use serde_json::Value;
use std::time::Duration;
use twins::tron::TronControl;

#[derive(Debug)]
pub(super) struct Traders {
    /// Where those who sell send their coin.
    pub(super) chain: TronControl,
}

impl Custom for Traders {
    const DONE: &'static str = "state = 'completed'";
    const PATIENCE: Duration = Duration::from_mins(1);

    async fn order(&self, street: &Street, n: i64) -> Result<()> {
        if n % 2 == 0 { street.buy(n).await.map(drop) } else { self.sell(street, n).await }
    }
}

impl Traders {
    async fn sell(&self, street: &Street, n: i64) -> Result<()> {
        let placed = street.place(n, sell_body(n)?).await?;
        let escrow = placed.answer["escrow_wallet_address"]["String"].as_str();
        let escrow = escrow.context("an order to sell without an address")?;
        let units = u128::try_from(COINS)? * 1_000_000;
        self.chain.transfer(WALLET.parse()?, escrow.parse()?, units);
        placed.ends().await
    }
}

/// Sells as much as the others buy, to an offer that buys.
fn sell_body(n: i64) -> Result<String> {
    let mut body: Value = serde_json::from_str(&body(n, BUY_OFFER_PREFIX))?;
    body["order_type"] = "OFF_RAMP_SELL".into();
    body["fiat_amount"] = format!("{}.00", COINS * RATE).into();
    body["payout_phone"] = (FIRST_PHONE + n).to_string().into();
    Ok(body.to_string())
}
