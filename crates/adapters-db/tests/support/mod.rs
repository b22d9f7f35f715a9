//! A throwaway cluster for all tests, a migrated template in it, and a database of its own for each
//! test.

mod rail;
mod sql;
mod stage;

pub(crate) use rail::{
    ask_for, commit, fill, fill_chain, look, next_try, pay_out, refund, shilling, told,
};
pub(crate) use sql::{Code, Sql};
pub(crate) use stage::{buy, engine, place, seed, sell};

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use adapters_db::{DbConfig, PgStore};
use private_pg::{Options, PrivatePg, SUPERUSER};

const TEMPLATE: &str = "migrated";

/// Never dropped: the cluster's watchdog takes it away when the program ends.
static CLUSTER: LazyLock<PrivatePg> = LazyLock::new(|| {
    let root = std::env::temp_dir().join(format!("kivuko-db-{}", std::process::id()));
    let settings = [
        // Whole statements are read back from `pg_stat_activity`.
        ("track_activity_query_size", "16kB"),
        ("autovacuum", "off"),
    ];
    let options = Options {
        settings: settings.map(|(name, value)| (name.into(), value.into())).into(),
        ..Options::throwaway(root)
    };
    let cluster = PrivatePg::start(&options).expect("a throwaway cluster");
    let (postgres, template) = (url(&cluster, "postgres"), url(&cluster, TEMPLATE));
    // Whoever asks first stands in a runtime already, and runtimes do not nest.
    let migrating = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let sql = Sql::connect(&postgres).await;
            sql.run(&format!("CREATE DATABASE {TEMPLATE}")).await;
            adapters_db::migrate(&template).await.expect("migrations run");
        });
    });
    migrating.join().expect("a migrated template");
    cluster
});

fn url(cluster: &PrivatePg, database: &str) -> String {
    cluster.url(SUPERUSER, database)
}

/// A database of one test.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) url: String,
}

impl Database {
    /// Migrated, and without rows.
    pub(crate) async fn fresh() -> Self {
        Self::created(&format!("TEMPLATE {TEMPLATE}")).await
    }

    /// Without even a schema.
    pub(crate) async fn empty() -> Self {
        Self::created("").await
    }

    async fn created(how: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let sql = Sql::connect(&url(&CLUSTER, "postgres")).await;
        sql.run(&format!("CREATE DATABASE {name} {how}")).await;
        Self { url: url(&CLUSTER, &name) }
    }

    /// The defaults of the service, on this database.
    pub(crate) fn config(&self) -> DbConfig {
        DbConfig {
            url: self.url.clone(),
            pool_size: 6,
            pool_wait_ms: 10_000,
            statement_timeout_ms: 30_000,
            lock_timeout_ms: 20_000,
            idle_timeout_ms: 10_000,
        }
    }

    pub(crate) fn store(&self) -> PgStore {
        store(&self.config())
    }

    /// A session of the schema's owner, who is a superuser besides.
    pub(crate) async fn owner(&self) -> Sql {
        Sql::connect(&self.url).await
    }

    /// A session as the service has them.
    pub(crate) async fn app(&self) -> Sql {
        let sql = self.owner().await;
        sql.run("SET ROLE kivuko_app").await;
        sql
    }
}

pub(crate) fn store(config: &DbConfig) -> PgStore {
    PgStore::new(config).expect("possible settings")
}
