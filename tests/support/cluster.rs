//! PostgreSQL for the scenarios: one throwaway cluster per test program, one database per scenario.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};

use private_pg::{Options, PrivatePg, SUPERUSER};

use crate::sql::Sql;

const TEMPLATE: &str = "kivuko_template";

/// The program's cluster. It is never dropped: its watchdog ends it with the program.
static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| apart(Cluster::start));

struct Cluster {
    pg: Mutex<PrivatePg>,
    databases: AtomicU32,
}

/// Runs blocking work on a thread of its own: the caller may be a thread of a runtime.
fn apart<T: Send + 'static>(work: fn() -> T) -> T {
    let worker = std::thread::spawn(work);
    worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Nobody else's.
fn folder(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("kivuko-{name}-{}-{number}", std::process::id()))
}

impl Cluster {
    fn start() -> Self {
        let options = Options { max_connections: 500, ..Options::throwaway(folder("e2e")) };
        let pg = PrivatePg::start(&options).expect("a private PostgreSQL starts");
        let cluster = Self { pg: Mutex::new(pg), databases: AtomicU32::new(0) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        runtime.block_on(cluster.make_template());
        cluster
    }

    fn url(&self, database: &str) -> String {
        let pg = self.pg.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        pg.url(SUPERUSER, database)
    }

    async fn make_template(&self) {
        let admin = Sql::connect(&self.url("postgres")).await;
        admin.execute(&format!("CREATE DATABASE {TEMPLATE}")).await;
        let migrated = adapters_db::migrate(&self.url(TEMPLATE)).await;
        migrated.expect("an empty database can be migrated");
    }
}

/// A database that nobody else uses.
#[derive(Debug, Clone)]
pub struct Database {
    pub url: String,
}

impl Database {
    /// A migrated one.
    pub async fn fresh() -> Self {
        Self::create(&format!(" TEMPLATE {TEMPLATE}")).await
    }

    /// One without any schema.
    pub async fn empty() -> Self {
        Self::create("").await
    }

    async fn create(from: &str) -> Self {
        let number = CLUSTER.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("scenario_{number}");
        let admin = Sql::connect(&CLUSTER.url("postgres")).await;
        admin.execute(&format!("CREATE DATABASE {name}{from}")).await;
        Self { url: CLUSTER.url(&name) }
    }
}

/// A cluster of one scenario's own, which it may take down and bring back.
#[derive(Debug)]
pub struct Outage {
    root: PathBuf,
    pg: Option<PrivatePg>,
}

impl Outage {
    pub async fn prepare() -> Self {
        let root = folder("outage");
        let mut outage = Self { root, pg: None };
        outage.end().await;
        outage
    }

    /// Brings the cluster up, with all that it had.
    pub async fn end(&mut self) {
        let options = Options { durable: false, ..Options::lasting(&self.root) };
        let started = tokio::task::spawn_blocking(move || PrivatePg::start(&options));
        let pg = started.await.expect("no panic");
        self.pg = Some(pg.expect("a private PostgreSQL starts"));
    }

    /// Takes the cluster down.
    pub async fn begin(&mut self) {
        let mut pg = self.pg.take().expect("the cluster is up");
        let stopped = tokio::task::spawn_blocking(move || pg.stop()).await;
        stopped.expect("no panic").expect("PostgreSQL stops");
    }

    pub fn database(&self) -> Database {
        let pg = self.pg.as_ref().expect("the cluster is up");
        Database { url: pg.url(SUPERUSER, "postgres") }
    }
}

impl Drop for Outage {
    fn drop(&mut self) {
        let root = self.pg.as_ref().map(|pg| pg.root().to_owned());
        self.pg = None;
        for folder in root.iter().chain([&self.root]) {
            let _gone_already = std::fs::remove_dir_all(folder);
        }
    }
}
