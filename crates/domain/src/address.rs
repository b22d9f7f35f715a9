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

    pub const ALL: [Self; 2] = [Self::Tron, Self::Ethereum];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.as_str() == text)
    }
}

/// Some of the networks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NetworkSet {
    pub tron: bool,
    pub ethereum: bool,
}

impl NetworkSet {
    pub const ALL: Self = Self { tron: true, ethereum: true };

    pub fn contains(self, network: Network) -> bool {
        match network {
            Network::Tron => self.tron,
            Network::Ethereum => self.ethereum,
        }
    }

    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    pub fn networks(self) -> impl Iterator<Item = Network> {
        Network::ALL.into_iter().filter(move |network| self.contains(*network))
    }
}

impl FromIterator<Network> for NetworkSet {
    fn from_iter<I: IntoIterator<Item = Network>>(networks: I) -> Self {
        networks.into_iter().fold(Self::default(), |set, network| match network {
            Network::Tron => Self { tron: true, ..set },
            Network::Ethereum => Self { ethereum: true, ..set },
        })
    }
}

/// `tron and ethereum`; `none` when empty.
impl fmt::Display for NetworkSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.tron, self.ethereum) {
            (true, true) => f.write_str("tron and ethereum"),
            (true, false) => f.write_str("tron"),
            (false, true) => f.write_str("ethereum"),
            (false, false) => f.write_str("none"),
        }
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

/// One owner's address on every network, spelled as the address book spells it: the same key owns the
/// same bytes on all of them, and clients spell as they like.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OwnerAddresses {
    pub tron: String,
    pub ethereum: String,
}

impl OwnerAddresses {
    pub fn on(&self, network: Network) -> &str {
        match network {
            Network::Tron => &self.tron,
            Network::Ethereum => &self.ethereum,
        }
    }
}

/// What an address is to us, where it is not a customer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressUse {
    Escrow,
    HotWallet,
    TokenContract,
}

impl AddressUse {
    pub const ALL: [Self; 3] = [Self::Escrow, Self::HotWallet, Self::TokenContract];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Escrow => "escrow",
            Self::HotWallet => "hot_wallet",
            Self::TokenContract => "token_contract",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
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

/// The key account that escrow addresses are children of, by a name of its own. Networks that share an
/// account share its children, so that child numbers are counted per account and not per network.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyAccount(String);

impl KeyAccount {
    /// `fingerprint` is the same for the same keys, and for no others.
    pub fn new(fingerprint: String) -> Self {
        Self(fingerprint)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Port: what the engine needs to know of addresses. Implementations hold public keys only.
pub trait AddressBook: Send + Sync + fmt::Debug {
    /// Verifies a wallet address and reads its network off it.
    fn parse(&self, text: &str) -> Result<ChainAddress, AddressError>;

    /// The addresses of whoever owns `address`.
    fn owner(&self, address: &ChainAddress) -> OwnerAddresses;

    /// The account that the network's escrow addresses are children of.
    fn account(&self, network: Network) -> KeyAccount;

    /// The escrow address at `index` of the network's account (…/0/index).
    fn escrow(&self, network: Network, index: u32) -> Result<ChainAddress, DeriveError>;
}
