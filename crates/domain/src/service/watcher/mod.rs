//! The watcher: reads a chain block by block, keeps what arrived at our addresses, and tells the orders.
//! The cursor moves in the same unit of work as the facts of the blocks it passes; orders are told from
//! what is stored, so that one that cannot be told holds up no block and no other order.
//!
//! Rules are not here: they stand in [`crate::chain`] and in the order's table.

mod overdue;
mod reorg;
mod step;
mod tell;

pub use overdue::Closed;
pub use step::Step;

use std::sync::Arc;

use time::OffsetDateTime;

use super::Engine;
use crate::address::Network;
use crate::chain::ChainTempo;
use crate::ports::{ChainSource, StoreError, UnitOfWork};
use crate::rail::Review;

/// Watches one chain. Cheap to clone.
#[derive(Clone)]
pub struct Watcher {
    pub engine: Engine,
    pub source: Arc<dyn ChainSource>,
    pub tempo: ChainTempo,
    /// Blocks read at a time.
    pub batch: u64,
    /// How far below the final block a watcher begins that has never watched.
    pub look_back: u64,
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watcher").field("network", &self.network()).finish_non_exhaustive()
    }
}

impl Watcher {
    pub fn network(&self) -> Network {
        self.source.network()
    }

    fn now(&self) -> OffsetDateTime {
        self.engine.clock.now()
    }

    /// Calls an operator. Told again, it is the same item.
    async fn call(&self, uow: &mut dyn UnitOfWork, review: Review) -> Result<(), StoreError> {
        self.engine.call_operator(uow, &review).await.map(drop)
    }

    /// The subject of a review of the chain as a whole.
    fn chain_subject(&self) -> String {
        format!("chain:{}", self.network().as_str())
    }
}
