//! The escrow accounts of the two networks and their children. Which index is free, and whose it
//! becomes, is for the database to say.

use std::fmt;

use alloy::primitives::hex;
use coins_bip32::xkeys::{Parent, XPub};
use domain::address::{
    AddressBook, AddressError, ChainAddress, DeriveError, KeyAccount, Network, OwnerAddresses,
};
use sha2::{Digest as _, Sha256};

use super::xpub::{self, XpubError};
use super::{ethereum, owner, tron, wallet};

/// The chain of addresses given to others (BIP-44); chain 1, for change, is not used.
const RECEIVING: u32 = 0;

/// Derives escrow addresses from public keys alone.
#[derive(Clone)]
pub struct XpubBook {
    tron: XPub,
    ethereum: XPub,
    tron_account: KeyAccount,
    ethereum_account: KeyAccount,
}

impl XpubBook {
    /// Takes the account keys m/44'/195'/0' and m/44'/60'/0'. Their receiving chains are derived
    /// once, here, so that an escrow address costs one derivation.
    pub fn try_new(tron_xpub: &str, ethereum_xpub: &str) -> Result<Self, XpubError> {
        Ok(Self {
            tron: receiving_chain(Network::Tron, tron_xpub)?,
            ethereum: receiving_chain(Network::Ethereum, ethereum_xpub)?,
            tron_account: account(Network::Tron, tron_xpub)?,
            ethereum_account: account(Network::Ethereum, ethereum_xpub)?,
        })
    }
}

/// By what children are derived from: depth, index and parent are labels, and change no address.
fn account(network: Network, account: &str) -> Result<KeyAccount, XpubError> {
    let account = xpub::read_account(network, account)?;
    let mut digest = Sha256::new();
    digest.update(account.to_sec1_bytes());
    digest.update(xpub::info(&account).chain_code.0);
    Ok(KeyAccount::new(hex::encode(digest.finalize())))
}

fn receiving_chain(network: Network, account: &str) -> Result<XPub, XpubError> {
    let account = xpub::read_account(network, account)?;
    account.derive_child(RECEIVING).map_err(|_| XpubError::NotAnXpub(network))
}

impl AddressBook for XpubBook {
    fn parse(&self, text: &str) -> Result<ChainAddress, AddressError> {
        wallet::parse_address(text)
    }

    fn owner(&self, address: &ChainAddress) -> OwnerAddresses {
        let owner = match address.network() {
            Network::Tron => tron::owner(address.as_str()),
            Network::Ethereum => ethereum::owner(address.as_str()),
        };
        let text = |render: fn(_) -> ChainAddress| {
            // What was verified always has an owner.
            owner.map_or_else(|| address.to_string(), |owner| render(owner).as_str().to_owned())
        };
        OwnerAddresses { tron: text(tron::render), ethereum: text(ethereum::render) }
    }

    fn account(&self, network: Network) -> KeyAccount {
        match network {
            Network::Tron => self.tron_account.clone(),
            Network::Ethereum => self.ethereum_account.clone(),
        }
    }

    fn escrow(&self, network: Network, index: u32) -> Result<ChainAddress, DeriveError> {
        let (chain, render): (_, fn(_) -> _) = match network {
            Network::Tron => (&self.tron, tron::render),
            Network::Ethereum => (&self.ethereum, ethereum::render),
        };
        let child = chain.derive_child(index).map_err(|_| DeriveError::IndexOutOfRange)?;
        Ok(render(owner::of_key(child.as_ref())))
    }
}

/// The keys stay out of logs: whoever has them sees every escrow address.
impl fmt::Debug for XpubBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XpubBook").finish_non_exhaustive()
    }
}
