//! The protobuf messages of the chain, written from their field numbers.

use prost::Message;

pub(super) const TRANSFER: i32 = 1;
pub(super) const TRIGGER: i32 = 31;
pub(super) const TRANSFER_URL: &str = "type.googleapis.com/protocol.TransferContract";
pub(super) const TRIGGER_URL: &str = "type.googleapis.com/protocol.TriggerSmartContract";

#[derive(Clone, PartialEq, Message)]
pub(super) struct Any {
    #[prost(string, tag = "1")]
    pub(super) type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) value: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Contract {
    #[prost(int32, tag = "1")]
    pub(super) kind: i32,
    #[prost(message, optional, tag = "2")]
    pub(super) parameter: Option<Any>,
    #[prost(int32, tag = "5")]
    pub(super) permission_id: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Raw {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) ref_block_bytes: Vec<u8>,
    #[prost(int64, tag = "3")]
    pub(super) ref_block_num: i64,
    #[prost(bytes = "vec", tag = "4")]
    pub(super) ref_block_hash: Vec<u8>,
    #[prost(int64, tag = "8")]
    pub(super) expiration: i64,
    #[prost(bytes = "vec", tag = "10")]
    pub(super) data: Vec<u8>,
    #[prost(message, repeated, tag = "11")]
    pub(super) contract: Vec<Contract>,
    #[prost(bytes = "vec", tag = "12")]
    pub(super) scripts: Vec<u8>,
    #[prost(int64, tag = "14")]
    pub(super) timestamp: i64,
    #[prost(int64, tag = "18")]
    pub(super) fee_limit: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Signed {
    #[prost(message, optional, tag = "1")]
    pub(super) raw_data: Option<Raw>,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(super) signature: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct TransferContract {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) owner_address: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) to_address: Vec<u8>,
    #[prost(int64, tag = "3")]
    pub(super) amount: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct TriggerSmartContract {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) owner_address: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) contract_address: Vec<u8>,
    #[prost(int64, tag = "3")]
    pub(super) call_value: i64,
    #[prost(bytes = "vec", tag = "4")]
    pub(super) data: Vec<u8>,
}

/// The part of a block's header that its id is the hash of.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Header {
    #[prost(int64, tag = "1")]
    pub(super) timestamp: i64,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) tx_trie_root: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(super) parent_hash: Vec<u8>,
    #[prost(int64, tag = "7")]
    pub(super) number: i64,
    #[prost(int64, tag = "8")]
    pub(super) witness_id: i64,
    #[prost(bytes = "vec", tag = "9")]
    pub(super) witness_address: Vec<u8>,
    #[prost(int32, tag = "10")]
    pub(super) version: i32,
    #[prost(bytes = "vec", tag = "11")]
    pub(super) account_state_root: Vec<u8>,
}
