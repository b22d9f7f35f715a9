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
    /// Too few shillings are there for what must go out.
    Float,
    /// A callback that cannot be read.
    Unreadable,
    /// A chain took back what it had called final: nothing of it is credited any more.
    DeepReorg,
    /// An arrival that cannot be told, or that is no order's coin.
    Quarantine,
    /// Something waits and nothing will move it.
    Stuck,
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
            Self::Float => "float",
            Self::Unreadable => "unreadable",
            Self::DeepReorg => "chain_halted",
            Self::Quarantine => "quarantine",
            Self::Stuck => "stuck",
        }
    }
}

/// Something for the operators' queue. Its subject groups: there is one open review of each, and what
/// is told of it while it is open becomes an item of it. Its cause makes an item unique for ever: told
/// again, it is the same one, whether its review was closed or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    pub order_id: Option<OrderId>,
    pub kind: &'static str,
    pub subject: String,
    pub cause: String,
    /// What is known, for whoever looks; holds no secret.
    pub detail: String,
    pub opened_at: OffsetDateTime,
    /// What it says is so until it is not: then the service closes it. Opened again, it is another one.
    pub is_condition: bool,
}

impl Review {
    /// Something that has happened: `cause` is that, `subject` what is to be looked at because of it.
    pub fn new(
        kind: RailReview,
        subject: impl Into<String>,
        cause: impl Into<String>,
        detail: impl Into<String>,
        at: OffsetDateTime,
    ) -> Self {
        Self {
            order_id: None,
            kind: kind.as_str(),
            subject: subject.into(),
            cause: cause.into(),
            detail: detail.into(),
            opened_at: at,
            is_condition: false,
        }
    }

    /// Something that is so, from now on and until it is not any more.
    pub fn condition(
        kind: RailReview,
        subject: impl Into<String>,
        detail: impl Into<String>,
        at: OffsetDateTime,
    ) -> Self {
        let subject = subject.into();
        let cause = format!("{subject}@{}", at.unix_timestamp_nanos());
        Self { is_condition: true, ..Self::new(kind, subject, cause, detail, at) }
    }

    /// The same, about an order.
    #[must_use]
    pub fn about(self, order: OrderId) -> Self {
        Self { order_id: Some(order), ..self }
    }

    /// What the order's table calls for.
    pub fn of_order(order: OrderId, kind: ReviewKind, cause: &str, at: OffsetDateTime) -> Self {
        Self {
            order_id: Some(order),
            kind: kind.as_str(),
            subject: format!("{order}:{}", kind.as_str()),
            cause: format!("{order}:{cause}"),
            detail: cause.to_owned(),
            opened_at: at,
            is_condition: false,
        }
    }
}

/// An open review, as the operators' queue has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReview {
    pub id: i64,
    pub order_id: Option<OrderId>,
    pub kind: &'static str,
    pub subject: String,
    /// What its first item says.
    pub detail: String,
    pub opened_at: OffsetDateTime,
    /// When its last item came.
    pub last_at: OffsetDateTime,
    pub items: i32,
    pub is_condition: bool,
}

/// What was told of a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewItem {
    pub cause: String,
    pub order_id: Option<OrderId>,
    pub detail: String,
    pub at: OffsetDateTime,
}
