//! Transactions: those of strangers, which do as the test says, and ours, which are bytes.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::address::Network;
use crate::chain::transfer::{Plan, Terms};
use crate::chain::{Value, native_coin};
use crate::offer::Asset;

/// What a signed transaction's bytes end with here.
const SEAL: &[u8] = b"|signed";

/// A contract that tokens are moved by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Token {
    Known(Asset),
    /// One that calls itself like a coin that we know.
    LookAlike,
    /// None: the chain's own coin moves.
    Native(Network),
}

impl Token {
    /// The contract's address.
    pub fn contract(&self) -> String {
        match self {
            Self::Known(asset) => format!("contract-{}", asset.as_str()),
            Self::LookAlike => "contract-of-a-stranger".to_owned(),
            Self::Native(network) => native_coin(*network).to_owned(),
        }
    }

    pub fn asset(&self) -> Option<Asset> {
        match self {
            Self::Known(asset) => Some(*asset),
            Self::LookAlike | Self::Native(_) => None,
        }
    }
}

/// A token's transfer: what a log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub token: Token,
    pub from: String,
    pub to: String,
    pub units: u128,
}

/// A transfer of ours as its bytes tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Body {
    pub from: String,
    pub to: String,
    pub value: Value,
    pub terms: Terms,
    pub sequence: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// A stranger's, who has all the coin that there is.
    Foreign {
        moves: Vec<Move>,
        succeeds: bool,
    },
    /// Somebody has used a nonce of this address who is not us.
    Theft {
        of: String,
    },
    Ours(Body),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transaction {
    pub hash: String,
    pub act: Act,
}

impl Body {
    pub(super) fn of(plan: &Plan, terms: &Terms, sequence: u64) -> Self {
        Self {
            from: plan.from.clone(),
            to: plan.to.clone(),
            value: plan.value,
            terms: terms.clone(),
            sequence,
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("it is plain data")
    }

    pub(super) fn read(unsigned: &[u8]) -> Option<Self> {
        serde_json::from_slice(unsigned).ok()
    }

    /// What a node makes of signed bytes.
    pub(super) fn read_signed(raw: &[u8]) -> Option<Self> {
        raw.strip_suffix(SEAL).and_then(Self::read)
    }

    /// The most that a unit of work may cost; nothing on Tron.
    pub(super) fn max_fee(&self) -> u64 {
        match self.terms {
            Terms::Ethereum { max_fee, .. } => max_fee,
            Terms::Tron { .. } => 0,
        }
    }
}

pub(super) fn seal(unsigned: &[u8]) -> Vec<u8> {
    [unsigned, SEAL].concat()
}

/// The hash of some bytes as the network spells it.
pub(super) fn hash(network: Network, bytes: &[u8]) -> String {
    let prefix = if network == Network::Ethereum { "0x" } else { "" };
    let digest = Sha256::digest(bytes);
    digest.iter().fold(prefix.to_owned(), |text, byte| format!("{text}{byte:02x}"))
}
