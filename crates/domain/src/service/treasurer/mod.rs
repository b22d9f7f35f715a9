//! The treasurer: moves coin. Carries deliveries, refunds, sweeps and gas out, each in the same legal
//! shape: the bytes are signed and stored, then broadcast with no database transaction open, then what
//! the chain shows is committed.
//!
//! Rules are not here: they stand in the machine of [`crate::chain::transfer`] and in the order's table.

mod cope;
mod escrow;
mod gather;
mod give_back;
mod jobs;
mod look;
mod payable;
mod plan;
mod settle;
mod sign;
mod stock;

pub use give_back::GivenBack;
pub use jobs::COIN_JOBS;
pub use stock::Stock;

use std::sync::Arc;

use time::OffsetDateTime;

use super::Engine;
use crate::address::Network;
use crate::chain::ChainTempo;
use crate::ids::OrderId;
use crate::money::Crypto;
use crate::order::Order;
use crate::ports::{ChainSender, ChainSource, Signer, StoreError, UnitOfWork};

/// A chain that coin moves on.
#[derive(Clone)]
pub struct Chain {
    pub source: Arc<dyn ChainSource>,
    pub sender: Arc<dyn ChainSender>,
}

/// Moves coin between our wallets and those of customers. Cheap to clone.
#[derive(Clone)]
pub struct Treasurer {
    pub engine: Engine,
    pub chains: Vec<Chain>,
    pub signer: Arc<dyn Signer>,
    pub tempo: ChainTempo,
    /// The least that is worth the fees of gathering it.
    pub sweep_least: Crypto,
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain").field("network", &self.source.network()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Treasurer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Treasurer").field("tempo", &self.tempo).finish_non_exhaustive()
    }
}

impl Treasurer {
    fn now(&self) -> OffsetDateTime {
        self.engine.clock.now()
    }

    fn chain(&self, network: Network) -> Result<&Chain, StoreError> {
        let chain = self.chains.iter().find(|chain| chain.source.network() == network);
        chain.ok_or_else(|| StoreError::Corrupt(format!("no node for {}", network.as_str())))
    }

    async fn lock_order(&self, uow: &mut dyn UnitOfWork, id: OrderId) -> Result<Order, StoreError> {
        let order = uow.lock_order(id).await?;
        order.ok_or_else(|| StoreError::Corrupt(format!("order {id} of a job is gone")))
    }
}
