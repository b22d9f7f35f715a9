//! One attempt to collect shillings: an STK prompt, from the intent to the last word about it.
//! Data only; what a fact makes of it is in [`learn`](Collection::learn), what to do next in
//! [`next_step`](Collection::next_step).

mod judge;
mod learn;
mod step;

pub use learn::CollectionFact;
pub use step::CollectionStep;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::ids::{CollectionId, OrderId};
use crate::money::Fiat;
use crate::party::Msisdn;
use crate::rail::NotDone;

/// Where an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CollectionState {
    /// The intent is stored; nothing has been sent.
    Created,
    /// It is being sent, or whoever sent it died.
    Sending,
    /// The rail has it; the phone is asked.
    Awaiting,
    /// Sent, and nobody knows whether it arrived.
    SubmitUnknown,
    /// The rail definitely did not take it.
    Refused,
    /// Paid, proven, with its receipt. Nothing leaves this state.
    Paid,
    /// Paid, says the rail; its receipt is being looked for.
    PaidUnreceipted,
    /// Not paid, as far as is known. A late success is taken all the same.
    NotPaid,
    /// Only a person can settle it.
    Review,
}

impl CollectionState {
    pub const ALL: [Self; 9] = [
        Self::Created,
        Self::Sending,
        Self::Awaiting,
        Self::SubmitUnknown,
        Self::Refused,
        Self::Paid,
        Self::PaidUnreceipted,
        Self::NotPaid,
        Self::Review,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Sending => "sending",
            Self::Awaiting => "awaiting",
            Self::SubmitUnknown => "submit_unknown",
            Self::Refused => "refused",
            Self::Paid => "paid",
            Self::PaidUnreceipted => "paid_unreceipted",
            Self::NotPaid => "not_paid",
            Self::Review => "review",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Nothing is waited for: paid, or not paid as far as is known.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Refused | Self::Paid | Self::NotPaid)
    }
}

/// The rail's names for a prompt, and its words for the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushRefs {
    pub merchant_request_id: String,
    pub checkout_request_id: String,
    #[serde(default)]
    pub response_code: String,
    #[serde(default)]
    pub response_description: String,
    #[serde(default)]
    pub customer_message: String,
}

impl PushRefs {
    pub(crate) fn names_the_same(&self, other: &Self) -> bool {
        self.checkout_request_id == other.checkout_request_id
            && self.merchant_request_id == other.merchant_request_id
    }
}

/// What somebody says was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub receipt: String,
    pub amount: Fiat,
    /// Where the source names a phone in full.
    pub phone: Option<Msisdn>,
}

/// Who has said what. Only ever added to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a witness of its own")]
pub struct CollectionEvidence {
    /// The refs come from the answer to our own request, not from a callback.
    pub refs_are_ours: bool,
    /// Why the rail did not take it.
    pub not_done: Option<NotDone>,
    /// The callback says paid.
    pub told: Option<Claim>,
    /// The callback says not paid, with this code.
    pub told_not: Option<String>,
    /// A notification of our bill number says paid.
    pub billed: Option<Claim>,
    /// A statement that we asked for says paid.
    pub pulled: Option<Claim>,
    /// A status that we asked for says paid.
    pub stated: Option<Claim>,
    /// A status that we asked for says that the claimed receipt is no payment.
    pub denied: bool,
    /// The query says paid.
    pub query_paid: bool,
    /// The query says not paid: its code, first and last seen.
    pub query_not: Option<(String, OffsetDateTime, OffsetDateTime)>,
    /// A statement that should have it has not.
    pub absent: bool,
    /// Questions asked since something claimed that it is paid.
    pub proofs_asked: u32,
    /// The status has been asked for the claimed receipt so often.
    pub statuses_asked: u32,
}

impl CollectionEvidence {
    /// Whether the rail has named this receipt itself: to a question of ours, or at two doors.
    pub(crate) fn vouches_for(&self, receipt: &str) -> bool {
        let is = |claim: &Option<Claim>| claim.as_ref().is_some_and(|one| one.receipt == receipt);
        is(&self.pulled) || is(&self.stated) || (is(&self.told) && is(&self.billed))
    }

    fn claims(&self) -> impl Iterator<Item = &Claim> {
        [&self.told, &self.billed, &self.pulled, &self.stated].into_iter().flatten()
    }

    /// The payments that anybody has claimed.
    fn receipts(&self) -> Vec<&str> {
        self.claims().map(|claim| claim.receipt.as_str()).collect()
    }
}

/// An STK prompt for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    pub id: CollectionId,
    pub order_id: OrderId,
    pub phone: Msisdn,
    /// Whole shillings.
    pub amount: Fiat,
    /// Twelve characters, unique: shown in the prompt and in the payer's message, so no secret.
    pub account_reference: String,
    pub state: CollectionState,
    pub refs: Option<PushRefs>,
    pub receipt: Option<String>,
    pub evidence: CollectionEvidence,
    pub created_at: OffsetDateTime,
    pub sent_at: Option<OffsetDateTime>,
    pub updated_at: OffsetDateTime,
}

/// Crockford's base 32: no letter that is mistaken for another or for a digit.
const ALPHABET: [char; 32] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J',
    'K', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Y', 'Z',
];

/// Twelve characters of `bits` (60 of them): what the payer reads as the account.
pub fn account_reference(bits: u64) -> String {
    let digit = |place: u32| {
        let five = bits.checked_shr(place.saturating_mul(5)).unwrap_or(0) & 31;
        usize::try_from(five).ok().and_then(|index| ALPHABET.get(index)).copied().unwrap_or('0')
    };
    (0..12).map(digit).collect()
}

/// The reference in what a payer has typed or another system has written: small letters, spaces and
/// hyphens between, and the letters that this alphabet leaves out because they look like digits.
pub fn read_reference(text: &str) -> String {
    let plain = text.chars().filter(char::is_ascii_alphanumeric);
    plain
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}
