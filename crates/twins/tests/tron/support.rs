//! A twin, a client and a wallet at one desk.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use time::macros::datetime;
use twins::tron::{Address, TronControl, TronOptions, TronTwin};

use crate::tron::wallet::{
    Contract, Raw, Sealed, account, seal, secret, sun_transfer, token_call, unhex,
};

pub(crate) const LIMIT: Duration = Duration::from_secs(20);
pub(crate) const TRX: i64 = 1_000_000;
/// What the desk's account has.
pub(crate) const FUNDS: i64 = 1_000 * TRX;
pub(crate) const UNITS: u128 = 1_000_000_000;
pub(crate) const FEE_LIMIT: i64 = 40 * TRX;

pub(crate) struct Desk {
    pub(crate) twin: TronTwin,
    pub(crate) client: Client,
}

/// Blocks by hand, from a fixed moment on.
pub(crate) fn still() -> TronOptions {
    let start = Some(datetime!(2026-11-21 09:00 UTC));
    TronOptions { start, history: 30, ..TronOptions::by_hand() }
}

/// The desk's own account.
pub(crate) fn own() -> Address {
    account(0)
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self::with(still()).await
    }

    /// A chain of 30 blocks, on which the desk's account has TRX and USDT.
    pub(crate) async fn with(options: TronOptions) -> Self {
        let twin = TronTwin::start(options).await.expect("a twin");
        let client = Client::builder().no_proxy().timeout(LIMIT).build().expect("a client");
        let desk = Self { twin, client };
        let control = desk.control();
        control.create_account(own(), FUNDS);
        control.fund_token(control.token_address(), own(), UNITS);
        desk
    }

    pub(crate) fn control(&self) -> TronControl {
        self.twin.control()
    }

    pub(crate) fn usdt(&self) -> Address {
        self.control().token_address()
    }

    pub(crate) async fn try_ask(
        &self,
        node: usize,
        path: &str,
        body: &Value,
    ) -> reqwest::Result<(u16, String)> {
        let url = format!("{}/{path}", self.twin.base_urls()[node]);
        let answer = self.client.post(url).json(body).send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    pub(crate) async fn ask_at(&self, node: usize, path: &str, body: &Value) -> Value {
        let (status, text) = self.try_ask(node, path, body).await.expect("an answer");
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    pub(crate) async fn ask(&self, path: &str, body: Value) -> Value {
        self.ask_at(0, path, &body).await
    }

    /// A transaction that refers to the solid block and lives for ten minutes.
    pub(crate) fn raw(&self, contract: Contract) -> Raw {
        let (head, solid) = (self.control().head(), self.control().solid());
        let id = unhex(&solid.id);
        Raw {
            ref_block_bytes: id[6..8].to_vec(),
            ref_block_hash: id[8..16].to_vec(),
            expiration: head.time_ms + 600_000,
            contract: vec![contract],
            timestamp: head.time_ms,
            fee_limit: FEE_LIMIT,
            ..Raw::default()
        }
    }

    pub(crate) fn transfer(&self, to: Address, units: u128) -> Raw {
        self.raw(token_call(own(), self.usdt(), to, units))
    }

    pub(crate) fn sealed_transfer(&self, to: Address, units: u128) -> Sealed {
        seal(&self.transfer(to, units), &secret(0))
    }

    pub(crate) fn sealed_sun(&self, to: Address, sun: i64) -> Sealed {
        seal(&Raw { fee_limit: 0, ..self.raw(sun_transfer(own(), to, sun)) }, &secret(0))
    }

    pub(crate) async fn send_at(&self, node: usize, sealed: &Sealed) -> Value {
        self.ask_at(node, "wallet/broadcasthex", &json!({ "transaction": sealed.hex })).await
    }

    pub(crate) async fn send(&self, sealed: &Sealed) -> Value {
        self.send_at(0, sealed).await
    }

    /// Sends it, and expects it to be taken.
    pub(crate) async fn pay(&self, sealed: &Sealed) {
        let answer = self.send(sealed).await;
        assert_eq!(answer["code"], "SUCCESS", "{answer}");
        assert_eq!(answer["txid"], sealed.txid.as_str());
    }

    /// The code of an answer to a broadcast.
    pub(crate) async fn code(&self, sealed: &Sealed) -> String {
        self.send(sealed).await["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn info(&self, sealed: &Sealed) -> Value {
        self.ask("wallet/gettransactioninfobyid", json!({ "value": sealed.txid })).await
    }

    /// The receipt's word on a transaction of the next block.
    pub(crate) async fn result(&self, sealed: &Sealed) -> String {
        self.control().produce_block();
        let info = self.info(sealed).await;
        info["receipt"]["result"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn constant(&self, selector: &str, parameter: &str) -> Value {
        let body = json!({
            "owner_address": own().hex(),
            "contract_address": self.usdt().hex(),
            "function_selector": selector,
            "parameter": parameter,
        });
        self.ask("wallet/triggerconstantcontract", body).await
    }
}

/// An address as a word of the ABI.
pub(crate) fn word(address: Address) -> String {
    format!("{:0>64}", &address.hex()[2..])
}
