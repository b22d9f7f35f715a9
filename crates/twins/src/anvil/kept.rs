//! The chain on disk. The node writes nothing by itself, so it is asked for its whole state after every
//! block in which something happened, and before a few more empty ones have passed: always before a
//! block becomes final. What dies with the program is not final, and its loss is a re-organisation like
//! any other.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::{MissedTickBehavior, interval};

use super::rpc::{CallError, Rpc};
use super::tokens::Deployed;
use super::words::{height, quantity};
use crate::keeping::{unreadable, write_whole};

const FILE: &str = "anvil.json";
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// So many empty blocks are not written down one by one.
const EMPTY: u64 = 2;

#[derive(Debug, Serialize, Deserialize)]
struct State {
    tokens: Deployed,
    /// As the node gives and takes it.
    node: String,
}

/// A node's state on disk. Clones write to the same file.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    path: PathBuf,
    rpc: Rpc,
    tokens: Deployed,
    /// The last block that is written down.
    written: Arc<Mutex<u64>>,
}

pub(super) fn is_kept(folder: &Path) -> bool {
    folder.join(FILE).exists()
}

/// Gives a new node the state that was kept; where its tokens are, `None` where nothing was kept.
///
/// # Errors
/// When there is a state that cannot be read, or the node does not take it.
pub(super) async fn restore(
    rpc: &Rpc,
    folder: &Path,
    finality: u64,
) -> io::Result<Option<Deployed>> {
    let path = folder.join(FILE);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let state: State = serde_json::from_slice(&bytes).map_err(|error| unreadable(&path, error))?;
    let taken = rpc.call("anvil_loadState", json!([state.node])).await;
    taken.map_err(|error| unreadable(&path, error))?;
    // The node can answer for blocks of its own only: the final one must be one of them.
    rpc.call("anvil_mine", json!([quantity(finality + 1)])).await?;
    Ok(Some(state.tokens))
}

impl Kept {
    pub(super) fn new(folder: &Path, rpc: Rpc, tokens: Deployed) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { path: folder.join(FILE), rpc, tokens, written: Arc::default() })
    }

    /// Writes the state down.
    pub(super) async fn keep(&self) -> io::Result<()> {
        let mut written = self.written.lock().await;
        let head = self.head().await?;
        let node = self.rpc.call("anvil_dumpState", json!([])).await?;
        let node = node.as_str().unwrap_or_default().to_owned();
        let state = State { tokens: self.tokens.clone(), node };
        write_whole(&self.path, &serde_json::to_vec(&state)?)?;
        *written = head;
        Ok(())
    }

    /// Keeps the state until its task is dropped. A node that does not answer is asked again.
    pub(super) async fn follow(self) {
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            if self.has_news().await.unwrap_or_default()
                && let Err(error) = self.keep().await
            {
                eprintln!("the private EVM node's state cannot be kept: {error}");
            }
        }
    }

    async fn has_news(&self) -> Result<bool, CallError> {
        let (head, written) = (self.head().await?, *self.written.lock().await);
        if head != written && head.abs_diff(written) > EMPTY {
            return Ok(true);
        }
        for number in written + 1..=head {
            let asked = json!([quantity(number)]);
            let count = self.rpc.call("eth_getBlockTransactionCountByNumber", asked).await?;
            if height(&count)? > 0 {
                return Ok(true);
            }
        }
        Ok(head < written)
    }

    async fn head(&self) -> Result<u64, CallError> {
        height(&self.rpc.call("eth_blockNumber", json!([])).await?)
    }
}
