//! How blocks come about, and how they are taken back.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::block::Mined;
use super::execution::{Making, execute};
use super::hashing::Hash;
use super::node::{Node, Pending};
use super::transaction::Tx;
use super::world::World;

impl World {
    /// Makes a block of whatever is pending; its number.
    pub(super) fn produce(&mut self) -> u64 {
        self.evict();
        let time_ms = self.clock.next_ms(self.chain.head().time_ms);
        self.produce_at(time_ms)
    }

    /// The chain stood still while the twin was off. What was pending then is in the block that was
    /// due next, so that no time out of reach takes it or makes it late; the block after it has the
    /// present time.
    pub(super) fn wake(&mut self) {
        if self.candidates().is_empty() {
            return;
        }
        let head_ms = self.chain.head().time_ms;
        let due_ms = self.clock.next_slot_ms(head_ms);
        self.produce_at(due_ms.min(self.now_ms()).max(head_ms + 1));
    }

    fn produce_at(&mut self, time_ms: i64) -> u64 {
        let parent = self.chain.head();
        let (height, parent_ms) = (parent.number + 1, parent.time_ms);
        let candidates = self.candidates();
        let mined = candidates.iter().filter_map(|tx| self.mine(tx, parent_ms, time_ms)).collect();
        // What could not be in this block will not be in the next one.
        let done: HashSet<Hash> = candidates.iter().map(|tx| tx.id).collect();
        self.nodes.iter_mut().for_each(|node| node.remove(|id| done.contains(id)));
        self.chain.grow(time_ms, mined);
        height
    }

    /// Blocks of nothing; what is pending stays so.
    pub(super) fn produce_empty(&mut self, count: u64) {
        for _ in 0..count {
            let time_ms = self.clock.next_ms(self.chain.head().time_ms);
            self.chain.grow(time_ms, Vec::new());
        }
    }

    /// What the network knows of, in the order in which it got to know it.
    fn candidates(&self) -> Vec<Arc<Tx>> {
        let pending = self.nodes.iter().flat_map(Node::pending);
        let shared = pending.filter(|one| !one.is_kept);
        let in_turn: BTreeMap<u64, Arc<Tx>> =
            shared.map(|one| (one.turn, Arc::clone(&one.tx))).collect();
        let mut known = HashSet::new();
        in_turn.into_values().filter(|tx| known.insert(tx.id)).collect()
    }

    fn mine(&mut self, tx: &Arc<Tx>, parent_ms: i64, now_ms: i64) -> Option<Mined> {
        let parent = self.chain.head().number;
        let is_double = self.chain.mined(&tx.id, parent).is_some();
        if is_double || self.may_follow(tx, parent, parent_ms).is_err() {
            return None;
        }
        let doom = self.dooms.get(&tx.id).copied();
        let making = Making { rules: &self.rules, height: parent + 1, now_ms };
        let receipt = execute(&mut self.ledger, making, tx, doom).ok()?;
        self.dooms.remove(&tx.id);
        Some(Mined { tx: Arc::clone(tx), receipt })
    }

    /// Takes back up to `depth` blocks that are not solid; what was in them is pending again,
    /// unless it is `lost`. How many it took back.
    pub(super) fn fork(&mut self, depth: u64, is_lost: bool) -> u64 {
        let head = self.chain.head().number;
        let height = head.saturating_sub(depth).max(self.chain.solid());
        let gone = self.take_back(height);
        let since_ms = self.now_ms();
        for mined in gone.into_iter().filter(|_| !is_lost) {
            self.turns += 1;
            let pending = Pending { tx: mined.tx, turn: self.turns, since_ms, is_kept: false };
            self.nodes.iter_mut().for_each(|node| node.pool(pending.clone()));
        }
        head - height
    }

    /// The chain goes on on another branch: up to `depth` blocks that are not solid give way to as many
    /// others, with only `kept` of what was in them, each in the block of that place among the new
    /// ones, if it still can be there. How many blocks it replaced.
    pub(super) fn switch(&mut self, depth: u64, kept: &[(Hash, u64)]) -> u64 {
        let head = self.chain.head().number;
        let height = head.saturating_sub(depth).max(self.chain.solid());
        let times: Vec<i64> = (height + 1..=head)
            .filter_map(|number| self.chain.block(number).map(|block| block.time_ms))
            .collect();
        let gone = self.take_back(height);
        for (place, time_ms) in (0..).zip(times) {
            let wanted = kept.iter().filter(|(_, of)| *of == place);
            let found: Vec<Arc<Tx>> = wanted
                .filter_map(|(id, _)| gone.iter().find(|mined| mined.tx.id == *id))
                .map(|mined| Arc::clone(&mined.tx))
                .collect();
            self.replace(time_ms, &found);
        }
        head - height
    }

    /// A block in the place of another one, in another slot.
    fn replace(&mut self, time_ms: i64, candidates: &[Arc<Tx>]) {
        let parent_ms = self.chain.head().time_ms;
        let time_ms = (time_ms + 1).max(parent_ms + 1);
        let mined = candidates.iter().filter_map(|tx| self.mine(tx, parent_ms, time_ms)).collect();
        self.chain.grow(time_ms, mined);
    }

    /// What the protocol rules out: other blocks, empty ones, in the place of solid ones.
    pub(super) fn break_solid(&mut self, depth: u64) {
        let head = self.chain.head().number;
        let height = self.chain.solid().saturating_sub(depth);
        self.take_back(height);
        self.produce_empty(head - height);
    }

    fn take_back(&mut self, height: u64) -> Vec<Mined> {
        let gone = self.chain.roll_back(height);
        self.ledger.roll_back(height);
        gone
    }
}
