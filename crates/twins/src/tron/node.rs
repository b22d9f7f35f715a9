//! One node: what it holds pending, the txids it has seen, and how far behind it is.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::hashing::Hash;
use super::transaction::{Tx, written};
use crate::keeping::pairs;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Node {
    pub(super) lag: u64,
    pending: Vec<Pending>,
    /// When each txid was first broadcast to this node.
    #[serde(with = "pairs")]
    seen_ms: HashMap<Hash, i64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Pending {
    #[serde(with = "written")]
    pub(super) tx: Arc<Tx>,
    /// The order in which the network got to know it.
    pub(super) turn: u64,
    pub(super) since_ms: i64,
    /// Nobody else knows it, so no block will have it.
    pub(super) is_kept: bool,
}

impl Node {
    pub(super) fn pending(&self) -> &[Pending] {
        &self.pending
    }

    pub(super) fn pooled(&self, id: &Hash) -> Option<&Arc<Tx>> {
        self.pending.iter().map(|one| &one.tx).find(|tx| tx.id == *id)
    }

    pub(super) fn pool(&mut self, pending: Pending) {
        if self.pooled(&pending.tx.id).is_none() {
            self.pending.push(pending);
        }
    }

    pub(super) fn remove(&mut self, is_done: impl Fn(&Hash) -> bool) {
        self.pending.retain(|one| !is_done(&one.tx.id));
    }

    /// What has waited for too long is forgotten; its txid is not.
    pub(super) fn evict(&mut self, now_ms: i64, timeout_ms: i64) {
        self.pending.retain(|one| now_ms - one.since_ms < timeout_ms);
    }

    /// Remembers a txid; whether it was known.
    pub(super) fn meet(&mut self, id: Hash, now_ms: i64, life_ms: i64) -> bool {
        let since_ms = self.seen_ms.entry(id).or_insert(i64::MIN);
        let is_known = now_ms.saturating_sub(*since_ms) < life_ms;
        if !is_known {
            *since_ms = now_ms;
        }
        is_known
    }
}
