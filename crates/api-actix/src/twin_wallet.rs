//! Customers' wallets on the chains that we play ourselves: they find what they need and send it to
//! whatever address they are told. What an address is for is not known here.

use std::str::FromStr;

use anyhow::{Context, Result, bail};
use domain::address::Network;
use domain::offer::Asset;
use twins::anvil::{At, Chain, Sender, Token};
use twins::tron::TronControl;

use crate::chains::ChainTwins;

/// The customers' own wallets, before they know of us.
const TRON_WALLET: &str = "TPY7ewYk2eY9b4TTYkCHJH3Cqudh3NU6tM";
const ETHEREUM_WALLET: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
/// TRX in a customer's wallet, in sun.
const POCKET_SUN: i64 = 1_000_000_000;
/// Sun and wei in 10⁻⁶ of a coin.
const WEI_PER_UNIT: u128 = 1_000_000_000_000;

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coin {
    Token(Asset),
    /// A token that nobody trades in, whatever its symbol says.
    Other,
    /// TRX or ether.
    Native,
}

impl FromStr for Coin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "other" => Ok(Self::Other),
            "native" => Ok(Self::Native),
            name => {
                let asset = Asset::parse(&name.to_ascii_uppercase()).map(Self::Token);
                asset.ok_or_else(|| "must be usdt, usdc, other or native".to_owned())
            }
        }
    }
}

/// A chain to play customers on.
#[derive(Debug, Clone)]
pub enum TwinWallet {
    Tron(TronControl),
    Ethereum(Chain),
}

impl TwinWallet {
    /// # Errors
    /// When that chain is not ours to play on.
    pub fn on(network: Network, twins: &ChainTwins) -> Result<Self> {
        match network {
            Network::Tron => {
                let twin = twins.tron.as_ref().context("Tron is not played by a twin here")?;
                Ok(Self::Tron(twin.control()))
            }
            Network::Ethereum => {
                let node = twins.anvil.as_ref().context("Ethereum is not a private node here")?;
                Ok(Self::Ethereum(node.chain()))
            }
        }
    }

    pub fn network(&self) -> Network {
        match self {
            Self::Tron(_) => Network::Tron,
            Self::Ethereum(_) => Network::Ethereum,
        }
    }

    /// The customer's wallet on a network.
    pub fn address(network: Network) -> &'static str {
        match network {
            Network::Tron => TRON_WALLET,
            Network::Ethereum => ETHEREUM_WALLET,
        }
    }

    /// Gives the customer coin and sends it on; answers the transaction's hash, once it will not be
    /// forgotten. `units` are 10⁻⁶ of the coin.
    ///
    /// # Errors
    /// When the address is none, the chain has no such coin, or it does not answer.
    pub async fn send(&self, coin: Coin, to: &str, units: u128) -> Result<String> {
        match self {
            Self::Tron(control) => send_on_tron(control, coin, to, units),
            Self::Ethereum(chain) => send_on_ethereum(chain, coin, to, units).await,
        }
    }

    /// USDT of an address, in the chain's units, at the head.
    ///
    /// # Errors
    /// When the chain does not answer.
    pub async fn balance(&self, address: &str) -> Result<u128> {
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

fn send_on_tron(control: &TronControl, coin: Coin, to: &str, units: u128) -> Result<String> {
    let (wallet, to) = (TRON_WALLET.parse()?, to.parse()?);
    control.create_account(wallet, POCKET_SUN);
    let token = match coin {
        Coin::Token(Asset::Usdt) => control.token_address(),
        Coin::Token(Asset::Usdc) => bail!("there is no USDC on Tron"),
        Coin::Other => control.deploy_token("USDT"),
        Coin::Native => {
            let sun = i64::try_from(units)?;
            control.create_account(wallet, POCKET_SUN.saturating_add(sun));
            return Ok(control.transfer_trx(wallet, to, sun));
        }
    };
    control.fund_token(token, wallet, units);
    Ok(control.transfer_of(token, wallet, to, units))
}

async fn send_on_ethereum(chain: &Chain, coin: Coin, to: &str, units: u128) -> Result<String> {
    let (wallet, to) = (ETHEREUM_WALLET.parse()?, to.parse()?);
    let token = match coin {
        Coin::Token(Asset::Usdt) => Token::Usdt,
        Coin::Token(Asset::Usdc) => Token::Usdc,
        Coin::Other => Token::LookAlike,
        Coin::Native => {
            let wei = units.saturating_mul(WEI_PER_UNIT);
            chain.set_eth_balance(wallet, wei.saturating_mul(2).max(POCKET_WEI)).await?;
            let hash = chain.send_eth(Sender::Anybody(wallet), to, wei).await?;
            return kept(chain, hash).await;
        }
    };
    chain.mint(token, wallet, units).await?;
    let hash = chain.transfer(token, Sender::Anybody(wallet), to, units).await?;
    kept(chain, hash).await
}

/// An ether.
const POCKET_WEI: u128 = 1_000_000_000_000_000_000;

/// Waits until it is in a block that the next start has too.
async fn kept(chain: &Chain, hash: twins::anvil::Hash) -> Result<String> {
    chain.mined(hash).await?;
    chain.keep().await?;
    Ok(hash.to_string())
}
