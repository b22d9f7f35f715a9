//! The ways in which Tron writes an owner: base58 for people, 21 bytes in transactions, 20 in logs,
//! 32 in call data. Whose an address is does not belong here.

use alloy::primitives::hex;

use crate::address::owner::Owner;
use crate::address::tron;

/// Tron's own version byte, first of the 21.
pub(crate) const VERSION: u8 = 0x41;

/// The owner that a base58 address names. The zero address is one too here: logs of minted coin
/// have it.
pub(crate) fn owner(text: &str) -> Option<Owner> {
    // Longer texts are no addresses, and decoding them takes time quadratic in their length.
    if text.len() > 36 {
        return None;
    }
    let payload = bs58::decode(text).with_check(Some(VERSION)).into_vec().ok()?;
    of_prefixed(&payload)
}

/// The base58 spelling: the one of escrow addresses.
pub(crate) fn base58(owner: Owner) -> String {
    tron::render(owner).as_str().to_owned()
}

/// The 21 bytes of transactions.
pub(crate) fn prefixed(owner: Owner) -> Vec<u8> {
    [&[VERSION], owner.as_slice()].concat()
}

/// The 21 bytes in hex, as nodes are asked.
pub(crate) fn hex21(owner: Owner) -> String {
    hex::encode(prefixed(owner))
}

pub(crate) fn of_prefixed(bytes: &[u8]) -> Option<Owner> {
    let (version, owner) = bytes.split_first()?;
    Owner::try_from(owner).ok().filter(|_| *version == VERSION)
}

/// An owner as a word of call data or a topic: 12 zero bytes and the 20.
pub(crate) fn word(owner: Owner) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(&owner);
    word
}

/// What an indexed address of a log is; other high bytes are no address.
pub(crate) fn of_word(word: &[u8; 32]) -> Option<Owner> {
    let (high, low) = word.split_at(12);
    Owner::try_from(low).ok().filter(|_| high.iter().all(|byte| *byte == 0))
}
