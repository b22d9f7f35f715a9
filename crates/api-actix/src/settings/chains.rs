//! The settings of the chain rail: the two networks, and the keys and pace of what moves coin. Secrets
//! are not printed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use domain::address::{Network, NetworkSet};
use domain::chain::ChainTempo;
use domain::money::Crypto;
use serde::Deserialize;

/// See `config/default.toml` for what each means.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TronSettings {
    /// Start a twin of a Tron node and use that.
    pub twin: bool,
    pub twin_slot_ms: u64,
    pub nodes: String,
    pub api_key: String,
    pub chain_id: u32,
    pub is_test_network: bool,
    pub usdt: String,
    pub expiration_s: u64,
    pub death_margin_s: u64,
    pub margin_blocks: u64,
    pub max_fee_trx: u64,
    pub batch: u64,
    pub requests_per_second: u32,
    pub timeout_ms: u64,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EthereumSettings {
    /// Start a private EVM node (anvil) with test tokens and use that.
    pub anvil: bool,
    pub anvil_block_ms: u64,
    pub nodes: String,
    pub chain_id: u64,
    pub is_test_network: bool,
    pub usdt: String,
    pub usdc: String,
    pub max_fee_gwei: u64,
    pub min_tip_mwei: u64,
    pub batch: u64,
    pub requests_per_second: u32,
    pub timeout_ms: u64,
}

/// Keys, limits and pace of what moves coin.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreasurySettings {
    pub hot_phrase: String,
    pub hot_phrase_file: String,
    pub hot_keystore_file: String,
    pub hot_keystore_passphrase_file: String,
    pub escrow_phrase: String,
    pub escrow_phrase_file: String,
    pub journal: String,
    pub max_coin: String,
    pub max_gas_trx: u64,
    pub max_gas_mwei: u64,
    pub sweep_least: String,
    pub second_ms: i64,
    pub lease_s: i64,
    pub job_concurrency: u16,
    pub job_interval_ms: u64,
    pub watch_interval_ms: u64,
    pub look_back: u64,
}

/// Nothing of these is worth a secret's leak: only what tells networks apart is printed.
macro_rules! shy {
    ($($name:ident { $($field:ident),* }),*) => { $(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($field), &self.$field))*
                    .finish_non_exhaustive()
            }
        }
    )* };
}
shy!(
    TronSettings { chain_id, usdt },
    EthereumSettings { chain_id, usdt, usdc },
    TreasurySettings { second_ms, lease_s }
);

impl TronSettings {
    /// Whether coin moves on Tron at all.
    pub fn is_there(&self) -> bool {
        self.twin || !self.nodes.is_empty()
    }

    /// Whether coin moves there that nobody has called play money.
    pub fn is_worth_something(&self) -> bool {
        self.is_there() && !self.twin && !self.is_test_network
    }

    pub fn node_urls(&self) -> Vec<String> {
        list(&self.nodes)
    }

    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}

impl EthereumSettings {
    /// Whether coin moves on Ethereum at all.
    pub fn is_there(&self) -> bool {
        self.anvil || !self.nodes.is_empty()
    }

    /// Whether coin moves there that nobody has called play money.
    pub fn is_worth_something(&self) -> bool {
        self.is_there() && !self.anvil && !self.is_test_network
    }

    pub fn node_urls(&self) -> Vec<String> {
        list(&self.nodes)
    }

    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}

impl TreasurySettings {
    pub fn tempo(&self) -> ChainTempo {
        ChainTempo {
            second: time::Duration::milliseconds(self.second_ms),
            lease: time::Duration::seconds(self.lease_s),
        }
    }

    pub fn job_interval(&self) -> Duration {
        Duration::from_millis(self.job_interval_ms)
    }

    pub fn watch_interval(&self) -> Duration {
        Duration::from_millis(self.watch_interval_ms)
    }

    /// Where the signer keeps what it signed: outside the database, so that neither loses the other.
    pub fn journal(&self, data_dir: &Path) -> PathBuf {
        if self.journal.is_empty() {
            return data_dir.join("signer.journal");
        }
        PathBuf::from(&self.journal)
    }

    pub fn sweep_least(&self) -> Result<Crypto> {
        Crypto::parse(&self.sweep_least).context("KIVUKO__TREASURY__SWEEP_LEAST")
    }

    pub fn max_coin(&self) -> Result<Crypto> {
        Crypto::parse(&self.max_coin).context("KIVUKO__TREASURY__MAX_COIN")
    }
}

/// Which networks a watcher reads.
pub(super) fn watched(tron: &TronSettings, ethereum: &EthereumSettings) -> NetworkSet {
    NetworkSet { tron: tron.is_there(), ethereum: ethereum.is_there() }
}

/// The networks that a list names.
pub(super) fn networks(text: &str) -> Result<NetworkSet> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let network = |part: &str| {
        Network::parse(part).with_context(|| {
            format!("KIVUKO__CHAIN__NETWORKS={text}: {part} is neither tron nor ethereum")
        })
    };
    parts.map(network).collect()
}

/// URLs, separated by commas.
fn list(text: &str) -> Vec<String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.trim_end_matches('/').to_owned()).collect()
}
