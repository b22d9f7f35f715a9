//! Ethereum addresses: `0x` and 40 hex digits whose capitals are a checksum (EIP-55). What makes
//! a text an Ethereum address rather than another chain's is decided in `wallet`.

use domain::address::{AddressError, ChainAddress, Network};
use sha3::{Digest, Keccak256};

use super::owner::Owner;

const PREFIX: &str = "0x";
const DIGITS: usize = 40;

/// The caller's spelling is kept, so that the wire returns what was sent.
pub(crate) fn parse(text: &str) -> Result<ChainAddress, AddressError> {
    // `0X` ends here too: the X of the prefix is not part of what may be capitalised.
    let digits = text.strip_prefix(PREFIX).ok_or(AddressError::EthereumHex)?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(AddressError::EthereumHex);
    }
    if digits.len() != DIGITS {
        return Err(AddressError::EthereumLength);
    }
    if digits.bytes().all(|digit| digit == b'0') {
        return Err(AddressError::Zero);
    }
    if is_mixed_case(digits) && checksummed(&digits.to_ascii_lowercase()) != digits {
        return Err(AddressError::EthereumChecksum);
    }
    Ok(ChainAddress::trusted(Network::Ethereum, text.to_owned()))
}

pub(crate) fn render(owner: Owner) -> ChainAddress {
    let digits: String = nibbles(&owner).map(hex).collect();
    ChainAddress::trusted(Network::Ethereum, format!("{PREFIX}{}", checksummed(&digits)))
}

/// Whose address a verified text is.
pub(crate) fn owner(text: &str) -> Option<Owner> {
    let digits = text.strip_prefix(PREFIX).filter(|digits| digits.len() == DIGITS)?;
    let mut owner = Owner::default();
    for (at, byte) in owner.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(owner)
}

/// Letters of one case alone carry no checksum, so there is none to hold them to.
fn is_mixed_case(digits: &str) -> bool {
    digits.bytes().any(|digit| digit.is_ascii_uppercase())
        && digits.bytes().any(|digit| digit.is_ascii_lowercase())
}

/// EIP-55: a letter is a capital where the same nibble of the lower-case text's hash is 8 or more.
fn checksummed(lowercase: &str) -> String {
    let hash = Keccak256::digest(lowercase);
    let capitalise = |(digit, nibble): (char, u8)| match nibble {
        8.. => digit.to_ascii_uppercase(),
        _ => digit,
    };
    lowercase.chars().zip(nibbles(&hash)).map(capitalise).collect()
}

fn nibbles(bytes: &[u8]) -> impl Iterator<Item = u8> {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf])
}

fn hex(nibble: u8) -> char {
    char::from(b"0123456789abcdef"[usize::from(nibble)])
}
