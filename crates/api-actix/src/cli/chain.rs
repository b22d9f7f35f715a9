//! `kivuko chain …`: what an operator does about the chains by hand.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use clap::Subcommand;
use domain::address::{AddressBook, Network};
use domain::chain::{native_amount, native_coin};
use domain::offer::Asset;
use domain::order::DepositId;
use domain::service::{Engine, Treasurer, Watcher};

use super::network;
use crate::app;
use crate::chains::Chains;
use crate::settings::Settings;
use crate::telemetry;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show how far each chain was read, what halted it, and our addresses.
    Status,
    /// After a halt: believe the chain as it is now. What was final and is gone stops its orders.
    Resume {
        /// tron or ethereum
        #[arg(value_parser = network)]
        network: Network,
    },
    /// Take over what the chain says that a hot wallet holds: coin was put in or taken out by hand.
    BookStock {
        /// tron or ethereum
        #[arg(value_parser = network)]
        network: Network,
        /// USDT or USDC
        #[arg(value_parser = asset)]
        asset: Asset,
    },
    /// Send native coin (TRX, ETH) that came to an order's address back to the order's wallet.
    ReturnNative {
        /// tron or ethereum
        #[arg(value_parser = network)]
        network: Network,
        /// The transaction that brought it.
        tx_hash: String,
    },
}

fn asset(text: &str) -> Result<Asset, String> {
    Asset::parse(text).ok_or_else(|| "must be USDT or USDC".to_owned())
}

pub(super) async fn run(command: Command, settings: Settings) -> Result<()> {
    telemetry::start_logging(&settings.log)?;
    ensure!(
        !settings.database.url.is_empty(),
        "DATABASE_URL must be set: the service's own; of a local service, start it first"
    );
    let engine = app::engine(&settings)?;
    let book: Arc<dyn AddressBook> = engine.addresses.clone();
    let chains = Chains::open(&settings, &book).await?;
    let chains = chains.context("KIVUKO__TRON__NODES or KIVUKO__ETHEREUM__NODES must be set")?;
    match command {
        Command::Status => show(&chains, &engine).await,
        Command::Resume { network } => {
            let gone = watcher(&chains, &engine, network)?.resume().await?;
            println!("{} goes on; {gone} arrivals are gone", network.as_str());
            Ok(())
        }
        Command::ReturnNative { network, tx_hash } => {
            give_back(&chains.treasurer(engine)?, network, tx_hash).await
        }
        Command::BookStock { network, asset } => {
            let treasurer = chains.treasurer(engine)?;
            let difference = treasurer.book_stock(network, asset).await;
            let difference = difference.context("coin is moving: try again when it does not")?;
            println!("booked {difference} of 10^-8 {}", asset.as_str());
            Ok(())
        }
    }
}

async fn give_back(treasurer: &Treasurer, network: Network, tx_hash: String) -> Result<()> {
    // A transaction that sends native coin to a wallet does nothing else.
    let id = DepositId { network, tx_hash, ordinal: 0 };
    let given = treasurer.give_back(&id).await;
    let given = given.context("no final native coin of that transaction, or too little of it")?;
    let amount = native_amount(network, &given.units.to_string());
    let coin = native_coin(network);
    println!("{amount} {coin} of order {} goes back to {}", given.order_id, given.to);
    Ok(())
}

fn watcher(chains: &Chains, engine: &Engine, network: Network) -> Result<Watcher> {
    let mut watchers = chains.watchers(engine).into_iter();
    let watcher = watchers.find(|watcher| watcher.network() == network);
    watcher.with_context(|| format!("no node for {}", network.as_str()))
}

async fn show(chains: &Chains, engine: &Engine) -> Result<()> {
    for watcher in chains.watchers(engine) {
        let network = watcher.network();
        println!("{} hot wallet {}", network.as_str(), chains.hot_address(network)?);
        match engine.store.find_cursor(network).await? {
            None => println!("  nothing was read yet"),
            Some(cursor) => {
                println!(
                    "  read up to {} of {}, final up to {}",
                    cursor.last.height, cursor.head, cursor.finality.height
                );
                if let Some(why) = cursor.halted {
                    println!(
                        "  HALTED: {why}; `kivuko chain resume {}` when it is understood",
                        network.as_str()
                    );
                }
            }
        }
    }
    for review in engine.store.open_reviews(100).await? {
        println!("{} {}: {}", review.opened_at, review.kind, review.detail);
    }
    Ok(())
}
