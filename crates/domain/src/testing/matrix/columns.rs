//! The sample events: every kind, in the variants that are answered differently.

use super::facts::{
    ATTEMPT, OTHER_ATTEMPT, arrived, attempt_failed, broadcast, cancel, collection_accepted,
    collection_failed, deadline, delivered, delivery_failed, delivery_stopped, deposit, deposit_id,
    doubted, due, extra, late, orphaned, paid, paid_out, payout_accepted, payout_failed,
    refund_failed, refund_started, refunded, seen, start_payment,
};
use crate::money::{Crypto, Fiat};
use crate::order::{
    CancelledBy, Deposit, DepositStage, ErrorCode, Order, OrderEvent, PaymentDoubt, PayoutFailure,
    RefundOf,
};
use crate::testing::samples::{NOW, crypto, fiat};

/// A variant of an event, made for an order; it may plant there what the variant is about.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) event: fn(&mut Order) -> OrderEvent,
}

/// Columns that are read together.
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) columns: Vec<Column>,
}

pub(super) fn groups() -> Vec<Group> {
    vec![
        Group { title: "Requests", columns: requests() },
        Group { title: "Acts about to be done", columns: acts() },
        Group { title: "Deadline", columns: deadlines() },
        Group { title: "Collections and payments", columns: collections() },
        Group { title: "Deliveries", columns: deliveries() },
        Group { title: "Deposits: seen and orphaned", columns: deposits_seen() },
        Group { title: "Deposits: final", columns: deposits_final() },
        Group { title: "Payouts", columns: payouts() },
        Group { title: "Refunds", columns: refunds() },
        Group { title: "Attempts", columns: attempts() },
    ]
}

fn column(name: &'static str, event: fn(&mut Order) -> OrderEvent) -> Column {
    Column { name, event }
}

fn requests() -> Vec<Column> {
    vec![
        column("cancel", |_| cancel(CancelledBy::Customer)),
        column("start_payment, in time", |_| start_payment(OTHER_ATTEMPT, NOW)),
        column("start_payment, the open attempt", |_| start_payment(ATTEMPT, NOW)),
        column("start_payment, expired", |_| start_payment(OTHER_ATTEMPT, due())),
        column("hold", |_| OrderEvent::Hold),
        column("resume", |_| OrderEvent::Resume),
        column("refund", |_| OrderEvent::Refund),
    ]
}

/// Whoever is about to move money asks first, each time anew.
fn acts() -> Vec<Column> {
    vec![
        column("delivery_started", |_| OrderEvent::DeliveryStarted),
        column("payout_started", |_| OrderEvent::PayoutStarted),
        column("refund_started, order", |_| refund_started(RefundOf::Order)),
        column("refund_started, extra", |order| {
            order.evidence.returned.push("NEW".into());
            refund_started(extra("NEW"))
        }),
        column("refund_started, extra, not asked for", |_| refund_started(extra("NEW"))),
    ]
}

fn deadlines() -> Vec<Column> {
    vec![
        column("deadline_passed, early", |_| deadline(NOW)),
        column("deadline_passed, due", |_| deadline(due())),
    ]
}

fn collections() -> Vec<Column> {
    vec![
        column("collection_accepted, the open attempt", |_| collection_accepted(ATTEMPT)),
        column("collection_accepted, another", |_| collection_accepted(OTHER_ATTEMPT)),
        column("collection_failed, the open attempt", |_| collection_failed(ATTEMPT)),
        column("collection_failed, another", |_| collection_failed(OTHER_ATTEMPT)),
        column("payment_confirmed, exact", |order| paid("NEW", order.collection_due())),
        column("payment_confirmed, wrong amount", |_| paid("NEW", fiat("100"))),
        column("payment_confirmed, another source names another amount", |order| {
            doubted("NEW", order.collection_due(), PaymentDoubt::Amount(fiat("100")))
        }),
        column("payment_confirmed, by another phone", |order| {
            doubted("NEW", order.collection_due(), PaymentDoubt::Phone)
        }),
        column("payment_confirmed, known receipt", |order| {
            let known = order.evidence.payments.first();
            known
                .map_or_else(|| paid("NEW", Fiat::ZERO), |known| paid(&known.receipt, known.amount))
        }),
    ]
}

/// `0xsent` is the transfer that the sample orders have broadcast, and what has stopped of those that
/// were signed before.
fn deliveries() -> Vec<Column> {
    vec![
        column("delivery_broadcast", |_| broadcast("0xsent")),
        column("delivery_broadcast, fee raised", |_| broadcast("0xmore")),
        column("delivery_final", |_| delivered("0xsent")),
        column("delivery_final, another transfer", |_| delivered("0xother")),
        column("delivery_stopped", |_| delivery_stopped("0xsent")),
        column("delivery_stopped, another transfer", |_| delivery_stopped("0xother")),
        column("delivery_failed", |_| delivery_failed("0xsent")),
        column("delivery_failed, another transfer", |_| delivery_failed("0xother")),
    ]
}

fn deposits_seen() -> Vec<Column> {
    vec![
        column("deposit_seen, enough", |order| seen(deposit("new", missing(order)))),
        column("deposit_seen, short", |_| seen(deposit("new", crypto("100")))),
        column("deposit_seen, late", |order| seen(late(deposit("new", missing(order))))),
        column("deposit_orphaned, seen", |order| orphaned(known(order, DepositStage::Seen).id)),
        column("deposit_orphaned, final", |order| orphaned(known(order, DepositStage::Final).id)),
        column("deposit_orphaned, unknown", |_| orphaned(deposit_id("unknown"))),
    ]
}

fn deposits_final() -> Vec<Column> {
    vec![
        column("deposit_final, enough", |order| {
            let own = order.evidence.deposits.iter().find(|d| d.stage == DepositStage::Seen);
            let own = own.filter(|own| order.is_funded_by(own.amount)).cloned();
            arrived(own.unwrap_or_else(|| deposit("new", missing(order))))
        }),
        column("deposit_final, short", |_| arrived(deposit("new", crypto("100")))),
        column("deposit_final, over", |order| {
            let over = missing(order).checked_add(crypto("1")).unwrap_or(Crypto::ZERO);
            arrived(deposit("new", over))
        }),
        column("deposit_final, late", |order| arrived(late(deposit("new", missing(order))))),
        column("deposit_final, once more", |order| arrived(known(order, DepositStage::Final))),
        column("deposit_final, had gone", |order| arrived(known(order, DepositStage::Reverted))),
    ]
}

/// `PAYOUT` is the receipt of the sample orders' own payouts.
fn payouts() -> Vec<Column> {
    vec![
        column("payout_accepted", |_| payout_accepted("AG_2")),
        column("payout_confirmed", |_| paid_out("PAYOUT")),
        column("payout_confirmed, another receipt", |_| paid_out("NEW")),
        column("payout_failed, receiver", |_| payout_failed(PayoutFailure::Receiver)),
        column("payout_failed, sender", |_| payout_failed(PayoutFailure::Sender)),
        column("payout_failed, float", |_| payout_failed(PayoutFailure::Float)),
    ]
}

/// `REFUND` is the reference of the sample orders' own refunds.
fn refunds() -> Vec<Column> {
    vec![
        column("refund_confirmed, order", |_| refunded(RefundOf::Order, "REFUND")),
        column("refund_confirmed, order, another", |_| refunded(RefundOf::Order, "NEW")),
        column("refund_confirmed, extra", |_| refunded(extra("NEW"), "EXTRA")),
        column("refund_failed, order", |_| refund_failed(RefundOf::Order)),
        column("refund_failed, extra", |_| refund_failed(extra("NEW"))),
    ]
}

fn attempts() -> Vec<Column> {
    vec![
        column("attempt_failed", |_| attempt_failed(ErrorCode::RailUnavailable)),
        column("attempt_failed, nobody says how it ended", |_| {
            attempt_failed(ErrorCode::OutcomeUnknown)
        }),
    ]
}

/// What final deposits still leave open; the whole when they leave nothing.
fn missing(order: &Order) -> Crypto {
    let arrived = order.evidence.deposits.iter().filter(|d| d.stage == DepositStage::Final);
    let rest = |rest: Crypto, d: &Deposit| rest.checked_sub(d.amount).unwrap_or(Crypto::ZERO);
    let missing = arrived.fold(order.deposit_due(), rest);
    if missing.is_zero() { order.deposit_due() } else { missing }
}

/// The order's own deposit at `stage`, or one put there.
fn known(order: &mut Order, stage: DepositStage) -> Deposit {
    if let Some(own) = order.evidence.deposits.iter().find(|d| d.stage == stage) {
        return own.clone();
    }
    let planted = Deposit { stage, ..deposit("planted", crypto("100")) };
    order.evidence.deposits.push(planted.clone());
    planted
}
