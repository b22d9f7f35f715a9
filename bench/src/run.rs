//! One run from beginning to end: build, start, load, learn, measure, check.

use crate::books;
use crate::capture::{Captured, capture};
use crate::db::Db;
use crate::full_orders;
use crate::machine::{Machine, peak_memory_kib};
use crate::measure::{Bench, now, past};
use crate::payments::{self, Site};
use crate::pgbench::Pgbench;
use crate::report::{Figures, Report, Requests, StartUp};
use crate::rows::{Tokens, callers};
use crate::service::{self, Service};
use crate::statements::Ear;
use crate::world::Block;
use crate::{Args, Part, scan, supervision, tell, wrk};
use anyhow::{Context, Result};
use private_pg::{Options, PrivatePg, SUPERUSER};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The service's binary and the database it is given.
struct Stage<'a> {
    binary: PathBuf,
    folder: &'a Path,
    url: String,
    cluster: PrivatePg,
}

/// The most orders of the past where whole orders and blocks are measured.
const SOME: i64 = 20_000;

/// Runs everything below `folder`, which is the caller's to remove.
pub(crate) fn run(args: &Args, folder: &Path) -> Result<Report> {
    if args.has_part(Part::Requests) {
        wrk::check()?;
    }
    let binary = if let Some(binary) = &args.binary {
        std::path::absolute(binary)?
    } else {
        tell!("building the release binary");
        service::build()?
    };
    let machine = Machine::read();
    let cluster = start_cluster(&folder.join("pg"))?;
    let mut stage = Stage { binary, folder, url: cluster.url(SUPERUSER, "postgres"), cluster };
    let (at, mut figures) = (now(), Figures::default());
    let tokens = stage.tokens()?;
    if args.has_part(Part::Requests) || args.has_part(Part::Payments) {
        stage.measure_parts(args, at, &tokens, &mut figures)?;
    }
    if args.has_part(Part::FullOrders) {
        let (url, bench) = stage.apart("full_orders", args, (&tokens, args.orders().min(SOME)))?;
        let site = Site { binary: &stage.binary, folder, url: &url };
        let (rows, found) = full_orders::measure_all(&bench, &site)?;
        figures.full_orders = rows;
        figures.wrong.extend(found);
    }
    if args.has_part(Part::Scan) {
        let (url, bench) = stage.apart("scan", args, (&tokens, scan::MOST))?;
        let (rows, found) = scan::measure_all(&bench, &url)?;
        figures.scans = rows;
        figures.wrong.extend(found);
    }
    if args.has_part(Part::Supervision) {
        let (url, bench) = stage.apart("supervision", args, (&tokens, args.orders()))?;
        let (row, found) = supervision::measure(&bench, &url)?;
        figures.supervision = Some(row);
        figures.wrong.extend(found);
    }
    let postgres = Db::connect(&stage.url)?.text("SELECT split_part(version(), ' on ', 1)")?;
    stage.cluster.stop()?;
    Ok(Report {
        at: at.replace_nanosecond(0)?.format(&Rfc3339)?,
        orders: args.orders(),
        seconds_per_row: args.seconds(),
        machine,
        postgres,
        figures,
    })
}

/// How long a bare `kivuko` takes until it listens: the first time, and then again.
fn own_start_ups(binary: &Path, folder: &Path) -> Result<(u128, u128)> {
    let own = [("KIVUKO_DATA_DIR", folder.join("own").display().to_string())];
    let start = || {
        let service = Service::start(binary, &own, &folder.join("service.log"))?;
        let took = service.started_in().as_millis();
        service.stop().map(|()| took)
    };
    Ok((start()?, start()?))
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

impl<'a> Stage<'a> {
    /// Single requests and whole payments, on the database that has the whole past.
    fn measure_parts(
        &self,
        args: &'a Args,
        at: OffsetDateTime,
        tokens: &Tokens,
        figures: &mut Figures,
    ) -> Result<()> {
        self.service(&[])?.stop()?; // migrates
        let mut bench = self.bench(&self.url, args, (tokens.clone(), past(args.orders())))?;
        bench.load_past()?;
        if args.has_part(Part::Requests) {
            let (requests, found) = self.requests(&mut bench, at)?;
            figures.wrong.extend(found);
            figures.requests = Some(requests);
        }
        if args.has_part(Part::Payments) {
            let site = Site { binary: &self.binary, folder: self.folder, url: &self.url };
            let (payments, found) = payments::measure_all(&bench, &site)?;
            figures.wrong.extend(found);
            figures.payments = payments;
        }
        Ok(())
    }

    /// A database of its own, with so many orders of the past.
    fn apart(
        &self,
        name: &str,
        args: &'a Args,
        (tokens, orders): (&Tokens, i64),
    ) -> Result<(String, Bench<'a>)> {
        Db::connect(&self.url)?.run(&format!("CREATE DATABASE {name}"))?;
        let url = self.cluster.url(SUPERUSER, name);
        let settings = [("DATABASE_URL", url.clone())];
        Service::start(&self.binary, &settings, &self.folder.join("service.log"))?.stop()?; // migrates
        let mut bench = self.bench(&url, args, (tokens.clone(), past(orders)))?;
        bench.load_past()?;
        Ok((url, bench))
    }

    /// Starts the service on the given database.
    fn service(&self, more: &[(&'static str, &str)]) -> Result<Service> {
        let mut settings = vec![("DATABASE_URL", self.url.clone())];
        settings.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        Service::start(&self.binary, &settings, &self.folder.join("service.log"))
    }

    /// Single requests, and what is wrong with the books after them.
    fn requests(
        &self,
        bench: &mut Bench<'_>,
        at: OffsetDateTime,
    ) -> Result<(Requests, Vec<String>)> {
        tell!("starting up with a database of its own, new and existing");
        let (new, existing) = own_start_ups(&self.binary, self.folder)?;
        tell!("learning what the service sends");
        let captured = self.learn(bench)?;
        let service = self.service(&[])?;
        let rows = bench.measure_all(&service, &captured)?;
        let metrics = service.must("GET /metrics", "", "")?;
        bench.claims.answers = books::answers(&metrics);
        let peak_memory_kib = peak_memory_kib(service.pid())?;
        let given = service.started_in().as_millis();
        service.stop()?;
        tell!("checking the books");
        let wrong = books::check(&bench.db, &bench.claims, at)?;
        let start_up_ms = StartUp { new, existing, given };
        let claims = std::mem::take(&mut bench.claims);
        Ok((Requests { start_up_ms, rows, peak_memory_kib, claims }, wrong))
    }

    fn bench(
        &self,
        url: &str,
        args: &'a Args,
        (tokens, past): (Tokens, Block),
    ) -> Result<Bench<'a>> {
        let programs = self.cluster.bin_dir();
        Ok(Bench::new(
            args,
            self.folder,
            self.cluster.pid(),
            Db::connect(url)?,
            Pgbench::find(programs, url.to_owned(), self.folder)?,
            (tokens, past),
        ))
    }

    fn tokens(&self) -> Result<Tokens> {
        let (vendors, customers, admin) = callers();
        let all = |role, ids: Vec<String>| {
            let tokens = ids.iter().map(|id| service::token(&self.binary, role, id));
            tokens.collect::<Result<Vec<_>>>()
        };
        Ok(Tokens {
            admin: service::token(&self.binary, "admin", admin)?,
            vendors: all("vendor", vendors)?,
            customers: all("customer", customers)?,
        })
    }

    /// With one thread and workers at rest, so that a request's statements stand alone in the log.
    fn learn(&self, bench: &Bench<'_>) -> Result<Vec<Captured>> {
        let ear = Ear::open(&bench.db, &self.cluster.root().join("server.log"))?;
        let learner = self.service(&[
            ("KIVUKO__HTTP__WORKERS", "1"),
            ("KIVUKO__WORKERS__EXPIRY_INTERVAL_MS", "86400000"),
        ])?;
        // Their first turn comes at once: it must be over.
        std::thread::sleep(std::time::Duration::from_secs(1));
        let captured = capture(&learner, &ear, &bench.aim, &bench.tokens)?;
        learner.stop()?;
        Ok(captured)
    }
}
