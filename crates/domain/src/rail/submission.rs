//! What became of something that was sent to the rail. Never collapse the last two: what is not
//! known to be undone may have been done.

use serde::{Deserialize, Serialize};

use crate::order::ErrorCode;

/// The fate of a request, as far as its answer tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submission<T> {
    /// The rail has it. For money that means *accepted*, never *paid*.
    Accepted(T),
    /// The rail definitely did nothing.
    NotDone(NotDone),
    /// Nobody knows. Only evidence ends this, never a timer.
    Unknown(Doubt),
}

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotDone {
    pub why: WhyNot,
    /// For logs and operators; holds no secret and no phone.
    pub detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// No byte of it left us: no connection, or our own limit held it back.
    NotSent,
    /// The phone already has a prompt.
    PhoneBusy,
    /// The gateway turned it away for its rate, or for maintenance.
    Throttled,
    /// The gateway does not let us: keys, pass key, product, address.
    Credentials,
    /// The gateway finds the request wrong: a bug or a setting of ours.
    Rejected,
}

impl WhyNot {
    /// The same for whoever waits for the money.
    pub fn error_code(self) -> ErrorCode {
        match self {
            Self::PhoneBusy => ErrorCode::PhoneBusy,
            Self::NotSent | Self::Throttled => ErrorCode::RailUnavailable,
            Self::Credentials | Self::Rejected => ErrorCode::ServiceFault,
        }
    }
}

/// Why nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// Sent, and no whole answer came back.
    NoAnswer(String),
    /// The rail has had this reference before: the first time may have been done.
    Duplicate,
    /// An answer came that says neither yes nor no.
    Unclear(String),
}
