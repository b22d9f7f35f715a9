//! Answers of nodes as they spell them: bytes are hex without `0x`, and fields with a default value
//! (0, an empty text, false) are left out. What an answer proves is not decided here.
//!
//! Source: the documentation of java-tron's HTTP API.

use std::fmt;

use alloy::primitives::hex;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// The name of a block or of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Hash(pub(crate) [u8; 32]);

impl Hash {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).ok().map(|()| Self(hash))
    }
}

/// Hex in lower case.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let text = String::deserialize(reader)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("no hash"))
    }
}

/// Bytes of any number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let text = String::deserialize(reader)?;
        hex::decode(text.as_bytes()).map(Self).map_err(D::Error::custom)
    }
}

/// `getblockbylimitnext`: `{}` when there is none.
#[derive(Debug, Deserialize)]
pub(crate) struct BlockList {
    #[serde(default)]
    pub(crate) block: Vec<BlockAnswer>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct BlockAnswer {
    #[serde(rename = "blockID")]
    pub(crate) id: Hash,
    pub(crate) block_header: BlockHeader,
    #[serde(default)]
    pub(crate) transactions: Vec<TransactionId>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct BlockHeader {
    pub(crate) raw_data: RawHeader,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub(crate) struct RawHeader {
    pub(crate) number: i64,
    pub(crate) timestamp: i64,
    pub(crate) parent_hash: Bytes,
    pub(crate) tx_trie_root: Bytes,
    #[serde(rename = "witness_address")]
    pub(crate) witness_address: Bytes,
    #[serde(rename = "witness_id")]
    pub(crate) witness_id: i64,
    pub(crate) version: i32,
    pub(crate) account_state_root: Bytes,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TransactionId {
    #[serde(rename = "txID")]
    pub(crate) id: Hash,
    #[serde(default)]
    pub(crate) raw_data_hex: Bytes,
}

/// `gettransactioninfobyid` and the items of `gettransactioninfobyblocknum`; the former is `{}`
/// until the transaction is in a block.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Info {
    pub(crate) id: Option<Hash>,
    /// Sun.
    pub(crate) fee: u64,
    #[serde(rename = "blockNumber")]
    pub(crate) block_number: Option<u64>,
    #[serde(rename = "blockTimeStamp")]
    pub(crate) block_time_ms: Option<u64>,
    pub(crate) receipt: Receipt,
    pub(crate) log: Vec<Log>,
    /// `FAILED`, or nothing.
    pub(crate) result: Option<String>,
    #[serde(rename = "resMessage")]
    pub(crate) message: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Receipt {
    /// How a contract's call ended; a plain transfer has none.
    pub(crate) result: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Log {
    /// 20 bytes, without the version.
    pub(crate) address: Bytes,
    pub(crate) topics: Vec<Bytes>,
    pub(crate) data: Bytes,
}

/// `gettransactionbyid`: `{}` when unknown. Under `wallet/` it shows what is merely pending, too.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TransactionAnswer {
    #[serde(rename = "txID")]
    pub(crate) id: Option<Hash>,
    pub(crate) raw_data_hex: Bytes,
    pub(crate) ret: Vec<ContractReturn>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ContractReturn {
    #[serde(rename = "contractRet")]
    pub(crate) contract: Option<String>,
}

/// `triggerconstantcontract`.
#[derive(Debug, Deserialize)]
pub(crate) struct ConstantAnswer {
    pub(crate) result: ConstantResult,
    #[serde(default)]
    pub(crate) energy_used: u64,
    #[serde(default)]
    pub(crate) constant_result: Vec<Bytes>,
    #[serde(default)]
    pub(crate) transaction: ConstantTransaction,
}

/// A call that reverts has `result: true`, too.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ConstantResult {
    pub(crate) result: bool,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ConstantTransaction {
    pub(crate) ret: Vec<ConstantReturn>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ConstantReturn {
    pub(crate) ret: Option<String>,
}

/// `getaccount`: `{}` when it was never activated.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AccountAnswer {
    pub(crate) address: Option<String>,
    /// Sun.
    pub(crate) balance: u64,
}

/// `getaccountresource`.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(default)]
pub(crate) struct Resources {
    #[serde(rename = "freeNetUsed")]
    pub(crate) free_used: u64,
    #[serde(rename = "freeNetLimit")]
    pub(crate) free_limit: u64,
    #[serde(rename = "NetUsed")]
    pub(crate) net_used: u64,
    #[serde(rename = "NetLimit")]
    pub(crate) net_limit: u64,
    #[serde(rename = "EnergyUsed")]
    pub(crate) energy_used: u64,
    #[serde(rename = "EnergyLimit")]
    pub(crate) energy_limit: u64,
}

/// `getchainparameters`.
#[derive(Debug, Deserialize)]
pub(crate) struct Parameters {
    #[serde(rename = "chainParameter")]
    pub(crate) list: Vec<Parameter>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Parameter {
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: i64,
}

/// `broadcasthex`; its message is in words.
#[derive(Debug, Deserialize)]
pub(crate) struct BroadcastAnswer {
    #[serde(default)]
    pub(crate) result: bool,
    #[serde(default)]
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) message: String,
    pub(crate) txid: Option<Hash>,
}

/// A message: hex of words, mostly.
pub(crate) fn words(message: &str) -> String {
    let decoded = hex::decode(message).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    clip(decoded.as_deref().unwrap_or(message))
}

/// Somebody else's words, made fit for one line of a log.
pub(crate) fn clip(text: &str) -> String {
    text.chars().filter(|one| !one.is_control()).take(200).collect()
}
