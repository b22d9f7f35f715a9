//! Things as the API writes them: fields with a default value are left out, bytes are hex without
//! 0x, addresses and messages as `visible` has it.

use prost::Message as _;
use serde_json::{Map, Value, json};

use super::abi;
use super::address::Address;
use super::block::{Block, Mined};
use super::hashing::keccak;
use super::hex;
use super::proto::{Header, Raw};
use super::receipt::{Outcome, Receipt};
use super::token::Log;
use super::transaction::{Action, Tx};

/// How an answer is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    pub(super) is_visible: bool,
}

impl Pen {
    pub(super) fn address(self, address: Address) -> String {
        if self.is_visible { address.to_string() } else { address.hex() }
    }

    pub(super) fn message(self, words: &str) -> String {
        if self.is_visible { words.to_owned() } else { hex::encode(words.as_bytes()) }
    }

    pub(super) fn header(self, block: &Block) -> Value {
        let Header { timestamp, number, version, tx_trie_root, parent_hash, .. } = &block.header;
        let witness = Address::of_bytes(&block.header.witness_address);
        let raw = object([
            ("number", json!(number)),
            ("timestamp", json!(timestamp)),
            ("version", json!(version)),
            ("txTrieRoot", json!(hex::encode(tx_trie_root))),
            ("parentHash", json!(hex::encode(parent_hash))),
            ("witness_address", witness.map(|one| self.address(one)).into()),
        ]);
        json!({ "blockID": hex::encode(&block.id), "block_header": { "raw_data": raw } })
    }

    pub(super) fn block(self, block: &Block) -> Value {
        let mut value = self.header(block);
        if !block.transactions.is_empty() {
            let all = block.transactions.iter().map(|mined| self.mined(mined)).collect();
            value["transactions"] = Value::Array(all);
        }
        value
    }

    pub(super) fn mined(self, mined: &Mined) -> Value {
        let mut value = self.transaction(&mined.tx);
        value["ret"] = json!([{ "contractRet": mined.receipt.outcome().name() }]);
        value
    }

    pub(super) fn transaction(self, tx: &Tx) -> Value {
        let signatures = tx.signatures.iter().map(|one| Value::from(hex::encode(one)));
        let mut value = object([
            ("txID", json!(hex::encode(&tx.id))),
            ("signature", signatures.collect()),
            ("raw_data", self.raw(&tx.raw, &tx.action)),
            ("raw_data_hex", json!(hex::encode(&tx.raw.encode_to_vec()))),
        ]);
        value["visible"] = json!(self.is_visible);
        value
    }

    fn raw(self, raw: &Raw, action: &Action) -> Value {
        object([
            ("contract", json!([self.contract(raw, action)])),
            ("ref_block_bytes", json!(hex::encode(&raw.ref_block_bytes))),
            ("ref_block_hash", json!(hex::encode(&raw.ref_block_hash))),
            ("expiration", json!(raw.expiration)),
            ("data", json!(hex::encode(&raw.data))),
            ("timestamp", json!(raw.timestamp)),
            ("fee_limit", json!(raw.fee_limit)),
        ])
    }

    fn contract(self, raw: &Raw, action: &Action) -> Value {
        let (name, value) = match action {
            Action::Transfer { owner, to, amount } => {
                let fields = [
                    ("owner_address", json!(self.address(*owner))),
                    ("to_address", json!(self.address(*to))),
                    ("amount", json!(amount)),
                ];
                ("TransferContract", object(fields))
            }
            Action::Trigger { owner, contract, call_value, data } => {
                let fields = [
                    ("owner_address", json!(self.address(*owner))),
                    ("contract_address", json!(self.address(*contract))),
                    ("call_value", json!(call_value)),
                    ("data", json!(hex::encode(data))),
                ];
                ("TriggerSmartContract", object(fields))
            }
        };
        let type_url = format!("type.googleapis.com/protocol.{name}");
        let permission = raw.contract.first().map_or(0, |contract| contract.permission_id);
        object([
            ("parameter", json!({ "value": value, "type_url": type_url })),
            ("type", json!(name)),
            ("Permission_id", json!(permission)),
        ])
    }

    pub(super) fn info(self, block: &Block, mined: &Mined) -> Value {
        let receipt = &mined.receipt;
        let called = receipt.called.as_ref();
        let returned = called.map(|called| hex::encode(&called.returned)).unwrap_or_default();
        let logs = receipt.logs().iter().map(log).collect();
        let is_failed = receipt.outcome() != Outcome::Success;
        let words = receipt.outcome().words();
        object([
            ("id", json!(hex::encode(&mined.tx.id))),
            ("fee", json!(receipt.fee)),
            ("blockNumber", json!(block.number)),
            ("blockTimeStamp", json!(block.time_ms)),
            ("contractResult", json!([returned])),
            ("contract_address", called.map(|called| self.address(called.contract)).into()),
            ("receipt", costs(receipt)),
            ("log", Value::Array(logs)),
            ("result", if is_failed { json!("FAILED") } else { Value::Null }),
            ("resMessage", json!(self.message(words))),
        ])
    }
}

fn costs(receipt: &Receipt) -> Value {
    object([
        ("energy_usage", json!(receipt.energy_usage)),
        ("energy_fee", json!(receipt.energy_fee)),
        ("energy_usage_total", json!(receipt.energy_total)),
        ("net_usage", json!(receipt.net_usage)),
        ("net_fee", json!(receipt.net_fee)),
        ("result", receipt.called.as_ref().map(|called| called.outcome.name()).into()),
    ])
}

pub(super) fn log(log: &Log) -> Value {
    let event = keccak(b"Transfer(address,address,uint256)");
    let topics = [event, abi::of_address(log.from), abi::of_address(log.to)];
    let topics: Vec<String> = topics.iter().map(|topic| hex::encode(topic)).collect();
    let data = hex::encode(&abi::of_units(log.units));
    json!({ "address": hex::encode(log.token.account()), "topics": topics, "data": data })
}

/// An object without the fields that have their default value.
pub(super) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let kept = fields.into_iter().filter(|(_, value)| !is_default(value));
    Value::Object(kept.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(_) | Value::Bool(true) => false,
    }
}
