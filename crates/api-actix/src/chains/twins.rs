//! The chains that the settings ask us to start ourselves: a twin of a Tron node, a private EVM node.
//! They begin anew at every start, and our wallets there hold play money.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use twins::anvil::{Anvil, AnvilOptions, Mining, Token};
use twins::tron::{TronOptions, TronTwin};

use super::Chains;
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
    /// When a port is taken, or the EVM node's program cannot be had.
    pub async fn start(settings: &mut Settings) -> Result<Self> {
        let mut twins = Self::default();
        if settings.tron.twin {
            let options =
                TronOptions { slot_ms: settings.tron.twin_slot_ms, ..TronOptions::default() };
            settings.tron.chain_id = options.chain_id;
            let twin = TronTwin::start(options).await.context("the twin of a Tron node")?;
            settings.tron.nodes = twin.base_urls().join(",");
            settings.tron.usdt = twin.control().token_address().to_string();
            twins.tron = Some(twin);
        }
        if settings.ethereum.anvil {
            let pace = Duration::from_millis(settings.ethereum.anvil_block_ms);
            let options = AnvilOptions {
                mnemonic: NODE_WORDS.to_owned(),
                ..AnvilOptions::mined(Mining::Every(pace))
            };
            let anvil = Anvil::start(options).await;
            let anvil = anvil.context("the private EVM node")?;
            settings.ethereum.nodes = anvil.url();
            settings.ethereum.chain_id = anvil.chain_id();
            settings.ethereum.usdt = anvil.chain().usdt().to_string();
            settings.ethereum.usdc = anvil.chain().usdc().to_string();
            twins.anvil = Some(anvil);
        }
        Ok(twins)
    }

    /// Gives our wallets coin, and what fees are paid in.
    ///
    /// # Errors
    /// When a chain does not take it.
    pub async fn fund(&self, chains: &Chains) -> Result<()> {
        if let Some(twin) = &self.tron {
            let (control, hot) = (twin.control(), chains.hot_address(Network::Tron)?.parse()?);
            control.create_account(hot, TRX);
            control.fund_token(control.token_address(), hot, STOCK);
        }
        if let Some(anvil) = &self.anvil {
            let (chain, hot) = (anvil.chain(), chains.hot_address(Network::Ethereum)?);
            let hot = hot.parse().context("an address of ours")?;
            chain.set_eth_balance(hot, ETHER).await?;
            for token in [Token::Usdt, Token::Usdc] {
                chain.mint(token, hot, STOCK).await?;
            }
            chain.finalize().await?;
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
                Network::Tron => self.tron.is_some(),
                Network::Ethereum => self.anvil.is_some(),
            };
            if !is_new || engine.store.find_cursor(network).await?.is_none() {
                continue;
            }
            ensure!(
                network == Network::Tron,
                "the private EVM node begins anew at every start: choose a fresh KIVUKO_DATA_DIR"
            );
            watcher.begin_anew().await?;
        }
        Ok(())
    }

    pub async fn stop(self) {
        if let Some(twin) = self.tron {
            twin.stop().await;
        }
    }
}
