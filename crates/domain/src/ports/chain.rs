//! The chains as the engine needs them: a source of blocks, a sender of transfers, and a signer. Which
//! node is asked, and how a chain spells things, is the adapter's.

use std::collections::HashSet;

use async_trait::async_trait;

use super::store::StoreError;
use crate::address::Network;
use crate::chain::transfer::{Attempt, Death, Observation, Plan, Signed, Terms, Wallet};
use crate::chain::{Block, Scan, Tip};
use crate::money::Crypto;
use crate::offer::Asset;

/// Why a chain could not be asked. Nothing may be concluded from it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// No whole, plausible answer: a node is away, lags, refuses, or left something out.
    #[error("the node did not answer: {0}")]
    Away(String),
    /// The answer contradicts itself or what the chain promises.
    #[error("the node's answer contradicts itself: {0}")]
    Contradiction(String),
    /// Our own store, asked while scanning.
    #[error("the store failed")]
    Store(String),
}

/// Which addresses are ours: every escrow address ever given out.
#[async_trait]
pub trait WatchList: Send + Sync {
    /// Those of `addresses` that are ours. They are spelled as the address book spells them.
    async fn ours(
        &self,
        network: Network,
        addresses: &[String],
    ) -> Result<HashSet<String>, StoreError>;
}

/// Reads a chain.
#[async_trait]
pub trait ChainSource: Send + Sync {
    fn network(&self) -> Network;

    /// How far the chain is.
    async fn tip(&self) -> Result<Tip, SourceError>;

    /// The block of the chain as it is now at this height; `None` above its head.
    async fn block_at(&self, height: u64) -> Result<Option<Block>, SourceError>;

    /// Blocks `from..=to`, whole, each the parent of the next, with every transfer of a token in them, and
    /// every transaction that sends the chain's own coin, to an address of ours. Anything missing is an error, so that nobody moves on without it.
    async fn scan(&self, from: u64, to: u64, watch: &dyn WatchList) -> Result<Scan, SourceError>;

    /// What an address holds of a coin at a final block, and the height of that block.
    async fn final_balance(
        &self,
        asset: Asset,
        address: &str,
    ) -> Result<(Crypto, u64), SourceError>;

    /// What an address holds of the chain's own coin at a final block, in its units.
    async fn final_native(&self, address: &str) -> Result<u128, SourceError>;
}

/// What a transfer needs to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    pub terms: Terms,
    /// The next nonce of the account as the chain counts (Ethereum); a time in milliseconds (Tron). Ours
    /// is at least that.
    pub sequence: u64,
}

/// Why a transfer cannot be signed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unprepared {
    Away(SourceError),
    /// The sender lacks so many sun or wei for the fee.
    NeedsGas {
        missing: u64,
    },
    /// The sender lacks coin.
    Short(String),
    /// Paused, blacklisted, dearer than our limits: a reason of ours or of the token's.
    Blocked(String),
    /// It can never be sent to that receiver.
    Receiver(String),
}

/// What a node said of a broadcast. A hint, never proof of anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendHint {
    Accepted,
    /// It has it, or has had it.
    Known,
    /// Past its time, or its nonce is used: ask for the proof of its death.
    Expired(String),
    /// It finds fault with it; another node may not.
    Refused(String),
    NoAnswer(String),
}

/// Sends transfers.
#[async_trait]
pub trait ChainSender: Send + Sync {
    /// The address of a wallet of ours.
    fn address(&self, wallet: Wallet) -> Result<String, SourceError>;

    /// Checks that the transfer can be made (balances, pause, blacklist, simulation, fee limits), and
    /// on what terms. For a dearer variant, `living` is what was signed last.
    async fn prepare(&self, plan: &Plan, living: Option<&Signed>) -> Result<Prepared, Unprepared>;

    /// The bytes to sign: a function of its arguments, so that the same can be made again.
    fn encode(&self, plan: &Plan, terms: &Terms, sequence: u64) -> Result<Vec<u8>, SourceError>;

    /// Broadcasts stored bytes. `nth` rotates the nodes.
    async fn broadcast(&self, signed: &Signed, nth: u32) -> SendHint;

    /// What has become of a transaction. Final only by a final block, and done only if its logs show
    /// the very transfer of the plan.
    async fn observe(&self, plan: &Plan, tx_hash: &str) -> Result<Observation, SourceError>;

    /// The proof that none of these (the living variants of one generation) can ever execute; `None`
    /// while that cannot be proven.
    async fn find_death(
        &self,
        plan: &Plan,
        living: &[Attempt],
    ) -> Result<Option<Death>, SourceError>;
}

/// What a signer is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningRequest {
    pub plan: Plan,
    /// From 1; a later one needs the death of all before.
    pub generation: i32,
    /// From 0; a later one must keep the sequence, the receiver and the value.
    pub variant: i32,
    pub terms: Terms,
    pub sequence: u64,
    pub unsigned: Vec<u8>,
    pub death: Option<Death>,
}

/// Why a signer did not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    /// The bytes are not the transfer that they are said to be.
    #[error("the bytes are not what was asked for: {0}")]
    Mismatch(String),
    /// More than a limit allows.
    #[error("beyond the signer's limits: {0}")]
    Limit(String),
    /// The journal has something living for this transfer that these bytes do not follow.
    #[error("the journal has a living signature for it: {0}")]
    AlreadySigned(String),
    #[error("the signer is away: {0}")]
    Away(String),
}

/// Signs transfers: decodes the bytes itself, compares them with the plan, and remembers in a journal of
/// its own what it signed. Asked again for the same generation and variant of a transfer, it answers
/// with what it signed the first time, whatever the bytes are now.
#[async_trait]
pub trait Signer: Send + Sync {
    /// # Errors
    /// When it refuses; nothing was signed then.
    async fn sign(&self, request: &SigningRequest) -> Result<Signed, SignerError>;
}
