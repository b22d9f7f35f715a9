//! The twin of a Tron node that coin moves on: on threads of its own, so that its share of the
//! processor can be told from the service's.

use anyhow::{Context, Result};
use tokio::runtime::{Builder, Runtime};
use twins::tron::{Endpoint, TronControl, TronOptions, TronTwin};

/// What the twin's threads are called.
pub(crate) const THREADS: &str = "node";

/// Words that everybody knows, and the account of our hot wallet that they make on Tron.
const HOT_WORDS: &str =
    "candy maple cake sugar pudding cream honey rich smooth crumble sweet treat";
pub(crate) const HOT: &str = "TMmHjoMi3N7JH2YWUrFV6HMC94AEjxxFgG";

/// A hundred million coins, in the chain's units.
pub(crate) const STOCK: u128 = 100_000_000_000_000;
/// Ten million TRX, in sun.
pub(crate) const SUN: i64 = 10_000_000_000_000;

#[derive(Debug)]
pub(crate) struct Coins {
    twin: TronTwin,
    chain_id: u32,
    _runtime: Runtime,
}

impl Coins {
    pub(crate) fn start(options: TronOptions) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name(THREADS)
            .enable_all()
            .build()?;
        let chain_id = options.chain_id;
        let twin = runtime.block_on(TronTwin::start(options)).context("the twin of a Tron node")?;
        Ok(Self { twin, chain_id, _runtime: runtime })
    }

    pub(crate) fn control(&self) -> TronControl {
        self.twin.control()
    }

    pub(crate) fn nodes(&self) -> Vec<String> {
        self.twin.base_urls()
    }

    pub(crate) fn chain_id(&self) -> u32 {
        self.chain_id
    }

    /// Gives an account coin, and what its fees are paid in.
    pub(crate) fn fund(&self, account: &str) -> Result<()> {
        let (control, account) = (self.control(), account.parse().context("an address")?);
        control.create_account(account, SUN);
        control.fund_token(control.token_address(), account, STOCK);
        Ok(())
    }

    /// Questions that the node was asked so far.
    pub(crate) fn requests(&self) -> u64 {
        let control = self.control();
        Endpoint::ALL.into_iter().map(|call| control.requests(call) as u64).sum()
    }

    /// What points the service to the twin, with schedules as much shorter as its slots are.
    pub(crate) fn settings(&self, slot_ms: u64) -> Vec<(&'static str, String)> {
        vec![
            ("KIVUKO__TRON__NODES", self.nodes().join(",")),
            ("KIVUKO__TRON__CHAIN_ID", self.chain_id.to_string()),
            ("KIVUKO__TRON__IS_TEST_NETWORK", "true".to_owned()),
            ("KIVUKO__TRON__USDT", self.control().token_address().to_string()),
            ("KIVUKO__TRON__REQUESTS_PER_SECOND", "10000".to_owned()),
            ("KIVUKO__TREASURY__HOT_PHRASE", HOT_WORDS.to_owned()),
            ("KIVUKO__TREASURY__SECOND_MS", (slot_ms / 3).max(1).to_string()),
            ("KIVUKO__TREASURY__JOB_INTERVAL_MS", "20".to_owned()),
            ("KIVUKO__TREASURY__WATCH_INTERVAL_MS", slot_ms.to_string()),
            // Nothing is gathered: what is at an escrow address stays there.
            ("KIVUKO__TREASURY__SWEEP_LEAST", "10000".to_owned()),
        ]
    }
}
