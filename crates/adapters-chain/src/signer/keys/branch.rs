//! Keys that grow from a mnemonic: m/44'/195'/0' and m/44'/60'/0', and their receiving chains.

use alloy::signers::local::coins_bip39::{English, Mnemonic};
use coins_bip32::BIP32_HARDEN;
use coins_bip32::ecdsa::SigningKey;
use coins_bip32::enc::{MainnetEncoder, XKeyEncoder as _};
use coins_bip32::primitives::Hint;
use coins_bip32::xkeys::{Parent as _, XPriv};
use domain::address::Network;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::published::is_test_mnemonic;
use super::{Key, Words};
use crate::signer::error::KeyError;

/// The chain of addresses given to others (BIP-44).
const RECEIVING: u32 = 0;

/// The account keys that an address book needs: public, but confidential, for they show every escrow
/// address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountXpubs {
    pub tron: String,
    pub ethereum: String,
}

/// What grows from one mnemonic.
pub(super) struct Tree {
    tron: Branch,
    ethereum: Branch,
    is_published: bool,
}

/// One network's account.
pub(super) struct Branch {
    xpub: String,
    receiving: XPriv,
}

impl Tree {
    pub(super) fn grow(wallet: &'static str, words: &Words) -> Result<Self, KeyError> {
        let master = master(words).ok_or(KeyError::NotAMnemonic(wallet))?;
        let branch = |path| Branch::of(&master, path).ok_or(KeyError::NotAMnemonic(wallet));
        Ok(Self {
            tron: branch("m/44'/195'/0'")?,
            ethereum: branch("m/44'/60'/0'")?,
            is_published: is_test_mnemonic(&words.phrase),
        })
    }

    pub(super) fn branch(&self, network: Network) -> &Branch {
        match network {
            Network::Tron => &self.tron,
            Network::Ethereum => &self.ethereum,
        }
    }

    pub(super) fn xpubs(&self) -> AccountXpubs {
        AccountXpubs { tron: self.tron.xpub.clone(), ethereum: self.ethereum.xpub.clone() }
    }

    pub(super) fn is_published(&self) -> bool {
        self.is_published
    }
}

/// The library's errors repeat the phrase: they end here.
fn master(words: &Words) -> Option<XPriv> {
    let password = words.password.as_ref().map(ExposeSecret::expose_secret);
    let mnemonic = Mnemonic::<English>::new_from_phrase(&words.phrase).ok()?;
    let seed = Zeroizing::new(mnemonic.to_seed(password).ok()?);
    // The kind of address that it is said to be for only shows in the letter before `pub`: x is the one
    // for all coins.
    XPriv::root_from_seed(seed.as_slice(), Some(Hint::Legacy)).ok()
}

impl Branch {
    fn of(master: &XPriv, path: &str) -> Option<Self> {
        let account = master.derive_path(path).ok()?;
        let xpub = MainnetEncoder::xpub_to_base58(&account.verify_key()).ok()?;
        Some(Self { xpub, receiving: account.derive_child(RECEIVING).ok()? })
    }

    /// The key of the address that the account's xpub has at `index`.
    pub(super) fn child(&self, index: u32) -> Result<Key, KeyError> {
        // Beyond it private keys have children that no xpub derives.
        if index >= BIP32_HARDEN {
            return Err(KeyError::IndexOutOfRange);
        }
        let child = self.receiving.derive_child(index).map_err(|_| KeyError::IndexOutOfRange)?;
        let key: &SigningKey = child.as_ref();
        Ok(Key::from_signing_key(key.clone()))
    }
}
