//! What the worlds of one lane stand on, one after another: a twin of a Tron node and a private EVM
//! node whose blocks are made by hand, a database that each world finds empty, and two signers that
//! know of each other by the journal on disk alone.

use std::sync::Arc;

use adapters_db::PgStore;
use api_actix::app::engine;
use api_actix::chains::Chains;
use api_actix::settings::Settings;
use domain::address::{AddressBook, Network};
use domain::chain::ChainTempo;
use domain::service::Engine;
use e2e::{Coins, Database, Sql, Stage, ethereum_with, hot_address, tron_with};
use time::OffsetDateTime;
use twins::anvil::Mining;
use twins::tron::TronOptions;

use crate::replica::{Treasury, beat};

/// How long a job is a process's: longer than any step, on a busy machine too.
const LEASE: time::Duration = time::Duration::milliseconds(1_200);

/// Blocks of the Tron twin that are not solid.
const SOLID_LAG: u64 = 2;

/// Beats without a block until there are blocks all the same.
const QUIET_BEATS: u32 = 10;

/// All rows of all tables but the migrations'. Sequences go on: no two worlds have an escrow address in
/// common, and so none sees what another left on the chain.
const EMPTY: &str = "
    SET session_replication_role = replica;
    DO $$ BEGIN EXECUTE (
        SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> '__diesel_schema_migrations'
    ); END $$";

pub(crate) struct Ground {
    tron: Coins,
    ethereum: Coins,
    settings: Settings,
    pub(crate) sql: Sql,
    /// Two processes' keys, opened one by one.
    chains: [Chains; 2],
    /// The one that outlives.
    lasting: Engine,
    /// Our address on each network: to derive one takes its time.
    hot: [String; 2],
}

impl Ground {
    pub(crate) async fn new() -> Self {
        let database = Database::fresh().await;
        let options =
            TronOptions { auto: false, slot_ms: 20, solid_lag: SOLID_LAG, ..Default::default() };
        let (tron, ethereum) = tokio::join!(tron_with(options), ethereum_with(Mining::Manual));
        let stage = Stage::test().with_coins(&tron).with_coins(&ethereum);
        // A process that stands still in a unit of work loses it soon, and its locks with it.
        let stage = stage.set("KIVUKO__DATABASE__IDLE_TIMEOUT_MS", 1_500);
        // A busy machine is no mishap.
        let stage = stage.set("KIVUKO__TRON__TIMEOUT_MS", 20_000);
        let stage = stage.set("KIVUKO__ETHEREUM__TIMEOUT_MS", 20_000);
        let settings = stage.settings(&database).expect("settings");
        let lasting = engine(&settings).expect("settings");
        let book: Arc<dyn AddressBook> = lasting.addresses.clone();
        let open = || async {
            let chains = Chains::open(&settings, &book).await.expect("the nodes answer");
            chains.expect("the settings name chains")
        };
        let chains = [open().await, open().await];
        let sql = Sql::connect(&database.url).await;
        let hot = [Network::Tron, Network::Ethereum].map(hot_address);
        Self { tron, ethereum, settings, sql, chains, lasting, hot }
    }

    /// A process that will not live long: it has its own connections.
    pub(crate) fn mortal(&self, network: Network) -> Treasury {
        let store = PgStore::new(&self.settings.database).expect("a pool");
        let engine = Engine { store: Arc::new(store), ..self.lasting.clone() };
        let [chains, _] = &self.chains;
        treasury(chains, engine, network)
    }

    /// The process that goes on.
    pub(crate) fn lasting(&self, network: Network) -> Treasury {
        let [_, chains] = &self.chains;
        treasury(chains, self.lasting.clone(), network)
    }

    pub(crate) fn coins(&self, network: Network) -> &Coins {
        match network {
            Network::Tron => &self.tron,
            Network::Ethereum => &self.ethereum,
        }
    }

    /// Our address.
    pub(crate) fn hot(&self, network: Network) -> &str {
        let [tron, ethereum] = &self.hot;
        if network == Network::Tron { tron } else { ethereum }
    }

    pub(crate) async fn empty(&self) {
        self.sql.execute(EMPTY).await;
    }

    /// The present of the chain: not before ours.
    pub(crate) async fn now(&self, network: Network) -> OffsetDateTime {
        let seconds = match self.coins(network) {
            Coins::Tron(twin) => twin.control().now_ms().unsigned_abs() / 1_000,
            Coins::Ethereum(anvil) => {
                let chain = anvil.chain();
                let head = chain.block_number().await.expect("the node answers");
                chain.block_time(head).await.expect("the node answers")
            }
        };
        let seconds = i64::try_from(seconds).expect("a time of ours");
        let at = OffsetDateTime::from_unix_timestamp(seconds).expect("a time of ours");
        at.max(e2e::now())
    }

    /// Makes a block of what is pending, and so many more.
    pub(crate) async fn mine(&self, network: Network, more: u64) {
        match self.coins(network) {
            Coins::Tron(twin) => twin.control().advance_slots(1 + more),
            Coins::Ethereum(anvil) => {
                anvil.chain().mine(1 + more).await.expect("the node answers");
            }
        }
    }

    /// Makes what is in a block final, and what is pending too.
    pub(crate) async fn finalize(&self, network: Network) {
        let more = match self.coins(network) {
            Coins::Tron(_) => SOLID_LAG + self.settings.tron.margin_blocks,
            Coins::Ethereum(anvil) => anvil.chain().blocks_to_finality(),
        };
        self.mine(network, more).await;
    }

    async fn has_pending(&self, network: Network) -> bool {
        match self.coins(network) {
            Coins::Tron(twin) => !twin.control().pending(0).is_empty(),
            Coins::Ethereum(anvil) => anvil.chain().pending().await.expect("the node answers") > 0,
        }
    }

    /// The next block is later than this.
    async fn pass(&self, network: Network, deadline: OffsetDateTime) {
        let late = deadline + time::Duration::SECOND;
        match self.coins(network) {
            Coins::Tron(twin) => twin.control().skip_time(late - self.now(network).await),
            Coins::Ethereum(anvil) => {
                let seconds = late.unix_timestamp().unsigned_abs();
                anvil.chain().mine_at(seconds).await.expect("the node answers");
            }
        }
    }

    /// Makes blocks where there is need of them, for ever: one for what is pending, at the next beat
    /// those that make it final, and after the first of those some beyond the deadline. What came in
    /// while they were made may be in one of the last: so there are more after a while.
    pub(crate) async fn grow(&self, network: Network, mut deadline: Option<OffsetDateTime>) {
        let (mut beat, mut until_more) = (beat(50), QUIET_BEATS);
        loop {
            beat.tick().await;
            if self.has_pending(network).await {
                self.mine(network, 0).await;
                until_more = 0;
            } else if until_more > 0 {
                until_more -= 1;
            } else {
                self.finalize(network).await;
                until_more = QUIET_BEATS;
                if let Some(deadline) = deadline.take() {
                    self.pass(network, deadline).await;
                    until_more = 0;
                }
            }
        }
    }

    /// How many transactions of our hot wallet the chain has executed.
    pub(crate) async fn executed(&self, network: Network) -> u64 {
        let hot = self.hot(network);
        match self.coins(network) {
            Coins::Tron(twin) => {
                let hot = hot.parse().expect("an address");
                let all = twin.control().oracle().executions;
                let ours = all.iter().filter(|execution| execution.owner == hot).count();
                u64::try_from(ours).expect("a few")
            }
            Coins::Ethereum(anvil) => {
                let hot = hot.parse().expect("an address");
                anvil.chain().nonce(hot).await.expect("the node answers")
            }
        }
    }

    pub(crate) async fn stop(self) {
        self.tron.stop().await;
        self.ethereum.stop().await;
    }
}

fn treasury(chains: &Chains, engine: Engine, network: Network) -> Treasury {
    let watchers = chains.watchers(&engine).into_iter();
    let mut watcher = watchers.into_iter().find(|one| one.network() == network).expect("both");
    let mut treasurer = chains.treasurer(engine).expect("settings");
    let tempo = ChainTempo { lease: LEASE, ..treasurer.tempo };
    (treasurer.tempo, watcher.tempo) = (tempo, tempo);
    Treasury { treasurer, watcher, sweeps: false }
}
