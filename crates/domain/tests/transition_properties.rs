//! What holds whatever is told, in whatever order, however often: random sequences of events over
//! both flows, each step and each end checked.

use std::collections::{BTreeMap, BTreeSet};

use domain::ledger::{Account, Balances, LedgerAsset, entry, position};
use domain::money::{Crypto, Fiat};
use domain::order::{
    CancelledBy, DepositStage, Effect, HoldFate, Order, OrderEvent, OrderState, OrderStatus,
    PayoutFailure, Ramp, RefundOf, Transition, transition,
};
use domain::testing::matrix::facts::*;
use domain::testing::samples::{NOW, crypto, fiat, order, place_buy, place_sell};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const MOST_EVENTS: usize = 60;

/// Few enough things that every sequence tells some of them twice. A deposit's hash says its amount.
fn told_to_any() -> Vec<OrderEvent> {
    let deposits = ["799.99", "300", "499.99", "850"];
    let deposit = |amount: &'static str| deposit(amount, crypto(amount));
    let mut events: Vec<_> = deposits.into_iter().map(|amount| seen(deposit(amount))).collect();
    events.extend(deposits.map(|amount| arrived(deposit(amount))));
    events.extend(deposits.map(|amount| orphaned(deposit_id(amount))));
    events.extend([
        seen(late(deposit("300"))),
        arrived(late(deposit("300"))),
        arrived(late(deposit("799.99"))),
    ]);
    events.extend([cancel(CancelledBy::Customer), deadline(NOW), deadline(due())]);
    events.extend([OrderEvent::Hold, OrderEvent::Resume, OrderEvent::Resume, OrderEvent::Refund]);
    events.extend([ATTEMPT, OTHER_ATTEMPT].map(|id| start_payment(id, NOW)));
    events.extend([ATTEMPT, OTHER_ATTEMPT].map(collection_accepted));
    events.extend([ATTEMPT, OTHER_ATTEMPT].map(collection_failed));
    events.extend(["A", "B"].map(|receipt| paid(receipt, fiat("175200"))));
    events.extend([paid("C", fiat("175000")), paid("D", fiat("1"))]);
    events.extend(["0xsent", "0xbump"].map(broadcast));
    events.extend(["0xsent", "0xbump"].map(delivered));
    events.extend(["0xsent", "0xbump"].map(delivery_failed));
    events.extend(["AG_1", "AG_2"].map(payout_accepted));
    events.extend(["PAYOUT", "SECOND"].map(paid_out));
    events.extend([PayoutFailure::Receiver, PayoutFailure::Sender].map(payout_failed));
    events.extend([RefundOf::Order, extra("excess")].map(|of| refunded(of, "REFUND")));
    events.extend([RefundOf::Order, extra("excess")].map(refund_failed));
    events.extend(["A", "B", "C", "D"].map(|receipt| refunded(extra(receipt), receipt)));
    events.push(OrderEvent::PayoutStarted);
    events.extend([RefundOf::Order, extra("excess"), extra("A"), extra("B")].map(refund_started));
    events
}

/// The straight way of each flow; a sequence begins with some of it, to get anywhere.
fn straight_way(ramp: Ramp) -> Vec<OrderEvent> {
    match ramp {
        Ramp::On => vec![
            start_payment(ATTEMPT, NOW),
            paid("A", fiat("175200")),
            broadcast("0xsent"),
            delivered("0xsent"),
        ],
        Ramp::Off => vec![
            seen(deposit("799.99", crypto("799.99"))),
            arrived(deposit("799.99", crypto("799.99"))),
            payout_accepted("AG_1"),
            paid_out("PAYOUT"),
        ],
    }
}

fn sequences() -> impl Strategy<Value = (Ramp, Vec<OrderEvent>)> {
    let ramps = prop_oneof![Just(Ramp::On), Just(Ramp::Off)];
    let random = prop::collection::vec(select(told_to_any()), 0..=MOST_EVENTS - 4);
    (ramps, 0..=4_usize, random).prop_map(|(ramp, straight, random)| {
        let mut events = straight_way(ramp);
        events.truncate(straight);
        events.extend(random);
        (ramp, events)
    })
}

/// One telling and what came of it.
struct Step {
    before: Order,
    event: OrderEvent,
    /// `None` when the request was refused.
    after: Option<Order>,
    effects: Vec<Effect>,
}

fn tell(before: &Order, event: &OrderEvent) -> Step {
    let (after, effects) = match transition(before.clone(), event) {
        Ok(Transition::Applied { order, effects }) => (Some(*order), effects),
        Ok(Transition::AlreadyApplied(order)) => (Some(*order), vec![]),
        Err(_) => (None, vec![]),
    };
    Step { before: before.clone(), event: event.clone(), after, effects }
}

fn sums(balances: &Balances) -> BTreeMap<LedgerAsset, i64> {
    let mut sums = BTreeMap::new();
    for (key, amount) in balances {
        *sums.entry(key.asset).or_default() += amount;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

/// A whole sequence: its steps, and what the outbox would hold, which keeps the first of each key.
struct Life {
    steps: Vec<Step>,
    end: Order,
    asked: BTreeMap<String, Effect>,
}

fn live(ramp: Ramp, events: &[OrderEvent]) -> Life {
    let command = if ramp == Ramp::On { place_buy() } else { place_sell() };
    let mut life = Life { steps: vec![], end: order(&command, 1), asked: BTreeMap::new() };
    for event in events {
        let step = tell(&life.end, event);
        for effect in &step.effects {
            let key = effect.idempotency_key(life.end.id);
            life.asked.entry(key).or_insert_with(|| effect.clone());
        }
        life.end = step.after.clone().unwrap_or(life.end);
        life.steps.push(step);
    }
    life
}

impl Life {
    fn is_asked(&self, key: &str) -> bool {
        self.asked.contains_key(&format!("{}:{key}", self.end.id))
    }

    fn is_reviewed(&self, event: &OrderEvent) -> bool {
        let start = format!("{}:open_review:{}@", self.end.id, event.identity());
        self.asked.keys().any(|key| key.starts_with(&start))
    }

    /// The second leg is asked for or made, and the first does not go back.
    fn is_settled(&self) -> bool {
        let is_made = self.end.status() == OrderStatus::Completed;
        (is_made || self.asked.values().any(is_leg)) && !self.is_asked("refund")
    }

    fn coin_back(&self) -> i64 {
        let back = |effect: &Effect| match effect {
            Effect::RefundCrypto { amount, .. } => amount.minor(),
            _ => 0,
        };
        self.asked.values().map(back).sum()
    }

    fn shillings_back(&self) -> i64 {
        let back = |effect: &Effect| match effect {
            Effect::RefundFiat { amount, .. } => amount.minor(),
            _ => 0,
        };
        self.asked.values().map(back).sum()
    }
}

fn is_leg(effect: &Effect) -> bool {
    matches!(effect, Effect::Deliver { .. } | Effect::PayOut { .. })
}

fn is_order_refund(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::RefundFiat { refund: RefundOf::Order, .. }
            | Effect::RefundCrypto { refund: RefundOf::Order, .. }
    )
}

fn extra_refunds(step: &Step, cause: &str) -> usize {
    let is_it = |effect: &&Effect| match effect {
        Effect::RefundFiat { refund: RefundOf::Extra(of), .. }
        | Effect::RefundCrypto { refund: RefundOf::Extra(of), .. } => of == cause,
        _ => false,
    };
    step.effects.iter().filter(is_it).count()
}

fn reviews(step: &Step) -> usize {
    let cause = format!("{}@", step.event.identity());
    let is_it = |effect: &&Effect| matches!(effect, Effect::OpenReview { cause: of, .. } if of.starts_with(&cause));
    step.effects.iter().filter(is_it).count()
}

fn sum(amounts: impl Iterator<Item = i64>) -> i64 {
    amounts.sum()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_fact_is_ever_refused((ramp, events) in sequences()) {
        for step in live(ramp, &events).steps {
            prop_assert!(step.after.is_some() || step.event.is_request(), "{:?}", step.event);
        }
    }

    #[test]
    fn what_the_wire_calls_ended_never_moves((ramp, events) in sequences()) {
        for step in live(ramp, &events).steps {
            let ended = matches!(
                step.before.status(),
                OrderStatus::Completed | OrderStatus::Cancelled | OrderStatus::Failed
            );
            if let Some(after) = step.after.filter(|_| ended) {
                prop_assert_eq!(after.status(), step.before.status(), "{:?}", step.event);
            }
        }
    }

    #[test]
    fn an_offers_hold_is_settled_once((ramp, events) in sequences()) {
        for step in live(ramp, &events).steps {
            let fate = step.before.state.hold_fate();
            if let Some(after) = step.after.filter(|_| fate != HoldFate::Kept) {
                prop_assert_eq!(after.state.hold_fate(), fate, "{:?}", step.event);
            }
        }
    }

    /// Once the order's own refund is asked for, no delivery or payout is. The other way round it
    /// takes evidence that the second leg failed, or an operator.
    #[test]
    fn an_order_is_never_both_settled_and_refunded((ramp, events) in sequences()) {
        let (mut refund, mut leg) = (false, false);
        for step in live(ramp, &events).steps {
            let now_leg = step.effects.iter().any(is_leg);
            let now_refund = step.effects.iter().any(is_order_refund);
            prop_assert!(!(now_leg && (refund || now_refund)), "{:?}", step.event);
            let is_known_to_have_failed = matches!(
                step.event,
                OrderEvent::DeliveryFailed { .. }
                    | OrderEvent::PayoutFailed { failure: PayoutFailure::Receiver }
                    | OrderEvent::Refund
                    | OrderEvent::Resume
            );
            prop_assert!(!(now_refund && leg && !refund) || is_known_to_have_failed, "{:?}", step.event);
            (refund, leg) = (refund || now_refund, leg || now_leg);
            let completed = step.after.is_some_and(|order| order.status() == OrderStatus::Completed);
            prop_assert!(!(completed && refund), "{:?}", step.event);
        }
    }

    #[test]
    fn no_second_leg_is_asked_for_without_its_funding((ramp, events) in sequences()) {
        for step in live(ramp, &events).steps {
            let Some(after) = step.after else { continue };
            for effect in step.effects.iter().filter(|effect| is_leg(effect)) {
                let funded = if matches!(effect, Effect::Deliver { .. }) {
                    after.evidence.payments.iter().any(|p| p.amount == after.collection_due())
                } else {
                    // A deposit that was final and went stays counted: an operator said go on.
                    let once_final = |stage| matches!(stage, DepositStage::Final | DepositStage::Reverted);
                    let counted = after.evidence.deposits.iter().filter(|d| once_final(d.stage) && !after.is_late(d));
                    after.is_funded_by(Crypto::from_minor(sum(counted.map(|d| d.amount.minor()))).unwrap())
                };
                prop_assert!(funded, "{effect:?} after {:?}", step.event);
            }
        }
    }

    #[test]
    fn a_confirmed_payment_is_delivered_or_returned_or_reviewed((ramp, events) in sequences()) {
        for step in live(ramp, &events).steps {
            let (OrderEvent::PaymentConfirmed { payment }, Some(after)) = (&step.event, &step.after) else { continue };
            let known = |order: &Order| order.evidence.payments.iter().any(|p| p.receipt == payment.receipt);
            prop_assert!(known(after));
            let legs = step.effects.iter().filter(|effect| is_leg(effect)).count();
            let fates = legs + extra_refunds(&step, &payment.receipt) + reviews(&step);
            prop_assert_eq!(fates, usize::from(!known(&step.before)), "{:?}", step.effects);
        }
    }

    #[test]
    fn a_final_deposit_counts_or_is_returned_or_reviewed((ramp, events) in sequences()) {
        for step in live(ramp, &events).steps {
            let (OrderEvent::DepositFinal { deposit }, Some(after)) = (&step.event, &step.after) else { continue };
            let was = step.before.evidence.deposits.iter().find(|d| d.id == deposit.id).map(|d| d.stage);
            let cause = format!("{}:{}", deposit.id.tx_hash, deposit.id.ordinal);
            let fates = extra_refunds(&step, &cause) + reviews(&step);
            if was == Some(DepositStage::Final) {
                prop_assert_eq!(fates, 0, "known already");
            } else if fates == 0 {
                let counts = matches!(
                    after.state,
                    OrderState::AwaitingDeposit | OrderState::DepositConfirming | OrderState::PayingOut
                );
                prop_assert!(counts && !after.is_late(deposit), "{:?} kept in {:?}", deposit, after.state);
            } else {
                prop_assert_eq!(fates, 1, "{:?}", step.effects);
            }
        }
    }

    /// Nothing comes of nothing, and what ends leaves nothing behind but what is under review.
    #[test]
    fn coin_is_conserved((ramp, events) in sequences()) {
        let life = live(ramp, &events);
        let deposits = || life.end.evidence.deposits.iter();
        let once_final = |stage| matches!(stage, DepositStage::Final | DepositStage::Reverted);
        let received = sum(deposits().filter(|d| once_final(d.stage)).map(|d| d.amount.minor()));
        let is_clear = |stage, event: OrderEvent| stage == DepositStage::Final && !life.is_reviewed(&event);
        let clear = sum(deposits().filter(|d| is_clear(d.stage, arrived((*d).clone()))).map(|d| d.amount.minor()));
        let sold = if ramp == Ramp::Off && life.is_settled() { life.end.deposit_due().minor() } else { 0 };
        prop_assert!(life.coin_back() + sold <= received, "{} of {received}", life.coin_back());
        let reverted = deposits().any(|d| d.stage == DepositStage::Reverted);
        let ended = life.end.state.is_final() || matches!(life.end.state, OrderState::Refunding { .. });
        if ended && !reverted {
            prop_assert!(life.coin_back() + sold >= clear, "{} of {clear}", life.coin_back());
        }
    }

    #[test]
    fn shillings_are_conserved((ramp, events) in sequences()) {
        let life = live(ramp, &events);
        let payments = || life.end.evidence.payments.iter();
        let received = sum(payments().map(|p| p.amount.minor()));
        let is_clear = |receipt: &str, amount: Fiat| !life.is_reviewed(&paid(receipt, amount));
        let clear = sum(payments().filter(|p| is_clear(&p.receipt, p.amount)).map(|p| p.amount.minor()));
        let bought = if ramp == Ramp::On && life.is_settled() { life.end.collection_due().minor() } else { 0 };
        prop_assert!(life.shillings_back() + bought <= received, "{} of {received}", life.shillings_back());
        if life.end.state.is_final() || matches!(life.end.state, OrderState::Refunding { .. }) {
            prop_assert!(life.shillings_back() + bought >= clear, "{} of {clear}", life.shillings_back());
        }
    }

    /// A callback that comes twice changes nothing and asks for nothing new.
    #[test]
    fn a_fact_told_twice_is_told_once((ramp, events) in sequences()) {
        for step in live(ramp, &events).steps {
            let Some(after) = step.after.filter(|_| !step.event.is_request()) else { continue };
            let again = tell(&after, &step.event);
            prop_assert_eq!(&again.after.unwrap().state, &after.state, "{:?}", step.event);
            let keys = |effects: &[Effect]| -> BTreeSet<_> { effects.iter().map(|e| e.idempotency_key(after.id)).collect() };
            let (first, second) = (keys(&step.effects), keys(&again.effects));
            prop_assert!(second.is_subset(&first), "{:?}: {second:?}", step.event);
        }
    }

    /// A rail that tells everything again moves no money, and ends nothing that was open.
    #[test]
    fn money_told_again_later_moves_nothing((ramp, events) in sequences()) {
        let life = live(ramp, &events);
        let is_money = |event: &&OrderEvent| matches!(
            event,
            OrderEvent::PaymentConfirmed { .. }
                | OrderEvent::PayoutConfirmed { .. }
                | OrderEvent::RefundConfirmed { .. }
                | OrderEvent::DepositFinal { .. }
        );
        let mut order = life.end.clone();
        for event in events.iter().filter(is_money) {
            let step = tell(&order, event);
            let moves = |effect: &&Effect| !matches!(effect, Effect::OpenReview { .. });
            let new = step.effects.iter().filter(moves).find(|e| !life.asked.contains_key(&e.idempotency_key(order.id)));
            prop_assert_eq!(new, None, "{:?}", event);
            order = step.after.unwrap();
        }
        prop_assert_eq!(order.status(), life.end.status());
    }

    #[test]
    fn an_orders_books_balance_and_every_event_posts_what_it_changes((ramp, events) in sequences()) {
        let mut posted = Balances::new();
        for step in live(ramp, &events).steps {
            let Some(after) = step.after else { continue };
            let stands = position(&after);
            prop_assert_eq!(sums(&stands), BTreeMap::new(), "{:?}", step.event);
            if let Some(entry) = entry(&step.before, &after) {
                prop_assert!(entry.postings.values().all(|amount| *amount != 0));
                prop_assert_eq!(sums(&entry.postings), BTreeMap::new(), "{:?}", step.event);
                for (key, amount) in entry.postings {
                    *posted.entry(key).or_default() += amount;
                }
                posted.retain(|_, amount| *amount != 0);
            }
            prop_assert_eq!(&posted, &stands, "{:?}", step.event);
        }
    }

    /// What is on our short code is what was paid, less what the rail says that it gave back.
    #[test]
    fn the_short_code_holds_what_was_paid_and_not_given_back((ramp, events) in sequences()) {
        let end = live(ramp, &events).end;
        let held = |account| -> i64 {
            let of = position(&end).into_iter().filter(|(key, _)| key.account == account);
            of.map(|(_, amount)| amount).sum()
        };
        let paid: i64 = end.evidence.payments.iter().map(|p| p.amount.minor()).sum();
        prop_assert!((0..=paid).contains(&held(Account::MpesaCollection)));
        let out = end.evidence.payout.as_ref().is_some_and(|payout| payout.receipt.is_some());
        let due = if out && ramp == Ramp::Off { end.payout_due().minor() } else { 0 };
        prop_assert_eq!(held(Account::MpesaUtility), -due);
    }

    /// One act, one content: what the outbox keeps is what any later asking would have been.
    #[test]
    fn a_second_leg_is_the_same_whenever_it_is_asked_for((ramp, events) in sequences()) {
        let life = live(ramp, &events);
        for effect in life.steps.iter().flat_map(|step| &step.effects).filter(|effect| is_leg(effect)) {
            prop_assert_eq!(&life.asked[&effect.idempotency_key(life.end.id)], effect);
        }
    }
}

/// The properties above say nothing if the sequences go nowhere.
#[test]
fn the_sequences_reach_every_state_and_every_effect() {
    let mut runner = TestRunner::deterministic();
    let (mut states, mut effects) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..300 {
        let (ramp, events) = sequences().new_tree(&mut runner).unwrap().current();
        for step in live(ramp, &events).steps {
            states.extend(step.after.map(|order| order.state.label()));
            effects.extend(step.effects.iter().map(Effect::kind));
        }
    }
    assert_eq!(states.len(), 11, "{states:?}");
    assert_eq!(effects.len(), 6, "{effects:?}");
}
