//! What can happen to an order. Requests may be refused; facts may not: money that arrived, arrived.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::evidence::{CollectionRefs, Deposit, DepositId, Payment};
use super::last_error::AttemptError;
use super::reason::CancelledBy;
use crate::ids::CollectionId;
use crate::money::Fiat;
use crate::party::Msisdn;

/// Why a payout was definitely not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutFailure {
    /// The receiver cannot be paid: no such number, not registered, over their limit.
    Receiver,
    /// We cannot pay now: credentials, limits of the short code.
    Sender,
    /// Our float is too low: the payout goes by itself when there is enough.
    Float,
}

/// Why a proven payment is not taken as it is: an operator credits or returns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentDoubt {
    /// Another source names this amount.
    Amount(Fiat),
    /// Another phone than the one that was asked has paid.
    Phone,
}

/// Which refund a fact is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundOf {
    /// What the order received, because its second leg cannot be made.
    Order,
    /// Something that came on top: a second payment, a late deposit, an excess. Named by its cause.
    Extra(String),
}

/// Everything that an order can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum OrderEvent {
    // Requests
    Cancel {
        by: CancelledBy,
        /// Why, in the words of whoever cancels.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    StartPayment {
        collection: CollectionId,
        phone: Msisdn,
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
        /// What stands on the customer's M-Pesa message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account_reference: Option<String>,
    },
    Hold,
    Resume,
    Refund,
    /// May the delivery be signed now? Asked and recorded before each signature.
    DeliveryStarted,
    /// May the payout be sent now? Asked and recorded before each byte of it leaves.
    PayoutStarted,
    /// May this refund be sent now? Likewise.
    RefundStarted {
        refund: RefundOf,
    },
    /// The clock's request: only acts on an order that is overdue.
    DeadlinePassed {
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
    },
    // Facts of the M-Pesa rail
    CollectionAccepted {
        refs: CollectionRefs,
    },
    CollectionFailed {
        collection: CollectionId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<AttemptError>,
    },
    PaymentConfirmed {
        payment: Payment,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doubt: Option<PaymentDoubt>,
    },
    PayoutAccepted {
        conversation_id: String,
    },
    PayoutConfirmed {
        receipt: String,
    },
    PayoutFailed {
        failure: PayoutFailure,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<AttemptError>,
    },
    // Facts of the chain
    DepositSeen {
        deposit: Deposit,
    },
    DepositFinal {
        deposit: Deposit,
    },
    DepositOrphaned {
        id: DepositId,
    },
    DeliveryBroadcast {
        tx_hash: String,
    },
    DeliveryFinal {
        tx_hash: String,
    },
    /// What was signed for the delivery can never execute: it may be signed anew, or given up.
    DeliveryStopped {
        tx_hash: String,
    },
    /// It cannot be delivered at all: nothing was moved, and nothing that was signed can execute.
    DeliveryFailed {
        tx_hash: String,
    },
    // Facts of either
    RefundConfirmed {
        refund: RefundOf,
        reference: String,
    },
    RefundFailed {
        refund: RefundOf,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<AttemptError>,
    },
    /// Something did not work, or nobody says whether it did, and nothing follows from that yet.
    AttemptFailed {
        error: AttemptError,
    },
}

impl OrderEvent {
    /// Every name that an event has.
    pub const KINDS: [&str; 25] = [
        "cancel",
        "start_payment",
        "hold",
        "resume",
        "refund",
        "delivery_started",
        "payout_started",
        "refund_started",
        "deadline_passed",
        "collection_accepted",
        "collection_failed",
        "payment_confirmed",
        "payout_accepted",
        "payout_confirmed",
        "payout_failed",
        "deposit_seen",
        "deposit_final",
        "deposit_orphaned",
        "delivery_broadcast",
        "delivery_final",
        "delivery_stopped",
        "delivery_failed",
        "refund_confirmed",
        "refund_failed",
        "attempt_failed",
    ];

    /// Why what it is about did not work, where that was told.
    pub(crate) fn error_mut(&mut self) -> Option<&mut AttemptError> {
        match self {
            Self::CollectionFailed { error, .. }
            | Self::PayoutFailed { error, .. }
            | Self::RefundFailed { error, .. } => error.as_mut(),
            Self::AttemptFailed { error } => Some(error),
            Self::Cancel { .. }
            | Self::StartPayment { .. }
            | Self::Hold
            | Self::Resume
            | Self::Refund
            | Self::DeliveryStarted
            | Self::PayoutStarted
            | Self::RefundStarted { .. }
            | Self::DeadlinePassed { .. }
            | Self::CollectionAccepted { .. }
            | Self::PaymentConfirmed { .. }
            | Self::PayoutAccepted { .. }
            | Self::PayoutConfirmed { .. }
            | Self::DepositSeen { .. }
            | Self::DepositFinal { .. }
            | Self::DepositOrphaned { .. }
            | Self::DeliveryBroadcast { .. }
            | Self::DeliveryFinal { .. }
            | Self::DeliveryStopped { .. }
            | Self::DeliveryFailed { .. }
            | Self::RefundConfirmed { .. } => None,
        }
    }

    /// The event's name in the history and in documents.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Cancel { .. } => "cancel",
            Self::StartPayment { .. } => "start_payment",
            Self::Hold => "hold",
            Self::Resume => "resume",
            Self::Refund => "refund",
            Self::DeliveryStarted => "delivery_started",
            Self::PayoutStarted => "payout_started",
            Self::RefundStarted { .. } => "refund_started",
            Self::DeadlinePassed { .. } => "deadline_passed",
            Self::CollectionAccepted { .. } => "collection_accepted",
            Self::CollectionFailed { .. } => "collection_failed",
            Self::PaymentConfirmed { .. } => "payment_confirmed",
            Self::PayoutAccepted { .. } => "payout_accepted",
            Self::PayoutConfirmed { .. } => "payout_confirmed",
            Self::PayoutFailed { .. } => "payout_failed",
            Self::DepositSeen { .. } => "deposit_seen",
            Self::DepositFinal { .. } => "deposit_final",
            Self::DepositOrphaned { .. } => "deposit_orphaned",
            Self::DeliveryBroadcast { .. } => "delivery_broadcast",
            Self::DeliveryFinal { .. } => "delivery_final",
            Self::DeliveryStopped { .. } => "delivery_stopped",
            Self::DeliveryFailed { .. } => "delivery_failed",
            Self::RefundConfirmed { .. } => "refund_confirmed",
            Self::RefundFailed { .. } => "refund_failed",
            Self::AttemptFailed { .. } => "attempt_failed",
        }
    }

    /// Requests may be refused, facts may not.
    pub fn is_request(&self) -> bool {
        matches!(
            self,
            Self::Cancel { .. }
                | Self::StartPayment { .. }
                | Self::Hold
                | Self::Resume
                | Self::Refund
                | Self::DeliveryStarted
                | Self::PayoutStarted
                | Self::RefundStarted { .. }
        )
    }

    /// The event's name and what identifies the thing it is about.
    pub fn identity(&self) -> String {
        let about = match self {
            Self::PaymentConfirmed { payment, .. } => &payment.receipt,
            Self::DepositSeen { deposit } | Self::DepositFinal { deposit } => &deposit.id.tx_hash,
            Self::DepositOrphaned { id } => &id.tx_hash,
            Self::DeliveryBroadcast { tx_hash }
            | Self::DeliveryFinal { tx_hash }
            | Self::DeliveryStopped { tx_hash }
            | Self::DeliveryFailed { tx_hash } => tx_hash,
            Self::PayoutConfirmed { receipt } => receipt,
            Self::RefundConfirmed { reference, .. } => reference,
            Self::Cancel { .. }
            | Self::StartPayment { .. }
            | Self::Hold
            | Self::Resume
            | Self::Refund
            | Self::DeliveryStarted
            | Self::PayoutStarted
            | Self::RefundStarted { .. }
            | Self::DeadlinePassed { .. }
            | Self::CollectionAccepted { .. }
            | Self::CollectionFailed { .. }
            | Self::PayoutAccepted { .. }
            | Self::PayoutFailed { .. }
            | Self::RefundFailed { .. }
            | Self::AttemptFailed { .. } => return self.kind().to_owned(),
        };
        format!("{}:{about}", self.kind())
    }
}
