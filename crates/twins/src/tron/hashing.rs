//! The two hashes of Tron: sha256 for ids, keccak-256 for addresses and the ABI.

use sha2::{Digest as _, Sha256};
use sha3::Keccak256;

pub(super) type Hash = [u8; 32];

pub(super) fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

pub(super) fn keccak(bytes: &[u8]) -> Hash {
    Keccak256::digest(bytes).into()
}

/// A tree of pairs over sha256; an odd one moves up alone. Zeros where there is nothing.
///
/// The node's own tree has results in its leaves; nobody can tell from outside.
pub(super) fn root(leaves: impl Iterator<Item = Hash>) -> Hash {
    let mut row: Vec<Hash> = leaves.collect();
    while row.len() > 1 {
        row = row.chunks(2).map(parent).collect();
    }
    row.first().copied().unwrap_or_default()
}

fn parent(pair: &[Hash]) -> Hash {
    if pair.len() == 1 { pair[0] } else { sha256(&pair.concat()) }
}
