//! What every row of the table must answer, written from the rules and not from the code: the state
//! or refusal, and each effect with its amounts and key. Guards are asked both ways.

use OrderState as S;
use domain::ids::CollectionId;
use domain::offer::Asset;
use domain::order::{
    AttemptError, CancelReason, CancelledBy, Delivery, Deposit, DepositStage, Effect, ErrorCode,
    HoldFate, HoldReason, Leg, Order, OrderEvent, OrderState, Payment, PaymentDoubt, Payout,
    PayoutFailure, RefundOf, RefundReason, Refusal, ReviewKind, Transition, transition,
    waiting_for,
};
use domain::testing::matrix::facts::*;
use domain::testing::samples::{self, NOW, TRON_WALLET, crypto, fiat, phone};

use domain::address::Network::Tron;
use time::Duration;

/// What the order must become, and what must be asked of the world.
enum Want {
    To(OrderState, Vec<Asked>),
    Already,
    Refused(Refusal),
}
use Want::{Already, Refused, To};

/// An effect, and its idempotency key after the order's id.
type Asked = (Effect, String);

/// What is tried, the order it is told to, the event, the answer.
type Case = (&'static str, Order, OrderEvent, Want);

fn check(cases: Vec<Case>) {
    for (name, order, event, want) in cases {
        let answer = transition(order.clone(), &event);
        match want {
            To(state, asked) => {
                let Ok(Transition::Applied { order, effects }) = answer else {
                    panic!("{name}: expected {state:?}, got {answer:?}")
                };
                assert_eq!(order.state, state, "{name}");
                let keyed = |effect: Effect| {
                    let key = effect.idempotency_key(order.id);
                    (effect, key)
                };
                let whole = |(effect, key): Asked| (effect, format!("{}:{key}", order.id));
                let effects: Vec<_> = effects.into_iter().map(keyed).collect();
                let asked: Vec<_> = asked.into_iter().map(whole).collect();
                assert_eq!(effects, asked, "{name}");
            }
            Already => assert_eq!(answer, Ok(Transition::AlreadyApplied(order.into())), "{name}"),
            Refused(refusal) => {
                let refused = answer.expect_err(name);
                assert_eq!((refused.refusal, refused.status), (refusal, order.status()), "{name}");
            }
        }
    }
}

// The amounts are such that every rounding shows.

/// Collects 175,219 shillings and delivers 1200.123456.
fn on_ramp(state: OrderState) -> Order {
    let order = samples::order(&samples::place_buy(), 1);
    Order { state, crypto: crypto("1200.12345678"), fiat: fiat("175218.03"), ..order }
}

/// Expects 799.987655, is content with 0.01 less, and pays 112,798 shillings out.
fn off_ramp(state: OrderState) -> Order {
    let order = samples::order(&samples::place_sell(), 2);
    Order { state, crypto: crypto("799.98765432"), ..order }
}

fn with_payments(mut order: Order, payments: &[(&str, &str)]) -> Order {
    let payment = |(receipt, amount): &(&str, &str)| Payment {
        receipt: (*receipt).to_owned(),
        amount: fiat(amount),
        phone: phone(),
    };
    order.evidence.payments = payments.iter().map(payment).collect();
    order
}

fn with_deposits(mut order: Order, deposits: &[(&str, &str, DepositStage)]) -> Order {
    let deposit = |(tx_hash, amount, stage): &(&str, &str, DepositStage)| Deposit {
        stage: *stage,
        ..deposit(tx_hash, crypto(amount))
    };
    order.evidence.deposits = deposits.iter().map(deposit).collect();
    order
}

fn with_delivery(mut order: Order, tx_hash: &str, is_final: bool) -> Order {
    order.evidence.delivery = Some(Delivery { tx_hash: tx_hash.into(), is_final });
    order
}

fn with_payout(mut order: Order, conversation_id: Option<&str>, receipt: Option<&str>) -> Order {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    order.evidence.payout =
        Some(Payout { conversation_id: owned(conversation_id), receipt: owned(receipt) });
    order
}

fn told(order: Order, event: &OrderEvent) -> Order {
    match transition(order, event) {
        Ok(Transition::Applied { order, .. }) => *order,
        other => panic!("{event:?} was not applied: {other:?}"),
    }
}

const DUE: (&str, &str) = ("PAID", "175219");
const WHOLE: (&str, &str, DepositStage) = ("whole", "799.987655", DepositStage::Final);

fn delivering() -> Order {
    with_payments(on_ramp(S::Delivering), &[DUE])
}

/// The delivery may have been signed, and nothing of it was broadcast.
fn signed() -> Order {
    told(delivering(), &OrderEvent::DeliveryStarted)
}

fn confirming() -> Order {
    with_delivery(with_payments(on_ramp(S::DeliveryConfirming), &[DUE]), "0xsent", false)
}

fn delivered_order() -> Order {
    with_delivery(with_payments(on_ramp(S::Completed), &[DUE]), "0xsent", true)
}

fn paying_out() -> Order {
    with_deposits(off_ramp(S::PayingOut), &[WHOLE])
}

fn paid_out_order() -> Order {
    with_payout(with_deposits(off_ramp(S::Completed), &[WHOLE]), Some("AG_1"), Some("PAYOUT"))
}

fn awaiting(collection: Option<CollectionId>) -> OrderState {
    S::AwaitingPayment { collection }
}

fn cancelled(reason: CancelReason) -> OrderState {
    S::Cancelled { reason }
}

fn refunding(reason: RefundReason) -> OrderState {
    S::Refunding { reason }
}

fn is_back(reason: RefundReason) -> OrderState {
    S::Refunded { reason }
}

fn held(was: OrderState, reason: HoldReason) -> OrderState {
    S::OnHold { was: Box::new(was), reason }
}

fn in_state(order: Order, state: OrderState) -> Order {
    Order { state, ..order }
}

fn by_hand(order: Order) -> Order {
    let state = held(order.state.clone(), HoldReason::ByOperator);
    in_state(order, state)
}

fn request_collection() -> Asked {
    let effect =
        Effect::RequestCollection { collection: ATTEMPT, phone: phone(), amount: fiat("175219") };
    (effect, format!("request_collection:{ATTEMPT}"))
}

fn deliver() -> Asked {
    let effect = Effect::Deliver {
        network: Tron,
        asset: Asset::Usdt,
        to: TRON_WALLET.into(),
        amount: crypto("1200.123456"),
    };
    (effect, "deliver".into())
}

fn pay_out() -> Asked {
    (Effect::PayOut { phone: phone(), amount: fiat("112798") }, "pay_out".into())
}

fn return_fiat(refund: RefundOf, receipt: &str, amount: &str) -> Asked {
    let key = key_of(&refund);
    let amount = fiat(amount);
    (Effect::RefundFiat { refund, phone: phone(), amount, receipt: receipt.into() }, key)
}

fn return_coin(refund: RefundOf, amount: &str) -> Asked {
    let key = key_of(&refund);
    let effect = Effect::RefundCrypto {
        refund,
        network: Tron,
        asset: Asset::Usdt,
        to: TRON_WALLET.into(),
        amount: crypto(amount),
    };
    (effect, key)
}

fn key_of(refund: &RefundOf) -> String {
    match refund {
        RefundOf::Order => "refund".into(),
        RefundOf::Extra(cause) => format!("refund:{cause}"),
    }
}

fn review(kind: ReviewKind, event: &OrderEvent) -> Asked {
    review_for(kind, &event.identity())
}

fn review_for(kind: ReviewKind, cause: &str) -> Asked {
    // Sample orders have one event behind them.
    let cause = format!("{cause}@1");
    (Effect::OpenReview { kind, cause: cause.clone() }, format!("open_review:{cause}"))
}

/// The order stops with its state behind it, and an operator is called.
fn stops(order: &Order, reason: HoldReason, kind: ReviewKind, event: &OrderEvent) -> Want {
    To(held(order.state.clone(), reason), vec![review(kind, event)])
}

fn stays(order: &Order) -> Want {
    To(order.state.clone(), vec![])
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn a_cancellation_is_taken_while_no_money_is_here_or_on_its_way() {
    use CancelledBy::{Customer, Operator, Vendor};
    let none = || on_ramp(awaiting(None));
    let empty = || off_ramp(S::AwaitingDeposit);
    let deposit = |state, stage| with_deposits(off_ramp(state), &[("part", "300", stage)]);
    check(vec![
        ("customer", none(), cancel(Customer), To(cancelled(CancelReason::ByCustomer), vec![])),
        ("vendor", none(), cancel(Vendor), To(cancelled(CancelReason::ByVendor), vec![])),
        ("operator", none(), cancel(Operator), To(cancelled(CancelReason::ByOperator), vec![])),
        ("attempt open", on_ramp(awaiting(Some(ATTEMPT))), cancel(Customer), Refused(Refusal::PaymentInFlight)),
        ("wrong payment here", with_payments(none(), &[("A", "5")]), cancel(Customer), Refused(Refusal::NotCancellable)),
        ("no deposit", empty(), cancel(Customer), To(cancelled(CancelReason::ByCustomer), vec![])),
        ("deposit seen", deposit(S::AwaitingDeposit, DepositStage::Seen), cancel(Customer), Refused(Refusal::DepositSeen)),
        ("deposit gone again", deposit(S::AwaitingDeposit, DepositStage::Orphaned), cancel(Customer), Refused(Refusal::DepositSeen)),
        ("confirming", deposit(S::DepositConfirming, DepositStage::Seen), cancel(Customer), Refused(Refusal::DepositSeen)),
        ("cancelled", on_ramp(cancelled(CancelReason::Expired)), cancel(Customer), Already),
        ("on hold", by_hand(none()), cancel(Operator), Refused(Refusal::UnderReview)),
        ("delivering", delivering(), cancel(Customer), Refused(Refusal::NotCancellable)),
        ("delivery confirming", confirming(), cancel(Customer), Refused(Refusal::NotCancellable)),
        ("paying out", paying_out(), cancel(Operator), Refused(Refusal::NotCancellable)),
        ("completed", delivered_order(), cancel(Customer), Refused(Refusal::NotCancellable)),
        ("refunding", on_ramp(refunding(RefundReason::DeliveryFailed)), cancel(Customer), Refused(Refusal::NotCancellable)),
        ("refunded", on_ramp(is_back(RefundReason::DeliveryFailed)), cancel(Customer), Refused(Refusal::NotCancellable)),
    ]);
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn a_payment_is_started_once_and_in_time() {
    let just_in_time = due() - Duration::MICROSECOND;
    let start = || start_payment(ATTEMPT, just_in_time);
    let open = || on_ramp(awaiting(Some(ATTEMPT)));
    check(vec![
        ("in time", on_ramp(awaiting(None)), start(), To(awaiting(Some(ATTEMPT)), vec![request_collection()])),
        ("at the deadline", on_ramp(awaiting(None)), start_payment(ATTEMPT, due()), Refused(Refusal::OrderExpired)),
        ("the same again", open(), start(), Already),
        ("the same after the deadline", open(), start_payment(ATTEMPT, due()), Already),
        ("a second one", open(), start_payment(OTHER_ATTEMPT, NOW), Refused(Refusal::PaymentInFlight)),
        ("on hold", by_hand(on_ramp(awaiting(None))), start(), Refused(Refusal::UnderReview)),
        ("off-ramp", off_ramp(S::AwaitingDeposit), start(), Refused(Refusal::NotPayable)),
        ("paid", delivering(), start(), Refused(Refusal::NotPayable)),
        ("cancelled", on_ramp(cancelled(CancelReason::Expired)), start(), Refused(Refusal::NotPayable)),
        ("completed", delivered_order(), start(), Refused(Refusal::NotPayable)),
    ]);
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn an_operator_holds_what_is_open_and_resumes_what_is_held() {
    let hold = |order: Order| {
        let want = stops(&order, HoldReason::ByOperator, ReviewKind::Held, &OrderEvent::Hold);
        ("hold", order, OrderEvent::Hold, want)
    };
    let resume = |order: Order, asked: Vec<Asked>| {
        let was = order.state.clone();
        ("resume", by_hand(order), OrderEvent::Resume, To(was, asked))
    };
    let back = |of: RefundOf, amount| return_coin(of, amount);
    let underpaid = with_deposits(off_ramp(refunding(RefundReason::Underpaid)), &[("a", "300", DepositStage::Final)]);
    check(vec![
        hold(on_ramp(awaiting(Some(ATTEMPT)))),
        hold(delivering()),
        hold(confirming()),
        hold(off_ramp(S::AwaitingDeposit)),
        hold(off_ramp(S::DepositConfirming)),
        hold(paying_out()),
        hold(underpaid.clone()),
        ("held already", by_hand(delivering()), OrderEvent::Hold, Already),
        ("hold completed", delivered_order(), OrderEvent::Hold, Refused(Refusal::NotHoldable)),
        ("hold cancelled", on_ramp(cancelled(CancelReason::Expired)), OrderEvent::Hold, Refused(Refusal::NotHoldable)),
        ("hold refunded", on_ramp(is_back(RefundReason::DeliveryFailed)), OrderEvent::Hold, Refused(Refusal::NotHoldable)),
        resume(on_ramp(awaiting(Some(ATTEMPT))), vec![]),
        resume(delivering(), vec![deliver()]),
        resume(confirming(), vec![]),
        resume(off_ramp(S::AwaitingDeposit), vec![]),
        resume(off_ramp(S::DepositConfirming), vec![]),
        resume(paying_out(), vec![pay_out()]),
        resume(underpaid, vec![back(RefundOf::Order, "300")]),
        resume(delivered_order(), vec![]),
        ("resume what is not held", delivering(), OrderEvent::Resume, Refused(Refusal::NotOnHold)),
        ("resume completed", delivered_order(), OrderEvent::Resume, Refused(Refusal::NotOnHold)),
    ]);
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn an_operator_refunds_what_has_arrived_unless_the_second_leg_is_out() {
    let operator = || refunding(RefundReason::ByOperator);
    let whole_back = || To(operator(), vec![return_coin(RefundOf::Order, "799.987655")]);
    let paid_back = || To(operator(), vec![return_fiat(RefundOf::Order, "PAID", "175219")]);
    let wrong = with_payments(on_ramp(awaiting(None)), &[("A", "5")]);
    let both = with_payments(on_ramp(S::Delivering), &[("A", "5"), DUE]);
    let blocked = || {
        let order = with_payout(paying_out(), Some("AG_1"), None);
        in_state(order, held(S::PayingOut, HoldReason::PayoutBlocked))
    };
    let seen_only = with_deposits(off_ramp(S::DepositConfirming), &[("s", "800", DepositStage::Seen)]);
    let refund = || OrderEvent::Refund;
    check(vec![
        ("wrong payment", by_hand(wrong), refund(), To(operator(), vec![return_fiat(RefundOf::Order, "A", "5")])),
        ("the right payment goes back first", by_hand(both), refund(), paid_back()),
        ("not signed yet", by_hand(delivering()), refund(), paid_back()),
        ("signed", by_hand(signed()), refund(), Refused(Refusal::LegUnderWay)),
        ("what was signed is dead", by_hand(told(signed(), &delivery_stopped("0xdead"))), refund(), paid_back()),
        ("it died during the hold", told(by_hand(confirming()), &delivery_stopped("0xsent")), refund(), paid_back()),
        ("broadcast", by_hand(confirming()), refund(), Refused(Refusal::LegUnderWay)),
        ("payout not accepted yet", by_hand(paying_out()), refund(), whole_back()),
        ("payout accepted", by_hand(with_payout(paying_out(), Some("AG_1"), None)), refund(), Refused(Refusal::LegUnderWay)),
        ("payout blocked", blocked(), refund(), whole_back()),
        ("nothing paid", by_hand(on_ramp(awaiting(None))), refund(), Refused(Refusal::NothingToRefund)),
        ("nothing final", by_hand(seen_only), refund(), Refused(Refusal::NothingToRefund)),
        ("completed behind the hold", by_hand(delivered_order()), refund(), Refused(Refusal::NothingToRefund)),
        ("not held", delivering(), refund(), Refused(Refusal::NotOnHold)),
    ]);
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn the_deadline_ends_what_nobody_pays_and_waits_for_what_is_on_its_way() {
    let early = || deadline(due() - Duration::MICROSECOND);
    let overdue = || deadline(due());
    let part = |stage| with_deposits(off_ramp(S::AwaitingDeposit), &[("part", "300", stage)]);
    let mut only_late = part(DepositStage::Seen);
    only_late.evidence.deposits[0].block_time = due() + Duration::SECOND;
    let seen_and_final = with_deposits(off_ramp(S::AwaitingDeposit), &[("a", "300", DepositStage::Final), ("b", "1", DepositStage::Seen)]);
    let expired = || To(cancelled(CancelReason::Expired), vec![]);
    let underpaid = |asked| To(refunding(RefundReason::Underpaid), vec![asked]);
    check(vec![
        ("early, on-ramp", on_ramp(awaiting(None)), early(), Already),
        ("early, off-ramp", off_ramp(S::AwaitingDeposit), early(), Already),
        ("nothing paid", on_ramp(awaiting(None)), overdue(), expired()),
        ("attempt open", on_ramp(awaiting(Some(ATTEMPT))), overdue(), Already),
        ("wrongly paid", with_payments(on_ramp(awaiting(None)), &[("A", "5")]), overdue(), underpaid(return_fiat(RefundOf::Order, "A", "5"))),
        ("no deposit", off_ramp(S::AwaitingDeposit), overdue(), expired()),
        ("part final", part(DepositStage::Final), overdue(), underpaid(return_coin(RefundOf::Order, "300"))),
        ("part seen", part(DepositStage::Seen), overdue(), Already),
        ("part final, part seen", seen_and_final, overdue(), Already),
        ("part gone", part(DepositStage::Orphaned), overdue(), expired()),
        ("only a late one seen", only_late, overdue(), expired()),
        ("enough seen", off_ramp(S::DepositConfirming), overdue(), Already),
        ("paid", delivering(), overdue(), Already),
        ("paying out", paying_out(), overdue(), Already),
        ("completed", delivered_order(), overdue(), Already),
        ("cancelled", on_ramp(cancelled(CancelReason::ByVendor)), overdue(), Already),
        ("refunding", off_ramp(refunding(RefundReason::Underpaid)), overdue(), Already),
        ("on hold", by_hand(on_ramp(awaiting(None))), overdue(), Already),
    ]);
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn only_the_open_attempt_is_heard_of() {
    let open = || on_ramp(awaiting(Some(ATTEMPT)));
    let none = || on_ramp(awaiting(None));
    check(vec![
        ("accepted", open(), collection_accepted(ATTEMPT), stays(&open())),
        ("another accepted", open(), collection_accepted(OTHER_ATTEMPT), Already),
        ("none open, accepted", none(), collection_accepted(ATTEMPT), Already),
        ("failed", open(), collection_failed(ATTEMPT), To(awaiting(None), vec![])),
        ("another failed", open(), collection_failed(OTHER_ATTEMPT), Already),
        ("none open, failed", none(), collection_failed(ATTEMPT), Already),
        ("failed after the payment", delivering(), collection_failed(ATTEMPT), Already),
        ("accepted off-ramp", off_ramp(S::AwaitingDeposit), collection_accepted(ATTEMPT), Already),
    ]);
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn a_payment_is_delivered_stopped_or_returned() {
    let due_paid = || paid("NEW", fiat("175219"));
    let cents = || paid("NEW", fiat("175218.03"));
    let over = || paid("NEW", fiat("175220"));
    let back = || return_fiat(extra("NEW"), "NEW", "175219");
    let looked_at = |kind, paid: &str| review_for(kind, &format!("payment_confirmed:NEW: {paid}"));
    let stops_open = |paid: &str| To(held(awaiting(None), HoldReason::WrongAmount), vec![looked_at(ReviewKind::WrongAmount, &format!("{paid} paid of 175219.00 asked for"))]);
    let other = || doubted("NEW", fiat("175219"), PaymentDoubt::Amount(fiat("175220")));
    let stranger = || doubted("NEW", fiat("175219"), PaymentDoubt::Phone);
    let short = || doubted("NEW", fiat("5"), PaymentDoubt::Amount(fiat("175219")));
    let stops_paid = |reason, kind, how: &str| To(held(S::Delivering, reason), vec![looked_at(kind, &format!("175219.00 paid of 175219.00 asked for, {how}"))]);
    let returned = |name, order: Order| {
        let want = To(order.state.clone(), vec![back()]);
        (name, order, due_paid(), want)
    };
    check(vec![
        ("attempt open", on_ramp(awaiting(Some(ATTEMPT))), due_paid(), To(S::Delivering, vec![deliver()])),
        ("after a failed attempt", on_ramp(awaiting(None)), due_paid(), To(S::Delivering, vec![deliver()])),
        ("not rounded up", on_ramp(awaiting(Some(ATTEMPT))), cents(), stops_open("175218.03")),
        ("too much", on_ramp(awaiting(None)), over(), stops_open("175220.00")),
        ("another source names another amount", on_ramp(awaiting(Some(ATTEMPT))), other(), stops_paid(HoldReason::WrongAmount, ReviewKind::WrongAmount, "another source says 175220.00")),
        ("by another phone", on_ramp(awaiting(Some(ATTEMPT))), stranger(), stops_paid(HoldReason::WrongPhone, ReviewKind::WrongPhone, "by another phone than was asked")),
        ("too little, another source says enough", on_ramp(awaiting(Some(ATTEMPT))), short(), To(held(awaiting(None), HoldReason::WrongAmount), vec![looked_at(ReviewKind::WrongAmount, "5.00 paid of 175219.00 asked for, another source says 175219.00")])),
        ("doubtful, after a cancellation", on_ramp(cancelled(CancelReason::ByCustomer)), other(), To(cancelled(CancelReason::LatePayment), vec![back()])),
        ("after a cancellation", on_ramp(cancelled(CancelReason::ByCustomer)), due_paid(), To(cancelled(CancelReason::LatePayment), vec![back()])),
        returned("a second one", delivering()),
        returned("while the delivery confirms", confirming()),
        returned("after completion", delivered_order()),
        returned("while refunding", on_ramp(refunding(RefundReason::DeliveryFailed))),
        returned("after the refund", on_ramp(is_back(RefundReason::DeliveryFailed))),
        returned("off-ramp", paying_out()),
        ("the same receipt", delivering(), paid("PAID", fiat("175219")), Already),
    ]);
}

/// The operator's two ways out of a doubtful payment: it is credited, or it goes back.
#[test]
fn a_doubtful_payment_is_credited_by_resuming_and_returned_by_refunding() {
    let doubtful = doubted("NEW", fiat("175219"), PaymentDoubt::Amount(fiat("175220")));
    let held = told(on_ramp(awaiting(Some(ATTEMPT))), &doubtful);
    assert_eq!(waiting_for(&held).map(|waiting| waiting.actor), Some("operator"));
    assert_eq!(told(held.clone(), &OrderEvent::Resume).state, S::Delivering);
    let refunded = told(held, &OrderEvent::Refund);
    assert_eq!(refunded.state, refunding(RefundReason::ByOperator));
}

/// What did not work moves nothing, is told once, and is over when it works.
#[test]
fn an_attempt_that_failed_is_told_once_and_moves_nothing() {
    for (name, order) in everywhere() {
        let failed = attempt_failed(ErrorCode::RailUnavailable);
        let after = told(order.clone(), &failed);
        assert_eq!(after.state, order.state, "{name}");
        let last = after.evidence.last_error.as_ref().map(|error| error.code);
        assert_eq!(last, Some(ErrorCode::RailUnavailable), "{name}");
        let again = transition(after.clone(), &failed);
        assert!(matches!(again, Ok(Transition::AlreadyApplied(_))), "{name}");
        let other = told(after, &attempt_failed(ErrorCode::ServiceFault));
        assert_eq!(other.evidence.failures.len(), 2, "{name}");
    }
    let paid =
        told(told(paying_out(), &attempt_failed(ErrorCode::OutcomeUnknown)), &paid_out("NEW"));
    assert_eq!(paid.evidence.last_error, None, "it has worked after all");
    assert_eq!(paid.evidence.failures.len(), 1);
}

#[test]
fn while_an_outcome_is_unknown_nothing_is_promised() {
    let then = |order: &Order| waiting_for(order).map(|waiting| (waiting.actor, waiting.then));
    let unknown = |order: Order| told(order, &attempt_failed(ErrorCode::OutcomeUnknown));
    for (name, order) in everywhere() {
        let Some((actor, then)) = then(&unknown(order.clone())) else { continue };
        assert_eq!((actor, then), ("operator", "nothing moves until it is known"), "{name}");
    }
    let started = told(paying_out(), &OrderEvent::PayoutStarted);
    for order in [started, signed(), on_ramp(awaiting(Some(ATTEMPT)))] {
        let (_, then) = then(&order).expect("it waits");
        assert!(
            !then.starts_with("the deposit is") && !then.starts_with("the payment is"),
            "{then}"
        );
        assert!(then.contains("asked"), "{then}");
    }
}

#[test]
fn a_new_attempt_begins_without_the_last_ones_error() {
    let open = on_ramp(awaiting(Some(ATTEMPT)));
    let error = AttemptError::told(Leg::Collection, "7777", NOW);
    let failed = OrderEvent::CollectionFailed { collection: ATTEMPT, error: Some(error.clone()) };
    let after = told(open, &failed);
    assert_eq!(after.evidence.last_error, Some(error.clone()));
    assert!(error.message().contains("7777"), "{}", error.message());
    let again = told(after, &start_payment(OTHER_ATTEMPT, NOW));
    assert_eq!(again.evidence.last_error, None);
    assert_eq!(again.evidence.failures, [error]);
    assert_eq!(again.evidence.account_reference.as_deref(), Some("000000000001"));
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn a_delivery_completes_the_order_or_sends_the_payment_back() {
    let failed = || To(refunding(RefundReason::DeliveryFailed), vec![return_fiat(RefundOf::Order, "PAID", "175219")]);
    let bumped = || told(confirming(), &broadcast("0xbump"));
    let stopped = || told(told(signed(), &broadcast("0xdead")), &delivery_stopped("0xdead"));
    let anew = || told(told(stopped(), &OrderEvent::DeliveryStarted), &broadcast("0xsent"));
    let again = || To(S::Delivering, vec![]);
    let gone = |state: fn(RefundReason) -> OrderState| in_state(confirming(), state(RefundReason::DeliveryFailed));
    let contradicts = |name, order: Order, event: OrderEvent| {
        let want = stops(&order, HoldReason::Contradiction, ReviewKind::Contradiction, &event);
        (name, order, event, want)
    };
    let reviewed = |name, order: Order, event: OrderEvent| {
        let want = To(order.state.clone(), vec![review(ReviewKind::Contradiction, &event)]);
        (name, order, event, want)
    };
    let completes = |name, order: Order, event: OrderEvent| {
        let want = To(S::Completed, vec![review(ReviewKind::Contradiction, &event)]);
        (name, order, event, want)
    };
    check(vec![
        ("broadcast", delivering(), broadcast("0xsent"), To(S::DeliveryConfirming, vec![])),
        ("broadcast again", confirming(), broadcast("0xsent"), Already),
        ("fee bump", confirming(), broadcast("0xbump"), stays(&confirming())),
        ("final", confirming(), delivered("0xsent"), To(S::Completed, vec![])),
        ("final before its broadcast was told", delivering(), delivered("0xsent"), To(S::Completed, vec![])),
        ("final after all, though replaced", bumped(), delivered("0xsent"), To(S::Completed, vec![])),
        ("the replacement is final", bumped(), delivered("0xbump"), To(S::Completed, vec![])),
        ("the replaced one told again", bumped(), broadcast("0xsent"), Already),
        contradicts("final beside a final one", with_delivery(delivering(), "0xearly", true), delivered("0xsent")),
        contradicts("fee bump beside a final one", with_delivery(confirming(), "0xearly", true), broadcast("0xsent")),
        contradicts("broadcast beside a final one", with_delivery(delivering(), "0xearly", true), broadcast("0xsent")),
        contradicts("failed beside a final one", with_delivery(delivering(), "0xearly", true), delivery_failed("0xsent")),
        ("final again", delivered_order(), delivered("0xsent"), Already),
        ("broadcast told after final", delivered_order(), broadcast("0xsent"), Already),
        reviewed("a second transfer is final", delivered_order(), delivered("0xbump")),
        reviewed("failed after final", delivered_order(), delivery_failed("0xsent")),
        ("failed", confirming(), delivery_failed("0xsent"), failed()),
        ("failed before a broadcast", delivering(), delivery_failed("0xsent"), failed()),
        ("any variant failed", bumped(), delivery_failed("0xsent"), failed()),
        contradicts("another transfer failed", bumped(), delivery_failed("0xother")),
        ("stopped", confirming(), delivery_stopped("0xsent"), again()),
        ("stopped before a broadcast", signed(), delivery_stopped("0xsent"), again()),
        ("any variant stopped", bumped(), delivery_stopped("0xsent"), again()),
        ("the last variant stopped", bumped(), delivery_stopped("0xbump"), again()),
        ("nothing signed to stop", delivering(), delivery_stopped("0xsent"), Already),
        ("stopped again", stopped(), delivery_stopped("0xdead"), Already),
        ("stopped again, signed anew", anew(), delivery_stopped("0xdead"), Already),
        ("stopped again, delivered", told(anew(), &delivered("0xsent")), delivery_stopped("0xdead"), Already),
        ("broadcast told after it stopped", anew(), broadcast("0xdead"), Already),
        ("failed after it stopped", stopped(), delivery_failed("unsent:key"), failed()),
        ("failed after it stopped, signed anew", anew(), delivery_failed("0xdead"), Already),
        ("failed after it stopped, delivered", told(anew(), &delivered("0xsent")), delivery_failed("0xdead"), Already),
        ("broadcast anew", told(stopped(), &OrderEvent::DeliveryStarted), broadcast("0xsent"), To(S::DeliveryConfirming, vec![])),
        ("final anew", anew(), delivered("0xsent"), To(S::Completed, vec![])),
        completes("final though it stopped", stopped(), delivered("0xdead")),
        completes("final though it stopped, signed anew", anew(), delivered("0xdead")),
        completes("a transfer that nobody told of is final", bumped(), delivered("0xother")),
        contradicts("another transfer stopped", bumped(), delivery_stopped("0xother")),
        contradicts("stopped beside a final one", with_delivery(delivering(), "0xearly", true), delivery_stopped("0xsent")),
        reviewed("stopped after final", delivered_order(), delivery_stopped("0xsent")),
        contradicts("stopped while refunding", gone(refunding), delivery_stopped("0xother")),
        ("off-ramp, nothing signed to stop", paying_out(), delivery_stopped("0xsent"), Already),
        ("failed again", gone(refunding), delivery_failed("0xsent"), Already),
        ("failed again, refunded", gone(is_back), delivery_failed("0xsent"), Already),
        contradicts("final while refunding", gone(refunding), delivered("0xsent")),
        reviewed("final after the refund", gone(is_back), delivered("0xsent")),
        contradicts("unpaid", on_ramp(awaiting(None)), delivered("0xsent")),
        contradicts("off-ramp", paying_out(), broadcast("0xsent")),
        contradicts("off-ramp refund", off_ramp(refunding(RefundReason::PayoutFailed)), delivery_failed("0x")),
        reviewed("cancelled", on_ramp(cancelled(CancelReason::Expired)), broadcast("0xsent")),
    ]);
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn deposits_add_up_until_they_pay() {
    let awaiting = || off_ramp(S::AwaitingDeposit);
    let part = |stage| with_deposits(awaiting(), &[("part", "300", stage)]);
    let confirming = || with_deposits(off_ramp(S::DepositConfirming), &[("whole", "799.987655", DepositStage::Seen)]);
    let new = |amount: &str| deposit("new", crypto(amount));
    let pays = || To(S::PayingOut, vec![pay_out()]);
    let pays_and_returns = |amount| To(S::PayingOut, vec![pay_out(), return_coin(extra("excess"), amount)]);
    check(vec![
        ("enough seen", awaiting(), seen(new("799.987655")), To(S::DepositConfirming, vec![])),
        ("within tolerance seen", awaiting(), seen(new("799.977655")), To(S::DepositConfirming, vec![])),
        ("one unit short seen", awaiting(), seen(new("799.97765499")), stays(&awaiting())),
        ("the rest seen", part(DepositStage::Final), seen(new("499.99")), To(S::DepositConfirming, vec![])),
        ("late seen", awaiting(), seen(late(new("800"))), stays(&awaiting())),
        ("enough", awaiting(), arrived(new("799.987655")), pays()),
        ("within tolerance", awaiting(), arrived(new("799.977655")), pays()),
        ("one unit short", awaiting(), arrived(new("799.97765499")), stays(&awaiting())),
        ("short beside a seen one", part(DepositStage::Seen), arrived(new("499.99")), To(S::DepositConfirming, vec![])),
        ("the rest", part(DepositStage::Final), arrived(new("499.987655")), pays()),
        ("the seen one becomes final", confirming(), arrived(deposit("whole", crypto("799.987655"))), pays()),
        ("over", awaiting(), arrived(new("800.987655")), pays_and_returns("1")),
        ("the sum is over", part(DepositStage::Final), arrived(new("500")), pays_and_returns("0.012345")),
        ("more confirmations", confirming(), seen(Deposit { confirmations: 2, ..deposit("whole", crypto("799.987655")) }), stays(&confirming())),
        ("the same again", confirming(), seen(deposit("whole", crypto("799.987655"))), Already),
        ("seen after final", paying_out(), seen(deposit("whole", crypto("799.987655"))), Already),
        ("final again", paying_out(), arrived(deposit("whole", crypto("799.987655"))), Already),
    ]);
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn a_deposit_that_does_not_count_goes_back_to_the_wallet() {
    let confirming = || with_deposits(off_ramp(S::DepositConfirming), &[("whole", "799.987655", DepositStage::Seen)]);
    let new = || deposit("new", crypto("5"));
    let back = || return_coin(extra("new:0"), "5");
    let returned = |name, order: Order| {
        let want = To(order.state.clone(), vec![back()]);
        (name, order, arrived(new()), want)
    };
    let mined_late = || arrived(late(deposit("whole", crypto("799.987655"))));
    check(vec![
        ("late", off_ramp(S::AwaitingDeposit), arrived(late(new())), To(S::AwaitingDeposit, vec![back()])),
        ("late beside one that counts", confirming(), arrived(late(new())), To(S::DepositConfirming, vec![back()])),
        ("the one that counted is mined late", confirming(), mined_late(), To(S::AwaitingDeposit, vec![return_coin(extra("whole:0"), "799.987655")])),
        ("after expiry", off_ramp(cancelled(CancelReason::Expired)), arrived(new()), To(cancelled(CancelReason::LateDeposit), vec![back()])),
        returned("a second one", paying_out()),
        returned("after completion", paid_out_order()),
        returned("while refunding", off_ramp(refunding(RefundReason::Underpaid))),
        returned("after the refund", off_ramp(is_back(RefundReason::Underpaid))),
        returned("on-ramp", delivering()),
        ("seen only", paid_out_order(), seen(new()), stays(&paid_out_order())),
    ]);
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn a_deposit_that_goes_is_taken_back_or_looked_at() {
    let known = |order, stage| with_deposits(order, &[("whole", "799.987655", stage)]);
    let gone = || orphaned(deposit_id("whole"));
    let again = || arrived(deposit("whole", crypto("799.987655")));
    let deep = |name, order: Order, event: OrderEvent| {
        let want = stops(&order, HoldReason::DeepReorg, ReviewKind::DeepReorg, &event);
        (name, order, event, want)
    };
    let reviewed = |name, order: Order, event: OrderEvent| {
        let want = To(order.state.clone(), vec![review(ReviewKind::DeepReorg, &event)]);
        (name, order, event, want)
    };
    let two = with_deposits(off_ramp(S::DepositConfirming), &[("whole", "799.987655", DepositStage::Seen), ("other", "800", DepositStage::Seen)]);
    let reverted = |state| known(off_ramp(state), DepositStage::Reverted);
    check(vec![
        ("seen", known(off_ramp(S::DepositConfirming), DepositStage::Seen), gone(), To(S::AwaitingDeposit, vec![])),
        ("enough is left", two, gone(), To(S::DepositConfirming, vec![])),
        ("seen, paying out", known(off_ramp(S::PayingOut), DepositStage::Seen), gone(), To(S::PayingOut, vec![])),
        ("unknown", paying_out(), orphaned(deposit_id("unknown")), Already),
        ("gone already", known(off_ramp(S::AwaitingDeposit), DepositStage::Orphaned), gone(), Already),
        ("comes back", known(off_ramp(S::AwaitingDeposit), DepositStage::Orphaned), again(), To(S::PayingOut, vec![pay_out()])),
        deep("final, awaiting", known(off_ramp(S::AwaitingDeposit), DepositStage::Final), gone()),
        deep("final, confirming", known(off_ramp(S::DepositConfirming), DepositStage::Final), gone()),
        deep("final, paying out", paying_out(), gone()),
        deep("final, refunding", known(off_ramp(refunding(RefundReason::Underpaid)), DepositStage::Final), gone()),
        reviewed("final, completed", paid_out_order(), gone()),
        reviewed("final, cancelled", known(off_ramp(cancelled(CancelReason::Expired)), DepositStage::Final), gone()),
        reviewed("final, refunded", known(off_ramp(is_back(RefundReason::Underpaid)), DepositStage::Final), gone()),
        ("reverted twice", reverted(S::PayingOut), gone(), Already),
        ("seen after it was reverted", reverted(S::PayingOut), seen(deposit("whole", crypto("1"))), Already),
        deep("back while paying out", reverted(S::PayingOut), again()),
        deep("back while awaiting", reverted(S::AwaitingDeposit), again()),
        reviewed("back after completion", reverted(S::Completed), again()),
        reviewed("back after the refund", reverted(is_back(RefundReason::Underpaid)), again()),
    ]);
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn a_payout_completes_the_order_or_sends_the_deposit_back() {
    let accepted = || payout_accepted("AG_1");
    let receiver = || payout_failed(PayoutFailure::Receiver);
    let sender = || payout_failed(PayoutFailure::Sender);
    let float = || payout_failed(PayoutFailure::Float);
    let failed = |state: fn(RefundReason) -> OrderState| with_deposits(off_ramp(state(RefundReason::PayoutFailed)), &[WHOLE]);
    let contradicts = |name, order: Order, event: OrderEvent| {
        let want = stops(&order, HoldReason::Contradiction, ReviewKind::Contradiction, &event);
        (name, order, event, want)
    };
    let reviewed = |name, order: Order, event: OrderEvent| {
        let want = To(order.state.clone(), vec![review(ReviewKind::Contradiction, &event)]);
        (name, order, event, want)
    };
    check(vec![
        ("accepted", paying_out(), accepted(), stays(&paying_out())),
        ("accepted again", with_payout(paying_out(), Some("AG_1"), None), accepted(), Already),
        ("the result was faster", with_payout(with_deposits(off_ramp(S::Completed), &[WHOLE]), None, Some("PAYOUT")), accepted(), To(S::Completed, vec![])),
        ("the failure was faster", failed(refunding), accepted(), stays(&failed(refunding))),
        ("confirmed", paying_out(), paid_out("PAYOUT"), To(S::Completed, vec![])),
        contradicts("confirmed beside a receipt of before", with_payout(paying_out(), None, Some("EARLY")), paid_out("PAYOUT")),
        ("confirmed again", paid_out_order(), paid_out("PAYOUT"), Already),
        reviewed("confirmed twice", paid_out_order(), paid_out("SECOND")),
        ("receiver", paying_out(), receiver(), To(refunding(RefundReason::PayoutFailed), vec![return_coin(RefundOf::Order, "799.987655")])),
        ("sender", paying_out(), sender(), stops(&paying_out(), HoldReason::PayoutBlocked, ReviewKind::PayoutBlocked, &sender())),
        ("too little float: it is still to be paid", paying_out(), float(), stays(&paying_out())),
        contradicts("too little float, on-ramp", delivering(), float()),
        ("failed again", failed(refunding), receiver(), Already),
        ("failed again, refunded", failed(is_back), receiver(), Already),
        reviewed("reversed after completion", paid_out_order(), receiver()),
        contradicts("success after failure", failed(refunding), paid_out("PAYOUT")),
        reviewed("success after the refund", failed(is_back), paid_out("PAYOUT")),
        contradicts("underpaid", off_ramp(refunding(RefundReason::Underpaid)), receiver()),
        contradicts("underpaid, accepted", off_ramp(refunding(RefundReason::Underpaid)), accepted()),
        contradicts("no deposit", off_ramp(S::AwaitingDeposit), paid_out("PAYOUT")),
        contradicts("on-ramp", delivering(), accepted()),
        contradicts("on-ramp refund", on_ramp(refunding(RefundReason::DeliveryFailed)), receiver()),
        reviewed("on-ramp, completed", delivered_order(), accepted()),
        reviewed("cancelled", off_ramp(cancelled(CancelReason::Expired)), paid_out("PAYOUT")),
    ]);
}

/// Every state, in the flow in which it is reached.
fn everywhere() -> Vec<(&'static str, Order)> {
    vec![
        ("awaiting payment", on_ramp(awaiting(None))),
        ("attempt open", on_ramp(awaiting(Some(ATTEMPT)))),
        ("delivering", delivering()),
        ("delivery confirming", confirming()),
        ("delivered", delivered_order()),
        ("cancelled, on-ramp", on_ramp(cancelled(CancelReason::Expired))),
        ("refunding, on-ramp", on_ramp(refunding(RefundReason::DeliveryFailed))),
        ("refunded, on-ramp", on_ramp(is_back(RefundReason::DeliveryFailed))),
        ("awaiting deposit", off_ramp(S::AwaitingDeposit)),
        ("deposit confirming", off_ramp(S::DepositConfirming)),
        ("paying out", paying_out()),
        ("paid out", paid_out_order()),
        ("cancelled, off-ramp", off_ramp(cancelled(CancelReason::ByVendor))),
        ("refunding, off-ramp", off_ramp(refunding(RefundReason::Underpaid))),
        ("refunded, off-ramp", off_ramp(is_back(RefundReason::PayoutFailed))),
    ]
}

#[test]
fn a_delivery_may_be_signed_only_while_it_is_wanted() {
    let mut cases = vec![];
    for (name, order) in everywhere() {
        let may = order.state == S::Delivering;
        let want = if may { stays(&order) } else { Refused(Refusal::LegNotWanted) };
        cases.push((name, order.clone(), OrderEvent::DeliveryStarted, want));
        let held = Refused(Refusal::UnderReview);
        cases.push((name, by_hand(order), OrderEvent::DeliveryStarted, held));
    }
    let delivered = with_delivery(delivering(), "0xearly", true);
    let once = Refused(Refusal::LegNotWanted);
    cases.push(("asked again", signed(), OrderEvent::DeliveryStarted, stays(&signed())));
    cases.push(("delivered already", delivered, OrderEvent::DeliveryStarted, once));
    check(cases);
}

#[test]
fn a_payout_may_start_only_while_it_is_wanted() {
    let mut cases = vec![];
    for (name, order) in everywhere() {
        let may = order.state == S::PayingOut;
        let want = if may { stays(&order) } else { Refused(Refusal::LegNotWanted) };
        cases.push((name, order.clone(), OrderEvent::PayoutStarted, want));
        let held = Refused(Refusal::UnderReview);
        cases.push((name, by_hand(order), OrderEvent::PayoutStarted, held));
    }
    check(cases);
}

#[test]
fn a_refund_may_start_only_while_it_is_wanted() {
    let with_extra = |mut order: Order| {
        order.evidence.returned = vec!["LATE".into()];
        order
    };
    let mut cases = vec![];
    for (name, order) in everywhere() {
        let whole = || refund_started(RefundOf::Order);
        let may = matches!(order.state, S::Refunding { .. });
        let want = if may { stays(&order) } else { Refused(Refusal::LegNotWanted) };
        cases.push((name, order.clone(), whole(), want));
        let unasked = Refused(Refusal::LegNotWanted);
        cases.push((name, order.clone(), refund_started(extra("LATE")), unasked));
        let asked = with_extra(order.clone());
        cases.push((name, asked.clone(), refund_started(extra("LATE")), stays(&order)));
        for refund in [RefundOf::Order, extra("LATE")] {
            let held = Refused(Refusal::UnderReview);
            cases.push((name, by_hand(asked.clone()), refund_started(refund), held));
        }
        // An excess is no arrival of its own, and goes back all the same.
        let unasked = Refused(Refusal::LegNotWanted);
        cases.push((name, order.clone(), refund_started(extra("excess")), unasked));
        let mut over = order.clone();
        over.evidence.excess = Some(crypto("3"));
        cases.push((name, over, refund_started(extra("excess")), stays(&order)));
    }
    check(cases);
}

/// From the moment on which a payout may have left us, an operator must not refund.
#[test]
fn a_started_payout_is_under_way_until_the_rail_says_how_it_ended() {
    let started = told(paying_out(), &OrderEvent::PayoutStarted);
    assert_eq!(started.evidence.payout, Some(Payout { conversation_id: None, receipt: None }));
    let blocked = told(started.clone(), &payout_failed(PayoutFailure::Sender));
    let back = || {
        To(refunding(RefundReason::ByOperator), vec![return_coin(RefundOf::Order, "799.987655")])
    };
    check(vec![
        ("not started", by_hand(paying_out()), OrderEvent::Refund, back()),
        ("started", by_hand(started), OrderEvent::Refund, Refused(Refusal::LegUnderWay)),
        ("failed", blocked, OrderEvent::Refund, back()),
    ]);
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn a_refund_ends_the_order_and_its_failure_calls_an_operator() {
    let order_back = || refunded(RefundOf::Order, "REFUND");
    let extra_back = || refunded(extra("excess"), "EXTRA");
    let failed = || refund_failed(RefundOf::Order);
    let going = || on_ramp(refunding(RefundReason::DeliveryFailed));
    let done = || {
        let mut order = on_ramp(is_back(RefundReason::DeliveryFailed));
        order.evidence.refunds = vec!["REFUND".into()];
        order
    };
    let second = || refunded(RefundOf::Order, "SECOND");
    let calls = |order: &Order, kind, event: &OrderEvent| To(order.state.clone(), vec![review(kind, event)]);
    check(vec![
        ("back", going(), order_back(), To(is_back(RefundReason::DeliveryFailed), vec![])),
        ("back again", done(), order_back(), Already),
        ("back twice", done(), second(), calls(&done(), ReviewKind::Contradiction, &second())),
        ("never asked for", delivering(), order_back(), stops(&delivering(), HoldReason::Contradiction, ReviewKind::Contradiction, &order_back())),
        ("completed", delivered_order(), order_back(), calls(&delivered_order(), ReviewKind::Contradiction, &order_back())),
        ("an extra, completed", paid_out_order(), extra_back(), stays(&paid_out_order())),
        ("an extra, paying out", paying_out(), extra_back(), stays(&paying_out())),
        ("failed", going(), failed(), stops(&going(), HoldReason::RefundFailed, ReviewKind::RefundFailed, &failed())),
        ("failed after all", done(), failed(), calls(&done(), ReviewKind::RefundFailed, &failed())),
        ("an extra failed", going(), refund_failed(extra("A")), calls(&going(), ReviewKind::RefundFailed, &refund_failed(extra("A")))),
    ]);
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn a_held_order_keeps_up_with_the_facts_and_asks_only_for_a_review() {
    let follows = |name, order: Order, event: OrderEvent, was: OrderState| {
        let want = To(held(was, HoldReason::ByOperator), vec![review(ReviewKind::FactOnHold, &event)]);
        (name, by_hand(order), event, want)
    };
    let whole = || deposit("whole", crypto("799.987655"));
    let open = || on_ramp(awaiting(Some(ATTEMPT)));
    let receiver = || payout_failed(PayoutFailure::Receiver);
    check(vec![
        follows("attempt accepted", open(), collection_accepted(ATTEMPT), awaiting(Some(ATTEMPT))),
        follows("attempt failed", open(), collection_failed(ATTEMPT), awaiting(None)),
        ("another attempt failed", by_hand(open()), collection_failed(OTHER_ATTEMPT), Already),
        follows("paid", open(), paid("NEW", fiat("175219")), S::Delivering),
        follows("wrongly paid, the attempt is over", open(), paid("NEW", fiat("5")), awaiting(None)),
        follows("paid twice", delivering(), paid("NEW", fiat("175219")), S::Delivering),
        follows("broadcast", delivering(), broadcast("0xsent"), S::DeliveryConfirming),
        follows("delivered", confirming(), delivered("0xsent"), S::Completed),
        follows("stopped", confirming(), delivery_stopped("0xsent"), S::Delivering),
        follows("delivery failed", confirming(), delivery_failed("0xsent"), refunding(RefundReason::DeliveryFailed)),
        follows("seen", off_ramp(S::AwaitingDeposit), seen(whole()), S::DepositConfirming),
        follows("final", off_ramp(S::AwaitingDeposit), arrived(whole()), S::PayingOut),
        follows("late", off_ramp(S::AwaitingDeposit), arrived(late(whole())), S::AwaitingDeposit),
        follows("reverted", paying_out(), orphaned(deposit_id("whole")), S::PayingOut),
        follows("paid out", paying_out(), paid_out("PAYOUT"), S::Completed),
        follows("receiver", paying_out(), receiver(), refunding(RefundReason::PayoutFailed)),
        follows("sender", paying_out(), payout_failed(PayoutFailure::Sender), S::PayingOut),
        follows("refunded", on_ramp(refunding(RefundReason::DeliveryFailed)), refunded(RefundOf::Order, "R"), is_back(RefundReason::DeliveryFailed)),
        follows("contradicted", off_ramp(S::AwaitingDeposit), paid_out("PAYOUT"), S::AwaitingDeposit),
        ("told before", by_hand(delivering()), paid("PAID", fiat("175219")), Already),
    ]);
}

/// What was returned by itself must not go back a second time with the order.
#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn an_orders_refund_leaves_out_what_went_back_by_itself() {
    let receiver = payout_failed(PayoutFailure::Receiver);
    let over = told(off_ramp(S::AwaitingDeposit), &arrived(deposit("a", crypto("801.987655"))));
    let second = told(over.clone(), &arrived(deposit("b", crypto("799.987655"))));
    let late_one = told(off_ramp(S::AwaitingDeposit), &arrived(late(deposit("c", crypto("5")))));
    let whole = || To(refunding(RefundReason::PayoutFailed), vec![return_coin(RefundOf::Order, "799.987655")]);
    let failed = told(delivering(), &delivery_failed("0xsent"));
    let more = told(failed, &paid("MORE", fiat("175219")));
    let again = held(more.state.clone(), HoldReason::RefundFailed);
    let both = vec![return_fiat(RefundOf::Order, "PAID", "175219"), return_fiat(extra("MORE"), "MORE", "175219")];
    let resumed = To(more.state.clone(), both);
    check(vec![
        ("an excess", over, receiver.clone(), whole()),
        ("an excess and a second deposit", second, receiver, whole()),
        ("a late deposit only", late_one, deadline(due()), To(cancelled(CancelReason::Expired), vec![])),
        ("a payment while refunding", in_state(more, again), OrderEvent::Resume, resumed),
    ]);
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn the_hold_on_the_offer_is_spent_by_completion_and_released_by_the_other_ends() {
    let reason = RefundReason::Underpaid;
    let table = [
        (awaiting(None), HoldFate::Kept),
        (S::Delivering, HoldFate::Kept),
        (S::DeliveryConfirming, HoldFate::Kept),
        (S::AwaitingDeposit, HoldFate::Kept),
        (S::DepositConfirming, HoldFate::Kept),
        (S::PayingOut, HoldFate::Kept),
        (S::Completed, HoldFate::Spent),
        (cancelled(CancelReason::Expired), HoldFate::Released),
        (refunding(reason), HoldFate::Kept),
        (is_back(reason), HoldFate::Released),
        (held(S::Completed, HoldReason::ByOperator), HoldFate::Kept),
    ];
    for (state, fate) in table {
        assert_eq!(state.hold_fate(), fate, "{state:?}");
        assert_eq!(state.is_final(), fate != HoldFate::Kept, "{state:?}");
    }
}

#[test]
#[rustfmt::skip] // It is a table: keep it a table.
fn every_refusal_has_its_code_and_says_why_and_where() {
    let table = [
        (Refusal::NotCancellable, "order_not_cancellable"),
        (Refusal::PaymentInFlight, "payment_in_flight"),
        (Refusal::DepositSeen, "deposit_seen"),
        (Refusal::UnderReview, "under_review"),
        (Refusal::NotPayable, "order_not_payable"),
        (Refusal::OrderExpired, "order_expired"),
        (Refusal::NotOnHold, "order_not_on_hold"),
        (Refusal::NotHoldable, "order_not_holdable"),
        (Refusal::NothingToRefund, "nothing_to_refund"),
        (Refusal::LegUnderWay, "second_leg_under_way"),
        (Refusal::LegNotWanted, "leg_not_wanted"),
    ];
    for (refusal, code) in table {
        assert_eq!(refusal.code(), code);
        let refused = domain::order::Refused { refusal, status: delivering().status() };
        assert!(refused.to_string().ends_with("(status processing)"), "{refused}");
    }
}
