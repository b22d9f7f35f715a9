//! THE TABLE: what every event makes of an order in every state, and what the world must be asked
//! to do about it. One function, one match, no I/O. Read it beside `docs/order-lifecycle.md`, which
//! is rendered from it.
//!
//! Requests may be refused. Facts never are: they move the order, are recorded where it stands,
//! call an operator, or were known already.

use super::acts::{entering, going_on, return_deposit, return_excess, return_payment};
use super::effect::{Effect, ReviewKind};
use super::event::{OrderEvent, PaymentDoubt, PayoutFailure, RefundOf};
use super::evidence::{Deposit, DepositStage, Payment};
use super::reason::{CancelReason, HoldReason, RefundReason};
use super::refusal::{Refusal, Refused};
use super::state::OrderState;
use super::{Order, Ramp};

/// What an event made of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transition {
    /// It moved, or learned something; here is what to ask of the world.
    Applied { order: Box<Order>, effects: Vec<Effect> },
    /// Seen before, or nothing to do: callbacks repeat, replies race.
    AlreadyApplied(Box<Order>),
}

/// One cell of the table.
enum Cell {
    To(OrderState, Vec<Effect>),
    /// The state stays; what the event told is kept.
    Keep(Vec<Effect>),
    /// Behind a hold: the effects wait for its end, but for the review.
    PutOff(OrderState, Vec<Effect>, Effect),
    Already,
    Refuse(Refusal),
}

use Cell::{Already, Keep, PutOff, Refuse, To};

/// What `event` makes of `order`.
///
/// # Errors
/// Only for requests (cancel, pay, hold, resume, refund), when the state does not allow them.
pub fn transition(mut order: Order, event: &OrderEvent) -> Result<Transition, Refused> {
    let before = order.clone();
    let is_new = order.evidence.record(event);
    if !is_new {
        return Ok(Transition::AlreadyApplied(Box::new(before)));
    }
    let effects = match decide(&order, &order.state, event) {
        To(state, effects) => {
            order.state = state;
            effects
        }
        Keep(effects) => effects,
        PutOff(state, later, review) => {
            order.state = state;
            order.evidence.note_put_off(&later);
            vec![review]
        }
        Already => return Ok(Transition::AlreadyApplied(Box::new(before))),
        Refuse(refusal) => {
            return Err(Refused { refusal, status: before.status() });
        }
    };
    order.evidence.note_returns(&effects);
    let effects = effects.into_iter().map(|effect| effect.called_for_by(order.version)).collect();
    Ok(Transition::Applied { order: Box::new(order), effects })
}

#[rustfmt::skip]   // It is a table: keep it a table.
#[expect(clippy::too_many_lines, reason = "it is one table")]
fn decide(order: &Order, state: &OrderState, event: &OrderEvent) -> Cell {
    use OrderEvent as E;
    use OrderState as S;
    match (state, event) {
        // What did not work is told to whoever asks, and moves nothing.
        (_, E::AttemptFailed { .. })                                                   => Keep(vec![]),

        // Facts reach through a hold: `was` keeps up, nothing is asked of the world but a review.
        (S::OnHold { was, reason }, fact) if !fact.is_request() && !is_deadline(fact) => on_hold(order, was, *reason, fact),

        // Requests
        (S::AwaitingPayment { collection: None }, E::Cancel { .. }) if order.has_received() => Refuse(Refusal::NotCancellable),
        (S::AwaitingPayment { collection: None }, E::Cancel { by, .. })                => To(cancelled(by.reason()), vec![]),
        (S::AwaitingPayment { .. }, E::Cancel { .. })                                  => Refuse(Refusal::PaymentInFlight),
        (S::AwaitingDeposit, E::Cancel { by, .. }) if order.evidence.deposits.is_empty() => To(cancelled(by.reason()), vec![]),
        (S::AwaitingDeposit | S::DepositConfirming, E::Cancel { .. })                  => Refuse(Refusal::DepositSeen),
        (S::Cancelled { .. }, E::Cancel { .. })                                        => Already,
        (S::OnHold { .. }, E::Cancel { .. })                                           => Refuse(Refusal::UnderReview),
        (_, E::Cancel { .. })                                                          => Refuse(Refusal::NotCancellable),

        (S::AwaitingPayment { collection: None }, E::StartPayment { at, .. }) if *at >= order.expires_at => Refuse(Refusal::OrderExpired),
        (S::AwaitingPayment { collection: None }, E::StartPayment { collection, .. })  => start_payment(order, *collection, event),
        (S::AwaitingPayment { collection: Some(open) }, E::StartPayment { collection, .. }) if open == collection => Already,
        (S::AwaitingPayment { .. }, E::StartPayment { .. })                            => Refuse(Refusal::PaymentInFlight),
        (S::OnHold { .. }, E::StartPayment { .. })                                     => Refuse(Refusal::UnderReview),
        (_, E::StartPayment { .. })                                                    => Refuse(Refusal::NotPayable),

        (S::OnHold { .. }, E::Hold)                                                    => Already,
        (S::Completed | S::Cancelled { .. } | S::Refunded { .. }, E::Hold)             => Refuse(Refusal::NotHoldable),
        (_, E::Hold)                                                                   => hold(state, HoldReason::ByOperator, ReviewKind::Held, event),

        (S::OnHold { was, .. }, E::Resume)                                             => To((**was).clone(), going_on(order, was)),
        (_, E::Resume)                                                                 => Refuse(Refusal::NotOnHold),

        (S::OnHold { was, reason }, E::Refund) if is_under_way(order, was, *reason)   => Refuse(Refusal::LegUnderWay),
        (S::OnHold { was, .. }, E::Refund) if order.has_received() && !was.is_final()   => refund_held(order, RefundReason::ByOperator),
        (S::OnHold { .. }, E::Refund)                                                  => Refuse(Refusal::NothingToRefund),
        (_, E::Refund)                                                                 => Refuse(Refusal::NotOnHold),

        // Acts: asked before they are done, so that this table says whether they are still wanted.
        (S::OnHold { .. }, E::DeliveryStarted | E::PayoutStarted | E::RefundStarted { .. }) => Refuse(Refusal::UnderReview),
        (S::Delivering, E::DeliveryStarted) if order.evidence.delivery.is_none()       => Keep(vec![]),
        (S::PayingOut, E::PayoutStarted)                                               => Keep(vec![]),
        (S::Refunding { .. }, E::RefundStarted { refund: RefundOf::Order })            => Keep(vec![]),
        (_, E::RefundStarted { refund: RefundOf::Extra(cause) }) if order.evidence.goes_back(cause) => Keep(vec![]),
        (_, E::DeliveryStarted | E::PayoutStarted | E::RefundStarted { .. })           => Refuse(Refusal::LegNotWanted),

        // The deadline: authorised money wins over it.
        (_, E::DeadlinePassed { at }) if *at < order.expires_at                        => Already,
        (S::AwaitingPayment { collection: None }, E::DeadlinePassed { .. }) if order.has_received() => refund(order, RefundReason::Underpaid),
        (S::AwaitingPayment { collection: None }, E::DeadlinePassed { .. })            => To(cancelled(CancelReason::Expired), vec![]),
        (S::AwaitingDeposit, E::DeadlinePassed { .. }) if order.in_time(DepositStage::Seen).is_zero() => close_deposit(order),
        (_, E::DeadlinePassed { .. })                                                  => Already,

        // Collections
        (S::AwaitingPayment { collection: Some(open) }, E::CollectionAccepted { refs }) if *open == refs.collection => Keep(vec![]),
        (_, E::CollectionAccepted { .. })                                              => Already,
        (S::AwaitingPayment { collection: Some(open) }, E::CollectionFailed { collection, .. }) if open == collection => To(S::AwaitingPayment { collection: None }, vec![]),
        (_, E::CollectionFailed { .. })                                                => Already,

        (S::AwaitingPayment { .. }, E::PaymentConfirmed { payment, doubt: Some(doubt) }) => hold_payment(order, payment, Some(*doubt), event),
        (S::AwaitingPayment { .. }, E::PaymentConfirmed { payment, .. }) if payment.amount == order.collection_due() => enter(order, S::Delivering),
        (S::AwaitingPayment { .. }, E::PaymentConfirmed { payment, .. })               => hold_payment(order, payment, None, event),
        (S::Cancelled { .. }, E::PaymentConfirmed { payment, .. })                         => To(cancelled(CancelReason::LatePayment), vec![return_payment(payment)]),
        (_, E::PaymentConfirmed { payment, .. })                                           => Keep(vec![return_payment(payment)]),

        // Deliveries. Of one signature's variants one becomes final; one that stops or fails says that
        // none can execute. What was dead and is final all the same is the coin delivered, and looked at.
        (S::Delivering, E::DeliveryBroadcast { tx_hash }) if !is_other(order, tx_hash) => To(S::DeliveryConfirming, vec![]),
        (S::DeliveryConfirming, E::DeliveryBroadcast { tx_hash }) if !is_other(order, tx_hash) => Keep(vec![]),
        (S::Delivering | S::DeliveryConfirming, E::DeliveryFinal { tx_hash }) if is_other(order, tx_hash) => contradiction(state, event),
        (S::Delivering | S::DeliveryConfirming, E::DeliveryFinal { tx_hash }) if order.evidence.is_expected_delivery(tx_hash) => To(S::Completed, vec![]),
        (S::Delivering | S::DeliveryConfirming, E::DeliveryFinal { .. })               => To(S::Completed, vec![review(ReviewKind::Contradiction, event)]),
        (S::Delivering | S::DeliveryConfirming, E::DeliveryStopped { .. }) if !order.evidence.is_delivery_signed() => To(S::Delivering, vec![]),
        (S::Delivering | S::DeliveryConfirming, E::DeliveryFailed { .. }) if !order.evidence.is_delivery_signed() => refund(order, RefundReason::DeliveryFailed),
        (S::Delivering | S::DeliveryConfirming | S::Completed, E::DeliveryFailed { tx_hash }) if order.evidence.is_dead_delivery(tx_hash) => Already,
        (S::Refunding { reason } | S::Refunded { reason }, E::DeliveryFailed { .. }) if is_known_failure(order, Ramp::On, *reason) => Already,
        (_, E::DeliveryBroadcast { .. } | E::DeliveryFinal { .. } | E::DeliveryStopped { .. } | E::DeliveryFailed { .. }) => contradiction(state, event),

        // Deposits. What was final and went is not trusted again: an operator decides.
        (S::Completed | S::Cancelled { .. } | S::Refunded { .. }, E::DepositFinal { deposit: Deposit { id, .. } } | E::DepositOrphaned { id })
            if order.evidence.was_reverted(id)                                         => Keep(vec![review(ReviewKind::DeepReorg, event)]),
        (_, E::DepositFinal { deposit: Deposit { id, .. } } | E::DepositOrphaned { id })
            if order.evidence.was_reverted(id)                                         => hold(state, HoldReason::DeepReorg, ReviewKind::DeepReorg, event),
        (S::AwaitingDeposit | S::DepositConfirming, E::DepositFinal { deposit }) if order.is_late(deposit) => weigh_deposits(order, vec![return_deposit(order, deposit)]),
        (S::AwaitingDeposit | S::DepositConfirming, E::DepositSeen { .. } | E::DepositFinal { .. } | E::DepositOrphaned { .. }) => weigh_deposits(order, vec![]),
        (S::Cancelled { .. }, E::DepositFinal { deposit })                             => To(cancelled(CancelReason::LateDeposit), vec![return_deposit(order, deposit)]),
        (_, E::DepositFinal { deposit })                                               => Keep(vec![return_deposit(order, deposit)]),
        (_, E::DepositSeen { .. } | E::DepositOrphaned { .. })                         => Keep(vec![]),

        // Payouts
        (S::PayingOut | S::Completed, E::PayoutAccepted { .. }) if order.order_type.ramp() == Ramp::Off => Keep(vec![]),
        (S::Refunding { reason } | S::Refunded { reason }, E::PayoutAccepted { .. }) if is_known_failure(order, Ramp::Off, *reason) => Keep(vec![]),
        (S::PayingOut, E::PayoutConfirmed { receipt }) if is_only_payout(order, receipt) => To(S::Completed, vec![]),
        (S::PayingOut, E::PayoutFailed { failure: PayoutFailure::Receiver, .. })       => refund(order, RefundReason::PayoutFailed),
        (S::PayingOut, E::PayoutFailed { failure: PayoutFailure::Float, .. })          => Keep(vec![]),
        (S::PayingOut, E::PayoutFailed { failure: PayoutFailure::Sender, .. })         => hold(state, HoldReason::PayoutBlocked, ReviewKind::PayoutBlocked, event),
        (S::Refunding { reason } | S::Refunded { reason }, E::PayoutFailed { .. }) if is_known_failure(order, Ramp::Off, *reason) => Already,
        (_, E::PayoutAccepted { .. } | E::PayoutConfirmed { .. } | E::PayoutFailed { .. }) => contradiction(state, event),

        // Refunds
        (S::Refunding { reason }, E::RefundConfirmed { refund: RefundOf::Order, .. })  => To(S::Refunded { reason: *reason }, vec![]),
        (_, E::RefundConfirmed { refund: RefundOf::Extra(_), .. })                     => Keep(vec![]),
        (_, E::RefundConfirmed { .. })                                                 => contradiction(state, event),
        (S::Refunding { .. }, E::RefundFailed { refund: RefundOf::Order, .. })             => hold(state, HoldReason::RefundFailed, ReviewKind::RefundFailed, event),
        (_, E::RefundFailed { .. })                                                    => Keep(vec![review(ReviewKind::RefundFailed, event)]),
    }
}

fn is_deadline(event: &OrderEvent) -> bool {
    matches!(event, OrderEvent::DeadlinePassed { .. })
}

fn cancelled(reason: CancelReason) -> OrderState {
    OrderState::Cancelled { reason }
}

/// Goes to `state` and asks for what that state is about.
fn enter(order: &Order, state: OrderState) -> Cell {
    let effects = entering(order, &state);
    To(state, effects)
}

fn refund(order: &Order, reason: RefundReason) -> Cell {
    enter(order, OrderState::Refunding { reason })
}

fn refund_held(order: &Order, reason: RefundReason) -> Cell {
    let state = OrderState::Refunding { reason };
    let effects = going_on(order, &state);
    To(state, effects)
}

fn start_payment(order: &Order, collection: crate::ids::CollectionId, event: &OrderEvent) -> Cell {
    let OrderEvent::StartPayment { phone, .. } = event else {
        return Already;
    };
    let amount = order.collection_due();
    let effect = Effect::RequestCollection { collection, phone: phone.clone(), amount };
    To(OrderState::AwaitingPayment { collection: Some(collection) }, vec![effect])
}

/// Where in-time deposits put an order that awaits them, beside what goes back anyway; an excess
/// goes back too, and the order goes on.
fn weigh_deposits(order: &Order, mut effects: Vec<Effect>) -> Cell {
    let arrived = order.in_time(DepositStage::Final);
    let seen = order.in_time(DepositStage::Seen).checked_add(arrived).unwrap_or(arrived);
    if order.is_funded_by(arrived) {
        effects.extend(entering(order, &OrderState::PayingOut));
        let excess = arrived.checked_sub(order.deposit_due()).filter(|excess| !excess.is_zero());
        effects.extend(excess.map(|excess| return_excess(order, excess)));
        return To(OrderState::PayingOut, effects);
    }
    To(
        if order.is_funded_by(seen) {
            OrderState::DepositConfirming
        } else {
            OrderState::AwaitingDeposit
        },
        effects,
    )
}

/// An overdue order that waits for no block any more: nothing arrived, or too little.
fn close_deposit(order: &Order) -> Cell {
    if order.kept_deposits().is_zero() {
        To(cancelled(CancelReason::Expired), vec![])
    } else {
        refund(order, RefundReason::Underpaid)
    }
}

/// The delivery on record is another transfer, and final.
fn is_other(order: &Order, tx_hash: &str) -> bool {
    order.evidence.delivery.as_ref().is_some_and(|delivery| delivery.tx_hash != tx_hash)
}

fn is_only_payout(order: &Order, receipt: &str) -> bool {
    let known = order.evidence.payout.as_ref().and_then(|payout| payout.receipt.as_deref());
    known == Some(receipt)
}

/// The refund stands on the second leg's failure, so that hearing of it again is no news.
fn is_known_failure(order: &Order, ramp: Ramp, reason: RefundReason) -> bool {
    order.order_type.ramp() == ramp && reason != RefundReason::Underpaid
}

/// The rail has the second leg and has not said how it ended: refunding now could pay twice.
fn is_under_way(order: &Order, was: &OrderState, reason: HoldReason) -> bool {
    match was {
        OrderState::DeliveryConfirming => true,
        OrderState::Delivering => order.evidence.is_delivery_signed(),
        OrderState::PayingOut => {
            reason != HoldReason::PayoutBlocked && order.evidence.payout.is_some()
        }
        OrderState::AwaitingPayment { .. }
        | OrderState::AwaitingDeposit
        | OrderState::DepositConfirming
        | OrderState::Completed
        | OrderState::Cancelled { .. }
        | OrderState::Refunding { .. }
        | OrderState::Refunded { .. }
        | OrderState::OnHold { .. } => false,
    }
}

fn review(kind: ReviewKind, event: &OrderEvent) -> Effect {
    Effect::OpenReview { kind, cause: event.identity() }
}

fn hold(was: &OrderState, reason: HoldReason, kind: ReviewKind, event: &OrderEvent) -> Cell {
    let was = Box::new(was.clone());
    To(OrderState::OnHold { was, reason }, vec![review(kind, event)])
}

/// A payment that is proven and odd. Of the right amount, resuming goes on with it; of another, it
/// goes back when the order's time ends or an operator says so.
fn hold_payment(
    order: &Order,
    payment: &Payment,
    doubt: Option<PaymentDoubt>,
    event: &OrderEvent,
) -> Cell {
    let due = order.collection_due();
    let is_exact = payment.amount == due;
    let was = if is_exact {
        OrderState::Delivering
    } else {
        OrderState::AwaitingPayment { collection: None }
    };
    let odd = match doubt {
        Some(PaymentDoubt::Amount(told)) => format!(", another source says {told}"),
        Some(PaymentDoubt::Phone) => ", by another phone than was asked".to_owned(),
        None => String::new(),
    };
    let (reason, kind) = match doubt {
        Some(PaymentDoubt::Phone) if is_exact => (HoldReason::WrongPhone, ReviewKind::WrongPhone),
        _ => (HoldReason::WrongAmount, ReviewKind::WrongAmount),
    };
    let cause = format!("{}: {} paid of {due} asked for{odd}", event.identity(), payment.amount);
    To(OrderState::OnHold { was: Box::new(was), reason }, vec![Effect::OpenReview { kind, cause }])
}

/// A fact that this state rules out: a finished order stays as it is, any other stops; both are
/// looked at.
fn contradiction(state: &OrderState, event: &OrderEvent) -> Cell {
    if state.is_final() {
        return Keep(vec![review(ReviewKind::Contradiction, event)]);
    }
    hold(state, HoldReason::Contradiction, ReviewKind::Contradiction, event)
}

/// A fact while automation is stopped: the state behind the hold moves, its acts wait for the hold's end.
fn on_hold(order: &Order, was: &OrderState, reason: HoldReason, fact: &OrderEvent) -> Cell {
    let (state, later) = match decide(order, was, fact) {
        Already => return Already,
        Keep(later) => (was.clone(), later),
        Refuse(_) => (was.clone(), vec![]),
        To(OrderState::OnHold { was, .. }, later) => (*was, later),
        To(state, later) | PutOff(state, later, _) => (state, later),
    };
    let state = OrderState::OnHold { was: Box::new(state), reason };
    PutOff(state, later, review(ReviewKind::FactOnHold, fact))
}
