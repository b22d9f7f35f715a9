//! Tron: what its nodes say, believed only where it can be checked, and transfers of ours on it.
//!
//! Three rules carry everything. Only solid blocks are final (`walletsolidity/*`): the protocol never
//! takes them back, while what stands above them (`wallet/*`) may go. What a node leaves out is never
//! taken for nothing: whatever is counted is counted against something else. And a broadcast proves
//! nothing, whatever it is answered with.
//!
//! Transactions are built here byte for byte ([`transaction`]); no key is held here. Protocol facts
//! are from the documentation and the source of java-tron 4.8; the sizes of fees are read from the
//! chain.

mod answers;
mod blocks;
mod broadcast;
mod config;
mod contract;
mod death;
mod fees;
mod header;
mod logs;
mod native;
mod node;
mod nodes;
mod observe;
mod prepare;
mod scan;
mod sender;
mod source;
pub(crate) mod spelling;
pub mod transaction;
pub(crate) mod wire;

pub use config::{ConfigError, TronConfig};

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use async_trait::async_trait;
use domain::address::AddressBook;
use domain::ports::SourceError;

use self::nodes::Nodes;
use crate::address::owner::Owner;
use crate::pool::{NodeHealth, NodePool};

/// One Tron network: the domain's ports for reading it and for sending on it.
pub struct Tron {
    config: TronConfig,
    usdt: Owner,
    hot: Owner,
    nodes: Nodes,
    book: Arc<dyn AddressBook>,
    /// The highest block that a node called solid: up to there only the solid state is asked.
    solid: AtomicU64,
}

impl Tron {
    /// `book` knows the escrow addresses by their child number. Asks nobody yet: see
    /// [`assert_network`](Self::assert_network).
    ///
    /// # Errors
    /// When a setting cannot be right.
    pub fn try_new(config: TronConfig, book: Arc<dyn AddressBook>) -> Result<Self, ConfigError> {
        config.validate()?;
        let (usdt, hot) = (config.usdt_owner()?, config.hot_owner()?);
        Ok(Self {
            usdt,
            hot,
            nodes: Nodes::try_new(&config)?,
            book,
            config,
            solid: AtomicU64::new(0),
        })
    }

    /// Asks every node for the network that it is on. Those that do not answer are asked again when
    /// they are needed, and before anything else.
    ///
    /// # Errors
    /// A contradiction, naming both networks, when not one of the nodes can be used: a process that
    /// would read one network and pay on another must not start.
    pub async fn assert_network(&self) -> Result<(), SourceError> {
        self.nodes.assert_network().await
    }
}

#[async_trait]
impl NodePool for Tron {
    async fn revisit(&self) {
        self.nodes.revisit_all().await;
    }

    fn health(&self) -> Vec<NodeHealth> {
        self.nodes.health()
    }
}

impl fmt::Debug for Tron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tron").field("config", &self.config).finish_non_exhaustive()
    }
}
