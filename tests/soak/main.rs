//! A soak: the service's processes on a real PostgreSQL for so many minutes, while every fault knob of
//! every twin is turned up at once and customers do what customers do; then the faults end, everything
//! gets a bounded quiet time, and a verdict is told.
//!
//! `cargo run --release -p e2e --example soak -- --seconds 900 --faults 10`

mod customers;
mod figures;
mod knobs;
mod parties;
mod processes;
mod site;
mod verdict;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use customers::Customers;
use processes::Processes;
use site::Site;

/// How long, how bad, how many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Seconds with faults.
    seconds: u64,
    /// In so many of 100 cases each knob acts.
    faults: u8,
    /// Seconds without faults at most, before the verdict.
    quiet: u64,
    /// Customers at the same time.
    customers: u32,
}

impl Plan {
    fn of_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut plan = Self { seconds: 900, faults: 10, quiet: 240, customers: 8 };
        while let Some(name) = arguments.next() {
            let value = arguments.next().with_context(|| format!("{name} needs a number"))?;
            match name.as_str() {
                "--seconds" => plan.seconds = value.parse()?,
                "--faults" => plan.faults = value.parse()?,
                "--quiet" => plan.quiet = value.parse()?,
                "--customers" => plan.customers = value.parse()?,
                _ => bail!("--seconds, --faults, --quiet and --customers take a number each"),
            }
        }
        Ok(plan)
    }
}

fn main() -> Result<ExitCode> {
    let plan = Plan::of_arguments(std::env::args().skip(1))?;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build()?.block_on(soak(plan))
}

async fn soak(plan: Plan) -> Result<ExitCode> {
    println!("{plan:?}");
    let site = Site::open().await?;
    let mut processes = Processes::start(&site).await?;
    let customers = Customers::new(&site, processes.api_url())?;
    site.until_stock_is_counted().await?;

    knobs::turn_up(&site, plan.faults);
    let began = Instant::now();
    let end = began + Duration::from_secs(plan.seconds);
    tokio::join!(
        customers.trade(plan.customers, end),
        parties::operator(&site, end),
        parties::mischief(&site, plan.faults, end),
        processes.watch(end),
    );
    let faults = knobs::turn_down(&site);
    println!("{} s with faults are over; the quiet time begins", began.elapsed().as_secs());

    let quiet = Instant::now() + Duration::from_secs(plan.quiet);
    let calm = verdict::calm_down(&site, quiet).await;
    println!("{calm}");
    let mut wrong = verdict::judge(&site).await?;
    figures::print(&site, &customers, &processes, &faults, plan).await;
    for finding in &wrong {
        println!("WRONG: {finding}");
    }
    for finding in processes.stop().await {
        println!("WRONG: {finding}");
        wrong.push(finding);
    }
    println!("logs: {}", processes.logs().display());
    site.close().await;
    println!("{}", if wrong.is_empty() { "the soak is passed" } else { "the soak is FAILED" });
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
