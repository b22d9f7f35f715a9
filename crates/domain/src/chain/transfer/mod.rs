//! Coin going out: one intended transfer, from the intent to the last word about it. Data only; what a
//! fact makes of it is in [`learn`](Transfer::learn), what to do next in [`step`](Transfer::next_step).
//!
//! Plan, sign and store, commit, broadcast those bytes, observe, final. A transfer is signed again only
//! under the same nonce (Ethereum, a dearer *variant*), or with proof that what was signed before can
//! never execute (a new *generation*).

mod learn;
mod step;

pub use learn::{Consequence, Fault, Observation, Outcome, TransferFact};
pub use step::{Remedy, TransferStep};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{BlockRef, Value};
use crate::address::Network;
use crate::ids::OrderId;
use crate::order::{DepositId, RefundOf};

/// What the coin is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum Purpose {
    /// The order's second leg.
    Delivery,
    /// A deposit goes back to the order's wallet.
    Refund { refund: RefundOf },
    /// Coin of an escrow address is gathered in the hot wallet.
    Sweep,
    /// An escrow address gets what its sweep will cost.
    Gas,
    /// Native coin goes from the escrow address to the order's wallet.
    Return { arrival: DepositId },
}

impl Purpose {
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Refund { .. } => "refund",
            Self::Sweep => "sweep",
            Self::Gas => "gas",
            Self::Return { .. } => "return",
        }
    }
}

/// Which key of ours signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wallet {
    /// The network's working stock: deliveries, refunds and fees come from it.
    Hot,
    /// The escrow address of this child number.
    Escrow(u32),
}

/// The facts of a transfer that never change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The effect that asks for it: one transfer of a key, for ever.
    pub key: String,
    pub order_id: OrderId,
    pub purpose: Purpose,
    pub network: Network,
    pub wallet: Wallet,
    pub from: String,
    pub to: String,
    pub value: Value,
}

/// What a signed transaction promises to pay, and until when it can execute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "chain", rename_all = "snake_case")]
pub enum Terms {
    Tron {
        /// The block that it stands on (TAPOS).
        ref_height: u64,
        ref_hash: String,
        /// Milliseconds of block time after which no block may contain it.
        expiration_ms: u64,
        /// Sun.
        fee_limit: u64,
    },
    Ethereum {
        gas_limit: u64,
        /// Wei per gas.
        max_fee: u64,
        max_tip: u64,
    },
}

impl Terms {
    /// Sun or wei that it can cost at most.
    pub fn highest_fee(&self) -> u64 {
        match self {
            Self::Tron { fee_limit, .. } => *fee_limit,
            Self::Ethereum { gas_limit, max_fee, .. } => gas_limit.saturating_mul(*max_fee),
        }
    }
}

/// Bytes that only wait to be broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    pub tx_hash: String,
    pub raw: Vec<u8>,
    /// Ethereum: the nonce. Tron: the timestamp in milliseconds, which makes equal transfers differ.
    pub sequence: u64,
    pub terms: Terms,
}

/// Where a signed transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptState {
    /// Stored; no byte of it has left us.
    Signed,
    /// It may be anywhere.
    Sent,
    /// In a block that is not final.
    Included,
    /// Final, and it did what it was to do.
    Done,
    /// Final, and it moved nothing.
    Failed,
    /// Proven: it can never execute.
    Dead,
}

impl AttemptState {
    pub const ALL: [Self; 6] =
        [Self::Signed, Self::Sent, Self::Included, Self::Done, Self::Failed, Self::Dead];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Sent => "sent",
            Self::Included => "included",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Dead => "dead",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// It may still execute.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Signed | Self::Sent | Self::Included)
    }
}

/// The proof that a signed transaction can never move anything (any more).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "death", rename_all = "snake_case")]
pub enum Death {
    /// Every solid block that could hold it was read, and none does.
    Expired { solid_height: u64 },
    /// Its nonce was used up by another transaction that is final.
    NonceTaken { by: Option<String> },
    /// It executed without effect, finally.
    Reverted { tx_hash: String },
}

/// One signed transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Counts signatures that each needed the death of the one before, from 1.
    pub generation: i32,
    /// Counts fee bumps of one nonce, from 0.
    pub variant: i32,
    pub signed: Signed,
    pub state: AttemptState,
    pub sends: i32,
    pub first_sent_at: Option<OffsetDateTime>,
    pub last_sent_at: Option<OffsetDateTime>,
    pub included: Option<BlockRef>,
    /// Sun or wei that it cost, once final.
    pub fee: Option<u64>,
    pub death: Option<Death>,
    pub created_at: OffsetDateTime,
}

/// Where a transfer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransferState {
    /// Nothing of it can execute: it is to be signed.
    Planned,
    /// Something signed may execute.
    InFlight,
    Done,
    /// Given up: nothing moved, nothing will.
    Failed,
}

impl TransferState {
    pub const ALL: [Self; 4] = [Self::Planned, Self::InFlight, Self::Done, Self::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::InFlight => "in_flight",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// An intended transfer with all that was signed for it, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    pub plan: Plan,
    pub state: TransferState,
    pub attempts: Vec<Attempt>,
    /// An operator has been called about it.
    pub reviewed: bool,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

impl Transfer {
    pub fn planned(plan: Plan, at: OffsetDateTime) -> Self {
        let state = TransferState::Planned;
        Self { plan, state, attempts: vec![], reviewed: false, created_at: at, updated_at: at }
    }

    /// The signatures that may still execute: the variants of one nonce, or one transaction.
    pub fn live(&self) -> impl DoubleEndedIterator<Item = &Attempt> {
        self.attempts.iter().filter(|attempt| attempt.state.is_live())
    }

    /// The number of the signature that comes next, should everything before be dead.
    pub fn next_generation(&self) -> i32 {
        let last = self.attempts.iter().map(|attempt| attempt.generation).max();
        last.unwrap_or(0).saturating_add(1)
    }

    /// Why the generation before the next one can never execute.
    pub fn last_death(&self) -> Option<&Death> {
        self.attempts.iter().rev().find_map(|attempt| attempt.death.as_ref())
    }
}
