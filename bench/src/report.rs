//! What is told: a table in Markdown for the reader, everything in JSON for the file.

use crate::books::Claims;
use crate::capture::Captured;
use crate::full_orders::{self, Whole};
use crate::machine::{Cpu, Machine};
use crate::payments::{self, Paid};
use crate::pgbench::Limit;
use crate::rows::Row;
use crate::scan::{self, Scanned};
use crate::supervision::{self, Looked};
use crate::wrk::Load;
use serde::Serialize;
use std::fmt::Write as _;

/// The most memory that the service may hold.
const MEMORY_TARGET_MIB: f64 = 64.0;
/// How much slower a page in the depth may be than the first.
const DEPTH_TARGET: f64 = 1.5;

#[expect(clippy::cast_precision_loss, reason = "figures to be read by people")]
pub(crate) fn float(number: u64) -> f64 {
    number as f64
}

/// One row at one number of connections.
#[derive(Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) row: Row,
    pub(crate) connections: u32,
    pub(crate) requests_per_second: f64,
    pub(crate) service: Load,
    pub(crate) pgbench: Limit,
    pub(crate) ratio: f64,
    /// Processor time per request while the service was driven, in microseconds.
    pub(crate) service_us: f64,
    pub(crate) database_us: f64,
    pub(crate) generator_us: f64,
    /// Of the database per transaction while pgbench drove it.
    pub(crate) pgbench_database_us: f64,
    pub(crate) pgbench_us: f64,
    /// Of the service since it was started.
    pub(crate) peak_memory_kib: u64,
    pub(crate) memory_kib: u64,
    /// The statements of one request, and those that are prepared again for every one.
    pub(crate) statements: Vec<String>,
    pub(crate) prepared_anew: Vec<String>,
}

impl Measured {
    pub(crate) fn new(
        (row, connections): (Row, u32),
        (service, cpu): (Load, Cpu),
        (pgbench, its_cpu): (Limit, Cpu),
        (peak_memory_kib, memory_kib): (u64, u64),
        captured: &Captured,
    ) -> Self {
        let each = |micros: u64, of: u64| float(micros) / float(of.max(1));
        let requests_per_second = service.per_second();
        Self {
            row,
            connections,
            requests_per_second,
            ratio: requests_per_second / pgbench.per_second,
            service_us: each(cpu.service, service.requests),
            database_us: each(cpu.database, service.requests),
            generator_us: each(cpu.generator, service.requests),
            pgbench_database_us: each(its_cpu.database, pgbench.transactions),
            pgbench_us: each(its_cpu.generator, pgbench.transactions),
            service,
            pgbench,
            peak_memory_kib,
            memory_kib,
            statements: captured.sent.iter().map(|sent| sent.sql.clone()).collect(),
            prepared_anew: captured.prepared_anew.clone(),
        }
    }
}

/// How long the service takes until it listens, in milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct StartUp {
    /// With a database of its own, which it makes first.
    pub(crate) new: u128,
    /// With the one that it has made.
    pub(crate) existing: u128,
    /// With the one that it is given, which is loaded and up.
    pub(crate) given: u128,
}

/// What was measured of single requests.
#[derive(Debug, Serialize)]
pub(crate) struct Requests {
    pub(crate) start_up_ms: StartUp,
    pub(crate) rows: Vec<Measured>,
    pub(crate) peak_memory_kib: u64,
    pub(crate) claims: Claims,
}

/// Everything about one run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) at: String,
    pub(crate) orders: i64,
    pub(crate) seconds_per_row: u32,
    pub(crate) machine: Machine,
    pub(crate) postgres: String,
    #[serde(flatten)]
    pub(crate) figures: Figures,
}

/// What was measured. Nothing of what was left out.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Figures {
    /// Of single requests.
    pub(crate) requests: Option<Requests>,
    pub(crate) payments: Vec<Paid>,
    pub(crate) full_orders: Vec<Whole>,
    pub(crate) scans: Vec<Scanned>,
    pub(crate) supervision: Option<Looked>,
    /// Empty when the books balance.
    pub(crate) wrong: Vec<String>,
}

impl Report {
    /// The tables, ready for the README.
    pub(crate) fn markdown(&self) -> String {
        let mut text = self.heading();
        if let Some(requests) = &self.figures.requests {
            text += &requests.table();
            text += &requests.footing();
        }
        if !self.figures.payments.is_empty() {
            text += &payments::markdown(&self.figures.payments);
        }
        if !self.figures.full_orders.is_empty() {
            text += &full_orders::markdown(&self.figures.full_orders);
        }
        if !self.figures.scans.is_empty() {
            text += &scan::markdown(&self.figures.scans);
        }
        if let Some(row) = &self.figures.supervision {
            text += &supervision::markdown(row);
        }
        text += &self.books();
        text
    }

    fn heading(&self) -> String {
        let machine = &self.machine;
        format!(
            "{} orders, {} s per figure, {}. {} cores ({}), {} MiB, {}; load before: {}. \
             The generators of load share the cores with what they measure.\n",
            grouped(self.orders),
            self.seconds_per_row,
            self.at,
            machine.cores,
            machine.processor,
            machine.memory_mib,
            self.postgres,
            machine.load_before,
        )
    }

    fn books(&self) -> String {
        let mut text = "\n".to_owned();
        if self.figures.wrong.is_empty() {
            text += "The books balance: no order lost, no hold leaked, every history whole, nothing failed";
            text += if self.figures.payments.is_empty() && self.figures.full_orders.is_empty() {
                ".\n"
            } else {
                "; the ledger is what the twins say.\n"
            };
        }
        for wrong in &self.figures.wrong {
            let _strings_take_everything = writeln!(text, "**The books do not balance:** {wrong}");
        }
        text
    }
}

impl Requests {
    fn table(&self) -> String {
        let mut text =
            "\n| | conn. | service req/s | p50 ms | p99 ms | pgbench tps | ratio | target | met | \
                 µs service | µs database | µs pgbench's database |\n\
                 |---|--:|--:|--:|--:|--:|--:|---|---|--:|--:|--:|\n"
                .to_owned();
        for row in &self.rows {
            text += &self.line(row);
        }
        text
    }

    fn line(&self, row: &Measured) -> String {
        let ms = |micros: u64| float(micros) / 1_000.0;
        let (target, met) = self.verdict(row);
        format!(
            "| {} | {} | {:.0} | {:.2} | {:.2} | {:.0} | {:.2} | {target} | {met} | {:.0} | {:.0} | {:.0} |\n",
            row.row.title(),
            row.connections,
            row.requests_per_second,
            ms(row.service.p50_us),
            ms(row.service.p99_us),
            row.pgbench.per_second,
            row.ratio,
            row.service_us,
            row.database_us,
            row.pgbench_database_us,
        )
    }

    fn verdict(&self, row: &Measured) -> (String, &'static str) {
        if let Some(target) = row.row.target() {
            return (format!("≥ {target} × pgbench"), yes(row.ratio >= target));
        }
        let first =
            |other: &&Measured| other.row == Row::List && other.connections == row.connections;
        match self.rows.iter().find(first) {
            Some(first) if row.row == Row::Cursor => {
                let slower = first.requests_per_second / row.requests_per_second;
                let target = format!("≤ {DEPTH_TARGET} × page 1 ({slower:.2})");
                (target, yes(slower <= DEPTH_TARGET))
            }
            _ => ("–".to_owned(), "–"),
        }
    }

    fn footing(&self) -> String {
        let start = &self.start_up_ms;
        let mib = float(self.peak_memory_kib) / 1024.0;
        let mut text = format!(
            "\nPeak memory of the service: {mib:.1} MiB (target ≤ {MEMORY_TARGET_MIB} MiB: {}). \
             Start-up until it listens: {} ms with its own new database, {} ms with its own existing \
             one, {} ms on the given one.\n\nThe µs are processor time per request or transaction.\n\n",
            yes(mib <= MEMORY_TARGET_MIB),
            start.new,
            start.existing,
            start.given,
        );
        for row in Row::ALL {
            let found = self.rows.iter().find(|measured| measured.row == row);
            let again = found.map_or(0, |measured| measured.prepared_anew.len());
            if again > 0 {
                let _strings_take_everything = writeln!(
                    text,
                    "Prepared again for every request of \"{}\": {again} of its statements.\n",
                    row.title()
                );
            }
        }
        text
    }
}

fn yes(is_met: bool) -> &'static str {
    if is_met { "yes" } else { "no" }
}

/// 1000000 as 1,000,000.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(1_000_000), "1,000,000");
        assert_eq!(grouped(20_000), "20,000");
        assert_eq!(grouped(7), "7");
    }
}
