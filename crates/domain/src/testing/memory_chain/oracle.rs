//! What has really happened on the chain, for tests to hold against what was believed.

use super::MemoryChain;
use super::transaction::{Act, Move, Token};
use crate::offer::Asset;

/// A transfer that is on the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub tx_hash: String,
    pub height: u64,
    pub transfer: Move,
}

impl MemoryChain {
    /// Every transfer of a token that is on the chain, oldest first.
    pub fn transfers(&self) -> Vec<Moved> {
        let world = self.world();
        let all = world.executed(world.head()).flat_map(|(block, it)| {
            it.moves.iter().map(|transfer| Moved {
                tx_hash: it.transaction.hash.clone(),
                height: block.at.height,
                transfer: transfer.clone(),
            })
        });
        all.collect()
    }

    pub fn transfers_to(&self, address: &str) -> Vec<Moved> {
        self.transfers().into_iter().filter(|moved| moved.transfer.to == address).collect()
    }

    /// Units of a coin at the head.
    pub fn balance(&self, asset: Asset, address: &str) -> u128 {
        let world = self.world();
        world.balance(&Token::Known(asset), address, world.head())
    }

    pub fn gas(&self, address: &str) -> u64 {
        let world = self.world();
        world.gas_of(address, world.head())
    }

    /// Our transactions that are in blocks, whatever they came to.
    pub fn executed_of_ours(&self) -> Vec<String> {
        let world = self.world();
        let ours = world.executed(world.head()).map(|(_, it)| &it.transaction);
        let ours = ours.filter(|it| matches!(it.act, Act::Ours(_)));
        ours.map(|it| it.hash.clone()).collect()
    }

    /// What they cost together, in sun or wei.
    pub fn fees_of_ours(&self) -> u64 {
        let world = self.world();
        let all = world.executed(world.head()).map(|(_, it)| it);
        let ours = all.filter(|it| matches!(it.transaction.act, Act::Ours(_)));
        ours.filter_map(|it| it.fee.as_ref()).map(|(_, fee)| fee).sum()
    }

    pub fn head(&self) -> u64 {
        self.world().head()
    }

    pub fn finality(&self) -> u64 {
        self.world().finality()
    }

    /// How many blocks lie between the head and what is final.
    pub fn depth(&self) -> u64 {
        self.world().depth
    }

    pub fn time(&self) -> time::OffsetDateTime {
        self.world().time()
    }

    /// The name of the block at this height.
    pub fn block_hash(&self, height: u64) -> Option<String> {
        self.world().mined(height).map(|mined| mined.block.at.hash.clone())
    }
}
