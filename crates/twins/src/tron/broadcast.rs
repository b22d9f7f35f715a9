//! What a node does with a transaction that it is sent, in the node's order of checks.

use std::sync::Arc;

use time::Duration;

use super::billing::bill;
use super::codes::{BroadcastCode, Refusal};
use super::hex;
use super::node::Pending;
use super::receipt::Outcome;
use super::transaction::Tx;
use super::world::{View, World};

const LARGEST_BYTES: i64 = 500 * 1024;
const LONGEST_LIFE_MS: i64 = 24 * 60 * 60 * 1000;

/// A broadcast, and what faults make of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Broadcast {
    pub(super) node: usize,
    pub(super) view: View,
    /// Answered well, and forgotten.
    pub(super) is_lost: bool,
    /// Told to nobody else.
    pub(super) is_kept: bool,
    /// How its first execution ends.
    pub(super) doom: Option<Outcome>,
}

impl Broadcast {
    pub(super) fn plain(node: usize, view: View) -> Self {
        Self { node, view, is_lost: false, is_kept: false, doom: None }
    }
}

impl World {
    /// # Errors
    /// The node's refusal.
    pub(super) fn broadcast(&mut self, tx: Tx, how: Broadcast) -> Result<(), Refusal> {
        self.evict();
        self.may_take(how)?;
        if self.is_seen(&tx, how.node) {
            return Err(Refusal::of(BroadcastCode::DupTransactionError));
        }
        self.may_enter(&tx, how)?;
        if let Some(doom) = how.doom {
            self.dooms.insert(tx.id, doom);
        }
        if !how.is_lost {
            self.spread(tx, how);
        }
        Ok(())
    }

    fn may_take(&self, how: Broadcast) -> Result<(), Refusal> {
        if how.view.head - how.view.solid > self.rules.max_unsolid {
            return Err(Refusal::of(BroadcastCode::BlockUnsolidified));
        }
        if self.nodes[how.node].pending().len() >= self.rules.max_pending {
            return Err(Refusal::of(BroadcastCode::ServerBusy));
        }
        Ok(())
    }

    /// Before anything of the transaction is checked: a second broadcast of a refused one is DUP.
    fn is_seen(&mut self, tx: &Tx, node: usize) -> bool {
        let (now_ms, life_ms) = (self.now_ms(), milliseconds(self.rules.txid_cache_life));
        self.rules.txid_cache && self.nodes[node].meet(tx.id, now_ms, life_ms)
    }

    fn may_enter(&self, tx: &Tx, how: Broadcast) -> Result<(), Refusal> {
        let head_ms = self.chain.block(how.view.head).map_or(0, |head| head.time_ms);
        if tx.raw.expiration < self.clock.next_slot_ms(head_ms) {
            return Err(Refusal::of(BroadcastCode::TransactionExpirationError));
        }
        if !tx.is_signed_by_owner() {
            let words = format!(
                "Validate signature error: {} is not signed by its owner",
                hex::encode(&tx.id)
            );
            return Err(Refusal::new(BroadcastCode::SigError, words));
        }
        self.may_follow(tx, how.view.head, head_ms)?;
        let is_pooled = self.nodes[how.node].pooled(&tx.id).is_some();
        if is_pooled || self.chain.mined(&tx.id, how.view.head).is_some() {
            return Err(Refusal::of(BroadcastCode::DupTransactionError));
        }
        bill(&self.setting(how.view.head), tx).map(|_| ())
    }

    /// Reference, size and expiration, on top of a head.
    pub(super) fn may_follow(&self, tx: &Tx, head: u64, head_ms: i64) -> Result<(), Refusal> {
        if !self.chain.is_known(head, &tx.raw.ref_block_bytes, &tx.raw.ref_block_hash) {
            return Err(Refusal::of(BroadcastCode::TaposError));
        }
        if tx.size() > LARGEST_BYTES {
            return Err(Refusal::of(BroadcastCode::TooBigTransactionError));
        }
        let life = 1..=LONGEST_LIFE_MS;
        if !life.contains(&tx.raw.expiration.saturating_sub(head_ms)) {
            return Err(Refusal::of(BroadcastCode::TransactionExpirationError));
        }
        Ok(())
    }

    /// Into the node's pool, and into every other's.
    pub(super) fn spread(&mut self, tx: Tx, how: Broadcast) {
        self.turns += 1;
        let since_ms = self.now_ms();
        let is_kept = how.is_kept;
        let pending = Pending { tx: Arc::new(tx), turn: self.turns, since_ms, is_kept };
        for (place, node) in self.nodes.iter_mut().enumerate() {
            if place == how.node || !how.is_kept {
                node.pool(pending.clone());
            }
        }
    }

    pub(super) fn evict(&mut self) {
        let now_ms = self.now_ms();
        let timeout_ms = milliseconds(self.rules.pending_timeout);
        self.nodes.iter_mut().for_each(|node| node.evict(now_ms, timeout_ms));
    }
}

fn milliseconds(span: Duration) -> i64 {
    i64::try_from(span.whole_milliseconds()).unwrap_or(i64::MAX)
}
