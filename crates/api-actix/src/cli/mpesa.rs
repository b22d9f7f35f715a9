//! `kivuko mpesa …`: what an operator does about the rail by hand.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use domain::rail::Circuit;

use crate::app;
use crate::settings::Settings;
use crate::telemetry;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make the security credential: reads the initiator's password from standard input and encrypts
    /// it for the portal's certificate. Run it on a machine that is not the service's.
    Credential {
        /// The certificate that the portal offers for this environment, PEM or DER.
        #[arg(long)]
        certificate: PathBuf,
    },
    /// Ask M-Pesa to notify the service of every payment to the short code, and to keep statements.
    /// Once per environment.
    Register,
    /// Show the breaker of money going out, and what operators must look at.
    Status,
    /// Let money go out again: one at a time, until one has gone well. Does nothing unless it is open.
    CloseCircuit,
    /// Book shillings that were moved into the float (or, negative, out of it) by hand.
    BookFloat {
        /// Whole shillings; --shillings=-500 takes away.
        #[arg(long, allow_hyphen_values = true)]
        shillings: i32,
        /// What it was, for whoever looks at it later.
        #[arg(long)]
        reason: String,
    },
    /// Let no money go out.
    OpenCircuit {
        /// Why, for whoever looks at it later.
        #[arg(long)]
        reason: String,
    },
}

/// Prints a credential.
pub(super) fn credential(certificate: &Path) -> Result<()> {
    let bytes = std::fs::read(certificate)
        .with_context(|| format!("cannot read {}", certificate.display()))?;
    if std::io::stdin().is_terminal() {
        eprintln!("the initiator's password, then Enter (it is shown: pipe it in to hide it):");
    }
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password).context("no password")?;
    let password = password.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("the password is empty: printf '%s' \"$PASSWORD\" | kivuko mpesa credential …");
    }
    println!("{}", adapters_mpesa::credential::encrypt(&bytes, password)?);
    Ok(())
}

/// Runs a command that needs the service's database.
pub(super) async fn run(command: Command, settings: Settings) -> Result<()> {
    telemetry::start_logging(&settings.log)?;
    if settings.database.url.is_empty() {
        bail!("DATABASE_URL must be set: the service's own; of a local service, start it first");
    }
    match command {
        Command::Credential { certificate } => credential(&certificate),
        Command::Register => {
            app::cashier(&settings)?.register_bills().await?;
            println!("registered");
            Ok(())
        }
        Command::Status => status(&settings).await,
        Command::CloseCircuit => {
            show(&app::engine(&settings)?.close_circuit().await?);
            Ok(())
        }
        Command::BookFloat { shillings, reason } => {
            app::engine(&settings)?.book_float(i64::from(shillings) * 100, &reason).await?;
            println!("booked {shillings} shillings");
            Ok(())
        }
        Command::OpenCircuit { reason } => {
            show(&app::engine(&settings)?.open_circuit(&reason).await?);
            Ok(())
        }
    }
}

async fn status(settings: &Settings) -> Result<()> {
    let engine = app::engine(settings)?;
    show(&engine.circuit().await?);
    for review in engine.store.open_reviews(100).await? {
        let order = review.order_id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        let (at, kind, items) = (review.opened_at, review.kind, review.items);
        println!("{at} {kind} order {order} ({items}): {}", review.detail);
    }
    Ok(())
}

fn show(circuit: &Circuit) {
    let reason = circuit.reason.as_deref().unwrap_or("no reason given");
    println!("payouts: {} since {} ({reason})", circuit.state.as_str(), circuit.since);
    if let Some((told, at)) = circuit.float.told {
        println!("float: {told} shillings, as told at {at}");
    }
    if let Some(short) = &circuit.float.shortage {
        println!("float: too low for {} shillings since {}", short.asked, short.since);
    }
}
