//! The chain as the demo's customer sees it: a wallet that sends coin, and balances.

use anyhow::{Context, Result};
use domain::address::Network;
use twins::anvil::{At, Chain, Sender, Token};
use twins::tron::TronControl;

use crate::app::App;

/// The customer's own wallets, before they know of us.
const TRON_WALLET: &str = "TPY7ewYk2eY9b4TTYkCHJH3Cqudh3NU6tM";
const ETHEREUM_WALLET: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

/// A chain to play the customer on.
pub(super) enum Coins {
    Tron(TronControl),
    Ethereum(Chain),
}

impl Coins {
    pub(super) fn of(app: &App, network: Network) -> Result<Self> {
        let twins = app.chain_twins();
        match network {
            Network::Tron => {
                Ok(Self::Tron(twins.tron.as_ref().context("no twin of Tron")?.control()))
            }
            Network::Ethereum => {
                Ok(Self::Ethereum(twins.anvil.as_ref().context("no EVM node")?.chain()))
            }
        }
    }

    /// Gives the customer coin and sends it on; answers the transaction's hash.
    pub(super) async fn send(&self, to: &str, units: u128) -> Result<String> {
        match self {
            Self::Tron(control) => {
                let wallet = TRON_WALLET.parse()?;
                control.create_account(wallet, 1_000_000_000);
                control.fund_token(control.token_address(), wallet, units);
                Ok(control.transfer(wallet, to.parse()?, units))
            }
            Self::Ethereum(chain) => {
                let wallet = ETHEREUM_WALLET.parse()?;
                chain.mint(Token::Usdt, wallet, units).await?;
                let to = to.parse()?;
                let hash = chain.transfer(Token::Usdt, Sender::Anybody(wallet), to, units).await?;
                Ok(hash.to_string())
            }
        }
    }

    /// What an address holds, in the chain's units, at the head.
    pub(super) async fn balance(&self, address: &str) -> Result<u128> {
        match self {
            Self::Tron(control) => {
                Ok(control.balance_of(control.token_address(), address.parse()?))
            }
            Self::Ethereum(chain) => {
                Ok(chain.balance_of(Token::Usdt, address.parse()?, At::Latest).await?)
            }
        }
    }
}

/// The customer's wallet on a network.
pub(super) fn wallet(network: Network) -> &'static str {
    match network {
        Network::Tron => TRON_WALLET,
        Network::Ethereum => ETHEREUM_WALLET,
    }
}
