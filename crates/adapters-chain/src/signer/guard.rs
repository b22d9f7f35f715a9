//! What the wiring asks of a signer before it lets it sign: that its keys are secret, that its wallets
//! are two, and that the addresses given to customers are its own.

use domain::address::{AddressBook as _, Network};
use domain::chain::transfer::Wallet;

use super::desk::Desk;
use super::error::KeyError;
use crate::address::XpubBook;

/// Where coin is worth something: Ethereum and Tron.
const MAIN_NETWORKS: [u64; 2] = [1, 728_126_428];

/// Refuses published keys where coin is worth something.
pub(super) fn refuse_test_keys(desk: &Desk, chain_ids: &[u64]) -> Result<(), KeyError> {
    let main = chain_ids.iter().copied().find(|id| MAIN_NETWORKS.contains(id));
    let Some(chain_id) = main else { return Ok(()) };
    match desk.keys.published().first().copied() {
        Some(wallet) => Err(KeyError::TestKeys { wallet, chain_id }),
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
