//! What the adapter must be told about one Tron network. Nothing here prints a secret: paths of
//! node URLs may hold one. Whether the settings fit production is the composition root's to check.

use std::fmt;

use reqwest::Url;
use secrecy::SecretString;

use super::spelling;
use crate::address::owner::{self, Owner};
use crate::http::Timeouts;

/// One Tron network, and our account on it.
#[derive(Clone)]
pub struct TronConfig {
    /// Base URLs of nodes that speak java-tron's HTTP API, `walletsolidity/*` too. Every question
    /// goes to another one where the first fails; two from different providers prove more than one.
    pub nodes: Vec<String>,
    /// Sent to every node as `TRON-PRO-API-KEY`.
    pub api_key: Option<SecretString>,
    /// The last four bytes of the first block's id: 728126428 is the main network.
    pub chain_id: u32,
    /// The USDT contract, in base58.
    pub usdt: String,
    /// The address of the hot wallet, in base58.
    pub hot: String,
    /// How long a transaction can execute after the block that it stands on, in seconds of block
    /// time.
    pub expiration_s: u32,
    /// The energy that a transfer may use, of what its simulation used.
    pub energy_margin_percent: u32,
    /// The highest fee limit of a transfer, in sun.
    pub max_fee_sun: u64,
    /// Blocks that are asked for at once.
    pub batch: u32,
    /// Blocks below the head that are left for later, because replicas of a node lag behind each
    /// other.
    pub margin_blocks: u64,
    /// Block time beyond a transaction's expiration before its death is believed, in seconds.
    pub death_margin_s: u32,
    /// To each node; a second's worth may leave at once.
    pub requests_per_second: u32,
    pub timeouts: Timeouts,
}

/// Why settings cannot be right. Names the setting, not its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("tron.nodes must name at least one node")]
    NoNodes,
    #[error("tron.nodes[{0}] must be http(s)://host[:port][/path]")]
    NodeUrl(usize),
    #[error("tron.nodes[{0}] is named before: asked twice, a node is no second witness")]
    NodeTwice(usize),
    #[error("tron.api_key has a character that no header can have")]
    ApiKey,
    #[error("tron.{0} must be a Tron address")]
    Address(&'static str),
    #[error("tron.{name} must be between {least} and {most}")]
    Range { name: &'static str, least: u64, most: u64 },
    #[error("no TLS client can be made here")]
    Client,
}

impl TronConfig {
    /// Settings with every default, for the nodes and contracts that have none.
    pub fn new(nodes: Vec<String>, chain_id: u32, usdt: String, hot: String) -> Self {
        Self {
            nodes,
            api_key: None,
            chain_id,
            usdt,
            hot,
            expiration_s: 600,
            energy_margin_percent: 125,
            max_fee_sun: 40_000_000,
            batch: 50,
            margin_blocks: 0,
            death_margin_s: 60,
            requests_per_second: 10,
            timeouts: Timeouts::default(),
        }
    }

    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        if self.nodes.is_empty() {
            return Err(ConfigError::NoNodes);
        }
        if let Some(wrong) = self.nodes.iter().position(|node| !is_base_url(node)) {
            return Err(ConfigError::NodeUrl(wrong));
        }
        let is_known = |at: &usize| self.nodes[..*at].contains(&self.nodes[*at]);
        if let Some(twice) = (0..self.nodes.len()).find(is_known) {
            return Err(ConfigError::NodeTwice(twice));
        }
        self.usdt_owner()?;
        self.hot_owner()?;
        self.check_ranges()
    }

    fn check_ranges(&self) -> Result<(), ConfigError> {
        let ranges = [
            ("expiration_s", u64::from(self.expiration_s), 300, 1_800),
            ("energy_margin_percent", self.energy_margin_percent.into(), 100, 1_000),
            // What the chain itself allows.
            ("max_fee_sun", self.max_fee_sun, 1, 15_000_000_000),
            // More than a hundred are answered with nothing.
            ("batch", self.batch.into(), 1, 100),
            ("margin_blocks", self.margin_blocks, 0, 100),
            ("death_margin_s", self.death_margin_s.into(), 1, 3_600),
            ("requests_per_second", self.requests_per_second.into(), 1, 10_000),
            ("timeouts.connect", self.timeouts.connect, 1, 60_000),
            ("timeouts.answer", self.timeouts.answer, 1, 120_000),
        ];
        let wrong =
            ranges.into_iter().find(|(_, value, least, most)| value < least || value > most);
        wrong.map_or(Ok(()), |(name, _, least, most)| Err(ConfigError::Range { name, least, most }))
    }

    pub(crate) fn usdt_owner(&self) -> Result<Owner, ConfigError> {
        known(&self.usdt).ok_or(ConfigError::Address("usdt"))
    }

    pub(crate) fn hot_owner(&self) -> Result<Owner, ConfigError> {
        known(&self.hot).ok_or(ConfigError::Address("hot"))
    }
}

fn known(text: &str) -> Option<Owner> {
    spelling::owner(text).filter(|owner| *owner != owner::ZERO)
}

fn is_base_url(text: &str) -> bool {
    let is_plain = |url: &Url| url.query().is_none() && url.fragment().is_none() && url.has_host();
    let url = Url::parse(text).ok().filter(is_plain);
    url.is_some_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// The URLs stay out of logs.
impl fmt::Debug for TronConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TronConfig")
            .field("nodes", &self.nodes.len())
            .field("chain_id", &self.chain_id)
            .field("usdt", &self.usdt)
            .field("hot", &self.hot)
            .finish_non_exhaustive()
    }
}
