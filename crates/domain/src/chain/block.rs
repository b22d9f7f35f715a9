//! Blocks, and what was read of them.

use time::OffsetDateTime;

use crate::money::Crypto;
use crate::offer::Asset;
use crate::order::DepositId;

/// A block by its place and its name. A height may have had other names before a re-org.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockRef {
    pub height: u64,
    pub hash: String,
}

/// What a block's header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub at: BlockRef,
    /// The hash of the block below.
    pub parent: String,
    pub time: OffsetDateTime,
}

/// How far a chain is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tip {
    /// The highest block that may be scanned.
    pub head: u64,
    /// The highest block that the chain calls final (Tron: solid; Ethereum: finalized).
    pub finality: Block,
}

/// A transfer of a token, or of the chain's own coin, to one of our addresses, as the chain tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    pub id: DepositId,
    /// The contract that emitted it, as the chain spells addresses; the chain's own coin has its name
    /// there.
    pub token: String,
    /// What we call that token; `None` for a stranger's, whatever it calls itself.
    pub asset: Option<Asset>,
    pub from: String,
    /// The address of ours, in the spelling of the escrow addresses.
    pub to: String,
    /// The emitted integer, in decimal digits: any contract may emit any number.
    pub units: String,
    /// The amount where the token is ours to know and the number is possible.
    pub amount: Option<Crypto>,
    pub block: BlockRef,
    pub block_time: OffsetDateTime,
}

/// Consecutive blocks, read whole: each is the parent of the next, and no transfer of them is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    pub blocks: Vec<Block>,
    /// Transfers to addresses of ours, of successful transactions, in the order of the chain. What we
    /// send there ourselves of the chain's own coin is none.
    pub sightings: Vec<Sighting>,
}
