//! Why an order is cancelled, refunded or on hold: the vocabulary of `status_reason`.

use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($(#[$doc:meta])* $name:ident { $($(#[$row:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$row])* #[serde(rename = $text)] $variant,)* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.as_str() == text)
            }
        }
    };
}

reasons! {
    /// Why an order was cancelled, or what has come in since.
    CancelReason {
        Expired = "expired",
        ByCustomer = "cancelled_by_customer",
        ByVendor = "cancelled_by_vendor",
        ByOperator = "cancelled_by_operator",
        /// Shillings arrived after the cancellation and are being returned.
        LatePayment = "late_payment",
        /// Coin arrived after the cancellation and is being returned.
        LateDeposit = "late_deposit",
    }
}

reasons! {
    /// Why what arrived goes back.
    RefundReason {
        Underpaid = "underpaid",
        PayoutFailed = "payout_failed",
        DeliveryFailed = "delivery_failed",
        ByOperator = "refunded_by_operator",
    }
}

reasons! {
    /// Why automation stopped. The wire says `under_review` for all of them.
    HoldReason {
        /// The collected amount is not the one asked for.
        WrongAmount = "wrong_amount",
        /// Another phone has paid than the one that was asked.
        WrongPhone = "wrong_phone",
        /// A fact that cannot be true in this state.
        Contradiction = "contradiction",
        /// A deposit that was final is gone.
        DeepReorg = "deep_reorg",
        /// The rail refuses payouts for a reason of ours: credentials, limits.
        PayoutBlocked = "payout_blocked",
        RefundFailed = "refund_failed",
        ByOperator = "held_by_operator",
    }
}

/// Who asks for a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CancelledBy {
    Customer,
    Vendor,
    Operator,
}

impl CancelledBy {
    pub fn reason(self) -> CancelReason {
        match self {
            Self::Customer => CancelReason::ByCustomer,
            Self::Vendor => CancelReason::ByVendor,
            Self::Operator => CancelReason::ByOperator,
        }
    }
}
