//! What holds whatever is told, in whatever order, however often: random sequences of events over
//! both flows, each step and each end checked.

use std::collections::BTreeSet;

use domain::money::{Crypto, Fiat};
use domain::order::{
    DepositStage, Effect, HoldFate, Order, OrderEvent, OrderState, OrderStatus, PayoutFailure,
    Ramp, RefundOf,
};
use domain::testing::matrix::facts::*;
use domain::testing::matrix::lives::{Step, Trade, is_leg, live, straight_way, tell, told_to_any};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const MOST_EVENTS: usize = 60;

fn sequences() -> impl Strategy<Value = (Trade, Vec<OrderEvent>)> {
    (select(Trade::ALL.to_vec()), 0..=5_usize).prop_flat_map(|(trade, straight)| {
        let random = prop::collection::vec(select(told_to_any(trade)), 0..=MOST_EVENTS - 5);
        random.prop_map(move |random| {
            let way = straight_way(trade).into_iter().take(straight);
            (trade, way.chain(random).collect())
        })
    })
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
    let event = step.event.identity();
    let is_of =
        |cause: &str| cause.strip_prefix(&event).is_some_and(|rest| rest.starts_with(['@', ':']));
    let is_it =
        |effect: &&Effect| matches!(effect, Effect::OpenReview { cause, .. } if is_of(cause));
    step.effects.iter().filter(is_it).count()
}

fn sum(amounts: impl Iterator<Item = i64>) -> i64 {
    amounts.sum()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_fact_is_ever_refused((trade, events) in sequences()) {
        for step in live(trade, &events).steps {
            prop_assert!(step.after.is_some() || step.event.is_request(), "{:?}", step.event);
        }
    }

    #[test]
    fn what_the_wire_calls_ended_never_moves((trade, events) in sequences()) {
        for step in live(trade, &events).steps {
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
    fn an_offers_hold_is_settled_once((trade, events) in sequences()) {
        for step in live(trade, &events).steps {
            let fate = step.before.state.hold_fate();
            if let Some(after) = step.after.filter(|_| fate != HoldFate::Kept) {
                prop_assert_eq!(after.state.hold_fate(), fate, "{:?}", step.event);
            }
        }
    }

    /// Once the order's own refund is asked for, no delivery or payout is. The other way round it
    /// takes evidence that the second leg failed, or an operator.
    #[test]
    fn an_order_is_never_both_settled_and_refunded((trade, events) in sequences()) {
        let (mut refund, mut leg) = (false, false);
        for step in live(trade, &events).steps {
            let now_leg = step.effects.iter().any(is_leg);
            let now_refund = step.effects.iter().any(is_order_refund);
            prop_assert!(!(now_leg && (refund || now_refund)), "{:?}", step.event);
            let is_known_to_have_failed = matches!(
                step.event,
                OrderEvent::DeliveryFailed { .. }
                    | OrderEvent::PayoutFailed { failure: PayoutFailure::Receiver, .. }
                    | OrderEvent::Refund
                    | OrderEvent::Resume
            );
            prop_assert!(!(now_refund && leg && !refund) || is_known_to_have_failed, "{:?}", step.event);
            (refund, leg) = (refund || now_refund, leg || now_leg);
            let completed = step.after.is_some_and(|order| order.status() == OrderStatus::Completed);
            prop_assert!(!(completed && refund), "{:?}", step.event);
        }
    }

    /// Between a signature and its end nothing is asked for that a delivery would rule out, and after
    /// the order's own refund is asked for nothing is signed.
    #[test]
    fn a_signature_and_a_refund_rule_each_other_out((trade, events) in sequences()) {
        let (mut signed, mut refund) = (false, false);
        for step in live(trade, &events).steps {
            let Some(after) = &step.after else { continue };
            match &step.event {
                OrderEvent::DeliveryStarted => {
                    prop_assert!(!refund, "signed after a refund");
                    signed = true;
                }
                _ => signed = signed && after.evidence.delivery_started,
            }
            let now_refund = step.effects.iter().any(is_order_refund);
            prop_assert!(!(now_refund && !refund && signed), "{:?}", step.event);
            refund = refund || now_refund;
        }
    }

    /// The transfer on record is one that lives or is final; what is dead comes back only as final.
    #[test]
    fn what_is_dead_is_not_what_is_on_record((trade, events) in sequences()) {
        for step in live(trade, &events).steps {
            let Some(after) = &step.after else { continue };
            let evidence = &after.evidence;
            if let Some(delivery) = evidence.delivery.as_ref().filter(|d| !d.is_final) {
                prop_assert!(!evidence.delivery_dead.contains(&delivery.tx_hash), "{:?}", step.event);
                prop_assert!(evidence.delivery_variants.contains(&delivery.tx_hash), "{:?}", step.event);
            }
        }
    }

    /// Nothing goes back during a hold, and its end forgets nothing that is to go back by itself.
    #[test]
    fn the_end_of_a_hold_asks_for_all_that_goes_back((trade, events) in sequences()) {
        let life = live(trade, &events);
        for step in &life.steps {
            let is_held = matches!(step.before.state, OrderState::OnHold { .. });
            let ends = matches!(step.event, OrderEvent::Resume | OrderEvent::Refund);
            let moves = step.effects.iter().any(|e| !matches!(e, Effect::OpenReview { .. }));
            prop_assert!(!(is_held && moves) || ends, "{:?}", step.event);
        }
        if !matches!(life.end.state, OrderState::OnHold { .. }) {
            let evidence = &life.end.evidence;
            for cause in &evidence.returned {
                let is_here = |stage| stage == DepositStage::Final;
                let gone = evidence.deposits.iter().any(|d| d.id.cause() == *cause && !is_here(d.stage));
                let back = evidence.refunds_done.contains(&extra(cause));
                prop_assert!(gone || back || life.is_asked(&format!("refund:{cause}")), "{cause}");
            }
        }
    }

    #[test]
    fn no_second_leg_is_asked_for_without_its_funding((trade, events) in sequences()) {
        for step in live(trade, &events).steps {
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
    fn a_confirmed_payment_is_delivered_or_returned_or_reviewed((trade, events) in sequences()) {
        for step in live(trade, &events).steps {
            let (OrderEvent::PaymentConfirmed { payment, .. }, Some(after)) = (&step.event, &step.after) else { continue };
            let known = |order: &Order| order.evidence.payments.iter().any(|p| p.receipt == payment.receipt);
            prop_assert!(known(after));
            let legs = step.effects.iter().filter(|effect| is_leg(effect)).count();
            let fates = legs + extra_refunds(&step, &payment.receipt) + reviews(&step);
            prop_assert_eq!(fates, usize::from(!known(&step.before)), "{:?}", step.effects);
        }
    }

    #[test]
    fn a_final_deposit_counts_or_is_returned_or_reviewed((trade, events) in sequences()) {
        for step in live(trade, &events).steps {
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
    fn coin_is_conserved((trade, events) in sequences()) {
        let life = live(trade, &events);
        let deposits = || life.end.evidence.deposits.iter();
        let once_final = |stage| matches!(stage, DepositStage::Final | DepositStage::Reverted);
        let received = sum(deposits().filter(|d| once_final(d.stage)).map(|d| d.amount.minor()));
        let is_clear = |stage, event: OrderEvent| stage == DepositStage::Final && !life.is_reviewed(&event);
        let clear = sum(deposits().filter(|d| is_clear(d.stage, arrived((*d).clone()))).map(|d| d.amount.minor()));
        let sold = if trade.ramp == Ramp::Off && life.is_settled() { life.end.deposit_due().minor() } else { 0 };
        prop_assert!(life.coin_back() + sold <= received, "{} of {received}", life.coin_back());
        let reverted = deposits().any(|d| d.stage == DepositStage::Reverted);
        let ended = life.end.state.is_final() || matches!(life.end.state, OrderState::Refunding { .. });
        if ended && !reverted {
            prop_assert!(life.coin_back() + sold >= clear, "{} of {clear}", life.coin_back());
        }
    }

    #[test]
    fn shillings_are_conserved((trade, events) in sequences()) {
        let life = live(trade, &events);
        let payments = || life.end.evidence.payments.iter();
        let received = sum(payments().map(|p| p.amount.minor()));
        let is_clear = |receipt: &str, amount: Fiat| !life.is_reviewed(&paid(receipt, amount));
        let clear = sum(payments().filter(|p| is_clear(&p.receipt, p.amount)).map(|p| p.amount.minor()));
        let bought = if trade.ramp == Ramp::On && life.is_settled() { life.end.collection_due().minor() } else { 0 };
        prop_assert!(life.shillings_back() + bought <= received, "{} of {received}", life.shillings_back());
        if life.end.state.is_final() || matches!(life.end.state, OrderState::Refunding { .. }) {
            prop_assert!(life.shillings_back() + bought >= clear, "{} of {clear}", life.shillings_back());
        }
    }

    /// A callback that comes twice changes nothing and asks for nothing new.
    #[test]
    fn a_fact_told_twice_is_told_once((trade, events) in sequences()) {
        for step in live(trade, &events).steps {
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
    fn money_told_again_later_moves_nothing((trade, events) in sequences()) {
        let life = live(trade, &events);
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

    /// One act, one content: what the outbox keeps is what any later asking would have been.
    #[test]
    fn a_second_leg_is_the_same_whenever_it_is_asked_for((trade, events) in sequences()) {
        let life = live(trade, &events);
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
        let (trade, events) = sequences().new_tree(&mut runner).unwrap().current();
        for step in live(trade, &events).steps {
            states.extend(step.after.map(|order| order.state.label()));
            effects.extend(step.effects.iter().map(Effect::kind));
        }
    }
    assert_eq!(states.len(), 11, "{states:?}");
    assert_eq!(effects.len(), 6, "{effects:?}");
}
