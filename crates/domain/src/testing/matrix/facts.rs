//! Sample events, short to write: for the matrix and for tests of the table.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::address::Network;
use crate::ids::CollectionId;
use crate::money::{Crypto, Fiat};
use crate::order::{
    AttemptError, CancelledBy, CollectionRefs, Deposit, DepositId, DepositStage, ErrorCode, Leg,
    OrderEvent, Payment, PaymentDoubt, PayoutFailure, RefundOf,
};
use crate::testing::samples::{NOW, phone, rules};

/// Two collection attempts; sample orders open the first.
pub const ATTEMPT: CollectionId = CollectionId(Uuid::from_u128(0xC1));
pub const OTHER_ATTEMPT: CollectionId = CollectionId(Uuid::from_u128(0xC2));

/// The moment from which the sample orders are overdue.
pub fn due() -> OffsetDateTime {
    NOW.saturating_add(rules().ttl)
}

pub fn cancel(by: CancelledBy) -> OrderEvent {
    OrderEvent::Cancel { by, note: None }
}

pub fn start_payment(collection: CollectionId, at: OffsetDateTime) -> OrderEvent {
    let account_reference = Some("000000000001".to_owned());
    OrderEvent::StartPayment { collection, phone: phone(), at, account_reference }
}

pub fn deadline(at: OffsetDateTime) -> OrderEvent {
    OrderEvent::DeadlinePassed { at }
}

pub fn refund_started(refund: RefundOf) -> OrderEvent {
    OrderEvent::RefundStarted { refund }
}

pub fn collection_accepted(collection: CollectionId) -> OrderEvent {
    let refs = CollectionRefs {
        collection,
        merchant_request_id: "29115".into(),
        checkout_request_id: "ws_CO_1".into(),
    };
    OrderEvent::CollectionAccepted { refs }
}

pub fn collection_failed(collection: CollectionId) -> OrderEvent {
    OrderEvent::CollectionFailed { collection, error: None }
}

pub fn paid(receipt: &str, amount: Fiat) -> OrderEvent {
    let payment = Payment { receipt: receipt.into(), amount, phone: phone() };
    OrderEvent::PaymentConfirmed { payment, doubt: None }
}

/// The same, and another source names another amount, or another phone has paid.
pub fn doubted(receipt: &str, amount: Fiat, doubt: PaymentDoubt) -> OrderEvent {
    let payment = Payment { receipt: receipt.into(), amount, phone: phone() };
    OrderEvent::PaymentConfirmed { payment, doubt: Some(doubt) }
}

pub fn attempt_failed(code: ErrorCode) -> OrderEvent {
    OrderEvent::AttemptFailed { error: AttemptError::new(Leg::Payout, code, NOW) }
}

pub fn broadcast(tx_hash: &str) -> OrderEvent {
    OrderEvent::DeliveryBroadcast { tx_hash: tx_hash.into() }
}

pub fn delivered(tx_hash: &str) -> OrderEvent {
    OrderEvent::DeliveryFinal { tx_hash: tx_hash.into() }
}

pub fn delivery_stopped(tx_hash: &str) -> OrderEvent {
    OrderEvent::DeliveryStopped { tx_hash: tx_hash.into() }
}

pub fn delivery_failed(tx_hash: &str) -> OrderEvent {
    OrderEvent::DeliveryFailed { tx_hash: tx_hash.into() }
}

/// A deposit in time, named by its hash.
pub fn deposit(tx_hash: &str, amount: Crypto) -> Deposit {
    Deposit {
        id: deposit_id(tx_hash),
        amount,
        block_time: due(),
        detected_at: NOW,
        confirmations: 1,
        height: None,
        stage: DepositStage::Seen,
    }
}

pub fn deposit_id(tx_hash: &str) -> DepositId {
    DepositId { network: Network::Tron, tx_hash: tx_hash.into(), ordinal: 0 }
}

/// The same deposit in a block just after the deadline.
pub fn late(deposit: Deposit) -> Deposit {
    Deposit { block_time: due().saturating_add(Duration::MICROSECOND), ..deposit }
}

pub fn seen(deposit: Deposit) -> OrderEvent {
    OrderEvent::DepositSeen { deposit }
}

pub fn arrived(deposit: Deposit) -> OrderEvent {
    OrderEvent::DepositFinal { deposit: Deposit { stage: DepositStage::Final, ..deposit } }
}

pub fn orphaned(id: DepositId) -> OrderEvent {
    OrderEvent::DepositOrphaned { id }
}

pub fn payout_accepted(conversation_id: &str) -> OrderEvent {
    OrderEvent::PayoutAccepted { conversation_id: conversation_id.into() }
}

pub fn paid_out(receipt: &str) -> OrderEvent {
    OrderEvent::PayoutConfirmed { receipt: receipt.into() }
}

pub fn payout_failed(failure: PayoutFailure) -> OrderEvent {
    OrderEvent::PayoutFailed { failure, error: None }
}

pub fn refunded(refund: RefundOf, reference: &str) -> OrderEvent {
    OrderEvent::RefundConfirmed { refund, reference: reference.into() }
}

pub fn refund_failed(refund: RefundOf) -> OrderEvent {
    OrderEvent::RefundFailed { refund, error: None }
}

/// The refund of what came on top of an order, by its cause.
pub fn extra(cause: &str) -> RefundOf {
    RefundOf::Extra(cause.into())
}
