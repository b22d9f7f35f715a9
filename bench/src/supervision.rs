//! The row of the supervisor: what one look through everything that is open costs beside the orders that
//! are over. The service's own supervisor, on a real PostgreSQL.

use crate::machine::Cpu;
use crate::measure::{Bench, now};
use crate::report::float;
use crate::tell;
use adapters_db::{DbConfig, PgStore};
use anyhow::{Result, ensure};
use domain::address::Network;
use domain::chain::Cursor;
use domain::ports::Store as _;
use domain::service::Supervisor;
use domain::supervision::SupervisionSchedule;
use domain::testing::contract::chain_samples;
use domain::testing::{SetClock, samples};
use serde::Serialize;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;

pub(crate) const TITLE: &str = "the supervisor's look";
/// What a round may cost at a million orders of which ten thousand are open.
const TARGET_MS: f64 = 50.0;
/// Open orders that are left.
const OPEN: i64 = 10_000;
/// Each delivery that is under way has its job; what is open beyond ten thousand is over.
const SCENE: &str = "
    UPDATE orders SET state = 'cancelled', status = 'cancelled', state_reason = 'expired'
    WHERE state IN ('awaiting_payment', 'delivering') AND id NOT IN (
        (SELECT id FROM orders WHERE state = 'awaiting_payment' ORDER BY id DESC LIMIT 5000)
        UNION ALL
        (SELECT id FROM orders WHERE state = 'delivering' ORDER BY id DESC LIMIT 5000));
    INSERT INTO outbox (order_id, kind, payload, idempotency_key, available_at, created_at)
    SELECT id, 'deliver', '{}', id::text || ':deliver', now() + '1 hour', now()
    FROM orders WHERE state = 'delivering';
    INSERT INTO outbox (order_id, kind, payload, idempotency_key, available_at, done_at, created_at)
    SELECT id, 'deliver', '{}', id::text || ':deliver', created_at, created_at, created_at
    FROM orders WHERE state = 'completed';
    VACUUM ANALYZE orders;
    VACUUM ANALYZE outbox;";

/// The row.
#[derive(Debug, Serialize)]
pub(crate) struct Looked {
    pub(crate) orders: i64,
    pub(crate) open_orders: usize,
    pub(crate) open_jobs: usize,
    pub(crate) rounds: u64,
    /// From the first statement to the last, with what the supervisor thinks in between.
    pub(crate) ms_per_round: f64,
    /// Processor time of the database per round.
    pub(crate) database_ms: f64,
}

/// Looks through everything again and again.
pub(crate) fn measure(bench: &Bench<'_>, url: &str) -> Result<(Looked, Vec<String>)> {
    for statement in SCENE.split_inclusive(';').filter(|statement| !statement.trim().is_empty()) {
        bench.db.run(statement)?;
    }
    let orders = bench.db.number("SELECT count(*) FROM orders")?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let supervisor = runtime.block_on(supervisor(url))?;
    let first = runtime.block_on(supervisor.round())?; // warm
    let time = Duration::from_secs(bench.args.seconds().into());
    let (begun, mut rounds) = (Instant::now(), 0);
    let before = Cpu::read(std::process::id(), bench.postmaster)?;
    while begun.elapsed() < time {
        let round = runtime.block_on(supervisor.round())?;
        ensure!(round.findings == first.findings, "the second look finds something else");
        rounds += 1;
    }
    let took = begun.elapsed().as_secs_f64() * 1_000.0;
    let after = Cpu::read(std::process::id(), bench.postmaster)?;
    let row = Looked {
        orders,
        open_orders: first.orders.values().map(|of_status| of_status.count).sum(),
        open_jobs: first.jobs.values().map(|of_kind| of_kind.count).sum(),
        rounds,
        ms_per_round: took / float(rounds),
        database_ms: float(after.since(before).database) / float(rounds) / 1_000.0,
    };
    tell!("{TITLE}: {:.1} ms, {:.1} ms of the database", row.ms_per_round, row.database_ms);
    let mut wrong = Vec::new();
    if first.findings > 0 {
        wrong.push(format!("the supervisor finds {} things in a healthy world", first.findings));
    }
    if row.open_orders != usize::try_from(OPEN)? && !bench.args.quick {
        wrong.push(format!("{} orders are open, not {OPEN}", row.open_orders));
    }
    Ok((row, wrong))
}

async fn supervisor(url: &str) -> Result<Supervisor> {
    let database = DbConfig {
        url: url.to_owned(),
        pool_size: 2,
        pool_wait_ms: 20_000,
        statement_timeout_ms: 20_000,
        lock_timeout_ms: 20_000,
        idle_timeout_ms: 20_000,
    };
    let store = Arc::new(PgStore::new(&database)?);
    let at = now().replace_nanosecond(0)?;
    let cursor = Cursor { updated_at: at, ..chain_samples::cursor(Network::Tron, 5) };
    let mut uow = store.begin().await?;
    uow.save_cursor(&cursor).await?;
    uow.commit().await?;
    let clock = Arc::new(SetClock::at(at));
    let schedule = SupervisionSchedule::default();
    Ok(Supervisor { engine: samples::engine(store, clock), schedule })
}

/// The row's own table.
pub(crate) fn markdown(row: &Looked) -> String {
    let mut text = "\n| orders | open orders | open jobs | rounds | ms per round | \
         ms of the database | target |\n|--:|--:|--:|--:|--:|--:|--:|\n"
        .to_owned();
    let _strings_take_everything = writeln!(
        text,
        "| {} | {} | {} | {} | {:.1} | {:.1} | < {TARGET_MS:.0} |",
        row.orders, row.open_orders, row.open_jobs, row.rounds, row.ms_per_round, row.database_ms,
    );
    text
}
