//! What only a person can settle.

use time::OffsetDateTime;

use crate::ids::OrderId;
use crate::order::ReviewKind;

/// Why the rail calls an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RailReview {
    /// A body that cannot be the rail's, or that is about something else.
    Forged,
    /// The phone that paid is not the one that was asked.
    WrongPhone,
    /// Two sources disagree about the same money.
    Contradiction,
    /// Unknown for longer than anything takes.
    UnknownExpired,
    /// A payment that belongs to no order.
    Unmatched,
    /// What the rail says we hold is not what the ledger says.
    ReconDelta,
    /// Money cannot go out for a reason of ours.
    Blocked,
    /// A callback that cannot be read.
    Unreadable,
    /// A chain took back what it had called final: nothing of it is credited any more.
    DeepReorg,
    /// An arrival that cannot be told, or that is no order's coin.
    Quarantine,
}

impl RailReview {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forged => "forged",
            Self::WrongPhone => "wrong_phone",
            Self::Contradiction => "rail_contradiction",
            Self::UnknownExpired => "unknown_expired",
            Self::Unmatched => "unmatched",
            Self::ReconDelta => "recon_delta",
            Self::Blocked => "blocked",
            Self::Unreadable => "unreadable",
            Self::DeepReorg => "chain_halted",
            Self::Quarantine => "quarantine",
        }
    }
}

/// An item of the operators' queue. Its cause makes it unique: told again, it is the same item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    pub order_id: Option<OrderId>,
    pub kind: &'static str,
    pub cause: String,
    /// What is known, for whoever looks; holds no secret.
    pub detail: String,
    pub opened_at: OffsetDateTime,
}

impl Review {
    /// What the order's table calls for.
    pub fn of_order(order: OrderId, kind: ReviewKind, cause: &str, at: OffsetDateTime) -> Self {
        Self {
            order_id: Some(order),
            kind: kind.as_str(),
            cause: format!("{order}:{cause}"),
            detail: cause.to_owned(),
            opened_at: at,
        }
    }
}
