//! The 20 bytes both chains know an owner by. How a chain writes them does not belong here.

use coins_bip32::ecdsa::VerifyingKey;
use sha3::{Digest, Keccak256};

/// Tron and Ethereum share it: the same key owns the same 20 bytes on both.
pub(crate) type Owner = [u8; 20];

/// Nobody: what is sent there is lost.
pub(crate) const ZERO: Owner = [0; 20];

/// The last 20 bytes of the Keccak hash of the key's two coordinates.
pub(crate) fn of_key(key: &VerifyingKey) -> Owner {
    let point = key.to_encoded_point(false);
    // The byte left out says that both coordinates follow.
    let hash: [u8; 32] = Keccak256::digest(&point.as_bytes()[1..]).into();
    std::array::from_fn(|at| hash[12 + at])
}
