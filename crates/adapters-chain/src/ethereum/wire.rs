//! The answers of a node, as JSON-RPC spells them: of each only what we read. Unknown fields are left
//! alone, so that a fork of the chain does not stop us.

use alloy::primitives::{Address, B256, Bloom, Bytes, U256};
use alloy::serde::quantity;
use domain::chain::{Block, BlockRef};
use serde::Deserialize;
use time::OffsetDateTime;

use super::error::contradiction;
use super::spelling::hash_text;
use domain::ports::SourceError;

/// A block, with its transactions where they were asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    #[serde(with = "quantity")]
    pub(super) number: u64,
    pub(super) hash: B256,
    pub(super) parent_hash: B256,
    /// Seconds since 1970.
    #[serde(with = "quantity")]
    pub(super) timestamp: u64,
    pub(super) logs_bloom: Bloom,
    #[serde(default)]
    pub(super) transactions: Vec<Mined>,
}

/// A transaction of a block: its name, or all of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Mined {
    Named(B256),
    Whole(Sent),
}

/// What a transaction sends of the chain's own coin.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Sent {
    pub(super) hash: B256,
    pub(super) from: Address,
    /// None where it makes a contract.
    pub(super) to: Option<Address>,
    /// Wei.
    pub(super) value: U256,
}

impl Header {
    pub(super) fn at(&self) -> BlockRef {
        BlockRef { height: self.number, hash: hash_text(self.hash) }
    }

    pub(super) fn time(&self) -> Result<OffsetDateTime, SourceError> {
        let seconds = i64::try_from(self.timestamp).ok();
        let time = seconds.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
        time.ok_or_else(|| contradiction("a block's time is none"))
    }

    pub(super) fn block(&self) -> Result<Block, SourceError> {
        let parent = hash_text(self.parent_hash);
        Ok(Block { at: self.at(), parent, time: self.time()? })
    }
}

/// What is in a block, by name.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Body {
    pub(super) transactions: Vec<B256>,
}

/// What a contract said while a transaction ran.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Log {
    pub(super) address: Address,
    pub(super) topics: Vec<B256>,
    pub(super) data: Bytes,
    #[serde(with = "quantity")]
    pub(super) block_number: u64,
    pub(super) block_hash: B256,
    pub(super) transaction_hash: B256,
    /// Its place among all logs of its block: a re-org may change it.
    #[serde(rename = "logIndex", with = "quantity")]
    pub(super) place: u64,
    /// It was in a block that is gone.
    #[serde(default)]
    pub(super) removed: bool,
}

/// What became of a transaction that is in a block.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipt {
    pub(super) transaction_hash: B256,
    /// 1, or 0 where everything but the fee was undone.
    #[serde(with = "quantity")]
    pub(super) status: u64,
    #[serde(with = "quantity")]
    pub(super) block_number: u64,
    pub(super) block_hash: B256,
    #[serde(with = "quantity")]
    pub(super) gas_used: u64,
    /// Wei per gas that was really paid.
    #[serde(with = "quantity")]
    pub(super) effective_gas_price: u128,
    pub(super) logs: Vec<Log>,
}

/// A transaction, in a pool or in a block.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transaction {
    pub(super) from: Address,
    pub(super) to: Option<Address>,
    /// Wei.
    pub(super) value: U256,
    /// None while it is in a pool.
    pub(super) block_hash: Option<B256>,
}

/// What blocks cost lately.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FeeHistory {
    /// Wei per gas, oldest first; the last is of the block that comes next.
    #[serde(with = "quantity::vec")]
    pub(super) base_fee_per_gas: Vec<u128>,
    /// Of each block the tips at the percentiles that were asked for.
    #[serde(default)]
    pub(super) reward: Option<Vec<Vec<U256>>>,
}
