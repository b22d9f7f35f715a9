//! Customers of both kinds on both chains, well-behaved and not. Every order has a wallet of its own, so that
//! what reached it can be told apart.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use api_actix::auth::local_token;
use domain::address::Network;
use e2e::{CUSTOMER, Role, SELLER, buy, now, sell, with};
use futures_util::stream::{self, StreamExt as _};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use twins::daraja::{Behaviour, Payer};
use uuid::Uuid;

use crate::site::{NETWORKS, Site};

/// How long a request is repeated under its key before its customer gives up.
const PATIENCE: Duration = Duration::from_secs(10);
/// Seconds that an order is open.
const TTL: i64 = 20;

pub(crate) struct Customers<'a> {
    site: &'a Site,
    client: Client,
    url: String,
    buyer: String,
    seller: String,
    next: AtomicU32,
    /// One deposit at a time: whoever sends shares an account of the node's.
    sending: tokio::sync::Mutex<()>,
    /// What the service has refused, by code.
    refused: Mutex<BTreeMap<String, u64>>,
}

/// The wallet of an order.
pub(crate) fn wallet(network: Network, number: u32) -> String {
    match network {
        Network::Ethereum => format!("0xbeef{number:036x}"),
        Network::Tron => {
            let mut account = [0xBE; 20];
            account[16..].copy_from_slice(&number.to_be_bytes());
            twins::tron::Address::new(account).to_string()
        }
    }
}

impl<'a> Customers<'a> {
    pub(crate) fn new(site: &'a Site, url: &str) -> Result<Self> {
        let settings = site.stage().settings(&site.database)?;
        let token = |id: e2e::PartyId| {
            local_token(&settings, Role::Customer, id.0, now(), time::Duration::DAY)
        };
        Ok(Self {
            site,
            client: Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?,
            url: url.to_owned(),
            buyer: token(CUSTOMER)?,
            seller: token(SELLER)?,
            next: AtomicU32::new(0),
            sending: tokio::sync::Mutex::default(),
            refused: Mutex::default(),
        })
    }

    /// So many customers at once, one order after the other, until then.
    pub(crate) async fn trade(&self, at_once: u32, until: Instant) {
        let customers = stream::iter(0..at_once).for_each_concurrent(None, async |_| {
            while Instant::now() < until {
                let number = self.next.fetch_add(1, Ordering::Relaxed);
                let network = NETWORKS[usize::from(number % 2 == 1)];
                if (number / 2).is_multiple_of(2) {
                    Box::pin(self.buy(number, network)).await;
                } else {
                    Box::pin(self.sell(number, network)).await;
                }
            }
        });
        customers.await;
    }

    pub(crate) fn refused(&self) -> BTreeMap<String, u64> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn buy(&self, number: u32, network: Network) {
        let phone = format!("2547{:08}", 20_000_000 + number);
        let behaviour = match number / 4 % 10 {
            0 => Behaviour::Cancel,
            1 => Behaviour::WrongPin,
            2 => Behaviour::Ignore,
            3 => Behaviour::Busy,
            _ => Behaviour::Approve,
        };
        self.site.rail.control().set_payer(&phone, Payer::new(behaviour));
        let changes = json!({
            "usdt_amount": coins(number), "fiat_amount": "146.00",
            "wallet_address": wallet(network, number), "expires_at": deadline(),
        });
        let Some(order) = self.place(&self.buyer, &with(buy(), &changes)).await else { return };
        match number / 4 % 20 {
            18 => return,
            19 => return self.cancel(&self.buyer, &order).await,
            _ => {}
        }
        for _ in 0..3 {
            let body = json!({ "order_id": order["id"], "phone_number": phone });
            self.post("orders/payment", &self.buyer, &body).await;
            pause(3).await;
            if self.status(&self.buyer, &order).await != "pending" {
                return;
            }
        }
        self.cancel(&self.buyer, &order).await;
    }

    async fn sell(&self, number: u32, network: Network) {
        let phone = format!("2547{:08}", 40_000_000 + number);
        let changes = json!({
            "usdt_amount": coins(number), "fiat_amount": "141.00", "payout_phone": phone,
            "wallet_address": wallet(network, number), "expires_at": deadline(),
        });
        let Some(order) = self.place(&self.seller, &with(sell(), &changes)).await else { return };
        let Some(escrow) = order["escrow_wallet_address"]["String"].as_str() else { return };
        let due = units(number);
        match number / 4 % 10 {
            0 => self.send(network, escrow, due / 2).await,
            1 => self.send(network, escrow, due * 2).await,
            2 => {
                self.send(network, escrow, due).await;
                self.send(network, escrow, due).await;
            }
            3 => {
                self.send(network, escrow, due / 2).await;
                pause(2).await;
                self.send(network, escrow, due - due / 2).await;
            }
            4 => {
                pause(u64::try_from(TTL).unwrap_or_default() + 1).await;
                self.send(network, escrow, due).await;
            }
            5 => self.cancel(&self.seller, &order).await,
            6 => {
                self.cancel(&self.seller, &order).await;
                self.send(network, escrow, due).await;
            }
            7 => {}
            _ => self.send(network, escrow, due).await,
        }
        pause(1).await;
    }

    async fn send(&self, network: Network, to: &str, units: u128) {
        let _alone = self.sending.lock().await;
        self.site.coins(network).send(to, units).await;
    }

    async fn place(&self, token: &str, body: &Value) -> Option<Value> {
        self.post("orders", token, body).await
    }

    async fn cancel(&self, token: &str, order: &Value) {
        let id = order["id"].as_str().unwrap_or_default();
        let url = format!("{}/api/v1/auth/order/id/{id}/cancel", self.url);
        self.ask(self.client.put(url).bearer_auth(token)).await;
    }

    async fn status(&self, token: &str, order: &Value) -> String {
        let id = order["id"].as_str().unwrap_or_default();
        let url = format!("{}/api/v1/auth/order/id/{id}/details", self.url);
        let answer = self.ask(self.client.get(url).bearer_auth(token)).await.unwrap_or_default();
        answer["status"].as_str().unwrap_or_default().to_owned()
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Option<Value> {
        let url = format!("{}/api/v1/auth/{path}", self.url);
        let request = self.client.post(url).bearer_auth(token).json(body);
        self.ask(request.header("Idempotency-Key", Uuid::now_v7().to_string())).await
    }

    /// Asks until there is an answer: the same key is the same request.
    async fn ask(&self, request: RequestBuilder) -> Option<Value> {
        let deadline = Instant::now() + PATIENCE;
        let mut beat = tokio::time::interval(Duration::from_millis(300));
        loop {
            beat.tick().await;
            let sent = request.try_clone()?.send().await;
            let code = match sent {
                Err(error) => {
                    format!("no answer: {}", if error.is_timeout() { "late" } else { "closed" })
                }
                Ok(response) => {
                    let status = response.status();
                    let answer: Value = response.json().await.unwrap_or_default();
                    if status.is_success() {
                        return Some(answer);
                    }
                    let code = answer["code"].as_str().unwrap_or("no problem");
                    format!("{} {code}", status.as_u16())
                }
            };
            let is_over = code.starts_with('4') || Instant::now() > deadline;
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            *refused.entry(code).or_default() += 1;
            if is_over {
                return None;
            }
        }
    }
}

/// Units of the chain that an order of this number is about.
pub(crate) fn units(number: u32) -> u128 {
    1_000_000 + u128::from(number % 4_000)
}

fn coins(number: u32) -> String {
    format!("1.{:06}", number % 4_000)
}

fn deadline() -> String {
    let at = now() + time::Duration::seconds(TTL);
    at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

async fn pause(seconds: u64) {
    let mut beat = tokio::time::interval(Duration::from_secs(seconds));
    beat.tick().await;
    beat.tick().await;
}
