//! The chains as they are configured: their ids, and the contracts of our coins.

use domain::address::Network;
use domain::offer::Asset;

use crate::address::owner::Owner;
use crate::signer::account;
use crate::signer::config::SignerConfig;
use crate::signer::error::KeyError;

/// Read once.
#[derive(Debug)]
pub(in crate::signer) struct Contracts {
    /// Ethereum's; Tron's bytes name no chain but by the block that they stand on.
    pub(in crate::signer) chain_id: u64,
    tron_usdt: Owner,
    ethereum_usdt: Owner,
    ethereum_usdc: Owner,
}

impl Contracts {
    pub(in crate::signer) fn of(config: &SignerConfig) -> Result<Self, KeyError> {
        let (tron, ethereum) = (&config.tron, &config.ethereum);
        Ok(Self {
            chain_id: ethereum.chain_id,
            tron_usdt: contract(Network::Tron, &tron.usdt, "Tron USDT")?,
            ethereum_usdt: contract(Network::Ethereum, &ethereum.usdt, "Ethereum USDT")?,
            ethereum_usdc: contract(Network::Ethereum, &ethereum.usdc, "Ethereum USDC")?,
        })
    }

    pub(super) fn token(&self, network: Network, asset: Asset) -> Option<Owner> {
        match (network, asset) {
            (Network::Tron, Asset::Usdt) => Some(self.tron_usdt),
            (Network::Tron, Asset::Usdc) => None,
            (Network::Ethereum, Asset::Usdt) => Some(self.ethereum_usdt),
            (Network::Ethereum, Asset::Usdc) => Some(self.ethereum_usdc),
        }
    }

    /// A token's own contract keeps what it is sent, for ever.
    pub(super) fn is_token(&self, network: Network, owner: Owner) -> bool {
        Asset::ALL.into_iter().any(|asset| self.token(network, asset) == Some(owner))
    }
}

fn contract(network: Network, text: &str, name: &'static str) -> Result<Owner, KeyError> {
    account::owner(network, text).ok_or(KeyError::Contract(name))
}
