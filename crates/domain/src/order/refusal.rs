//! Why an order does not do as it is asked: the stable codes, and the words that say what to do.

use std::fmt;

use super::state::OrderStatus;

/// Why a request is refused; the wire's `code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    NotCancellable,
    PaymentInFlight,
    DepositSeen,
    UnderReview,
    NotPayable,
    OrderExpired,
    NotOnHold,
    NotHoldable,
    NothingToRefund,
    LegUnderWay,
    LegNotWanted,
}

impl Refusal {
    pub const ALL: [Self; 11] = [
        Self::NotCancellable,
        Self::PaymentInFlight,
        Self::DepositSeen,
        Self::UnderReview,
        Self::NotPayable,
        Self::OrderExpired,
        Self::NotOnHold,
        Self::NotHoldable,
        Self::NothingToRefund,
        Self::LegUnderWay,
        Self::LegNotWanted,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::NotCancellable => "order_not_cancellable",
            Self::PaymentInFlight => "payment_in_flight",
            Self::DepositSeen => "deposit_seen",
            Self::UnderReview => "under_review",
            Self::NotPayable => "order_not_payable",
            Self::OrderExpired => "order_expired",
            Self::NotOnHold => "order_not_on_hold",
            Self::NotHoldable => "order_not_holdable",
            Self::NothingToRefund => "nothing_to_refund",
            Self::LegUnderWay => "second_leg_under_way",
            Self::LegNotWanted => "leg_not_wanted",
        }
    }
}

/// A request that the order's state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    pub refusal: Refusal,
    /// The order's wire status when it refused.
    pub status: OrderStatus,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.refusal {
            Refusal::NotCancellable => "the order can no longer be cancelled",
            Refusal::PaymentInFlight => "a payment is in flight: wait for its outcome",
            Refusal::DepositSeen => {
                "a deposit has been seen: the order will be settled or refunded"
            }
            Refusal::UnderReview => "the order is under review: an operator decides",
            Refusal::NotPayable => "the order does not await a payment",
            Refusal::OrderExpired => "the order has expired: place a new one",
            Refusal::NotOnHold => "the order is not on hold",
            Refusal::NotHoldable => "a finished order cannot be put on hold",
            Refusal::NothingToRefund => "nothing has arrived that could be refunded",
            Refusal::LegNotWanted => "the order does not want this payout or refund any more",
            Refusal::LegUnderWay => "the delivery or payout is under way: wait for its outcome",
        };
        write!(f, "{why} (status {})", self.status.as_str())
    }
}

impl std::error::Error for Refused {}
