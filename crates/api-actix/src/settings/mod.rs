//! The configuration: files of `config/`, over them the environment, checked before anything starts.
//! Every error names the variable to set.

mod chains;
mod check;
mod faults;
mod log;
mod mpesa;
mod names;
mod source;

use std::path::PathBuf;

use adapters_db::DbConfig;
use domain::address::NetworkSet;
use domain::money::Fiat;
use domain::placement::OrderRules;
use serde::Deserialize;
use time::Duration;

pub use chains::{EthereumSettings, TreasurySettings, TronSettings};
pub use faults::Faults;
pub use mpesa::MpesaSettings;
pub use source::{Environment, data_dir};

/// Where the service runs. Decides what is allowed, never what is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Local,
    Test,
    Production,
}

/// Everything that can be set; see `config/default.toml` for what each setting means.
#[derive(Debug, Clone)]
pub struct Settings {
    pub stage: Stage,
    /// Where the private PostgreSQL keeps its data.
    pub data_dir: PathBuf,
    pub http: HttpSettings,
    pub database: DbConfig,
    pub auth: AuthSettings,
    pub orders: OrderSettings,
    pub rails: RailSettings,
    pub mpesa: MpesaSettings,
    pub chain: ChainSettings,
    pub tron: TronSettings,
    pub ethereum: EthereumSettings,
    pub treasury: TreasurySettings,
    pub workers: WorkerSettings,
    pub log: LogSettings,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    pub host: String,
    pub port: u16,
    pub operations_port: u16,
    pub workers: usize,
    pub max_connections: usize,
    pub body_limit_bytes: usize,
    pub request_timeout_ms: u64,
    pub keep_alive_s: u64,
    pub shutdown_timeout_s: u64,
    pub rate_per_second: u32,
    pub rate_burst: u32,
    pub cors_origins: String,
}

impl HttpSettings {
    /// Where browsers may call from.
    pub fn origins(&self) -> Vec<&str> {
        let parts = self.cors_origins.split(',').map(str::trim);
        parts.filter(|part| !part.is_empty()).collect()
    }
}

/// The shared secret is not printed.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSettings {
    pub algorithm: String,
    pub shared_secret: String,
    pub jwks_file: String,
    pub jwks_url: String,
    pub jwks_refresh_s: u64,
    pub issuer: String,
    pub audience: String,
}

impl std::fmt::Debug for AuthSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthSettings").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderSettings {
    pub ttl_s: i64,
    pub max_ttl_s: i64,
    pub rate_tolerance_bps: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RailSettings {
    pub collection_min: u32,
    pub collection_max: u32,
    pub payout_min: u32,
    pub payout_max: u32,
}

/// The extended public keys are not printed: with one child's private key they reveal the parent's.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainSettings {
    pub networks: String,
    pub tron_xpub: String,
    pub ethereum_xpub: String,
}

impl std::fmt::Debug for ChainSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChainSettings").finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerSettings {
    pub expiry_interval_ms: u64,
    pub expiry_batch: u16,
    pub idempotency_keep_h: i64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    pub level: String,
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

impl Settings {
    /// The rules that orders are judged by.
    pub fn order_rules(&self) -> OrderRules {
        let shillings = |whole: u32| Fiat::from_minor(i64::from(whole) * 100).unwrap_or(Fiat::ZERO);
        OrderRules {
            ttl: Duration::seconds(self.orders.ttl_s),
            max_ttl: Duration::seconds(self.orders.max_ttl_s),
            rate_tolerance_bps: self.orders.rate_tolerance_bps,
            collection_min: shillings(self.rails.collection_min),
            collection_max: shillings(self.rails.collection_max),
            payout_min: shillings(self.rails.payout_min),
            payout_max: shillings(self.rails.payout_max),
            open: self.open_networks(),
            watched: chains::watched(&self.tron, &self.ethereum),
        }
    }

    /// Where orders are taken: on the networks that are named, else on those with a node here.
    fn open_networks(&self) -> NetworkSet {
        let named = chains::networks(&self.chain.networks).unwrap_or_default();
        if named.is_empty() { chains::watched(&self.tron, &self.ethereum) } else { named }
    }
}
