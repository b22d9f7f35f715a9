//! Ethereum, read and written through the JSON-RPC of any node. When to look, what a deposit is worth
//! and where signed bytes are kept is not decided here, and no key is near.
//!
//! Sources: the execution API (`eth_*`), EIP-155, EIP-234, EIP-1559, EIP-2718, and the contracts of
//! Tether and Circle for what their tokens do.

mod config;
mod death;
mod error;
mod fees;
mod habits;
mod hint;
mod intent;
mod logs;
mod node;
mod observe;
mod prepare;
mod rpc;
mod scan;
mod sender;
mod source;
mod span;
mod spelling;
mod standing;
mod startup;
mod token;
mod transaction;
mod wire;

use std::sync::Arc;

use alloy::primitives::Address;
use domain::address::{AddressBook, Network};
use domain::chain::transfer::Wallet;
use domain::ports::SourceError;

pub use config::{ConfigError, EthereumCoins, EthereumConfig};
pub(crate) use transaction::{Unsigned, assemble, signing_hash};

use crate::pool::Pool;
use node::Node;
use token::Tokens;

/// An Ethereum network behind the domain's `ChainSource` and `ChainSender`.
#[derive(Debug)]
pub struct Ethereum {
    config: EthereumConfig,
    book: Arc<dyn AddressBook>,
    nodes: Pool<Node>,
    tokens: Tokens,
    hot: Address,
}

impl Ethereum {
    /// Asks nobody yet: see [`Ethereum::assert_network`].
    ///
    /// # Errors
    /// With the key whose value cannot be used.
    pub fn try_new(
        config: EthereumConfig,
        book: Arc<dyn AddressBook>,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let address = |key, text: &str| {
            spelling::parse_address(text).map_err(|why| ConfigError::Address { key, why })
        };
        let tokens = Tokens {
            usdt: address("usdt", &config.coins.usdt)?,
            usdc: address("usdc", &config.coins.usdc)?,
        };
        if tokens.usdt == tokens.usdc {
            return Err(ConfigError::SameToken);
        }
        let hot = address("hot", &config.hot)?;
        let node = |place| Node::try_new(place, &config, tokens);
        let nodes: Result<Vec<Node>, ConfigError> = (0..config.nodes.len()).map(node).collect();
        Ok(Self { nodes: Pool::new(nodes?), config, book, tokens, hot })
    }

    fn wallet(&self, wallet: Wallet) -> Result<Address, SourceError> {
        let index = match wallet {
            Wallet::Hot => return Ok(self.hot),
            Wallet::Escrow(index) => index,
        };
        let escrow = self.book.escrow(Network::Ethereum, index);
        let escrow = escrow.map_err(|error| error::contradiction(error.to_string()))?;
        spelling::parse_address(escrow.as_str()).map_err(error::contradiction)
    }
}
