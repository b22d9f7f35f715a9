//! Why an attempt to move money did not work: our own codes, whatever the rail calls it. The rail's own
//! codes are its adapter's business; one that nobody knows stays unknown.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Which movement of an order an attempt was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    Collection,
    Payout,
    Refund,
}

impl Leg {
    pub const ALL: [Self; 3] = [Self::Collection, Self::Payout, Self::Refund];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collection => "collection",
            Self::Payout => "payout",
            Self::Refund => "refund",
        }
    }
}

macro_rules! codes {
    ($($(#[$row:meta])* $variant:ident = $text:literal: $message:literal,)*) => {
        /// What went wrong, in words that clients may rely on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode { $($(#[$row])* #[serde(rename = $text)] $variant,)* }

        impl ErrorCode {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The same for a person.
            pub fn message(self) -> &'static str {
                match self { $(Self::$variant => $message,)* }
            }
        }
    };
}

codes! {
    PayerCancelled = "payer_cancelled": "The M-Pesa prompt was declined on the phone.",
    WrongPin = "wrong_pin": "A wrong M-Pesa PIN was typed.",
    PinLocked = "pin_locked": "The payer's M-Pesa PIN is locked.",
    InsufficientFunds = "insufficient_funds": "The payer's M-Pesa balance is too low.",
    NoResponse = "no_response": "Nobody answered the M-Pesa prompt, or the phone was not reached.",
    PhoneBusy = "phone_busy": "The phone is busy with another M-Pesa prompt.",
    PayerLimit = "payer_limit": "The payer's M-Pesa limit does not allow it.",
    PayerBarred = "payer_barred": "The payer's M-Pesa account cannot pay.",
    AmountRefused = "amount_refused": "M-Pesa does not move this amount.",
    TooSoon = "too_soon": "The same phone paid the same amount a moment ago.",
    ReceiverNotRegistered = "receiver_not_registered": "The phone has no M-Pesa account.",
    ReceiverLimit = "receiver_limit": "The receiver's M-Pesa account is full, or has reached its limit.",
    /// Our float, our credentials, our set-up: nothing that a customer can mend.
    ServiceFault = "service_fault": "The payment service cannot do it at the moment; its operator is called.",
    RailUnavailable = "rail_unavailable": "M-Pesa cannot be reached or is busy; it is tried again.",
    RailRefused = "rail_refused": "M-Pesa ended it without moving money.",
    /// Nobody says how it ended. Neither a success nor a failure.
    OutcomeUnknown = "outcome_unknown": "M-Pesa does not say what became of it; an operator finds out.",
    Unknown = "unknown": "M-Pesa gave a reason that is not known here.",
}

/// One attempt that did not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptError {
    pub leg: Leg,
    pub code: ErrorCode,
    /// The rail's own code, for whoever asks the rail about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rail_code: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

impl AttemptError {
    pub fn new(leg: Leg, code: ErrorCode, at: OffsetDateTime) -> Self {
        Self { leg, code, rail_code: None, at }
    }

    /// What the rail calls `rail_code`: unknown until its adapter has said what that means.
    pub fn told(leg: Leg, rail_code: &str, at: OffsetDateTime) -> Self {
        Self { rail_code: Some(rail_code.to_owned()), ..Self::new(leg, ErrorCode::Unknown, at) }
    }

    pub fn message(&self) -> String {
        match &self.rail_code {
            Some(told) if self.code == ErrorCode::Unknown => {
                format!("{} Its code is {told}.", self.code.message())
            }
            _ => self.code.message().to_owned(),
        }
    }

    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        (self.leg, self.code, &self.rail_code) == (other.leg, other.code, &other.rail_code)
    }
}
