//! What all processes of the soak share: the database, the rail, two chains, and providers before them.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use domain::address::Network;
use domain::service::Engine;
use e2e::{Coins, Database, SPEED, Sql, Stage, engine, ethereum_with, tron_with, twin_with};
use twins::anvil::{AnvilGate, Mining};
use twins::daraja::{DarajaTwin, Options};
use twins::tron::TronOptions;

/// Real milliseconds per block of either chain.
const SLOT_MS: u64 = 100;
/// So long is a second of the treasury's schedules, as a slot of Tron is three of them.
const SECOND_MS: u64 = SLOT_MS / 3;
/// The chains that orders are on.
pub(crate) const NETWORKS: [Network; 2] = [Network::Tron, Network::Ethereum];
/// Cents of the float: a run cannot pay out as much.
const FLOAT: i64 = 100_000_000_000;

pub(crate) struct Site {
    pub(crate) database: Database,
    pub(crate) sql: Sql,
    pub(crate) rail: DarajaTwin,
    pub(crate) tron: Coins,
    pub(crate) ethereum: Coins,
    /// Two providers of Ethereum, each with faults of its own.
    pub(crate) gates: Vec<AnvilGate>,
    pub(crate) folder: PathBuf,
}

const STOCK_COUNTED: &str =
    "SELECT count(DISTINCT cause) FROM ledger_entries WHERE cause LIKE 'opening:%:USDT'";

impl Site {
    pub(crate) async fn open() -> Result<Self> {
        let rail = twin_with(Options { speed: SPEED, ..Options::default() }).await;
        rail.control().set_float(FLOAT);
        let options = TronOptions { slot_ms: SLOT_MS, nodes: 2, ..TronOptions::default() };
        let tron = tron_with(options).await;
        tron.tron().change_rules(|rules| rules.max_pending = 10_000);
        let ethereum = ethereum_with(Mining::Every(Duration::from_millis(SLOT_MS))).await;
        let node = ethereum.ethereum().url().to_owned();
        let gates = vec![AnvilGate::start(&node).await?, AnvilGate::start(&node).await?];
        let database = Database::fresh().await;
        let sql = Sql::connect(&database.url).await;
        let folder = std::env::temp_dir().join(format!("kivuko-soak-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self { database, sql, rail, tron, ethereum, gates, folder })
    }

    /// What every process is told.
    pub(crate) fn stage(&self) -> Stage {
        let gates: Vec<String> = self.gates.iter().map(AnvilGate::url).collect();
        Stage::test()
            .with_rail(&self.rail)
            .with_coins(&self.tron)
            .with_coins(&self.ethereum)
            .set("KIVUKO__ETHEREUM__NODES", gates.join(","))
            .set("KIVUKO__TREASURY__JOURNAL", self.folder.join("signed").display())
            .set("KIVUKO__TREASURY__SECOND_MS", SECOND_MS)
    }

    /// An engine beside the service: what operators use.
    pub(crate) fn engine(&self) -> Result<Engine> {
        Ok(engine(&self.stage().settings(&self.database)?))
    }

    /// The chain that a wallet of this network is on.
    pub(crate) fn coins(&self, network: Network) -> &Coins {
        match network {
            Network::Tron => &self.tron,
            Network::Ethereum => &self.ethereum,
        }
    }

    /// The stock as it is first seen is the operator's own: it must be seen before it moves.
    pub(crate) async fn until_stock_is_counted(&self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_mins(2);
        let mut beat = tokio::time::interval(Duration::from_millis(200));
        while self.sql.number(STOCK_COUNTED).await < 2 {
            ensure!(Instant::now() < deadline, "the stock of a chain is not counted");
            beat.tick().await;
        }
        Ok(())
    }

    pub(crate) async fn close(self) {
        self.tron.stop().await;
        self.ethereum.stop().await;
        self.rail.stop().await;
    }
}
