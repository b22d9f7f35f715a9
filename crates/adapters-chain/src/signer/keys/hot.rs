//! The hot wallet's key on each network.

use domain::address::Network;

use super::branch::Tree;
use super::{Key, Words, keystore, published};
use crate::signer::config::KeySource;
use crate::signer::error::KeyError;

pub(super) enum Hot {
    /// The first child of each network's account.
    Grown { tron: Key, ethereum: Key, is_published: bool },
    /// One key, and so one owner, on both networks.
    Single(Key),
}

impl Hot {
    pub(super) fn open(source: &KeySource, words: Option<&Words>) -> Result<Self, KeyError> {
        match (source, words) {
            (KeySource::Keystore { file, passphrase_file }, _) => {
                Ok(Self::Single(keystore::open(file, passphrase_file)?))
            }
            (_, Some(words)) => Self::grow(words),
            (_, None) => Err(KeyError::NotAMnemonic("hot")),
        }
    }

    fn grow(words: &Words) -> Result<Self, KeyError> {
        let tree = Tree::grow("hot", words)?;
        let first = |network| tree.branch(network).child(0);
        let (tron, ethereum) = (first(Network::Tron)?, first(Network::Ethereum)?);
        Ok(Self::Grown { tron, ethereum, is_published: tree.is_published() })
    }

    pub(super) fn key(&self, network: Network) -> &Key {
        match (self, network) {
            (Self::Single(key), _) => key,
            (Self::Grown { tron, .. }, Network::Tron) => tron,
            (Self::Grown { ethereum, .. }, Network::Ethereum) => ethereum,
        }
    }

    pub(super) fn is_published(&self) -> bool {
        match self {
            Self::Grown { is_published, .. } => *is_published,
            Self::Single(key) => published::is_test_key(key),
        }
    }
}
