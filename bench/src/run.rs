//! One run from beginning to end.

use crate::books::{self, Claims};
use crate::capture::{Captured, capture};
use crate::db::Db;
use crate::load::{load_orders, load_parties_and_offers};
use crate::machine::{Cpu, Machine, memory_kib, peak_memory_kib};
use crate::orders::Purpose;
use crate::pgbench::{Limit, Pgbench, Script};
use crate::report::{Measured, Report, StartUp};
use crate::rows::{Aim, Row, Tokens, callers};
use crate::service::{self, Service};
use crate::statements::Ear;
use crate::world::Block;
use crate::{Args, wrk};
use anyhow::{Context, Result};
use private_pg::{Options, PrivatePg, SUPERUSER};
use std::path::Path;
use std::time::SystemTime;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// The past ends an hour ago; orders that are loaded to be cancelled come after it.
const GAP_MS: i64 = 3_600_000;
/// The past is this long.
const PAST_MS: i64 = 90 * 24 * GAP_MS;

macro_rules! tell {
    ($($words:tt)*) => { eprintln!("bench: {}", format_args!($($words)*)) };
}

/// What a run works with.
struct Bench<'a> {
    args: &'a Args,
    folder: &'a Path,
    postmaster: u32,
    db: Db,
    pgbench: Pgbench,
    tokens: Tokens,
    aim: Aim,
    claims: Claims,
    /// Of the fastest row that writes: how many orders a row of cancellations may need.
    writes_per_second: i64,
}

pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::from(SystemTime::now())
}

fn now_ms() -> i64 {
    i64::try_from(now().unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}

/// Runs everything below `folder`, which is the caller's to remove.
pub(crate) fn run(args: &Args, folder: &Path) -> Result<Report> {
    wrk::check()?;
    let binary = match &args.binary {
        Some(binary) => std::path::absolute(binary)?,
        None => {
            tell!("building the release binary");
            service::build()?
        }
    };
    let machine = Machine::read(String::new());
    let log = folder.join("service.log");
    tell!("starting up with a database of its own, new and existing");
    let own = [("KIVUKO_DATA_DIR", folder.join("own").display().to_string())];
    let mut own_starts = Vec::new();
    for _ in 0..2 {
        let service = Service::start(&binary, &own, &log)?;
        own_starts.push(service.started_in().as_millis());
        service.stop()?;
    }
    let mut cluster = start_cluster(&folder.join("pg"))?;
    let url = cluster.url(SUPERUSER, "postgres");
    let given = |more: &[(&'static str, &str)]| {
        let mut settings = vec![("DATABASE_URL", url.clone())];
        settings.extend(
            more.iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        Service::start(&binary, &settings, &log)
    };
    given(&[])?.stop()?; // migrates
    let begun = now();
    let mut bench = Bench {
        pgbench: Pgbench::find(cluster.bin_dir(), url.clone(), folder)?,
        db: Db::connect(&url)?,
        tokens: tokens(&binary)?,
        args,
        folder,
        postmaster: cluster.pid(),
        aim: aim(args.orders()),
        claims: Claims::default(),
        writes_per_second: 15_000,
    };
    bench.load_past()?;
    let resting = [
        ("KIVUKO__HTTP__WORKERS", "1"),
        ("KIVUKO__WORKERS__EXPIRY_INTERVAL_MS", "86400000"),
    ];
    tell!("learning what the service sends");
    let learner = given(&resting)?;
    let ear = Ear::open(&bench.db, &cluster.root().join("server.log"))?;
    learner.stop()?; // its sessions are older than the ear
    let learner = given(&resting)?;
    let captured = capture(&learner, &ear, &bench.aim, &bench.tokens)?;
    learner.stop()?;
    drop(ear);
    let service = given(&[])?;
    let rows = bench.measure_all(&service, &captured)?;
    let metrics = service.must("GET /metrics", "", "")?;
    bench.claims.answers = books::answers(&metrics);
    let peak_memory_kib = peak_memory_kib(service.pid())?;
    let given_start = service.started_in().as_millis();
    service.stop()?;
    tell!("checking the books");
    let wrong = books::check(&bench.db, &bench.claims, begun)?;
    let postgres = bench.db.text("SELECT split_part(version(), ' on ', 1)")?;
    let Bench { claims, db, .. } = bench;
    drop(db);
    cluster.stop()?;
    Ok(Report {
        at: begun.replace_nanosecond(0)?.format(&Rfc3339)?,
        orders: args.orders(),
        seconds_per_row: args.seconds(),
        machine: Machine {
            postgres,
            ..machine
        },
        start_up_ms: StartUp {
            own_new_database: own_starts[0],
            own_existing_database: own_starts[1],
            given_database: given_start,
        },
        rows,
        peak_memory_kib,
        claims,
        wrong,
    })
}

/// Durable, as a service's database is; roomy enough that no checkpoint falls into a row.
fn start_cluster(root: &Path) -> Result<PrivatePg> {
    let settings = [
        ("shared_buffers", "1GB"),
        ("max_wal_size", "8GB"),
        ("checkpoint_timeout", "30min"),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    PrivatePg::start(&Options {
        temporary: true,
        max_connections: 200,
        settings: settings.into(),
        ..Options::lasting(root)
    })
    .context("starting the database")
}

fn tokens(binary: &Path) -> Result<Tokens> {
    let (vendors, customers, admin) = callers();
    let all = |role, ids: Vec<String>| {
        let tokens = ids.iter().map(|id| service::token(binary, role, id));
        tokens.collect::<Result<Vec<_>>>()
    };
    Ok(Tokens {
        admin: service::token(binary, "admin", admin)?,
        vendors: all("vendor", vendors)?,
        customers: all("customer", customers)?,
    })
}

fn aim(orders: i64) -> Aim {
    let step_ms = (PAST_MS / orders).max(1);
    let start_ms = now_ms() - GAP_MS - orders * step_ms;
    let past = Block {
        start_ms,
        step_ms,
        count: orders,
    };
    let pool = Block {
        start_ms: past.end_ms() + 1_000,
        step_ms: 1,
        count: 0,
    };
    Aim { past, pool }
}

impl Bench<'_> {
    fn load_past(&mut self) -> Result<()> {
        load_parties_and_offers(&self.db)?;
        let tomorrow = now() + Duration::DAY;
        let past = self.aim.past;
        load_orders(&self.db, &past, Purpose::Past, tomorrow, |done| {
            if done % 100_000 == 0 || done == past.count {
                tell!("{done} of {} orders loaded", past.count);
            }
        })?;
        self.claims.loaded += past.count;
        tell!("tidying the tables");
        self.db.run("VACUUM (FREEZE, ANALYZE)")?;
        self.db.run("CHECKPOINT")
    }

    fn measure_all(&mut self, service: &Service, captured: &[Captured]) -> Result<Vec<Measured>> {
        let mut measured = Vec::new();
        for (row, captured) in Row::ALL.into_iter().zip(captured) {
            for &connections in &self.args.connections {
                if !self.args.has(row) {
                    continue;
                }
                let figures = self.measure(service, row, connections, captured);
                let figures = figures.with_context(|| row.title())?;
                tell!(
                    "{} × {connections}: {:.0} req/s beside {:.0} tps",
                    row.title(),
                    figures.requests_per_second,
                    figures.pgbench.per_second
                );
                measured.push(figures);
            }
        }
        Ok(measured)
    }

    /// The service first, then pgbench, each on the same tables and with as fresh a checkpoint.
    fn measure(
        &mut self,
        service: &Service,
        row: Row,
        connections: u32,
        captured: &Captured,
    ) -> Result<Measured> {
        let seconds = self.args.seconds();
        self.prepare(row, Purpose::ForService)?;
        let script = row.lua(&self.aim, &self.tokens);
        let drive = |seconds| {
            wrk::run(
                self.folder,
                service.address(),
                &script,
                connections,
                seconds,
            )
        };
        if row != Row::Cancel {
            drive(1)?; // warms up; cancelling has no order to spare
        }
        let before = Cpu::read(service.pid(), self.postmaster)?;
        let load = drive(seconds)?;
        let cpu = Cpu::read(service.pid(), self.postmaster)?.since(before);
        anyhow::ensure!(
            load.refused == 0 && load.broken == 0,
            "{} requests were refused and {} broken: {}",
            load.refused,
            load.broken,
            std::fs::read_to_string(self.folder.join("service.log")).unwrap_or_default()
        );
        let memory = (peak_memory_kib(service.pid())?, memory_kib(service.pid())?);
        self.prepare(row, Purpose::ForPgbench)?;
        let swaps = row.swaps(&self.aim, &captured.order, now_ms(), connections);
        let mut script = Script::new(&captured.sent, &swaps)?;
        script.variables.push(("turn".to_owned(), "0".to_owned()));
        let before = Cpu::read(service.pid(), self.postmaster)?;
        let limit = self.pgbench.run(&script, connections, seconds)?;
        let its_cpu = Cpu::read(service.pid(), self.postmaster)?.since(before);
        self.note(row, connections, limit)?;
        let load_per_second = i64::try_from(load.requests)? / i64::from(seconds);
        let limit_per_second = i64::try_from(limit.transactions)? / i64::from(seconds);
        if matches!(row, Row::Create | Row::CreateHot) {
            self.writes_per_second = load_per_second.max(limit_per_second).max(5_000);
        }
        Ok(Measured::new(
            (row, connections),
            (load, cpu),
            (limit, its_cpu),
            memory,
            captured,
        ))
    }

    /// Gives a row that writes the same start for both sides, and one that cancels its orders.
    fn prepare(&mut self, row: Row, purpose: Purpose) -> Result<()> {
        if row == Row::Cancel {
            let count = self.writes_per_second * 3 / 2 * i64::from(self.args.seconds()) + 10_000;
            let start_ms = self.aim.pool.end_ms();
            self.aim.pool = Block {
                start_ms,
                step_ms: 1,
                count,
            };
            tell!("loading {count} orders to cancel");
            let tomorrow = now() + Duration::DAY;
            load_orders(&self.db, &self.aim.pool, purpose, tomorrow, |_| {})?;
            self.claims.loaded += count;
            self.db
                .run("VACUUM (ANALYZE) orders, order_events, offers")?;
        }
        if row.writes() {
            self.db.run("CHECKPOINT")?;
        }
        Ok(())
    }

    fn note(&mut self, row: Row, connections: u32, limit: Limit) -> Result<()> {
        let (done, cut_off) = (i64::try_from(limit.transactions)?, i64::from(connections));
        match row {
            Row::Create | Row::CreateHot => {
                self.claims.placed_by_pgbench += done;
                self.claims.placing_cut_off += 2 * cut_off; // of the warm-up as well
            }
            Row::Cancel => {
                self.claims.cancelled_by_pgbench += done;
                self.claims.cancelling_cut_off += cut_off;
            }
            Row::List | Row::Cursor | Row::Pending | Row::Details => {}
        }
        Ok(())
    }
}
