//! The protobuf messages of Tron's nodes that we write or hash, by their field numbers (protocol of
//! java-tron 4.8). Nothing here knows what a message is for.
//!
//! Defaults are left out and fields go in the order of their numbers: exactly as the nodes write
//! them, so that hashes of what is encoded here are the chain's.

use prost::Message;

/// `ContractType`: the chain's own coin moves.
pub(crate) const TRANSFER_CONTRACT: i32 = 1;
/// `ContractType`: a contract is called.
pub(crate) const TRIGGER_SMART_CONTRACT: i32 = 31;

pub(crate) const TRANSFER_URL: &str = "type.googleapis.com/protocol.TransferContract";
pub(crate) const TRIGGER_URL: &str = "type.googleapis.com/protocol.TriggerSmartContract";

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct Any {
    #[prost(string, tag = "1")]
    pub(crate) type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) value: Vec<u8>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct Contract {
    #[prost(int32, tag = "1")]
    pub(crate) kind: i32,
    #[prost(message, optional, tag = "2")]
    pub(crate) parameter: Option<Any>,
    #[prost(int32, tag = "5")]
    pub(crate) permission_id: i32,
}

/// `Transaction.raw`: what is signed.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct Raw {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) ref_block_bytes: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) ref_block_hash: Vec<u8>,
    #[prost(int64, tag = "8")]
    pub(crate) expiration: i64,
    /// A public memo, which costs an extra fee: ours is always empty.
    #[prost(bytes = "vec", tag = "10")]
    pub(crate) data: Vec<u8>,
    #[prost(message, repeated, tag = "11")]
    pub(crate) contract: Vec<Contract>,
    #[prost(int64, tag = "14")]
    pub(crate) timestamp: i64,
    #[prost(int64, tag = "18")]
    pub(crate) fee_limit: i64,
}

/// `Transaction` with its raw data as bytes, so that what was signed is never written anew.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct SignedTransaction {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) raw_data: Vec<u8>,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(crate) signature: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct TriggerSmartContract {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) owner_address: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) contract_address: Vec<u8>,
    #[prost(int64, tag = "3")]
    pub(crate) call_value: i64,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) data: Vec<u8>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct TransferContract {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) owner_address: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) to_address: Vec<u8>,
    #[prost(int64, tag = "3")]
    pub(crate) amount: i64,
}

/// `BlockHeader.raw`: what a block's id is the hash of.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct HeaderRaw {
    #[prost(int64, tag = "1")]
    pub(crate) timestamp: i64,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) tx_trie_root: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) parent_hash: Vec<u8>,
    #[prost(int64, tag = "7")]
    pub(crate) number: i64,
    #[prost(int64, tag = "8")]
    pub(crate) witness_id: i64,
    #[prost(bytes = "vec", tag = "9")]
    pub(crate) witness_address: Vec<u8>,
    #[prost(int32, tag = "10")]
    pub(crate) version: i32,
    #[prost(bytes = "vec", tag = "11")]
    pub(crate) account_state_root: Vec<u8>,
}
