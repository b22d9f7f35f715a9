//! A chain and its signer with a tripwire in each call.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::address::Network;
use domain::chain::transfer::{Attempt, Death, Observation, Plan, Signed, Terms, Wallet};
use domain::chain::{Block, Scan, Tip};
use domain::money::Crypto;
use domain::offer::Asset;
use domain::ports::{
    ChainSender, ChainSource, Prepared, SendHint, Signer, SignerError, SigningRequest, SourceError,
    Unprepared, WatchList,
};
use domain::service::Chain;

use crate::tripwire::Tripwire;

/// Questions that leave nothing behind and decide nothing beyond the commit that follows: to die after
/// one, or to lose its answer, is to die before it.
pub(crate) const READS: [&str; 4] = ["tip", "scan", "block at", "final balance"];
/// The one effect that the signer's journal remembers, and the database may not.
pub(crate) const SIGN: &str = "sign";

/// The chain with a tripwire in each call.
pub(crate) fn wired(chain: &Chain, wire: &Tripwire) -> Chain {
    let source = WiredSource { inner: chain.source.clone(), wire: wire.clone() };
    let sender = WiredSender { inner: chain.sender.clone(), wire: wire.clone() };
    Chain { source: Arc::new(source), sender: Arc::new(sender) }
}

fn away<T>(_: Result<T, SourceError>) -> Result<T, SourceError> {
    Err(SourceError::Away("the reply was lost".into()))
}

struct WiredSource {
    inner: Arc<dyn ChainSource>,
    wire: Tripwire,
}

#[async_trait]
impl ChainSource for WiredSource {
    fn network(&self) -> Network {
        self.inner.network()
    }

    async fn tip(&self) -> Result<Tip, SourceError> {
        let news = |tip: &Result<Tip, SourceError>| Some(format!("{:?}", tip.as_ref().ok()?));
        self.wire.question("tip", self.inner.tip(), news, away).await
    }

    async fn block_at(&self, height: u64) -> Result<Option<Block>, SourceError> {
        let news = |_: &_| Some(height.to_string());
        self.wire.question("block at", self.inner.block_at(height), news, away).await
    }

    async fn scan(&self, from: u64, to: u64, watch: &dyn WatchList) -> Result<Scan, SourceError> {
        let news = |_: &_| Some(format!("{from}..={to}"));
        self.wire.question("scan", self.inner.scan(from, to, watch), news, away).await
    }

    async fn final_balance(
        &self,
        asset: Asset,
        address: &str,
    ) -> Result<(Crypto, u64), SourceError> {
        let news = |_: &_| Some(address.to_owned());
        let ask = self.inner.final_balance(asset, address);
        self.wire.question("final balance", ask, news, away).await
    }

    async fn final_native(&self, address: &str) -> Result<u128, SourceError> {
        let news = |_: &_| Some(address.to_owned());
        self.wire.question("final native", self.inner.final_native(address), news, away).await
    }
}

struct WiredSender {
    inner: Arc<dyn ChainSender>,
    wire: Tripwire,
}

#[async_trait]
impl ChainSender for WiredSender {
    fn address(&self, wallet: Wallet) -> Result<String, SourceError> {
        self.inner.address(wallet)
    }

    async fn prepare(&self, plan: &Plan, living: Option<&Signed>) -> Result<Prepared, Unprepared> {
        let news = |prepared: &Result<Prepared, Unprepared>| {
            let how = prepared.as_ref().map(|_| "ready");
            Some(format!("{} {:?} {how:?}", plan.key, living.map(|signed| &signed.tx_hash)))
        };
        let away = |_| Err(Unprepared::Away(SourceError::Away("the reply was lost".into())));
        self.wire.question("prepare", self.inner.prepare(plan, living), news, away).await
    }

    fn encode(&self, plan: &Plan, terms: &Terms, sequence: u64) -> Result<Vec<u8>, SourceError> {
        self.inner.encode(plan, terms, sequence)
    }

    async fn broadcast(&self, signed: &Signed, nth: u32) -> SendHint {
        let lost = |_| SendHint::NoAnswer("the reply was lost".into());
        self.wire.effect("broadcast", self.inner.broadcast(signed, nth), lost).await
    }

    async fn observe(&self, plan: &Plan, tx_hash: &str) -> Result<Observation, SourceError> {
        let news = |seen: &Result<Observation, SourceError>| Some(format!("{tx_hash} {seen:?}"));
        self.wire.question("observe", self.inner.observe(plan, tx_hash), news, away).await
    }

    async fn find_death(
        &self,
        plan: &Plan,
        living: &[Attempt],
    ) -> Result<Option<Death>, SourceError> {
        let news = |death: &Result<Option<Death>, SourceError>| Some(format!("{death:?}"));
        self.wire.question("find death", self.inner.find_death(plan, living), news, away).await
    }
}

/// A signature that the signer has made or remembered: of which transfer, and its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) key: String,
    pub(crate) generation: i32,
    pub(crate) variant: i32,
    pub(crate) tx_hash: String,
}

impl Given {
    /// The same place in the same transfer.
    pub(crate) fn is_of_the_same(&self, other: &Self) -> bool {
        let place = |given: &Self| (given.generation, given.variant);
        self.key == other.key && place(self) == place(other)
    }
}

/// All that every signer of a world has given out, whether or not anybody heard it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Witness(Arc<Mutex<Vec<Given>>>);

impl Witness {
    pub(crate) fn given(&self) -> Vec<Given> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, request: &SigningRequest, signed: &Signed) {
        let given = Given {
            key: request.plan.key.clone(),
            generation: request.generation,
            variant: request.variant,
            tx_hash: signed.tx_hash.clone(),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(given);
    }
}

/// A signer with a tripwire, and somebody who sees what it does.
pub(crate) struct WiredSigner {
    pub(crate) inner: Arc<dyn Signer>,
    pub(crate) wire: Tripwire,
    pub(crate) witness: Witness,
}

#[async_trait]
impl Signer for WiredSigner {
    async fn sign(&self, request: &SigningRequest) -> Result<Signed, SignerError> {
        let act = async {
            let signed = self.inner.sign(request).await?;
            self.witness.note(request, &signed);
            Ok(signed)
        };
        let lost = |_| Err(SignerError::Away("the reply was lost".into()));
        self.wire.effect(SIGN, act, lost).await
    }
}
