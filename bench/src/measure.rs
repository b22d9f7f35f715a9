//! The measuring itself: each row with the service and then with pgbench, on the same tables.

use crate::books::Claims;
use crate::capture::Captured;
use crate::db::Db;
use crate::load::{load_orders, load_parties_and_offers};
use crate::machine::{Cpu, memory_kib, peak_memory_kib};
use crate::orders::Purpose;
use crate::pgbench::{Limit, Pgbench, Script};
use crate::report::Measured;
use crate::rows::{Aim, Row, Tokens};
use crate::service::Service;
use crate::world::Block;
use crate::wrk::Load;
use crate::{Args, tell, wrk};
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::time::SystemTime;
use time::{Duration, OffsetDateTime};

const HOUR_MS: i64 = 3_600_000;
/// The past is this long, and ends an hour ago: orders that are loaded to be cancelled follow it.
const PAST_MS: i64 = 90 * 24 * HOUR_MS;
/// More cancellations per second than any machine has shown, when nothing has been written yet.
const MOST_WRITES: i64 = 15_000;

/// What the rows are measured with.
pub(crate) struct Bench<'a> {
    pub(crate) args: &'a Args,
    folder: &'a Path,
    pub(crate) postmaster: u32,
    pub(crate) pgbench: Pgbench,
    pub(crate) db: Db,
    pub(crate) tokens: Tokens,
    pub(crate) aim: Aim,
    pub(crate) claims: Claims,
    /// The most that a row has created: bounds how many orders a row of cancellations may need.
    writes_per_second: Option<i64>,
}

pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::from(SystemTime::now())
}

fn now_ms() -> i64 {
    i64::try_from(now().unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}

/// `count` orders, evenly over the past.
pub(crate) fn past(count: i64) -> Block {
    let step_ms = (PAST_MS / count).max(1);
    Block { start_ms: now_ms() - HOUR_MS - count * step_ms, step_ms, count }
}

impl<'a> Bench<'a> {
    pub(crate) fn new(
        args: &'a Args,
        folder: &'a Path,
        postmaster: u32,
        db: Db,
        pgbench: Pgbench,
        (tokens, past): (Tokens, Block),
    ) -> Self {
        let pool = Block { start_ms: past.end_ms() + 1_000, step_ms: 1, count: 0 };
        Self {
            args,
            folder,
            postmaster,
            pgbench,
            db,
            tokens,
            aim: Aim { past, pool },
            claims: Claims::default(),
            writes_per_second: None,
        }
    }

    pub(crate) fn load_past(&mut self) -> Result<()> {
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

    pub(crate) fn measure_all(
        &mut self,
        service: &Service,
        captured: &[Captured],
    ) -> Result<Vec<Measured>> {
        let mut measured = Vec::new();
        let rows = Row::ALL.into_iter().zip(captured);
        for (row, captured) in rows.filter(|(row, _)| self.args.has(*row)) {
            for &connections in &self.args.connections {
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

    fn measure(
        &mut self,
        service: &Service,
        row: Row,
        connections: u32,
        captured: &Captured,
    ) -> Result<Measured> {
        self.prepare(row, Purpose::ForService)?;
        let driven = self.drive(service, row, connections)?;
        let memory = (peak_memory_kib(service.pid())?, memory_kib(service.pid())?);
        self.prepare(row, Purpose::ForPgbench)?;
        let swaps = row.swaps(&self.aim, &captured.order, now_ms(), connections);
        let mut script = Script::new(&captured.sent, &swaps)?;
        script.variables.push(("turn".to_owned(), "0".to_owned()));
        let before = Cpu::read(service.pid(), self.postmaster)?;
        let limit = self.pgbench.run(&script, connections, self.args.seconds())?;
        let cpu = Cpu::read(service.pid(), self.postmaster)?.since(before);
        self.note(row, connections, &driven.0, limit)?;
        let which = (row, connections);
        Ok(Measured::new(which, driven, (limit, cpu), memory, captured))
    }

    /// The service under wrk, warm.
    fn drive(&self, service: &Service, row: Row, connections: u32) -> Result<(Load, Cpu)> {
        let (address, lua) = (service.address(), row.lua(&self.aim, &self.tokens));
        let drive = |seconds| wrk::run(self.folder, address, &lua, connections, seconds);
        if row != Row::Cancel {
            drive(1)?; // cancelling has no order to spare
        }
        let before = Cpu::read(service.pid(), self.postmaster)?;
        let load = drive(self.args.seconds())?;
        let cpu = Cpu::read(service.pid(), self.postmaster)?.since(before);
        let complaint = || std::fs::read_to_string(self.folder.join("service.log"));
        ensure!(
            load.refused == 0 && load.broken == 0,
            "{} requests were refused and {} had no answer: {}",
            load.refused,
            load.broken,
            complaint().unwrap_or_default()
        );
        Ok((load, cpu))
    }

    /// Gives a row that writes the same start for both sides, and one that cancels its orders.
    fn prepare(&mut self, row: Row, purpose: Purpose) -> Result<()> {
        if row == Row::Cancel {
            let most = self.writes_per_second.unwrap_or(MOST_WRITES);
            let count = most * 3 / 2 * i64::from(self.args.seconds()) + 10_000;
            let start_ms = self.aim.pool.end_ms();
            self.aim.pool = Block { start_ms, step_ms: 1, count };
            tell!("loading {count} orders to cancel");
            let tomorrow = now() + Duration::DAY;
            load_orders(&self.db, &self.aim.pool, purpose, tomorrow, |_| {})?;
            self.claims.loaded += count;
            self.db.run("VACUUM (ANALYZE) orders, order_events, offers")?;
        }
        if row.writes() {
            self.db.run("CHECKPOINT")?;
        }
        Ok(())
    }

    fn note(&mut self, row: Row, connections: u32, load: &Load, limit: Limit) -> Result<()> {
        let (done, cut_off) = (i64::try_from(limit.transactions)?, i64::from(connections));
        match row {
            Row::Create | Row::CreateHot => {
                self.claims.placed_by_pgbench += done;
                self.claims.placing_cut_off += 2 * cut_off; // of the warm-up as well
                let most = done.max(i64::try_from(load.requests)?);
                let per_second = (most / i64::from(self.args.seconds())).max(5_000);
                self.writes_per_second = self.writes_per_second.max(Some(per_second));
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
