//! What a case needs of a chain, and what cases share.

use std::collections::HashSet;

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::address::Network;
use crate::chain::transfer::{Observation, Outcome, Plan, Purpose, Signed, Terms, Wallet};
use crate::chain::{Scan, Sighting, Value, from_chain_units};
use crate::ids::{OrderId, time_ordered};
use crate::money::Crypto;
use crate::offer::Asset;
use crate::ports::{ChainSender, ChainSource, StoreError, WatchList};

/// A token, as far as cases care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coin {
    Usdt,
    /// A contract that only calls itself so.
    LookAlike,
    /// The chain's own, a transaction for each payee.
    Native,
}

/// A chain of a case's own. Nobody else makes blocks on it. The hot wallet holds 1000 USDT and what fees
/// cost; escrow wallets hold nothing.
#[async_trait]
pub trait ChainStage: Send + Sync {
    fn source(&self) -> &dyn ChainSource;
    fn sender(&self) -> &dyn ChainSender;

    /// Signs with the wallet's own key, whatever it is.
    fn sign(&self, wallet: Wallet, unsigned: &[u8], terms: &Terms, sequence: u64) -> Signed;

    /// The child number of the first of our escrow wallets; a few follow it.
    fn first_escrow(&self) -> u32;

    /// An address of nobody's.
    fn stranger(&self, nth: u8) -> String;

    /// An address that coin can never be sent to.
    fn unreachable(&self) -> String;

    /// A transaction from outside with these transfers, pending; answers its hash.
    async fn pay(&self, coin: Coin, payees: &[(String, u64)]) -> String;

    /// One that will be in a block and fail there.
    async fn pay_in_vain(&self, payee: &str, units: u64) -> String;

    /// Makes blocks, of which the first has what is pending.
    async fn mine(&self, blocks: u64);

    /// Makes all that is pending final.
    async fn finalise(&self);

    /// Replaces the highest blocks by as many others without the transactions that were in them;
    /// `false` where a chain has no such blocks to be seen.
    async fn reorg(&self, blocks: u64) -> bool;

    /// Lets the time pass in which what is signed now can execute, without executing anything; `false`
    /// where that never ends.
    async fn outlive(&self) -> bool;

    /// More of the chain's own coin for a wallet.
    async fn give_gas(&self, address: &str, units: u64);

    /// Nobody can move USDT, or everybody again.
    async fn pause(&self, is_paused: bool);
}

/// What a stage that works never makes us say.
pub(super) const WORKS: &str = "the chain does as asked";
/// A coin, as chains count.
pub(super) const UNIT: u64 = 1_000_000;

/// These addresses are ours.
pub(super) struct Ours(HashSet<String>);

impl Ours {
    /// The first three escrow addresses.
    pub(super) fn of(stage: &dyn ChainStage) -> Self {
        Self((0..3).map(|nth| escrow(stage, nth)).collect())
    }
}

#[async_trait]
impl WatchList for Ours {
    async fn ours(
        &self,
        _network: Network,
        addresses: &[String],
    ) -> Result<HashSet<String>, StoreError> {
        Ok(addresses.iter().filter(|it| self.0.contains(*it)).cloned().collect())
    }
}

pub(super) fn wallet(stage: &dyn ChainStage, nth: u32) -> Wallet {
    Wallet::Escrow(stage.first_escrow().saturating_add(nth))
}

pub(super) fn escrow(stage: &dyn ChainStage, nth: u32) -> String {
    stage.sender().address(wallet(stage, nth)).expect(WORKS)
}

pub(super) async fn head(stage: &dyn ChainStage) -> u64 {
    stage.source().tip().await.expect(WORKS).head
}

pub(super) async fn scan(stage: &dyn ChainStage, from: u64, to: u64) -> Scan {
    stage.source().scan(from, to, &Ours::of(stage)).await.expect(WORKS)
}

/// What has come to us since `from`, which is final now.
pub(super) async fn sightings(stage: &dyn ChainStage, from: u64) -> Vec<Sighting> {
    stage.finalise().await;
    let to = head(stage).await;
    scan(stage, from, to).await.sightings
}

pub(super) async fn balance(stage: &dyn ChainStage, address: &str) -> Crypto {
    stage.source().final_balance(Asset::Usdt, address).await.expect(WORKS).0
}

pub(super) fn coin(units: u64) -> Crypto {
    from_chain_units(units).expect("a few")
}

/// USDT of the wallet's to an address.
pub(super) fn plan(stage: &dyn ChainStage, of: Wallet, to: &str, units: u64) -> Plan {
    let value = Value::Coin { asset: Asset::Usdt, amount: coin(units) };
    let purpose = if of == Wallet::Hot { Purpose::Delivery } else { Purpose::Sweep };
    Plan {
        key: format!("{to}:{units}"),
        order_id: OrderId(time_ordered(OffsetDateTime::UNIX_EPOCH, 1)),
        purpose,
        network: stage.source().network(),
        wallet: of,
        from: stage.sender().address(of).expect(WORKS),
        to: to.to_owned(),
        value,
    }
}

pub(super) fn delivery(stage: &dyn ChainStage, units: u64) -> Plan {
    plan(stage, Wallet::Hot, &stage.stranger(7), units)
}

/// Prepared and signed, not sent.
pub(super) async fn signed(stage: &dyn ChainStage, plan: &Plan, living: Option<&Signed>) -> Signed {
    let prepared = stage.sender().prepare(plan, living).await.expect(WORKS);
    let (terms, sequence) = (prepared.terms, prepared.sequence);
    let unsigned = stage.sender().encode(plan, &terms, sequence).expect(WORKS);
    stage.sign(plan.wallet, &unsigned, &terms, sequence)
}

/// Signed and sent.
pub(super) async fn sent(stage: &dyn ChainStage, plan: &Plan) -> Signed {
    let signed = signed(stage, plan, None).await;
    stage.sender().broadcast(&signed, 0).await;
    signed
}

pub(super) async fn observe(stage: &dyn ChainStage, plan: &Plan, of: &Signed) -> Observation {
    stage.sender().observe(plan, &of.tx_hash).await.expect(WORKS)
}

pub(super) async fn assert_done(stage: &dyn ChainStage, plan: &Plan, of: &Signed) {
    let observed = observe(stage, plan, of).await;
    let is_done = |it: &Observation| {
        matches!(it, Observation::Final { outcome: Outcome::Done, fee: 1.., .. })
    };
    assert!(is_done(&observed), "{observed:?}");
}
