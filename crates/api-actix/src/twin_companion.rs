//! What stands beside the twin of M-Pesa on its control port: the orders that prompts and deposits
//! belong to, and customers' wallets on the chains that we play ourselves. For one's own machine only.

use anyhow::{Context, Result};
use domain::access::Visibility;
use domain::address::Network;
use domain::ids::OrderId;
use domain::money::Crypto;
use domain::ports::{OrderFilter, PageRequest, Start};
use domain::service::Engine;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::json;
use twins::daraja::{Companion, Said};
use uuid::Uuid;

use crate::chains::ChainTwins;
use crate::dto::nulls::Nulls;
use crate::dto::order::OrderBody;
use crate::twin_wallet::{Coin, TwinWallet};

/// The newest orders are shown.
const SHOWN: u8 = 50;
/// 10⁻⁸ in the 10⁻⁶ that chains move.
const MINOR_PER_UNIT: i64 = 100;

#[derive(Debug)]
pub struct TwinCompanion {
    engine: Engine,
    wallets: Vec<TwinWallet>,
}

/// A deposit for an order: as much as it waits for, unless said otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deposit {
    order: Uuid,
    #[serde(default)]
    amount: Option<String>,
    #[serde(default)]
    token: Option<String>,
}

impl TwinCompanion {
    pub fn new(engine: Engine, twins: &ChainTwins) -> Self {
        let networks = [Network::Tron, Network::Ethereum];
        let wallets = networks.into_iter().filter_map(|one| TwinWallet::on(one, twins).ok());
        Self { engine, wallets: wallets.collect() }
    }

    async fn orders(&self) -> Result<String> {
        let page = PageRequest { start: Start::Offset(0), size: SHOWN };
        let filter = OrderFilter::default();
        let orders = self.engine.store.list_orders(Visibility::All, &filter, page).await?.rows;
        let shown: Vec<_> =
            orders.iter().map(|order| OrderBody::new(order, Nulls::Plain)).collect();
        Ok(serde_json::to_string(&shown)?)
    }

    async fn deposit(&self, body: &str) -> Result<String> {
        let asked: Deposit = serde_json::from_str(body)?;
        let found = self.engine.store.find_details(Visibility::All, OrderId(asked.order)).await?;
        let order = found.context("there is no such order")?.order;
        let escrow = order.escrow.as_ref().context("this order awaits no coin: it is a buy")?;
        let to = escrow.address.as_str();
        let coin = asked.token.as_deref().map(str::parse::<Coin>).transpose();
        let coin: Coin = coin.map_err(anyhow::Error::msg)?.unwrap_or(Coin::Token(order.asset));
        let amount = match &asked.amount {
            Some(text) => Crypto::parse_positive(text).with_context(|| format!("amount {text}"))?,
            None => order.deposit_due(),
        };
        let units = u128::try_from(amount.minor() / MINOR_PER_UNIT)?;
        let hash = self.wallet(escrow.address.network())?.send(coin, to, units).await?;
        let said = json!({ "hash": hash, "to": to, "units": units.to_string() });
        Ok(said.to_string())
    }

    fn wallet(&self, network: Network) -> Result<&TwinWallet> {
        let of = self.wallets.iter().find(|one| one.network() == network);
        of.with_context(|| format!("{} is not played by a twin here", network.as_str()))
    }
}

impl Companion for TwinCompanion {
    fn answer<'a>(&'a self, method: &'a str, path: &'a str, body: &'a str) -> BoxFuture<'a, Said> {
        Box::pin(async move {
            let said = match (method, path) {
                ("GET", "/orders") => self.orders().await,
                ("POST", "/deposits") => self.deposit(body).await,
                _ => return None,
            };
            Some(match said {
                Ok(json) => (200, json),
                Err(error) => (400, json!({ "error": format!("{error:#}") }).to_string()),
            })
        })
    }
}
