//! Chain addresses as the domain sees them: verified text and its network.
//! How a chain encodes and derives them is the business of the [`AddressBook`]'s adapter.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A chain that stablecoins move on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    Tron,
    Ethereum,
}

impl Network {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tron => "tron",
            Self::Ethereum => "ethereum",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Tron, Self::Ethereum].into_iter().find(|network| network.as_str() == text)
    }
}

/// An address that somebody has verified: an [`AddressBook`], or whoever stored it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChainAddress {
    network: Network,
    text: String,
}

impl ChainAddress {
    /// Takes a text that has been verified to be an address of `network`.
    pub fn trusted(network: Network, text: String) -> Self {
        Self { network, text }
    }

    pub fn network(&self) -> Network {
        self.network
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for ChainAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why a text is no wallet address. Every reason says what to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("must not be empty")]
    Empty,
    #[error("is neither a Tron address (T…, 34 characters) nor an Ethereum address (0x + 40 hex)")]
    UnknownForm,
    #[error("looks like a Tron address, but does not have 34 characters")]
    TronLength,
    #[error("looks like a Tron address, but has a character outside base58")]
    TronAlphabet,
    #[error("looks like a Tron address, but its checksum does not match: a character is wrong")]
    TronChecksum,
    #[error("is a base58check address of another chain, not of Tron")]
    TronVersion,
    #[error("looks like an Ethereum address, but does not have 40 hex digits after 0x")]
    EthereumLength,
    #[error("looks like an Ethereum address, but has a character outside 0-9, a-f")]
    EthereumHex,
    #[error("is an Ethereum address whose upper and lower case fail EIP-55: a character is wrong")]
    EthereumChecksum,
    #[error("is the zero address: what is sent there is lost")]
    Zero,
}

/// Why no escrow address can be derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeriveError {
    #[error("address index is beyond 2^31 - 1, the last non-hardened child")]
    IndexOutOfRange,
}

/// Port: what the engine needs to know of addresses. Implementations hold public keys only.
pub trait AddressBook: Send + Sync + fmt::Debug {
    /// Verifies a wallet address and reads its network off it.
    fn parse(&self, text: &str) -> Result<ChainAddress, AddressError>;

    /// The escrow address at `index` of the network's account (…/0/index).
    fn escrow(&self, network: Network, index: u32) -> Result<ChainAddress, DeriveError>;
}
