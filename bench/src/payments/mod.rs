//! The row of payments: whole on-ramp payments per second, from the order to `processing`, against
//! a twin of Daraja whose payers approve at once. pgbench has no statement that is one of these, so
//! that they stand beside what they are made of: the transactions that each writes, and how many of
//! the smallest ones the same database commits.

mod books;
mod customers;
mod rail;

use crate::customers::{Plan, drive};
use crate::machine::{Cpu, memory_kib, threads};
use crate::measure::Bench;
use crate::pgbench::Script;
use crate::report::float;
use crate::service::{self, Service};
use crate::tell;
use anyhow::{Context, Result};
use customers::Payers;
pub(crate) use rail::{Rail, THREADS};
use serde::Serialize;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const TITLE: &str = "payments: create → STK → callback → confirmed";

/// Writes and commits, and does nothing else.
const SMALLEST: &str = "SELECT pg_logical_emit_message(true, 'bench', 'x');\n";

/// Statements that were planned over empty tables scan them until somebody analyses them, as
/// autovacuum does within a minute: so long so many customers pay before anything is measured.
const SEASONING_S: u32 = 4;
const FEW: u32 = 16;

/// What the row is measured with.
#[derive(Debug)]
pub(crate) struct Site<'a> {
    pub(crate) binary: &'a Path,
    pub(crate) folder: &'a Path,
    pub(crate) url: &'a str,
}

/// The row at one number of customers.
#[derive(Debug, Serialize)]
pub(crate) struct Paid {
    pub(crate) customers: u32,
    pub(crate) payments: u64,
    pub(crate) per_second: f64,
    /// Of the request that starts the payment; it asks the rail.
    pub(crate) post_p50_us: u64,
    pub(crate) post_p99_us: u64,
    /// From the order's creation to the event that confirms its payment.
    pub(crate) confirmed_p50_us: u64,
    pub(crate) confirmed_p99_us: u64,
    /// Transactions with an id of their own: those that write.
    pub(crate) writes_each: f64,
    pub(crate) wal_bytes_each: f64,
    pub(crate) pgbench_commits_per_second: f64,
    /// Processor time per payment, in microseconds.
    pub(crate) service_us: f64,
    pub(crate) database_us: f64,
    pub(crate) twin_us: f64,
    pub(crate) customers_us: f64,
    pub(crate) memory_kib: u64,
}

/// Measures the row, and answers what is wrong with the books after it.
pub(crate) fn measure_all(bench: &Bench<'_>, site: &Site<'_>) -> Result<(Vec<Paid>, Vec<String>)> {
    let rail = Rail::start()?;
    let mut settings = rail.settings();
    settings.push(("DATABASE_URL", site.url.to_owned()));
    let service = Service::start(site.binary, &settings, &site.folder.join("service.log"))?;
    settings.push(("KIVUKO__MPESA__CALLBACK_BASE", format!("http://{}", service.address())));
    service::output(site.binary, &settings, &["mpesa", "register"])?;
    let plan = |customers, warm_up, seconds: u32, first| Plan {
        url: format!("http://{}", service.address()),
        database: site.url.to_owned(),
        tokens: bench.tokens.customers.clone(),
        customers,
        warm_up: Duration::from_secs(warm_up),
        time: Duration::from_secs(seconds.into()),
        first,
    };
    tell!("paying until the rail's tables are worth an index");
    let nobody_asks = Arc::new(Payers::default());
    let mut flows = drive(plan(FEW, 0, SEASONING_S, 0), &nobody_asks)?.orders;
    bench.db.run("VACUUM (ANALYZE)")?;
    let mut rows = Vec::new();
    for &customers in &bench.args.connections {
        let plan = plan(customers, 1, bench.args.seconds(), flows);
        let (row, done) = measure(bench, &service, plan).context(TITLE)?;
        tell!("{TITLE} × {customers}: {:.0} payments/s", row.per_second);
        flows += done;
        rows.push(row);
    }
    let metrics = service.must("GET /metrics", "", "")?;
    service.stop()?;
    let wrong = books::check(&bench.db, &rail.oracle(), flows, &metrics)?;
    Ok((rows, wrong))
}

/// What moves while payments are made, read before and after.
#[derive(Debug, Clone, Copy)]
struct Meter {
    cpu: Cpu,
    twin: u64,
    transactions: i64,
    wal: i64,
}

impl Meter {
    fn read(bench: &Bench<'_>, service: &Service) -> Result<Self> {
        Ok(Self {
            cpu: Cpu::read(service.pid(), bench.postmaster)?,
            twin: threads(THREADS)?,
            transactions: bench.db.number("SELECT pg_current_xact_id()::text::bigint")?,
            wal: bench.db.number("SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint")?,
        })
    }
}

/// One number of customers; answers how many payments were made in all as well.
fn measure(bench: &Bench<'_>, service: &Service, plan: Plan) -> Result<(Paid, i64)> {
    bench.db.run("CHECKPOINT")?;
    let customers = plan.customers;
    let before = Meter::read(bench, service)?;
    let payers = Arc::new(Payers::default());
    let driven = drive(plan, &payers)?;
    let (begun_us, ended_us) = (driven.begun_us, driven.ended_us);
    let after = Meter::read(bench, service)?;
    let script = Script { text: SMALLEST.to_owned(), variables: Vec::new() };
    let limit = bench.pgbench.run(&script, customers, bench.args.seconds())?;
    let confirmed = bench.db.rows(&format!(
        "SELECT count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY took),
                percentile_disc(0.99) WITHIN GROUP (ORDER BY took)
         FROM (SELECT (extract(epoch FROM paid.at - placed.at) * 1000000)::bigint AS took
               FROM collections JOIN order_events AS paid USING (order_id)
               JOIN order_events AS placed USING (order_id)
               WHERE paid.kind = 'payment_confirmed' AND placed.seq = 1
                 AND paid.at >= to_timestamp({begun_us} / 1e6)
                 AND paid.at < to_timestamp({ended_us} / 1e6)) AS told"
    ))?;
    let row = confirmed.first().context("an aggregate without a row")?;
    let payments = u64::try_from(row.try_get::<_, i64>(0)?)?;
    let micros = |column| -> Result<u64> {
        let told: Option<i64> = row.try_get(column)?;
        Ok(u64::try_from(told.context("nothing was confirmed in time")?)?)
    };
    let all = u64::try_from(driven.orders)?.max(1);
    let each = |amount: u64| float(amount) / float(all);
    let cpu = after.cpu.since(before.cpu);
    let posts = payers.posts(&driven);
    let paid = Paid {
        customers,
        payments,
        per_second: float(payments) * 1e6 / float(u64::try_from(ended_us - begun_us)?.max(1)),
        post_p50_us: percentile(&posts, 50),
        post_p99_us: percentile(&posts, 99),
        confirmed_p50_us: micros(1)?,
        confirmed_p99_us: micros(2)?,
        writes_each: each(u64::try_from(after.transactions - before.transactions)?),
        wal_bytes_each: each(u64::try_from(after.wal - before.wal)?),
        pgbench_commits_per_second: limit.per_second,
        service_us: each(cpu.service),
        database_us: each(cpu.database),
        twin_us: each(after.twin.saturating_sub(before.twin)),
        customers_us: each(driven.own_us),
        memory_kib: memory_kib(service.pid())?,
    };
    Ok((paid, driven.orders))
}

/// Of sorted values.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    sorted.get(sorted.len() * percent / 100).or(sorted.last()).copied().unwrap_or(0)
}

/// The row's own table.
pub(crate) fn markdown(rows: &[Paid]) -> String {
    let ms = |micros: u64| float(micros) / 1_000.0;
    let mut text = "\n| | customers | payments/s | p50 ms of the POST | p99 ms | p50 ms until confirmed | \
         p99 ms | writing transactions | WAL KiB | µs service | µs database | µs twin | µs customers |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
        .to_owned();
    for row in rows {
        let _strings_take_everything = writeln!(
            text,
            "| {TITLE} | {} | {:.0} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.0} | {:.0} | {:.0} | {:.0} |",
            row.customers,
            row.per_second,
            ms(row.post_p50_us),
            ms(row.post_p99_us),
            ms(row.confirmed_p50_us),
            ms(row.confirmed_p99_us),
            row.writes_each,
            row.wal_bytes_each / 1024.0,
            row.service_us,
            row.database_us,
            row.twin_us,
            row.customers_us,
        );
    }
    for row in rows {
        let limit = row.pgbench_commits_per_second / row.writes_each.max(1.0);
        let _strings_take_everything = writeln!(
            text,
            "\nWith {} sessions pgbench commits {:.0} of the smallest transactions per second: enough \
             for {limit:.0} payments, of which {:.0} % are made.",
            row.customers,
            row.pgbench_commits_per_second,
            row.per_second / limit * 100.0,
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let sorted: Vec<u64> = (1..=200).collect();
        assert_eq!((percentile(&sorted, 50), percentile(&sorted, 99)), (101, 199));
        assert_eq!((percentile(&[7], 99), percentile(&[], 99)), (7, 0));
    }
}
