//! The settings of the M-Pesa rail. Secrets are not printed.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use domain::rail::Tempo;
use ipnet::IpNet;
use serde::Deserialize;

/// See `config/default.toml` for what each means.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MpesaSettings {
    /// Start a twin of Daraja and use that.
    pub twin: bool,
    pub twin_control_port: u16,
    pub twin_speed: u32,
    pub base_url: String,
    pub consumer_key: String,
    pub consumer_secret: String,
    pub short_code: u32,
    pub till: u32,
    pub passkey: String,
    pub b2c_short_code: u32,
    pub initiator: String,
    pub security_credential: String,
    pub b2c_api: String,
    pub nominated_number: String,
    pub status_key_field: String,
    pub callback_base: String,
    pub sources: String,
    pub enforce_sources: bool,
    pub trusted_proxies: String,
    pub connect_timeout_ms: u64,
    pub collection_timeout_ms: u64,
    pub payout_timeout_ms: u64,
    pub query_timeout_ms: u64,
    pub collections_per_second: u32,
    pub payouts_per_second: u32,
    pub queries_per_second: u32,
    pub statuses_per_second: u32,
    pub small_payout: i64,
    pub resend_payouts: bool,
    pub second_ms: i64,
    pub lease_s: i64,
    pub job_concurrency: u16,
    pub job_interval_ms: u64,
    pub sweep_interval_ms: u64,
    pub spool_limit_mb: u64,
}

impl std::fmt::Debug for MpesaSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MpesaSettings").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl MpesaSettings {
    /// Whether shillings move at all.
    pub fn is_there(&self) -> bool {
        self.twin || !self.base_url.is_empty()
    }

    pub fn tempo(&self) -> Tempo {
        Tempo {
            second: time::Duration::milliseconds(self.second_ms),
            lease: time::Duration::seconds(self.lease_s),
            resends: self.resend_payouts && self.b2c_api == "v3",
            keyed: self.b2c_api == "v3",
            small_payout: self.small_payout,
        }
    }

    /// Who may call back.
    pub fn source_networks(&self) -> Result<Vec<IpNet>> {
        networks(&self.sources).context("KIVUKO__MPESA__SOURCES")
    }

    /// Whose word about a caller's address is taken.
    pub fn proxy_networks(&self) -> Result<Vec<IpNet>> {
        networks(&self.trusted_proxies).context("KIVUKO__MPESA__TRUSTED_PROXIES")
    }

    pub fn job_interval(&self) -> Duration {
        Duration::from_millis(self.job_interval_ms)
    }

    pub fn sweep_interval(&self) -> Duration {
        Duration::from_millis(self.sweep_interval_ms)
    }
}

/// Addresses and networks, separated by commas.
fn networks(text: &str) -> Result<Vec<IpNet>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(network).collect()
}

fn network(text: &str) -> Result<IpNet> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    address.or_else(|_| text.parse()).with_context(|| format!("{text} is no address or network"))
}
