//! Owners and their spellings, for both networks alike.

use alloy::primitives::hex;
use domain::address::Network;

use crate::address::owner::{Owner, ZERO};
use crate::address::{self, parse_address};
use crate::tron::spelling;

/// Whom an address of `network` names; `None` for another network's, the zero address, and whatever
/// else is none.
pub(super) fn owner(network: Network, text: &str) -> Option<Owner> {
    let address = parse_address(text).ok().filter(|address| address.network() == network)?;
    let owner = match network {
        Network::Tron => spelling::owner(address.as_str())?,
        Network::Ethereum => hex::decode_to_array(address.as_str()).ok()?,
    };
    Some(owner).filter(|owner| *owner != ZERO)
}

/// As the address book spells it.
pub(super) fn spell(network: Network, owner: Owner) -> String {
    let render = match network {
        Network::Tron => address::tron::render,
        Network::Ethereum => address::ethereum::render,
    };
    render(owner).as_str().to_owned()
}
