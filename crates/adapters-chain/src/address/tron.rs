//! Tron addresses: base58 of the version byte 0x41, the owner and a checksum. What makes a text
//! a Tron address rather than another chain's is decided in `wallet`.

use bs58::decode::Error as Base58Error;
use domain::address::{AddressError, ChainAddress, Network};

use super::owner::{self, Owner};

const VERSION: u8 = 0x41;

/// What the version byte and 24 more come to in base58, whichever they are.
const CHARS: usize = 34;

/// Decoding takes time quadratic in the length: the caller bounds it first.
pub(crate) fn parse(text: &str) -> Result<ChainAddress, AddressError> {
    let payload = bs58::decode(text).with_check(None).into_vec().map_err(|e| fault(&e, text))?;
    let [VERSION, owner @ ..] = payload.as_slice() else {
        return Err(AddressError::TronVersion);
    };
    match Owner::try_from(owner) {
        Ok(owner::ZERO) => Err(AddressError::Zero),
        Ok(_) => Ok(ChainAddress::trusted(Network::Tron, text.to_owned())),
        Err(_) => Err(AddressError::TronLength),
    }
}

pub(crate) fn render(owner: Owner) -> ChainAddress {
    let text = bs58::encode(owner).with_check_version(VERSION).into_string();
    ChainAddress::trusted(Network::Tron, text)
}

/// Whose address a verified text is.
pub(crate) fn owner(text: &str) -> Option<Owner> {
    let payload = bs58::decode(text).with_check(Some(VERSION)).into_vec().ok()?;
    payload.get(1..)?.try_into().ok()
}

/// Whether it is whole in base58check, whichever chain's.
pub(crate) fn has_checksum(text: &str) -> bool {
    bs58::decode(text).with_check(None).into_vec().is_ok()
}

pub(crate) fn is_base58(text: &str) -> bool {
    bs58::decode(text).into_vec().is_ok()
}

/// A lost or doubled character breaks the checksum as well; the length says more to who typed it.
fn fault(error: &Base58Error, text: &str) -> AddressError {
    match error {
        Base58Error::InvalidCharacter { .. } | Base58Error::NonAsciiCharacter { .. } => {
            AddressError::TronAlphabet
        }
        _ if text.len() != CHARS => AddressError::TronLength,
        _ => AddressError::TronChecksum,
    }
}
