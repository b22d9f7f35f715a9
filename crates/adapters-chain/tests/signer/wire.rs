//! Tron's messages once more, with fields that a transfer of ours never has: what is to be refused has to
//! be written first.

use prost::Message;

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Any {
    #[prost(string, tag = "1")]
    pub(super) type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) value: Vec<u8>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Contract {
    #[prost(int32, tag = "1")]
    pub(super) kind: i32,
    #[prost(message, optional, tag = "2")]
    pub(super) parameter: Option<Any>,
    #[prost(bytes = "vec", tag = "3")]
    pub(super) provider: Vec<u8>,
    #[prost(int32, tag = "5")]
    pub(super) permission_id: i32,
}

#[derive(Clone, PartialEq, Eq, Message)]
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

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Trigger {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) owner_address: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) contract_address: Vec<u8>,
    #[prost(int64, tag = "3")]
    pub(super) call_value: i64,
    #[prost(bytes = "vec", tag = "4")]
    pub(super) data: Vec<u8>,
    #[prost(int64, tag = "5")]
    pub(super) call_token_value: i64,
    #[prost(int64, tag = "6")]
    pub(super) token_id: i64,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Transfer {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) owner_address: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) to_address: Vec<u8>,
    #[prost(int64, tag = "3")]
    pub(super) amount: i64,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Signed {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) raw_data: Vec<u8>,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(super) signature: Vec<Vec<u8>>,
}
