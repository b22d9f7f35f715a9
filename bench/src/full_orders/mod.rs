//! The row of full orders: orders of both kinds per second, from the request to the end of both
//! legs, against the twins of Daraja and of a Tron node whose blocks come every thirty milliseconds:
//! a hundred times as fast as the real chain's, as are the service's schedules. Payers approve at
//! once, so that most of an order's time is blocks becoming solid, and most of its work is ours.

mod books;
mod customers;

use crate::coins::{self, Coins, HOT};
use crate::customers::{Driven, Plan, drive};
use crate::load::load_buying_offers;
use crate::machine::{Cpu, memory_kib, threads};
use crate::measure::Bench;
use crate::payments::{Rail, Site};
use crate::report::float;
use crate::service::{self, Service};
use crate::tell;
use crate::world::WALLET;
use anyhow::{Context, Result};
use books::Truth;
use customers::Traders;
use serde::Serialize;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};
use twins::tron::TronOptions;

pub(crate) const TITLE: &str = "full orders: create → both legs final";

/// Real milliseconds per block.
const SLOT_MS: u64 = 30;
/// Orders before anything is measured: statements that were planned over empty tables scan them.
const SEASONING_S: u32 = 4;
const FEW: u32 = 16;
/// Cents in the float: more than any run can pay out.
const FLOAT: i64 = 100_000_000_000;
/// How long the last steps of complete orders may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// One kind of order.
#[derive(Debug, Serialize)]
pub(crate) struct Kind {
    pub(crate) order_type: String,
    pub(crate) orders: u64,
    pub(crate) p50_us: u64,
    pub(crate) p99_us: u64,
    /// What an order is made of: each event, and how long it came after the one before (median).
    pub(crate) events: Vec<(String, u64)>,
}

/// The row at one number of customers.
#[derive(Debug, Serialize)]
pub(crate) struct Whole {
    pub(crate) customers: u32,
    pub(crate) slot_ms: u64,
    pub(crate) orders: u64,
    pub(crate) per_second: f64,
    pub(crate) kinds: Vec<Kind>,
    /// Transactions with an id of their own: those that write.
    pub(crate) writes_each: f64,
    pub(crate) wal_bytes_each: f64,
    /// Questions to the chain's node per order, those of the watcher included.
    pub(crate) questions_each: f64,
    /// Processor time per order, in microseconds.
    pub(crate) service_us: f64,
    pub(crate) database_us: f64,
    pub(crate) twin_us: f64,
    pub(crate) node_us: f64,
    pub(crate) customers_us: f64,
    pub(crate) memory_kib: u64,
}

/// What the orders go through.
struct Ground<'a> {
    bench: &'a Bench<'a>,
    rail: Rail,
    coins: Coins,
    service: Service,
}

/// Measures the row, and answers what is wrong with the books after it.
pub(crate) fn measure_all(bench: &Bench<'_>, site: &Site<'_>) -> Result<(Vec<Whole>, Vec<String>)> {
    load_buying_offers(&bench.db)?;
    let ground = Ground::open(bench, site)?;
    let plan = |customers, warm_up, seconds: u32, first| Plan {
        url: format!("http://{}", ground.service.address()),
        database: site.url.to_owned(),
        tokens: bench.tokens.customers.clone(),
        customers,
        warm_up: Duration::from_secs(warm_up),
        time: Duration::from_secs(seconds.into()),
        first,
    };
    tell!("buying and selling until the rails' tables are worth an index");
    let mut orders = ground.drive(plan(FEW, 0, SEASONING_S, 0))?.orders;
    bench.db.run("VACUUM (ANALYZE)")?;
    let mut rows = Vec::new();
    for &customers in &bench.args.connections {
        let plan = plan(customers, 1, bench.args.seconds(), orders);
        let (row, done) = ground.measure(plan).context(TITLE)?;
        tell!("{TITLE} × {customers}: {:.1} orders/s", row.per_second);
        orders += done;
        rows.push(row);
    }
    let wrong = ground.close(orders)?;
    Ok((rows, wrong))
}

/// What moves while orders are made, read before and after.
#[derive(Debug, Clone, Copy)]
struct Meter {
    cpu: Cpu,
    twin: u64,
    node: u64,
    questions: u64,
    transactions: i64,
    wal: i64,
}

impl<'a> Ground<'a> {
    fn open(bench: &'a Bench<'a>, site: &Site<'_>) -> Result<Self> {
        let rail = Rail::start()?;
        rail.set_float(FLOAT);
        let coins = Coins::start(TronOptions { slot_ms: SLOT_MS, ..TronOptions::default() })?;
        coins.control().change_rules(|rules| rules.max_pending = 10_000);
        coins.fund(HOT)?;
        coins.fund(WALLET)?;
        let mut settings = rail.settings();
        settings.extend(coins.settings(SLOT_MS));
        settings.push(("DATABASE_URL", site.url.to_owned()));
        settings.push(("KIVUKO_DATA_DIR", site.folder.join("full").display().to_string()));
        let service = Service::start(site.binary, &settings, &site.folder.join("service.log"))?;
        settings.push(("KIVUKO__MPESA__CALLBACK_BASE", format!("http://{}", service.address())));
        service::output(site.binary, &settings, &["mpesa", "register"])?;
        let ground = Self { bench, rail, coins, service };
        // The stock as it is first seen is the operator's own; it must be seen before it moves.
        ground.until("SELECT count(*) FROM ledger_entries WHERE cause LIKE 'opening:%:USDT'", 1)?;
        Ok(ground)
    }

    fn until(&self, sql: &str, wanted: i64) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while self.bench.db.number(sql)? != wanted && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn read(&self) -> Result<Meter> {
        let db = &self.bench.db;
        Ok(Meter {
            cpu: Cpu::read(self.service.pid(), self.bench.postmaster)?,
            twin: threads(crate::payments::THREADS)?,
            node: threads(coins::THREADS)?,
            questions: self.coins.requests(),
            transactions: db.number("SELECT pg_current_xact_id()::text::bigint")?,
            wal: db.number("SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint")?,
        })
    }

    fn drive(&self, plan: Plan) -> Result<Driven> {
        drive(plan, &Arc::new(Traders { chain: self.coins.control() }))
    }

    /// One number of customers; answers how many orders were made in all as well.
    fn measure(&self, plan: Plan) -> Result<(Whole, i64)> {
        self.bench.db.run("CHECKPOINT")?;
        let customers = plan.customers;
        let before = self.read()?;
        let Driven { begun_us, ended_us, orders: all, own_us } = self.drive(plan)?;
        let after = self.read()?;
        let kinds = self.kinds((begun_us, ended_us))?;
        let orders = kinds.iter().map(|kind| kind.orders).sum();
        let divisor = float(u64::try_from(all)?.max(1));
        let each = |amount: u64| float(amount) / divisor;
        let cpu = after.cpu.since(before.cpu);
        let row = Whole {
            customers,
            slot_ms: SLOT_MS,
            orders,
            per_second: float(orders) * 1e6 / float(u64::try_from(ended_us - begun_us)?.max(1)),
            kinds,
            writes_each: each(u64::try_from(after.transactions - before.transactions)?),
            wal_bytes_each: each(u64::try_from(after.wal - before.wal)?),
            questions_each: each(after.questions - before.questions),
            service_us: each(cpu.service),
            database_us: each(cpu.database),
            twin_us: each(after.twin.saturating_sub(before.twin)),
            node_us: each(after.node.saturating_sub(before.node)),
            customers_us: each(own_us),
            memory_kib: memory_kib(self.service.pid())?,
        };
        Ok((row, all))
    }

    /// The orders that ended in time, by kind.
    fn kinds(&self, (begun_us, ended_us): (i64, i64)) -> Result<Vec<Kind>> {
        let which = format!(
            "completed_at >= to_timestamp({begun_us} / 1e6)
             AND completed_at < to_timestamp({ended_us} / 1e6)"
        );
        let rows = self.bench.db.rows(&format!(
            "SELECT order_type::text, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY took),
                    percentile_disc(0.99) WITHIN GROUP (ORDER BY took)
             FROM (SELECT order_type,
                          (extract(epoch FROM completed_at - created_at) * 1e6)::bigint AS took
                   FROM orders WHERE {which}) AS told
             GROUP BY 1 ORDER BY 1 DESC"
        ))?;
        let kind = |row: &tokio_postgres::Row| -> Result<Kind> {
            let order_type: String = row.try_get(0)?;
            let micros = |column| anyhow::Ok(u64::try_from(row.try_get::<_, i64>(column)?)?);
            let (orders, p50_us, p99_us) = (micros(1)?, micros(2)?, micros(3)?);
            let events = self.events(&format!("order_type = '{order_type}' AND {which}"))?;
            Ok(Kind { order_type, orders, p50_us, p99_us, events })
        };
        rows.iter().map(kind).collect()
    }

    fn events(&self, which: &str) -> Result<Vec<(String, u64)>> {
        let rows = self.bench.db.rows(&format!(
            "SELECT kind::text, percentile_disc(0.5) WITHIN GROUP (ORDER BY took)
             FROM (SELECT kind, seq, (extract(epoch FROM at - lag(at) OVER history) * 1e6)::bigint
                          AS took
                   FROM order_events WHERE order_id IN (SELECT id FROM orders WHERE {which})
                   WINDOW history AS (PARTITION BY order_id ORDER BY seq)) AS told
             WHERE took IS NOT NULL GROUP BY 1 ORDER BY avg(seq)"
        ))?;
        let event = |row: &tokio_postgres::Row| {
            Ok((row.try_get(0)?, u64::try_from(row.try_get::<_, i64>(1)?)?))
        };
        rows.iter().map(event).collect()
    }

    /// Waits until nothing moves, stops the service, and checks the books.
    fn close(self, orders: i64) -> Result<Vec<String>> {
        self.until("SELECT count(*) FROM outbox WHERE done_at IS NULL", 0)?;
        self.until("SELECT count(*) FROM callbacks WHERE settled_at IS NULL", 0)?;
        let metrics = self.service.must("GET /metrics", "", "")?;
        self.service.stop()?;
        let rail = self.rail.oracle();
        let truth = Truth { rail: &rail, coins: &self.coins, metrics: &metrics };
        books::check(&self.bench.db, &truth, orders)
    }
}

/// The row's own tables.
pub(crate) fn markdown(rows: &[Whole]) -> String {
    let ms = |micros: u64| float(micros) / 1_000.0;
    let mut text =
        "\n| | customers | orders/s | p50 s of a buy | p99 s | p50 s of a sell | p99 s | \
         writing transactions | WAL KiB | questions to the node | µs service | µs database | \
         µs Daraja's twin | µs Tron's twin | µs customers |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
            .to_owned();
    for row in rows {
        let _strings_take_everything =
            write!(text, "| {TITLE} | {} | {:.1} |", row.customers, row.per_second);
        for kind in &row.kinds {
            let (p50, p99) = (ms(kind.p50_us) / 1_000.0, ms(kind.p99_us) / 1_000.0);
            let _strings_take_everything = write!(text, " {p50:.2} | {p99:.2} |");
        }
        let _strings_take_everything = writeln!(
            text,
            " {:.1} | {:.1} | {:.1} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} |",
            row.writes_each,
            row.wal_bytes_each / 1024.0,
            row.questions_each,
            row.service_us,
            row.database_us,
            row.twin_us,
            row.node_us,
            row.customers_us,
        );
    }
    for row in rows {
        for kind in &row.kinds {
            let events: Vec<_> = kind
                .events
                .iter()
                .map(|(event, took)| format!("{event} +{:.0}", ms(*took)))
                .collect();
            let _strings_take_everything = writeln!(
                text,
                "\n{} with {} customers, ms from event to event (median): {}.",
                kind.order_type,
                row.customers,
                events.join(", ")
            );
        }
    }
    let _strings_take_everything = writeln!(
        text,
        "\nA block comes every {SLOT_MS} ms, a hundredth of the real chain's three seconds, and is \
         solid 19 blocks later: {} ms of every order.",
        SLOT_MS * 19
    );
    text
}
