//! Transactions that the twin builds: for others to sign, and for wallets that it plays.

use super::clock::wall_ms;
use super::proto::Raw;
use super::transaction::{Action, Tx};
use super::world::{View, World};

/// After the head's time.
const LIFE_MS: i64 = 60_000;

impl World {
    /// An unsigned transaction that refers to a view's solid block.
    pub(super) fn build(&self, view: View, action: Action, fee_limit: i64) -> Tx {
        let reference = self.chain.block(view.solid).map(|block| block.id).unwrap_or_default();
        let head_ms = self.chain.block(view.head).map_or(0, |head| head.time_ms);
        let raw = Raw {
            ref_block_bytes: reference[6..8].to_vec(),
            ref_block_hash: reference[8..16].to_vec(),
            expiration: head_ms + LIFE_MS,
            contract: vec![action.contract()],
            timestamp: wall_ms(),
            fee_limit,
            ..Raw::default()
        };
        Tx::unsigned(raw, action)
    }
}
