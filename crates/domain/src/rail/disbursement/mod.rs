//! Money out through M-Pesa: one payout (B2C) or one refund (the reversal of a receipt), from the
//! intent to the last word about it. Data only; what a fact makes of it is in
//! [`learn`](Disbursement::learn), what to do next in [`next_step`](Disbursement::next_step).

mod judge;
mod learn;
mod step;

pub use learn::DisbursementFact;
pub use step::DisbursementStep;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::ids::OrderId;
use crate::money::Fiat;
use crate::order::RefundOf;
use crate::party::Msisdn;
use crate::rail::Fault;

/// Where money out stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DisbursementState {
    /// The intent and its reference are stored; nothing is on its way.
    Created,
    /// It is being sent, or whoever sent it died.
    Sending,
    /// The rail has it.
    Accepted,
    /// Sent, and nobody knows what became of it.
    SubmitUnknown,
    /// Paid. Nothing leaves this state.
    Paid,
    /// A callback says that no money moved; that is not believed yet.
    FailedUnconfirmed,
    /// Proven: no money moved, and none will under this reference.
    FailedConfirmed,
}

impl DisbursementState {
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Sending,
        Self::Accepted,
        Self::SubmitUnknown,
        Self::Paid,
        Self::FailedUnconfirmed,
        Self::FailedConfirmed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::SubmitUnknown => "submit_unknown",
            Self::Paid => "paid",
            Self::FailedUnconfirmed => "failed_unconfirmed",
            Self::FailedConfirmed => "failed_confirmed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The rail may have it, and has not said how it ended.
    pub fn is_under_way(self) -> bool {
        matches!(
            self,
            Self::Sending | Self::Accepted | Self::SubmitUnknown | Self::FailedUnconfirmed
        )
    }
}

/// What the money is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum Purpose {
    /// The order's second leg.
    Payout,
    /// A payment goes back to the phone that made it.
    Refund { refund: RefundOf, receipt: String },
}

/// Who has said what. Only ever added to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a witness of its own")]
pub struct DisbursementEvidence {
    /// The code of the failure that was told, whose fault it is, and when: first, or first well.
    pub told_failed: Option<(String, Fault, OffsetDateTime)>,
    /// The failure came with everything that a callback can show.
    pub told_well: bool,
    /// Somebody has said something that a failure does not go with: only the rail's own word counts.
    pub opposed: bool,
    /// The rail's own word, asked for, that it ended without moving money.
    pub stated_failed: Option<String>,
    /// The rail knows our reference.
    pub is_known: bool,
    /// The gateway turned it away so often.
    pub turned_away: u32,
    /// What the rail charged.
    pub charge: Option<Fiat>,
    /// Questions asked about its status, or, for a reversal, repetitions.
    pub asked: u32,
    /// An operator has been called because nobody answers.
    pub reviewed: bool,
}

/// One movement of shillings to a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disbursement {
    /// The rail's key for it (`OriginatorConversationID`), kept for its whole life.
    pub id: Uuid,
    /// The effect that asks for it. At most one disbursement of a key may be alive.
    pub key: String,
    /// Counts the operator's decisions to try again after a proven failure, from 1.
    pub generation: i32,
    pub order_id: OrderId,
    pub purpose: Purpose,
    pub phone: Msisdn,
    pub amount: Fiat,
    pub state: DisbursementState,
    pub conversation_id: Option<String>,
    pub receipt: Option<String>,
    pub evidence: DisbursementEvidence,
    pub created_at: OffsetDateTime,
    pub sent_at: Option<OffsetDateTime>,
    pub updated_at: OffsetDateTime,
}

/// The namespace of our references.
const NAMESPACE: Uuid = Uuid::from_u128(0x4b69_7675_6b6f_4d70_8573_6100_0000_0001);

/// The reference of a disbursement: a function of what it is for, so that a database that was
/// restored from a backup asks for the same thing under the same name.
pub fn reference(key: &str, generation: i32) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{key}#{generation}").as_bytes())
}
