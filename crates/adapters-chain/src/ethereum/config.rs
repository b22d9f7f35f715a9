//! What the adapter must be told. Nothing here prints a node's URL: many carry a key in their path.

use std::fmt;

use crate::http::Timeouts;
use domain::address::Network;

/// One Ethereum network, the nodes that it is asked through, and our limits there.
#[derive(Clone)]
pub struct EthereumConfig {
    /// URLs of JSON-RPC endpoints, most trusted first. Reads stay with one until it fails; broadcasts
    /// go around.
    pub nodes: Vec<String>,
    pub coins: EthereumCoins,
    /// Signed into every transaction (EIP-155); 1 is the mainnet.
    pub chain_id: u64,
    /// The address of the hot wallet.
    pub hot: String,
    /// The most blocks whose logs are asked for at once. Less is asked after a node finds it too much.
    pub batch: u64,
    /// Nothing is signed for more than this per gas.
    pub max_fee_gwei: u64,
    /// What validators are offered per gas at least.
    pub min_tip_wei: u64,
    /// The gas limit in percent of what a node estimates.
    pub gas_margin_percent: u64,
    /// Nothing is signed with a higher gas limit.
    pub gas_cap: u64,
    pub timeouts: Timeouts,
    /// Calls to each node, at most; those of a batch are counted one by one.
    pub requests_per_second: u32,
}

/// Contracts, as text.
#[derive(Debug, Clone)]
pub struct EthereumCoins {
    /// The contract that we call USDT.
    pub usdt: String,
    /// The contract that we call USDC.
    pub usdc: String,
}

/// Why no adapter can be made of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("the {} nodes: none is named", Network::Ethereum.as_str())]
    NoNode,
    #[error("node {0} is no http or https URL")]
    NodeUrl(usize),
    #[error("{key}: {why}")]
    Address { key: &'static str, why: String },
    #[error("usdt and usdc are the same contract")]
    SameToken,
    #[error("{0} must not be zero")]
    Zero(&'static str),
    #[error("the HTTP client cannot be built")]
    Client,
}

impl EthereumConfig {
    /// Settings with every default, for the nodes, the chain and the addresses that have none.
    pub fn new(nodes: Vec<String>, chain_id: u64, coins: EthereumCoins, hot: String) -> Self {
        Self {
            nodes,
            coins,
            chain_id,
            hot,
            batch: 100,
            max_fee_gwei: 150,
            // A tenth of a gwei.
            min_tip_wei: 100_000_000,
            gas_margin_percent: 125,
            // A transfer of USDT takes 41 to 66 thousand.
            gas_cap: 120_000,
            timeouts: Timeouts::default(),
            requests_per_second: 20,
        }
    }

    /// What can be seen without asking anybody.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.nodes.is_empty() {
            return Err(ConfigError::NoNode);
        }
        let positive = [
            ("chain_id", self.chain_id),
            ("batch", self.batch),
            ("max_fee_gwei", self.max_fee_gwei),
            ("gas_margin_percent", self.gas_margin_percent),
            ("gas_cap", self.gas_cap),
            ("requests_per_second", self.requests_per_second.into()),
            ("timeouts.connect", self.timeouts.connect),
            ("timeouts.answer", self.timeouts.answer),
        ];
        let zero = positive.into_iter().find(|(_, value)| *value == 0);
        zero.map_or(Ok(()), |(key, _)| Err(ConfigError::Zero(key)))
    }
}

impl fmt::Debug for EthereumConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EthereumConfig")
            .field("nodes", &self.nodes.len())
            .field("chain_id", &self.chain_id)
            .field("coins", &self.coins)
            .field("hot", &self.hot)
            .finish_non_exhaustive()
    }
}
