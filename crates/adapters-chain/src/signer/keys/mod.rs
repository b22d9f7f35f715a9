//! The signer's keys: where they come from, and which key is which wallet's. Whether they may be used
//! on a chain is for `guard` to say.

mod branch;
mod hot;
mod keystore;
mod published;
mod secrets;

use domain::address::Network;
use domain::chain::transfer::Wallet;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

pub(super) use alloy::signers::local::PrivateKeySigner as Key;
pub use branch::AccountXpubs;
pub use published::is_test_mnemonic;

use super::config::KeySource;
use super::error::KeyError;
use crate::address::owner::Owner;
use branch::Tree;
use hot::Hot;

/// All keys. It has no `Debug`: there is nothing in it that may be seen.
pub(super) struct Keyring {
    hot: Hot,
    escrow: Tree,
    same_phrase: bool,
}

/// The words of a wallet, and the password that is part of their seed.
struct Words {
    phrase: Zeroizing<String>,
    password: Option<SecretString>,
}

impl Keyring {
    pub(super) fn open(hot: &KeySource, escrow: &KeySource) -> Result<Self, KeyError> {
        let escrow_words = words(escrow)?.ok_or(KeyError::EscrowKeystore)?;
        let hot_words = words(hot)?;
        let same_phrase =
            hot_words.as_ref().is_some_and(|words| words.phrase == escrow_words.phrase);
        let escrow = Tree::grow("escrow", &escrow_words)?;
        Ok(Self { hot: Hot::open(hot, hot_words.as_ref())?, escrow, same_phrase })
    }

    pub(super) fn key(&self, network: Network, wallet: Wallet) -> Result<Key, KeyError> {
        match wallet {
            Wallet::Hot => Ok(self.hot.key(network).clone()),
            Wallet::Escrow(index) => self.escrow.branch(network).child(index),
        }
    }

    pub(super) fn hot_owner(&self, network: Network) -> Owner {
        self.hot.key(network).address().into_array()
    }

    pub(super) fn xpubs(&self) -> AccountXpubs {
        self.escrow.xpubs()
    }

    /// Which wallets' keys anybody can look up.
    pub(super) fn published(&self) -> Vec<&'static str> {
        let rows = [("hot", self.hot.is_published()), ("escrow", self.escrow.is_published())];
        rows.into_iter().filter(|(_, is_published)| *is_published).map(|(name, _)| name).collect()
    }

    /// The same words (with whichever passwords), or a hot key that is an escrow address's as well.
    pub(super) fn is_shared(&self) -> bool {
        let meets = |network| {
            let first = self.escrow.branch(network).child(0);
            first.is_ok_and(|key| key.address().into_array() == self.hot_owner(network))
        };
        self.same_phrase || meets(Network::Tron) || meets(Network::Ethereum)
    }
}

/// The words of a source; a keystore has none.
fn words(source: &KeySource) -> Result<Option<Words>, KeyError> {
    let (text, password) = match source {
        KeySource::Mnemonic { file, password } => (secrets::read(file)?, password.clone()),
        KeySource::Phrase(phrase) => (Zeroizing::new(phrase.expose_secret().to_owned()), None),
        KeySource::Keystore { .. } => return Ok(None),
    };
    Ok(Some(Words { phrase: published::tidy(&text), password }))
}
