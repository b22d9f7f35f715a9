//! A simulated chain with the adapter before it. Nothing here asserts what the adapter does.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use adapters_chain::tron::{Timeouts, Tron, TronConfig, transaction};
use adapters_chain::{XpubBook, test_keys};
use alloy::primitives::{B256, hex};
use alloy::signers::SignerSync as _;
use alloy::signers::local::coins_bip39::English;
use alloy::signers::local::{MnemonicBuilder, PrivateKeySigner};
use async_trait::async_trait;
use domain::address::{AddressBook as _, Network};
use domain::chain::transfer::{Attempt, AttemptState, Plan, Purpose, Signed, Terms, Wallet};
use domain::chain::{Scan, Sighting, Value, from_chain_units};
use domain::ids::{OrderId, time_ordered};
use domain::offer::Asset;
use domain::ports::{
    ChainSender as _, ChainSource as _, SendHint, SourceError, StoreError, WatchList,
};
use time::OffsetDateTime;
use time::macros::datetime;
use twins::tron::{Address, Endpoint, Fault, FaultKind, TronControl, TronOptions, TronTwin};

/// One dollar, as the chain counts.
pub(crate) const UNIT: u64 = 1_000_000;
pub(crate) const TRX: u64 = 1_000_000;
/// The mnemonic that the test keys of the address book are from.
const WORDS: &str = "test test test test test test test test test test test junk";
const HOT: u32 = 900;

/// Those of ours, and what was asked.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    ours: HashSet<String>,
    pub(crate) asked: Mutex<Vec<Vec<String>>>,
}

#[async_trait]
impl WatchList for Watch {
    async fn ours(
        &self,
        network: Network,
        addresses: &[String],
    ) -> Result<HashSet<String>, StoreError> {
        assert_eq!(network, Network::Tron);
        self.asked.lock().expect("a fixture").push(addresses.to_vec());
        Ok(addresses.iter().filter(|address| self.ours.contains(*address)).cloned().collect())
    }
}

/// The hot wallet and the first escrow addresses.
pub(crate) fn watch() -> Watch {
    Watch { ours: (0..10).map(escrow).chain([hot()]).collect(), asked: Mutex::default() }
}

pub(crate) struct World {
    pub(crate) twin: TronTwin,
    pub(crate) control: TronControl,
    pub(crate) tron: Tron,
}

/// Blocks by hand, from a fixed moment on.
fn still(nodes: usize) -> TronOptions {
    let start = Some(datetime!(2026-11-21 09:00 UTC));
    TronOptions { start, nodes, ..TronOptions::by_hand() }
}

pub(crate) fn book() -> XpubBook {
    XpubBook::try_new(test_keys::TRON_XPUB, test_keys::ETHEREUM_XPUB).expect("a fixture")
}

fn key(index: u32) -> PrivateKeySigner {
    let path = format!("m/44'/195'/0'/0/{index}");
    let builder = MnemonicBuilder::<English>::default().phrase(WORDS);
    builder.derivation_path(path).expect("a fixture").build().expect("a fixture")
}

pub(crate) fn escrow(index: u32) -> String {
    book().escrow(Network::Tron, index).expect("a fixture").as_str().to_owned()
}

pub(crate) fn hot() -> String {
    escrow(HOT)
}

pub(crate) fn at(text: &str) -> Address {
    text.parse().expect("a fixture")
}

/// Somebody elsewhere.
pub(crate) fn stranger(nth: u8) -> Address {
    Address::new([nth; 20])
}

impl World {
    /// Two nodes, and a hot wallet with plenty of both coins.
    pub(crate) async fn new() -> Self {
        Self::with(2, |_| {}).await
    }

    pub(crate) async fn with(nodes: usize, change: impl FnOnce(&mut TronConfig)) -> Self {
        let options = still(nodes);
        let chain_id = options.chain_id;
        let twin = TronTwin::start(options).await.expect("a fixture");
        let control = twin.control();
        let usdt = control.token_address();
        control.create_account(at(&hot()), i64::try_from(1_000 * TRX).expect("a fixture"));
        control.fund_token(usdt, at(&hot()), u128::from(1_000 * UNIT));
        control.produce_empty_blocks(30);
        let mut config = TronConfig::new(twin.base_urls(), chain_id, usdt.to_string(), hot());
        config.timeouts = Timeouts { connect: 2_000, answer: 20_000 };
        config.requests_per_second = 10_000;
        change(&mut config);
        let tron = Tron::try_new(config, Arc::new(book())).expect("a fixture");
        Self { twin, control, tron }
    }

    /// Another adapter on the same chain.
    pub(crate) fn adapter(&self, change: impl FnOnce(&mut TronConfig)) -> Tron {
        let (urls, usdt) = (self.twin.base_urls(), self.usdt().to_string());
        let mut config = TronConfig::new(urls, still(1).chain_id, usdt, hot());
        config.requests_per_second = 10_000;
        config.timeouts = Timeouts { connect: 2_000, answer: 20_000 };
        change(&mut config);
        Tron::try_new(config, Arc::new(book())).expect("a fixture")
    }

    pub(crate) fn usdt(&self) -> Address {
        self.control.token_address()
    }

    /// A deposit from elsewhere, pending; the transaction's id.
    pub(crate) fn deposit(&self, to: &str, units: u64) -> String {
        self.control.fund_token(self.usdt(), stranger(9), units.into());
        self.control.transfer(stranger(9), at(to), units.into())
    }

    /// Everything solid, from the first block on.
    pub(crate) async fn scan(&self, tron: &Tron) -> Result<Scan, SourceError> {
        tron.scan(1, self.control.solid().number, &watch()).await
    }

    /// What really arrived at addresses of ours, in solid blocks.
    pub(crate) fn truth(&self) -> Vec<Place> {
        let watch = watch();
        let transfers = self.control.oracle().transfers;
        let ours =
            transfers.iter().filter(|one| one.is_solid && watch.ours.contains(&one.to.to_string()));
        ours.map(|one| Place {
            tx_hash: one.txid.clone(),
            ordinal: u32::try_from(one.ordinal).expect("a fixture"),
            token: one.token.to_string(),
            from: one.from.to_string(),
            to: one.to.to_string(),
            units: one.units.to_string(),
            height: one.block,
        })
        .collect()
    }

    pub(crate) fn fault(&self, endpoint: Endpoint, kind: FaultKind) {
        self.control.add_fault(Fault::always(endpoint, kind));
    }

    /// Prepares, signs with the wallet's own key, and assembles: what the rail does.
    pub(crate) async fn sign(&self, plan: &Plan) -> Signed {
        let prepared = self.tron.prepare(plan, None).await.expect("a fixture");
        self.signed(plan, prepared.terms, prepared.sequence)
    }

    pub(crate) fn signed(&self, plan: &Plan, terms: Terms, sequence: u64) -> Signed {
        let raw = self.tron.encode(plan, &terms, sequence).expect("a fixture");
        let id = transaction::txid(&raw);
        let child = match plan.wallet {
            Wallet::Hot => HOT,
            Wallet::Escrow(index) => index,
        };
        let signature = key(child).sign_hash_sync(&B256::from(id)).expect("a fixture").as_bytes();
        let raw = transaction::assemble(&raw, signature);
        Signed { tx_hash: hex::encode(id), raw, sequence, terms }
    }

    /// Signed, taken by a node, and in a solid block.
    pub(crate) async fn settle(&self, plan: &Plan) -> Signed {
        let signed = self.sign(plan).await;
        assert_eq!(self.tron.broadcast(&signed, 0).await, SendHint::Accepted);
        self.control.solidify();
        signed
    }
}

/// A sighting or a transfer, by what both sides know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) tx_hash: String,
    pub(crate) ordinal: u32,
    pub(crate) token: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) units: String,
    pub(crate) height: u64,
}

pub(crate) fn places(sightings: &[Sighting]) -> Vec<Place> {
    let place = |one: &Sighting| Place {
        tx_hash: one.id.tx_hash.clone(),
        ordinal: one.id.ordinal,
        token: one.token.clone(),
        from: one.from.clone(),
        to: one.to.clone(),
        units: one.units.clone(),
        height: one.block.height,
    };
    sightings.iter().map(place).collect()
}

pub(crate) fn delivery(to: &str, units: u64) -> Plan {
    plan(Purpose::Delivery, Wallet::Hot, to, coin(units))
}

pub(crate) fn coin(units: u64) -> Value {
    Value::Coin { asset: Asset::Usdt, amount: from_chain_units(units).expect("a fixture") }
}

pub(crate) fn plan(purpose: Purpose, wallet: Wallet, to: &str, value: Value) -> Plan {
    let from = match wallet {
        Wallet::Hot => hot(),
        Wallet::Escrow(index) => escrow(index),
    };
    Plan {
        key: "key".to_owned(),
        order_id: OrderId(time_ordered(OffsetDateTime::UNIX_EPOCH, 1)),
        purpose,
        network: Network::Tron,
        wallet,
        from,
        to: to.to_owned(),
        value,
    }
}

pub(crate) fn attempt(signed: &Signed) -> Attempt {
    Attempt {
        generation: 1,
        variant: 0,
        signed: signed.clone(),
        state: AttemptState::Sent,
        sends: 1,
        first_sent_at: None,
        last_sent_at: None,
        included: None,
        fee: None,
        death: None,
        created_at: OffsetDateTime::UNIX_EPOCH,
    }
}

/// Every way in which a question can get no answer, or the wrong one, but for silence: that takes
/// real time, and has its own tests.
pub(crate) fn troubles() -> Vec<FaultKind> {
    vec![
        FaultKind::Drop { done: false },
        FaultKind::Truncated { done: true },
        FaultKind::Html { done: true },
        FaultKind::Forbidden,
        FaultKind::Unavailable,
        FaultKind::Error("class java.lang.IllegalAccessException : lack of computing".to_owned()),
        FaultKind::Lagging { blocks: 1_000 },
        FaultKind::Lagging { blocks: 3 },
        FaultKind::NotFound,
        FaultKind::EmptyInfos,
        FaultKind::MissingInfo,
        FaultKind::ForeignInfo,
        FaultKind::MissingBlock,
        FaultKind::WrongBlockId,
        FaultKind::WrongParent,
        FaultKind::MissingTransaction,
    ]
}
