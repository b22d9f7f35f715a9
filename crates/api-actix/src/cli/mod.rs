//! The command line.
#![expect(clippy::doc_markdown, reason = "doc comments are the help text")]

mod chain;
mod local;
mod mpesa;
mod twin;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};
use domain::address::Network;
use domain::party::Role as PartyRole;
use domain::ports::Clock as _;
use time::Duration;
use uuid::Uuid;

use crate::app::{App, Role, inspect, stop_signal};
use crate::auth::local_token;
use crate::environment::SystemClock;
use crate::settings::{Environment, Settings};
use crate::{demo, running, telemetry, walk};

/// An order service between mobile money and stablecoins.
///
/// Without a command it serves. It is configured by KIVUKO_ENV (local, test, production),
/// DATABASE_URL, KIVUKO_DATA_DIR, and KIVUKO__SECTION__KEY for every setting of config/default.toml.
#[derive(Debug, Parser)]
#[command(name = "kivuko", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve HTTP and carry out what is asked for (the default).
    Serve {
        /// Only a part of it, so that requests and money run in processes of their own.
        #[arg(long, value_enum, default_value_t = Role::All)]
        role: Role,
    },
    /// Tell everything that is wrong with the settings, at once, and start nothing. Ends with 0 only if
    /// nothing is; reaches for no network and no database.
    Check {
        /// For a process that is only a part of the service.
        #[arg(long, value_enum, default_value_t = Role::All)]
        role: Role,
    },
    /// Bring the database of DATABASE_URL up to date, and end.
    Migrate,
    /// M-Pesa: credentials, registrations, and the breaker of payouts.
    #[command(subcommand)]
    Mpesa(mpesa::Command),
    /// The chains: halts, hot wallets, and what operators must look at.
    #[command(subcommand)]
    Chain(chain::Command),
    /// Play the customers, their phones and wallets, and M-Pesa's whims.
    #[command(subcommand)]
    Twin(twin::Command),
    /// Show where the local service is and how it is.
    Status,
    /// Forget the private database and the twins of local work, so that the next start begins anew.
    Reset {
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Walk one buy and one sell from end to end, as two clients would, against twins of M-Pesa and of a
    /// chain; ends with 0 only if both completed and all books agree.
    Demo {
        /// tron (a simulator) or ethereum (a private EVM node, fetched once).
        #[arg(long, default_value = "tron", value_parser = network)]
        chain: Network,
    },
    /// Print a bearer token for local work.
    Token {
        /// customer, vendor or admin
        #[arg(long, value_parser = role)]
        role: PartyRole,
        /// The party's id.
        #[arg(long)]
        sub: Uuid,
        /// How long it is good for, in hours.
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(i64).range(1..=87_600))]
        hours: i64,
    },
}

fn network(text: &str) -> Result<Network, String> {
    Network::parse(text).ok_or_else(|| "must be tron or ethereum".to_owned())
}

fn role(text: &str) -> Result<PartyRole, String> {
    PartyRole::parse(text).ok_or_else(|| "must be customer, vendor or admin".to_owned())
}

/// Runs the command.
pub async fn run(cli: Cli, environment: Environment) -> Result<()> {
    // Making a credential is for a machine that has no service and needs no settings.
    if let Some(Command::Mpesa(mpesa::Command::Credential { certificate })) = &cli.command {
        return mpesa::credential(certificate);
    }
    if let Some(Command::Demo { chain }) = &cli.command {
        return Box::pin(walk::run(*chain, &environment)).await;
    }
    if let Some(Command::Check { role }) = &cli.command {
        return check(*role, &environment).await;
    }
    let command = cli.command.unwrap_or(Command::Serve { role: Role::All });
    let is_beside = matches!(command, Command::Mpesa(_) | Command::Chain(_));
    let environment = if is_beside { running::beside(&environment)? } else { environment };
    let settings = Settings::load(&environment)?;
    match command {
        Command::Serve { role } => Box::pin(serve(role, settings)).await,
        Command::Mpesa(command) => mpesa::run(command, settings).await,
        Command::Chain(command) => chain::run(command, settings).await,
        Command::Twin(command) => twin::run(command, &environment).await,
        Command::Status => local::status(&environment).await,
        Command::Reset { yes } => local::reset(&settings, yes),
        Command::Demo { .. } | Command::Check { .. } => Ok(()),
        Command::Migrate => migrate(&settings).await,
        Command::Token { role, sub, hours } => {
            let ttl = Duration::hours(hours);
            println!("{}", local_token(&settings, role, sub, SystemClock.now(), ttl)?);
            Ok(())
        }
    }
}

async fn serve(role: Role, settings: Settings) -> Result<()> {
    telemetry::start_logging(&settings.log)?;
    let banner = settings.has_local_key().then(|| settings.clone());
    let app = App::build_as(role, settings).await?;
    let stop = stop_signal()?;
    println!("listening on {}", app.url());
    if let Some(story) = app.twins_story() {
        println!("{story}");
    }
    if let Some(url) = app.twin_url() {
        println!("M-Pesa is a twin: play the phone at {url}");
    }
    if let Some(settings) = banner {
        println!("{}", demo::banner(&settings, &app.url(), app.twin_url(), SystemClock.now())?);
    }
    app.run_until(stop).await
}

async fn check(role: Role, environment: &Environment) -> Result<()> {
    let (settings, mut faults) = Settings::inspect(environment);
    if let Some(settings) = settings {
        inspect(role, &settings, &mut faults).await;
    }
    faults.finish(())?;
    println!("nothing is wrong with the settings");
    Ok(())
}

async fn migrate(settings: &Settings) -> Result<()> {
    telemetry::start_logging(&settings.log)?;
    if settings.database.url.is_empty() {
        bail!("DATABASE_URL must be set; a private PostgreSQL is migrated when the service starts");
    }
    let ran = adapters_db::migrate(&settings.database.url).await?;
    match ran.as_slice() {
        [] => println!("the database is up to date"),
        ran => ran.iter().for_each(|version| println!("migrated {version}")),
    }
    Ok(())
}
