//! A wallet of the tests: it encodes and signs by its own hand.

use k256::ecdsa::SigningKey;
use prost::Message;
use sha2::{Digest as _, Sha256};
use twins::tron::Address;

/// The first well-known test key.
pub(crate) const SECRET: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Any {
    #[prost(string, tag = "1")]
    pub(crate) type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) value: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Contract {
    #[prost(int32, tag = "1")]
    pub(crate) kind: i32,
    #[prost(message, optional, tag = "2")]
    pub(crate) parameter: Option<Any>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Raw {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) ref_block_bytes: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) ref_block_hash: Vec<u8>,
    #[prost(int64, tag = "8")]
    pub(crate) expiration: i64,
    #[prost(bytes = "vec", tag = "10")]
    pub(crate) memo: Vec<u8>,
    #[prost(message, repeated, tag = "11")]
    pub(crate) contract: Vec<Contract>,
    #[prost(int64, tag = "14")]
    pub(crate) timestamp: i64,
    #[prost(int64, tag = "18")]
    pub(crate) fee_limit: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Signed {
    #[prost(message, optional, tag = "1")]
    raw_data: Option<Raw>,
    #[prost(bytes = "vec", repeated, tag = "2")]
    signature: Vec<Vec<u8>>,
}

/// Both kinds of contract, as far as these tests write them.
#[derive(Clone, PartialEq, Message)]
struct Asked {
    #[prost(bytes = "vec", tag = "1")]
    owner: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    to: Vec<u8>,
    #[prost(int64, tag = "3")]
    sun: i64,
    #[prost(bytes = "vec", tag = "4")]
    data: Vec<u8>,
}

/// A signed transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub(crate) txid: String,
    pub(crate) hex: String,
}

pub(crate) fn secret(seed: u8) -> [u8; 32] {
    if seed == 0 { unhex(SECRET).try_into().expect("32 bytes") } else { [seed; 32] }
}

/// The account of one of the tests' keys; 0 is the well-known one.
pub(crate) fn account(seed: u8) -> Address {
    Address::of_secret(&secret(seed)).expect("a key")
}

pub(crate) fn token_call(owner: Address, token: Address, to: Address, units: u128) -> Contract {
    let mut data = unhex("a9059cbb000000000000000000000000");
    data.extend(to.account());
    data.extend([0; 16]);
    data.extend(units.to_be_bytes());
    contract(31, "TriggerSmartContract", owner, token, 0, data)
}

pub(crate) fn sun_transfer(owner: Address, to: Address, sun: i64) -> Contract {
    contract(1, "TransferContract", owner, to, sun, Vec::new())
}

fn contract(
    kind: i32,
    name: &str,
    owner: Address,
    to: Address,
    sun: i64,
    data: Vec<u8>,
) -> Contract {
    let (owner, to) = (owner.as_bytes().to_vec(), to.as_bytes().to_vec());
    let type_url = format!("type.googleapis.com/protocol.{name}");
    let value = Asked { owner, to, sun, data }.encode_to_vec();
    Contract { kind, parameter: Some(Any { type_url, value }) }
}

pub(crate) fn seal(raw: &Raw, secret: &[u8; 32]) -> Sealed {
    let txid = Sha256::digest(raw.encode_to_vec());
    let key = SigningKey::from_slice(secret).expect("a key");
    let (signature, id) = key.sign_prehash_recoverable(&txid).expect("a signature");
    let mut bytes = signature.to_bytes().to_vec();
    bytes.push(27 + id.to_byte());
    let signed = Signed { raw_data: Some(raw.clone()), signature: vec![bytes] };
    Sealed { txid: tohex(&txid), hex: tohex(&signed.encode_to_vec()) }
}

pub(crate) fn tohex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).expect("a digit");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("ascii"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hex")).collect()
}
