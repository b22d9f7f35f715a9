//! The powers over a running twin: time, blocks, faults and what can be seen from outside. Those
//! over money are in `wallets.rs`.

use std::sync::Arc;

use time::Duration;

use super::address::Address;
use super::endpoint::Endpoint;
use super::fault::{Fault, Rule};
use super::hex;
use super::journal::JournalEntry;
use super::node::Node;
use super::options::Rules;
use super::oracle::TronOracle;
use super::shared::Shared;
use super::token::Token;
use super::world::World;

/// A handle on the twin's world. Clones are handles on the same world.
#[derive(Debug, Clone)]
pub struct TronControl {
    pub(super) shared: Arc<Shared>,
    pub(super) usdt: Address,
}

/// A block, as far as tests care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockSummary {
    pub number: u64,
    pub id: String,
    pub time_ms: i64,
    pub transactions: usize,
}

impl TronControl {
    /// Makes a block of whatever is pending; its number.
    pub fn produce_block(&self) -> u64 {
        self.shared.change(World::produce)
    }

    /// So many blocks, of which the first has what is pending.
    pub fn advance_slots(&self, slots: u64) {
        self.shared.change(|world| {
            for _ in 0..slots {
                world.produce();
            }
        });
    }

    /// So many blocks of nothing, at once; what is pending stays so.
    pub fn produce_empty_blocks(&self, count: u64) {
        self.shared.change(|world| world.produce_empty(count));
    }

    /// Enough blocks for everything that is pending now to be solid.
    pub fn solidify(&self) {
        let lag = self.shared.look(|world| world.chain.solid_lag());
        self.advance_slots(lag + 1);
    }

    /// The chain's clock jumps ahead: the next block is so much later. Pools notice at once.
    pub fn skip_time(&self, by: Duration) {
        self.shared.change(|world| world.clock.skip(by));
    }

    /// The chain's present, in milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.shared.look(World::now_ms)
    }

    pub fn head(&self) -> BlockSummary {
        self.shared.look(|world| BlockSummary::of(world.chain.head()))
    }

    pub fn solid(&self) -> BlockSummary {
        self.block(self.shared.look(|world| world.chain.solid())).unwrap_or_else(|| self.head())
    }

    pub fn block(&self, number: u64) -> Option<BlockSummary> {
        self.shared.look(|world| world.chain.block(number).map(BlockSummary::of))
    }

    /// The solid block stays where it is, or follows the head again.
    pub fn hold_solid(&self, is_held: bool) {
        self.shared.change(|world| {
            world.chain.is_solid_held = is_held;
            world.chain.settle();
        });
    }

    /// Takes back up to `depth` blocks that are not solid; what was in them is pending again. The
    /// blocks that follow are others. How many it took back.
    pub fn fork(&self, depth: u64) -> u64 {
        self.shared.change(|world| world.fork(depth, false))
    }

    /// The same, but what was in them is lost.
    pub fn fork_and_forget(&self, depth: u64) -> u64 {
        self.shared.change(|world| world.fork(depth, true))
    }

    /// The chain goes on on another branch, at once: up to `depth` blocks that are not solid give way to
    /// as many others with only `kept` in them, each transaction in the new block of that place,
    /// counted from 0. What is left out is lost; what can no longer happen ends as it must. How many
    /// blocks it replaced.
    pub fn reorg(&self, depth: u64, kept: &[(&str, u64)]) -> u64 {
        let kept: Vec<_> =
            kept.iter().filter_map(|(txid, place)| Some((hex::hash(txid)?, *place))).collect();
        self.shared.change(|world| world.switch(depth, &kept))
    }

    /// What the protocol rules out: the last `depth` solid blocks, and all above them, give way to
    /// others that are empty.
    pub fn break_solid(&self, depth: u64) {
        self.shared.change(|world| world.break_solid(depth));
    }

    /// From now on a node is so many blocks behind.
    pub fn set_lag(&self, node: usize, blocks: u64) {
        self.shared.change(|world| {
            if let Some(node) = world.nodes.get_mut(node) {
                node.lag = blocks;
            }
        });
    }

    /// The txids that a node holds pending.
    pub fn pending(&self, node: usize) -> Vec<String> {
        self.shared.change(|world| {
            world.evict();
            let pending = world.nodes.get(node).into_iter().flat_map(Node::pending);
            pending.map(|one| hex::encode(&one.tx.id)).collect()
        })
    }

    pub fn add_fault(&self, fault: Fault) {
        self.shared.change(|world| world.faults.push(Rule::new(fault)));
    }

    /// Each rule by name, and how often it has struck.
    pub fn strikes(&self) -> Vec<(String, u32)> {
        self.shared.look(|world| world.faults.iter().map(Rule::struck).collect())
    }

    pub fn clear_faults(&self) {
        self.shared.change(|world| world.faults.clear());
    }

    pub fn rules(&self) -> Rules {
        self.shared.look(|world| world.rules.clone())
    }

    /// Turns knobs while the twin runs.
    pub fn change_rules(&self, change: impl FnOnce(&mut Rules)) {
        self.shared.change(|world| change(&mut world.rules));
    }

    /// The latest requests and the beginnings of their answers.
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.shared.look(|world| world.journal.iter().cloned().collect())
    }

    /// How many requests a call has seen at all nodes, refused ones included.
    pub fn requests(&self, endpoint: Endpoint) -> usize {
        self.shared.look(|world| world.requests.get(&endpoint).copied().unwrap_or_default())
    }

    pub fn oracle(&self) -> TronOracle {
        self.shared.look(TronOracle::of)
    }

    /// Waits until something is true of what has happened; whether that came within the limit.
    /// The chain stands still while the condition looks at it: it must not ask a control.
    pub async fn wait_until(
        &self,
        real_timeout: std::time::Duration,
        condition: impl Fn(&TronOracle) -> bool,
    ) -> bool {
        self.shared.wait_for(real_timeout, |world| condition(&TronOracle::of(world))).await
    }

    pub(super) fn change_token(&self, token: Address, change: impl FnOnce(&mut Token)) {
        self.shared.change(|world| world.ledger.tokens.get_mut(&token).map(change));
    }
}

impl BlockSummary {
    fn of(block: &super::block::Block) -> Self {
        Self {
            number: block.number,
            id: hex::encode(&block.id),
            time_ms: block.time_ms,
            transactions: block.transactions.len(),
        }
    }
}
