//! A block: its header, its id, and what is in it.

use std::sync::Arc;

use prost::Message as _;
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::hashing::{Hash, keccak, root, sha256};
use super::proto::Header;
use super::receipt::Receipt;
use super::transaction::{Tx, written};

/// Who produce blocks, in turn.
const WITNESSES: u64 = 27;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Mined {
    #[serde(with = "written")]
    pub(super) tx: Arc<Tx>,
    pub(super) receipt: Receipt,
}

#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) number: u64,
    pub(super) time_ms: i64,
    pub(super) id: Hash,
    pub(super) header: Header,
    pub(super) transactions: Vec<Mined>,
}

impl Block {
    /// The first block. Its id ends in the chain's; no header hashes to that, so none is tried.
    pub(super) fn genesis(time_ms: i64, chain_id: u32) -> Self {
        let mut id = sha256(b"the first block of a twin");
        id[..8].fill(0);
        id[28..].copy_from_slice(&chain_id.to_be_bytes());
        let header = Header { timestamp: time_ms, tx_trie_root: vec![0; 32], ..Header::default() };
        Self { number: 0, time_ms, id, header, transactions: Vec::new() }
    }

    /// `branch` makes blocks that take another's place differ from it.
    pub(super) fn after(&self, time_ms: i64, branch: u64, transactions: Vec<Mined>) -> Self {
        let number = self.number + 1;
        let header = Header {
            timestamp: time_ms,
            tx_trie_root: root(transactions.iter().map(leaf)).to_vec(),
            parent_hash: self.id.to_vec(),
            number: i64::try_from(number).unwrap_or(i64::MAX),
            witness_address: witness(number + branch).as_bytes().to_vec(),
            version: 34,
            ..Header::default()
        };
        Self { number, time_ms, id: block_id(&header), header, transactions }
    }
}

/// sha256 of the header, its first eight bytes replaced by the number.
pub(super) fn block_id(header: &Header) -> Hash {
    let mut id = sha256(&header.encode_to_vec());
    id[..8].copy_from_slice(&header.number.to_be_bytes());
    id
}

fn leaf(mined: &Mined) -> Hash {
    sha256(&mined.tx.signed().encode_to_vec())
}

fn witness(turn: u64) -> Address {
    Address::of_digest(&keccak(&(turn % WITNESSES).to_be_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tron::hex;

    /// Published headers of real blocks: number, time, root, parent, witness, version, id.
    const HEADERS: [(i64, i64, &str, &str, &str, i32, &str); 2] = [
        (
            66_987_565,
            1_777_445_121_000,
            "faf8fe3858339ead25cc892461c82a59b84dca4a51c45b026676bf3f45a352a2",
            "0000000003fe262c85cd6b02033f4c3e5c1efa35de256a17bd906dc61fb1aeed",
            "41b2f713d57dbcec679d93a8849fa0cd0e4db594ba",
            34,
            "0000000003fe262d52bfa4b2814f816fd2e57af5b98a33d60d8630a03a908e0e",
        ),
        (
            1_000_000,
            1_578_594_852_000,
            "e2dd42daa9c853e070df1e4fc927851a7438c601fb12cf945922629d5cec187b",
            "00000000000f423fbccd9cdb9e410eabdf9f94145cf5b71a678b8b9616619125",
            "41f16412b9a17ee9408646e2a21e16478f72ed1e95",
            9,
            "00000000000f424013e51b18e0782a32fa079ddafdb2f4c343468cf8896dc887",
        ),
    ];

    #[test]
    fn published_headers_have_their_published_ids() {
        for (number, timestamp, root, parent, witness, version, id) in HEADERS {
            let bytes = |text| hex::decode(text).expect("hex");
            let header = Header {
                number,
                timestamp,
                tx_trie_root: bytes(root),
                parent_hash: bytes(parent),
                witness_address: bytes(witness),
                version,
                ..Header::default()
            };
            assert_eq!(hex::encode(&block_id(&header)), id);
        }
    }

    #[test]
    fn a_block_that_takes_anothers_place_differs_from_it() {
        let genesis = Block::genesis(0, 1);
        let (one, other) = (genesis.after(3, 0, Vec::new()), genesis.after(3, 1, Vec::new()));
        assert_ne!(one.id, other.id);
        assert_eq!(one.header.parent_hash, other.header.parent_hash);
    }
}
