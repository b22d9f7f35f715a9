//! A simulated chain with the adapter before it. Nothing here asserts what the adapter does.

use std::sync::Arc;

use adapters_chain::tron::{Tron, TronConfig};
use domain::address::Network;
use domain::chain::transfer::{Plan, Purpose, Signed, Terms, Wallet};
use domain::chain::{Scan, Sighting, Value, from_chain_units};
use domain::ids::{OrderId, time_ordered};
use domain::offer::Asset;
use domain::ports::{ChainSender as _, ChainSource as _, SendHint, SourceError};
use time::OffsetDateTime;
use twins::tron::{Address, Endpoint, Fault, FaultKind, TronControl, TronTwin};

use crate::support::Watch;
use crate::support::keys::book;
use crate::support::slots::{self, at, escrow, hot};

/// One dollar, as the chain counts.
pub(crate) const UNIT: u64 = 1_000_000;
pub(crate) const TRX: u64 = 1_000_000;

/// The hot wallet and the first escrow addresses.
pub(crate) fn watch() -> Watch {
    Watch::of(Network::Tron, (0..10).map(escrow).chain([hot()]).collect())
}

pub(crate) struct World {
    pub(crate) twin: TronTwin,
    pub(crate) control: TronControl,
    pub(crate) tron: Tron,
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
        let sun = i64::try_from(1_000 * TRX).expect("a fixture");
        let twin = slots::start(nodes, sun, u128::from(1_000 * UNIT)).await;
        let (control, tron) = (twin.control(), adapter(&twin, change));
        Self { twin, control, tron }
    }

    /// Another adapter on the same chain.
    pub(crate) fn adapter(&self, change: impl FnOnce(&mut TronConfig)) -> Tron {
        adapter(&self.twin, change)
    }

    pub(crate) fn usdt(&self) -> Address {
        self.control.token_address()
    }

    /// A deposit from elsewhere, pending; the transaction's id.
    pub(crate) fn deposit(&self, to: &str, units: u64) -> String {
        self.control.fund_token(self.usdt(), stranger(9), units.into());
        self.control.transfer(stranger(9), at(to), units.into())
    }

    /// Everything solid, from the first block on, by an adapter that knows what is solid.
    pub(crate) async fn scan(&self, tron: &Tron) -> Result<Scan, SourceError> {
        let solid = tron.tip().await?.finality.at.height;
        tron.scan(1, solid, &watch()).await
    }

    /// What really arrived at addresses of ours, in solid blocks.
    pub(crate) fn truth(&self) -> Vec<Place> {
        let (watch, oracle) = (watch(), self.control.oracle());
        let mut all = vec![];
        for execution in oracle.executions.iter().filter(|one| one.is_solid) {
            let place = |ordinal, token: String, from: Address, (to, units): (Address, String)| {
                let (tx_hash, height) = (execution.txid.clone(), execution.block);
                let (from, to) = (from.to_string(), to.to_string());
                Place { tx_hash, ordinal, token, from, to, units, height }
            };
            for one in oracle.transfers_of(&execution.txid) {
                let ordinal = u32::try_from(one.ordinal).expect("a fixture");
                let moved = (one.to, one.units.to_string());
                all.push(place(ordinal, one.token.to_string(), one.from, moved));
            }
            if let Some((to, sun)) = execution.sent_sun {
                all.push(place(0, "TRX".to_owned(), execution.owner, (to, sun.to_string())));
            }
        }
        all.retain(|one| watch.ours.contains(&one.to));
        all
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
        slots::sign(plan.wallet, &raw, terms, sequence)
    }

    /// Signed, taken by a node, and in a solid block.
    pub(crate) async fn settle(&self, plan: &Plan) -> Signed {
        let signed = self.sign(plan).await;
        assert_eq!(self.tron.broadcast(&signed, 0).await, SendHint::Accepted);
        self.control.solidify();
        signed
    }
}

fn adapter(twin: &TronTwin, change: impl FnOnce(&mut TronConfig)) -> Tron {
    let mut config = slots::config(twin);
    change(&mut config);
    Tron::try_new(config, Arc::new(book())).expect("a fixture")
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
