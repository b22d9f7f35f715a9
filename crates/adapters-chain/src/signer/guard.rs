//! What the wiring asks of a signer before it lets it sign: that its keys are secret, that its wallets
//! are two, and that the addresses given to customers are its own.

use domain::address::{AddressBook as _, Network};
use domain::chain::transfer::Wallet;

use super::desk::Desk;
use super::error::KeyError;
use crate::address::XpubBook;

/// Where coin is surely worth something, whatever the settings call it: Ethereum, Tron, and what else is
/// known of their kind. Every other network has to be called a test one to be taken for it.
const MAIN_NETWORKS: [u64; 12] =
    [1, 10, 56, 100, 137, 324, 8_453, 42_161, 43_114, 59_144, 534_352, 728_126_428];

/// A network that coin moves on, as the settings have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUse {
    pub chain_id: u64,
    /// Somebody has said that nothing there is worth anything.
    pub is_test: bool,
}

impl KeyUse {
    fn is_play(self) -> bool {
        self.is_test && !MAIN_NETWORKS.contains(&self.chain_id)
    }
}

/// Refuses published keys but where every network is a test one, and nobody calls it production.
pub(super) fn refuse_test_keys(
    desk: &Desk,
    networks: &[KeyUse],
    is_production: bool,
) -> Result<(), KeyError> {
    let Some(wallet) = desk.keys.published().first().copied() else { return Ok(()) };
    if is_production {
        return Err(KeyError::TestKeysInProduction { wallet });
    }
    match networks.iter().find(|network| !network.is_play()) {
        Some(KeyUse { chain_id, .. }) => Err(KeyError::TestKeys { wallet, chain_id: *chain_id }),
        None => Ok(()),
    }
}

pub(super) fn refuse_shared_mnemonic(desk: &Desk) -> Result<(), KeyError> {
    if desk.keys.is_shared() { Err(KeyError::SharedMnemonic) } else { Ok(()) }
}

/// By the first address that each derives: the labels inside an xpub may differ and mean nothing.
pub(super) fn require_xpubs(desk: &Desk, tron: &str, ethereum: &str) -> Result<(), KeyError> {
    for network in [Network::Tron, Network::Ethereum] {
        let foreign = || KeyError::ForeignXpub(network);
        let book = XpubBook::try_new(tron, ethereum).map_err(|_| foreign())?;
        let derived = book.escrow(network, 0).map_err(|_| foreign())?;
        if derived.as_str() != desk.address(network, Wallet::Escrow(0))? {
            return Err(foreign());
        }
    }
    Ok(())
}
