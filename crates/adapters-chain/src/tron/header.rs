//! Blocks that prove themselves: the id is the hash of the header, and a block names the one below.
//! Who produced a block, and whether its transactions are the header's, is not looked at, but for
//! one thing: a block that says it is empty must have the root of an empty one.

use domain::chain::{Block, BlockRef};
use domain::ports::SourceError;
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::answers::{BlockAnswer, Hash, RawHeader};
use super::wire::HeaderRaw;

/// A block whose id was recomputed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) height: u64,
    pub(crate) id: Hash,
    pub(crate) parent: Hash,
    /// Milliseconds.
    pub(crate) time_ms: u64,
    pub(crate) txids: Vec<Hash>,
    /// What was signed of each, as far as the node shows it: compared with nothing here.
    pub(crate) raws: Vec<Vec<u8>>,
}

impl Header {
    pub(crate) fn verify(answer: &BlockAnswer) -> Result<Self, SourceError> {
        let raw = &answer.block_header.raw_data;
        let height = u64::try_from(raw.number).map_err(|_| wrong("a negative height"))?;
        // The first block's header is of another kind, and nothing stands on anything below it.
        if height > 0 {
            check(answer)?;
        }
        let parent = <[u8; 32]>::try_from(raw.parent_hash.0.as_slice());
        let parent = if height == 0 { parent.or(Ok([0; 32])) } else { parent };
        Ok(Self {
            height,
            id: answer.id,
            parent: Hash(parent.map_err(|_| wrong("no parent"))?),
            time_ms: u64::try_from(raw.timestamp).map_err(|_| wrong("a negative time"))?,
            txids: answer.transactions.iter().map(|transaction| transaction.id).collect(),
            raws: answer.transactions.iter().map(|one| one.raw_data_hex.0.clone()).collect(),
        })
    }

    pub(crate) fn at(&self) -> BlockRef {
        BlockRef { height: self.height, hash: self.id.to_string() }
    }

    pub(crate) fn time(&self) -> Result<OffsetDateTime, SourceError> {
        let nanos = i128::from(self.time_ms).saturating_mul(1_000_000);
        OffsetDateTime::from_unix_timestamp_nanos(nanos).map_err(|_| wrong("a time beyond time"))
    }

    pub(crate) fn block(&self) -> Result<Block, SourceError> {
        Ok(Block { at: self.at(), parent: self.parent.to_string(), time: self.time()? })
    }
}

fn check(answer: &BlockAnswer) -> Result<(), SourceError> {
    let raw = &answer.block_header.raw_data;
    if answer.id != id(raw) {
        return Err(wrong("a block's id is not the hash of its header"));
    }
    let is_root_empty = raw.tx_trie_root.0.iter().all(|byte| *byte == 0);
    if is_root_empty != answer.transactions.is_empty() {
        return Err(wrong("a block's transactions are not those of its header"));
    }
    Ok(())
}

/// sha256 of the header, its first eight bytes replaced by the height.
fn id(raw: &RawHeader) -> Hash {
    let header = HeaderRaw {
        timestamp: raw.timestamp,
        tx_trie_root: raw.tx_trie_root.0.clone(),
        parent_hash: raw.parent_hash.0.clone(),
        number: raw.number,
        witness_id: raw.witness_id,
        witness_address: raw.witness_address.0.clone(),
        version: raw.version,
        account_state_root: raw.account_state_root.0.clone(),
    };
    let mut id: [u8; 32] = Sha256::digest(header.encode_to_vec()).into();
    id[..8].copy_from_slice(&raw.number.to_be_bytes());
    Hash(id)
}

/// Whether each block is the next one's parent.
pub(crate) fn are_linked(headers: &[Header]) -> bool {
    headers.windows(2).all(|pair| {
        pair[1].parent == pair[0].id && pair[1].height == pair[0].height.saturating_add(1)
    })
}

fn wrong(what: &str) -> SourceError {
    SourceError::Contradiction(what.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Two blocks of Nile, published by Tron's documentation; their transactions are made up.
    fn published() -> [Value; 2] {
        let transactions =
            json!([{ "txID": "8c621a0dc9bd4d405b20d0a43143955b9f546f98bbfde1aec295a65b0f925629" }]);
        [
            json!({
                "blockID": "0000000003fe266bf6b6d392f654dc2e5011601546ed04623d9fcc4e9d439a25",
                "block_header": { "raw_data": {
                    "number": 66_987_627,
                    "txTrieRoot": "f8156964cc3e5793a368f938a18ea45c02bd48fe3a412f7091ce8d9ef56df174",
                    "witness_address": "41e7860196ad5b5718c1d6326babab039b70b8c1cd",
                    "parentHash": "0000000003fe266a65d5194c947f6f7a059d4646c8e9a5293226bc7fdcfc775e",
                    "version": 34,
                    "timestamp": 1_777_445_307_000_u64,
                } },
                "transactions": transactions,
            }),
            json!({
                "blockID": "0000000003fe266c55d8ec678995cff469dd46ee18671a96f5866f8cb227eed8",
                "block_header": { "raw_data": {
                    "number": 66_987_628,
                    "txTrieRoot": "1e45d06980078902492470bbce85cf652261f50881503ee81df6fd041af98848",
                    "witness_address": "416606973497a56dcfcedb684e60a2386f2ae39db5",
                    "parentHash": "0000000003fe266bf6b6d392f654dc2e5011601546ed04623d9fcc4e9d439a25",
                    "version": 34,
                    "timestamp": 1_777_445_310_000_u64,
                } },
                "transactions": transactions,
            }),
        ]
    }

    fn read(value: &Value) -> Result<Header, SourceError> {
        Header::verify(&serde_json::from_value(value.clone()).unwrap())
    }

    #[test]
    fn published_blocks_have_the_hash_of_their_headers_and_stand_on_each_other() {
        let headers = published().map(|block| read(&block).unwrap());
        assert!(are_linked(&headers));
        assert_eq!(headers[0].time().unwrap().unix_timestamp(), 1_777_445_307);
        assert_eq!(headers[1].at().height, 66_987_628);
        assert!(!are_linked(&[headers[1].clone(), headers[0].clone()]));
    }

    #[test]
    fn no_part_of_a_header_can_be_changed() {
        let [block, _] = published();
        let changes = [
            ("number", json!(66_987_628)),
            ("timestamp", json!(1_777_445_307_001_u64)),
            ("version", json!(35)),
            ("witness_id", json!(1)),
            ("witness_address", json!("41e7860196ad5b5718c1d6326babab039b70b8c1ce")),
            ("txTrieRoot", json!("")),
            ("parentHash", json!("00")),
            ("accountStateRoot", json!("00")),
        ];
        for (field, value) in changes {
            let mut forged = block.clone();
            forged["block_header"]["raw_data"][field] = value;
            assert!(read(&forged).is_err(), "{field}");
        }
        let mut emptied = block;
        emptied["transactions"] = json!([]);
        assert!(read(&emptied).is_err(), "it has transactions, says its header");
    }
}
