//! The chains that the settings ask us to start ourselves: a twin of a Tron node, a private EVM node.
//! They go on where they stopped, or begin anew; our wallets there hold play money.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use twins::anvil::{Anvil, AnvilOptions, Mining, Token};
use twins::tron::{TronOptions, TronTwin};

use super::Chains;
use crate::app::RESET;
use crate::settings::Settings;
use domain::address::Network;
use domain::service::Engine;

/// Units of coin in a hot wallet at the start: a hundred million.
const STOCK: u128 = 100_000_000_000_000;
/// A million TRX, in sun.
const TRX: i64 = 1_000_000_000_000;
/// A thousand ether, in wei.
const ETHER: u128 = 1_000_000_000_000_000_000_000;

/// The words of the node's own rich accounts: none of them may be a wallet of ours.
const NODE_WORDS: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

/// Chains of our own, and what stops them.
#[derive(Debug, Default)]
pub struct ChainTwins {
    pub tron: Option<TronTwin>,
    pub anvil: Option<Anvil>,
}

impl ChainTwins {
    /// Starts what the settings ask for and points them to it.
    ///
    /// # Errors
    /// When a port is taken, a kept chain cannot be read, or the EVM node's program cannot be had.
    pub async fn start(settings: &mut Settings, folder: Option<&Path>) -> Result<Self> {
        let folder = folder.map(Path::to_owned);
        let mut twins = Self::default();
        if settings.tron.twin {
            let slot_ms = settings.tron.twin_slot_ms;
            let options = TronOptions { slot_ms, folder: folder.clone(), ..TronOptions::default() };
            settings.tron.chain_id = options.chain_id;
            let twin = TronTwin::start(options)
                .await
                .with_context(|| format!("the twin of a Tron node; {RESET}"))?;
            settings.tron.nodes = twin.base_urls().join(",");
            settings.tron.usdt = twin.control().token_address().to_string();
            twins.tron = Some(twin);
        }
        if settings.ethereum.anvil {
            let pace = Duration::from_millis(settings.ethereum.anvil_block_ms);
            let options = AnvilOptions {
                mnemonic: NODE_WORDS.to_owned(),
                folder,
                ..AnvilOptions::mined(Mining::Every(pace))
            };
            let anvil = Anvil::start(options).await;
            let anvil = anvil.with_context(|| format!("the private EVM node; {RESET}"))?;
            settings.ethereum.nodes = anvil.url();
            settings.ethereum.chain_id = anvil.chain_id();
            settings.ethereum.usdt = anvil.chain().usdt().to_string();
            settings.ethereum.usdc = anvil.chain().usdc().to_string();
            twins.anvil = Some(anvil);
        }
        Ok(twins)
    }

    /// Gives our wallets coin, and what fees are paid in, on chains that are new.
    ///
    /// # Errors
    /// When a chain does not take it.
    pub async fn fund(&self, chains: &Chains) -> Result<()> {
        if let Some(twin) = self.tron.as_ref().filter(|twin| !twin.is_continued()) {
            let (control, hot) = (twin.control(), chains.hot_address(Network::Tron)?.parse()?);
            control.create_account(hot, TRX);
            control.fund_token(control.token_address(), hot, STOCK);
        }
        if let Some(anvil) = self.anvil.as_ref().filter(|anvil| !anvil.is_continued()) {
            let (chain, hot) = (anvil.chain(), chains.hot_address(Network::Ethereum)?);
            let hot = hot.parse().context("an address of ours")?;
            chain.set_eth_balance(hot, ETHER).await?;
            for token in [Token::Usdt, Token::Usdc] {
                chain.mint(token, hot, STOCK).await?;
            }
            chain.finalize().await?;
            chain.keep().await?;
        }
        Ok(())
    }

    /// What was read of another chain at an earlier start says nothing of this one.
    ///
    /// # Errors
    /// The store's, or when this database has seen another private EVM node: nonces go on there.
    pub async fn begin_anew(&self, chains: &Chains, engine: &Engine) -> Result<()> {
        for watcher in chains.watchers(engine) {
            let network = watcher.network();
            let is_new = match network {
                Network::Tron => self.tron.as_ref().is_some_and(|twin| !twin.is_continued()),
                Network::Ethereum => self.anvil.as_ref().is_some_and(|node| !node.is_continued()),
            };
            if !is_new || engine.store.find_cursor(network).await?.is_none() {
                continue;
            }
            ensure!(
                network == Network::Tron,
                "the private EVM node begins anew, and this database has seen another one: {RESET}"
            );
            watcher.begin_anew().await?;
        }
        Ok(())
    }

    pub async fn stop(self) {
        if let Some(anvil) = &self.anvil
            && let Err(error) = anvil.chain().keep().await
        {
            tracing::warn!(%error, "the private EVM node goes on from a little earlier");
        }
        if let Some(twin) = self.tron {
            twin.stop().await;
        }
    }
}
