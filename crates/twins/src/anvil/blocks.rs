//! What makes and unmakes blocks.

use serde_json::{Value, json};

use super::chain::Chain;
use super::rpc::CallError;
use super::words::{Hash, quantity};

/// A transaction put into a block of the branch that wins a reorganisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// Its signed bytes: those of a transaction that was there before, or of another.
    pub raw: String,
    /// The block of the new branch, counted from 0.
    pub block: u64,
}

/// A state to come back to, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot(Value);

impl Chain {
    /// Makes blocks, the first with all that is pending. They carry the time of day, several of
    /// them the same second: anvil asks for no increase, so however many are made, the chain's
    /// clock does not run ahead of ours.
    pub async fn mine(&self, blocks: u64) -> Result<(), CallError> {
        self.rpc.call("anvil_mine", json!([quantity(blocks)])).await.map(drop)
    }

    /// Mines what is pending, and as many blocks more as make it final.
    pub async fn finalize(&self) -> Result<(), CallError> {
        self.mine(1 + self.blocks_to_finality()).await
    }

    /// Makes one block that carries this time, in seconds since 1970, and not the time of day.
    /// Not earlier than the head's. Later blocks go on from it as the clock goes on.
    pub async fn mine_at(&self, seconds: u64) -> Result<(), CallError> {
        self.rpc.call("evm_setNextBlockTimestamp", json!([seconds])).await?;
        self.rpc.call("evm_mine", json!([])).await.map(drop)
    }

    /// Whether each transaction gets a block of its own at once.
    pub async fn automine(&self, on: bool) -> Result<(), CallError> {
        self.rpc.call("evm_setAutomine", json!([on])).await.map(drop)
    }

    /// The base fee of the next block, in wei.
    pub async fn set_base_fee(&self, wei: u128) -> Result<(), CallError> {
        let asked = json!([quantity(wei)]);
        self.rpc.call("anvil_setNextBlockBaseFeePerGas", asked).await.map(drop)
    }

    /// Replaces the last `depth` blocks by as many others, with only `replays` in them. What is
    /// left out does not come back to the pool, and what cannot be executed is left out silently;
    /// deeper than the finalized block is possible, which a real chain rules out.
    pub async fn reorg(&self, depth: u64, replays: &[Replay]) -> Result<(), CallError> {
        let replays: Vec<Value> =
            replays.iter().map(|replay| json!([replay.raw, replay.block])).collect();
        self.rpc.call("anvil_reorg", json!([depth, replays])).await.map(drop)
    }

    /// Takes the last blocks away: the head goes backwards.
    pub async fn rollback(&self, blocks: u64) -> Result<(), CallError> {
        self.rpc.call("anvil_rollback", json!([blocks])).await.map(drop)
    }

    /// Takes a transaction out of the pool; whether it was there.
    pub async fn drop_transaction(&self, hash: Hash) -> Result<bool, CallError> {
        let asked = json!([hash.to_string()]);
        Ok(!self.rpc.call("anvil_dropTransaction", asked).await?.is_null())
    }

    pub async fn snapshot(&self) -> Result<Snapshot, CallError> {
        self.rpc.call("evm_snapshot", json!([])).await.map(Snapshot)
    }

    /// Everything since is undone. A snapshot can be used once.
    pub async fn revert(&self, snapshot: Snapshot) -> Result<(), CallError> {
        let done = self.rpc.call("evm_revert", json!([snapshot.0])).await?;
        if done == json!(true) { Ok(()) } else { Err(CallError::strange("no such snapshot")) }
    }
}
