//! The benchmark: the release build under load, beside what pgbench gets out of the same database
//! with the same statements. One command builds, starts, loads, measures, checks the books, prints
//! a table and writes `bench/results/<time>.json`.

mod books;
mod capture;
mod coins;
mod customers;
mod db;
mod full_orders;
mod load;
mod machine;
mod measure;
mod orders;
mod payments;
mod pgbench;
mod report;
mod rows;
mod run;
mod scan;
mod service;
mod statements;
mod supervision;
mod world;
mod wrk;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use report::Report;
use rows::Row;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Measures the service under load beside pgbench on the same database.
#[derive(Debug, Parser)]
struct Args {
    /// How long each figure is measured, in seconds; 10 unless quick.
    #[arg(long)]
    seconds: Option<u32>,
    /// How many orders the database holds before; a million unless quick.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1_000..))]
    orders: Option<i64>,
    /// A check that everything works: 20,000 orders, 2 seconds.
    #[arg(long)]
    quick: bool,
    /// Numbers of connections.
    #[arg(long, value_delimiter = ',', default_value = "16,64")]
    connections: Vec<u32>,
    /// A release build that is there already, to be measured instead of a new one.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Only these rows.
    #[arg(long, value_delimiter = ',')]
    rows: Vec<Row>,
    /// Only single requests, whole payments, full orders of both kinds, the scanning of blocks, or the
    /// supervisor.
    #[arg(long)]
    only: Option<Part>,
}

/// What is measured in a way of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Requests,
    Payments,
    FullOrders,
    Scan,
    Supervision,
}

impl Args {
    fn seconds(&self) -> u32 {
        let usual = if self.quick { 2 } else { 10 };
        self.seconds.unwrap_or(usual).max(1)
    }

    fn orders(&self) -> i64 {
        let usual = if self.quick { 20_000 } else { 1_000_000 };
        self.orders.unwrap_or(usual)
    }

    fn has_part(&self, part: Part) -> bool {
        match self.only {
            Some(only) => only == part,
            None => part == Part::Requests || self.rows.is_empty(),
        }
    }

    fn has(&self, row: Row) -> bool {
        self.rows.is_empty() || self.rows.contains(&row)
    }
}

/// A line of progress.
macro_rules! tell {
    ($($words:tt)*) => { eprintln!("bench: {}", format_args!($($words)*)) };
}
pub(crate) use tell;

/// A folder that goes away with us.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self> {
        let name = format!("kivuko-bench-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).context("a temporary folder")?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _nobody_needs_it = std::fs::remove_dir_all(&self.0);
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let told = Scratch::new().and_then(|scratch| run::run(&args, &scratch.0));
    match told.and_then(|report| publish(&report)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            tell!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the table and writes the file; answers whether the run counts.
fn publish(report: &Report) -> Result<bool> {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    std::fs::create_dir_all(&results)?;
    let file = results.join(format!("{}.json", report.at.replace(':', "-")));
    std::fs::write(&file, serde_json::to_string_pretty(report)?)?;
    println!("{}", report.markdown());
    tell!("written to {}", file.display());
    Ok(report.figures.wrong.is_empty())
}
