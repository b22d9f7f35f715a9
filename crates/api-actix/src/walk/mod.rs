//! `kivuko demo`: one buy and one sell from end to end, each step printed as it happens, against twins of
//! M-Pesa and of a chain. What is told to the reader comes over HTTP, as a client would see it; at the
//! end all books are held against what really happened.

mod agree;
mod client;
mod stage;
mod trades;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use domain::address::Network;

use crate::app::App;
use crate::demo;
use crate::settings::Environment;
use crate::twin_wallet::TwinWallet;
use client::Client;
use stage::Stage;

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_mins(2);

/// What was printed when, from the start.
#[derive(Debug, Clone, Copy)]
struct Story(Instant);

impl Story {
    fn tell(self, who: &str, what: impl std::fmt::Display) {
        println!("{:6.1}s  {who:<9} {what}", self.0.elapsed().as_secs_f32());
    }
}

/// Walks both orders.
///
/// # Errors
/// With what did not come about; the program's exit code tells.
pub async fn run(network: Network, environment: &Environment) -> Result<()> {
    let story = Story(Instant::now());
    let stage = Stage::set(network, environment)?;
    story.tell(
        "kivuko",
        format!("starts a database, twins of M-Pesa and {}, and itself", word(network)),
    );
    let app = App::build(stage.settings.clone()).await?;
    let coins = TwinWallet::on(network, app.chain_twins())?;
    let amina = Client::new(app.url(), &stage.settings, demo::CUSTOMER)?;
    let brian = Client::new(app.url(), &stage.settings, demo::SELLER)?;
    let (engine, hot) = (app.engine(), app.hot_address(network)?);
    let twin = app.twin().cloned().context("the demo needs its twin of M-Pesa")?;
    story.tell("kivuko", format!("listens on {}", app.url()));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = app.run_until(async move { drop(stopped.await) });
    let walking = async {
        let walked = tokio::time::timeout(LIMIT, async {
            trades::buy(story, &amina, network).await?;
            let escrow = trades::sell(story, &brian, &coins, network).await?;
            let addresses = agree::Addresses { hot, escrow, network };
            agree::check(story, &engine, &twin, &coins, &addresses).await
        });
        let walked = walked.await;
        let _serving_has_ended = stop.send(());
        walked
    };
    let (served, walked) = tokio::join!(serving, walking);
    served?;
    ensure!(walked.is_ok(), "the demo did not end within {} s", LIMIT.as_secs());
    walked??;
    story.tell("kivuko", "both orders completed, and all books agree");
    Ok(())
}

fn word(network: Network) -> &'static str {
    match network {
        Network::Tron => "a Tron node (a simulator)",
        Network::Ethereum => "Ethereum (anvil, a private EVM node)",
    }
}
