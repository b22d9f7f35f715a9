//! The row of scanning: what a block costs the watcher, by how many addresses are watched. The
//! watcher itself reads the twin of a Tron node, over HTTP, into a real PostgreSQL; each of the
//! blocks has a hundred transfers of USDT to a hundred different addresses, of which one is ours.

mod blocks;
mod watched;

use crate::coins::{self, Coins, HOT};
use crate::machine::{Cpu, threads};
use crate::measure::{Bench, now};
use crate::report::float;
use crate::tell;
use adapters_chain::tron::{Tron, TronConfig};
use adapters_db::{DbConfig, PgStore};
use anyhow::{Context, Result, ensure};
use domain::chain::ChainTempo;
use domain::service::Watcher;
use domain::testing::{PlainAddressBook, SetClock, samples};
use serde::Serialize;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;

pub(crate) const TITLE: &str = "scanning";
/// How many addresses are watched.
const SIZES: [i64; 3] = [10, 1_000, MOST];
/// Each is of an order.
pub(crate) const MOST: i64 = 100_000;
/// What the watcher's threads are called.
const THREADS: &str = "watcher";
/// Blocks read at a time, as in the service's settings.
const BATCH: u32 = 50;

/// The row at one number of watched addresses.
#[derive(Debug, Serialize)]
pub(crate) struct Scanned {
    pub(crate) watched: i64,
    pub(crate) blocks: u64,
    pub(crate) transfers: u64,
    pub(crate) arrivals: u64,
    pub(crate) ms_per_block: f64,
    pub(crate) ms_per_thousand_transfers: f64,
    /// Processor time per block, in microseconds.
    pub(crate) watcher_us: f64,
    pub(crate) database_us: f64,
    pub(crate) node_us: f64,
}

/// Measures the row, and answers what is wrong after it.
pub(crate) fn measure_all(bench: &Bench<'_>, url: &str) -> Result<(Vec<Scanned>, Vec<String>)> {
    let coins = Coins::start(blocks::options())?;
    let busy = if bench.args.quick { 50 } else { 200 };
    tell!("making {busy} blocks of {} transfers", blocks::TRANSFERS);
    blocks::make(&coins, busy)?;
    let (mut rows, mut wrong, mut known) = (Vec::new(), Vec::new(), 0);
    for watched in SIZES {
        watched::add(&bench.db, known..watched, &bench.aim.past)?;
        known = watched;
        let row = measure(bench, (url, &coins), (watched, busy))?;
        tell!("{TITLE} × {watched} addresses: {:.2} ms per block", row.ms_per_block);
        let found = bench.db.number("SELECT count(*) FROM chain_deposits WHERE stage = 'final'")?;
        if found != i64::try_from(busy)? {
            wrong.push(format!("deposits found in {busy} blocks: {found}"));
        }
        rows.push(row);
    }
    Ok((rows, wrong))
}

/// Reads all of the blocks again and again.
fn measure(
    bench: &Bench<'_>,
    (url, coins): (&str, &Coins),
    (size, busy): (i64, u64),
) -> Result<Scanned> {
    let runtime =
        Builder::new_multi_thread().worker_threads(1).thread_name(THREADS).enable_all().build()?;
    let watcher = runtime.block_on(async { watcher(url, coins, busy) })?;
    pass(bench, &runtime, &watcher)?; // warm
    let read = || -> Result<(Cpu, u64, u64)> {
        let cpu = Cpu::read(std::process::id(), bench.postmaster)?;
        Ok((cpu, threads(THREADS)?, threads(coins::THREADS)?))
    };
    let (time, before) = (Duration::from_secs(bench.args.seconds().into()), read()?);
    let (mut took, mut blocks, mut arrivals) = (Duration::ZERO, 0, 0);
    while took < time {
        let (one, read, found) = pass(bench, &runtime, &watcher)?;
        ensure!(read == busy, "a pass read {read} blocks, not {busy}");
        took += one;
        blocks += read;
        arrivals += found;
    }
    let after = read()?;
    let each = |micros: u64| float(micros) / float(blocks);
    let ms = took.as_secs_f64() * 1_000.0;
    let transfers = blocks * blocks::TRANSFERS;
    Ok(Scanned {
        watched: size,
        blocks,
        transfers,
        arrivals,
        ms_per_block: ms / float(blocks),
        ms_per_thousand_transfers: ms / float(transfers) * 1_000.0,
        watcher_us: each(after.1 - before.1),
        database_us: each(after.0.since(before.0).database),
        node_us: each(after.2 - before.2),
    })
}

/// One way over all busy blocks: how long it took, the blocks, and what was found in them.
fn pass(
    bench: &Bench<'_>,
    runtime: &tokio::runtime::Runtime,
    watcher: &Watcher,
) -> Result<(Duration, u64, u64)> {
    bench.db.run("TRUNCATE chain_cursors, chain_blocks, chain_deposits")?;
    // On the thread whose time is taken.
    let watcher = watcher.clone();
    runtime.block_on(runtime.spawn(async move {
        watcher.step().await.context("beginning")?;
        let (begun, mut blocks, mut arrivals) = (Instant::now(), 0, 0);
        loop {
            let step = watcher.step().await?;
            ensure!(!step.is_halted, "the watcher stands still");
            blocks += step.blocks;
            arrivals += step.arrivals;
            if step.lag == 0 {
                return Ok((begun.elapsed(), blocks, arrivals));
            }
        }
    }))?
}

fn watcher(url: &str, coins: &Coins, busy: u64) -> Result<Watcher> {
    let usdt = coins.control().token_address().to_string();
    let mut config = TronConfig::new(coins.nodes(), coins.chain_id(), usdt, HOT.to_owned());
    config.batch = BATCH;
    config.requests_per_second = 10_000;
    let tron = Tron::try_new(config, Arc::new(PlainAddressBook))?;
    let database = DbConfig {
        url: url.to_owned(),
        pool_size: 4,
        pool_wait_ms: 20_000,
        statement_timeout_ms: 20_000,
        lock_timeout_ms: 20_000,
        idle_timeout_ms: 20_000,
    };
    let store = Arc::new(PgStore::new(&database)?);
    let clock = Arc::new(SetClock::at(now().replace_nanosecond(0)?));
    Ok(Watcher {
        engine: samples::engine(store, clock),
        source: Arc::new(tron),
        tempo: ChainTempo::default(),
        batch: BATCH.into(),
        look_back: busy,
    })
}

/// The row's own table.
pub(crate) fn markdown(rows: &[Scanned]) -> String {
    let mut text = "\n| watched addresses | blocks read | ms per block | ms per 1,000 transfers | \
         µs watcher | µs database | µs Tron's twin |\n|--:|--:|--:|--:|--:|--:|--:|\n"
        .to_owned();
    for row in rows {
        let _strings_take_everything = writeln!(
            text,
            "| {} | {} | {:.2} | {:.1} | {:.0} | {:.0} | {:.0} |",
            row.watched,
            row.blocks,
            row.ms_per_block,
            row.ms_per_thousand_transfers,
            row.watcher_us,
            row.database_us,
            row.node_us,
        );
    }
    text
}
