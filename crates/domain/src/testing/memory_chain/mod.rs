//! A chain in memory, of either kind, that both chain ports read: blocks with parents and times, a pool,
//! finality, nonces or expiry, balances that are the sum of what was executed, and re-orgs. It keeps the
//! contract of the ports ([`super::contract::chain`]), as the adapters do.
//!
//! Up to the head everything can be scanned, and finality follows below it.
//! Every call of a port lets go of the thread once, so that whoever polls can leave it there.
#![expect(clippy::missing_panics_doc, reason = "a test that misuses its chain must fail")]

mod death;
mod faults;
mod mining;
mod oracle;
mod powers;
mod reorg;
mod scene;
mod sender;
mod signer;
mod source;
pub mod stepping;
mod transaction;
mod world;

pub(in crate::testing) use faults::step;
pub use faults::{Call, Fault};
pub use oracle::Moved;
pub use powers::Mishap;
pub use reorg::Keep;
pub use scene::ChainScene;
pub use signer::MemorySigner;
pub use transaction::{Move, Token};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::world::World;
use super::SetClock;
use crate::address::Network;

/// The chain. Clones are the same chain.
#[derive(Debug, Clone)]
pub struct MemoryChain {
    network: Network,
    clock: Arc<SetClock>,
    world: Arc<Mutex<World>>,
}

impl MemoryChain {
    /// A chain with its first block, made at the clock's time. Each further block moves the clock.
    pub fn new(network: Network, clock: Arc<SetClock>) -> Self {
        let world = Arc::new(Mutex::new(World::new(network, &clock)));
        Self { network, clock, world }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
