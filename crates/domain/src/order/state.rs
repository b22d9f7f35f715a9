//! Where an order stands, what the wire calls it, and what becomes of the offer's hold.

use serde::{Deserialize, Serialize};

use super::reason::{CancelReason, HoldReason, RefundReason};
use crate::ids::CollectionId;

/// The domain's states: finer than the wire's seven. Each carries what is true only in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum OrderState {
    /// On-ramp: no money yet. `collection` is the open attempt, if there is one.
    AwaitingPayment {
        collection: Option<CollectionId>,
    },
    /// On-ramp: the payment is confirmed, the delivery is being made.
    Delivering,
    /// On-ramp: the delivery is broadcast and not final yet.
    DeliveryConfirming,
    /// Off-ramp: the escrow address is given out; nothing or too little has arrived.
    AwaitingDeposit,
    /// Off-ramp: enough has been seen, not final yet.
    DepositConfirming,
    /// Off-ramp: the deposit is final, the payout is being made.
    PayingOut,
    Completed,
    /// No money is here, or what came later is being returned.
    Cancelled {
        reason: CancelReason,
    },
    /// The first leg arrived, the second cannot be made, the money goes back.
    Refunding {
        reason: RefundReason,
    },
    /// The money is back.
    Refunded {
        reason: RefundReason,
    },
    /// Automation stopped; an operator decides. `was` keeps up with the facts meanwhile.
    OnHold {
        was: Box<OrderState>,
        reason: HoldReason,
    },
}

/// The seven statuses of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    Pending,
    AwaitingCrypto,
    Processing,
    Confirming,
    Completed,
    Cancelled,
    Failed,
}

impl OrderStatus {
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::AwaitingCrypto,
        Self::Processing,
        Self::Confirming,
        Self::Completed,
        Self::Cancelled,
        Self::Failed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::AwaitingCrypto => "awaiting_crypto",
            Self::Processing => "processing",
            Self::Confirming => "confirming",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// What becomes of what an order holds of its offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldFate {
    Kept,
    /// Given back to the offer.
    Released,
    /// Gone from the offer: the vendor has sold or bought it.
    Spent,
}

/// What the wire says of every order on hold.
const UNDER_REVIEW: &str = "under_review";

impl OrderState {
    /// Every name that a state has.
    pub const LABELS: [&str; 11] = [
        "awaiting_payment",
        "delivering",
        "delivery_confirming",
        "awaiting_deposit",
        "deposit_confirming",
        "paying_out",
        "completed",
        "cancelled",
        "refunding",
        "refunded",
        "on_hold",
    ];

    /// Every reason that a state can give.
    pub fn reasons() -> impl Iterator<Item = &'static str> {
        let cancelled = CancelReason::ALL.iter().map(|reason| reason.as_str());
        let refunded = RefundReason::ALL.iter().map(|reason| reason.as_str());
        cancelled.chain(refunded).chain([UNDER_REVIEW])
    }

    /// The state's name in columns, metrics and documents.
    pub fn label(&self) -> &'static str {
        match self {
            Self::AwaitingPayment { .. } => "awaiting_payment",
            Self::Delivering => "delivering",
            Self::DeliveryConfirming => "delivery_confirming",
            Self::AwaitingDeposit => "awaiting_deposit",
            Self::DepositConfirming => "deposit_confirming",
            Self::PayingOut => "paying_out",
            Self::Completed => "completed",
            Self::Cancelled { .. } => "cancelled",
            Self::Refunding { .. } => "refunding",
            Self::Refunded { .. } => "refunded",
            Self::OnHold { .. } => "on_hold",
        }
    }

    /// The one mapping from states to the wire.
    pub fn status(&self) -> OrderStatus {
        match self {
            Self::AwaitingPayment { .. } => OrderStatus::Pending,
            Self::AwaitingDeposit => OrderStatus::AwaitingCrypto,
            Self::Delivering | Self::PayingOut => OrderStatus::Processing,
            Self::DeliveryConfirming | Self::DepositConfirming => OrderStatus::Confirming,
            Self::Completed => OrderStatus::Completed,
            Self::Cancelled { .. } => OrderStatus::Cancelled,
            Self::Refunding { .. } | Self::Refunded { .. } => OrderStatus::Failed,
            Self::OnHold { was, .. } => was.status(),
        }
    }

    /// The wire's `status_reason`.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Cancelled { reason } => Some(reason.as_str()),
            Self::Refunding { reason } | Self::Refunded { reason } => Some(reason.as_str()),
            Self::OnHold { .. } => Some(UNDER_REVIEW),
            Self::AwaitingPayment { .. }
            | Self::Delivering
            | Self::DeliveryConfirming
            | Self::AwaitingDeposit
            | Self::DepositConfirming
            | Self::PayingOut
            | Self::Completed => None,
        }
    }

    /// A hold stops what we do, not where the money is.
    pub fn behind_hold(&self) -> &Self {
        if let Self::OnHold { was, .. } = self { was.behind_hold() } else { self }
    }

    /// Nothing is waited for any more.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled { .. } | Self::Refunded { .. })
    }

    /// What an order in this state does to its hold: a function of the state, so that no path can
    /// give it back twice.
    pub fn hold_fate(&self) -> HoldFate {
        match self {
            Self::Completed => HoldFate::Spent,
            Self::Cancelled { .. } | Self::Refunded { .. } => HoldFate::Released,
            Self::AwaitingPayment { .. }
            | Self::Delivering
            | Self::DeliveryConfirming
            | Self::AwaitingDeposit
            | Self::DepositConfirming
            | Self::PayingOut
            | Self::Refunding { .. }
            | Self::OnHold { .. } => HoldFate::Kept,
        }
    }
}
