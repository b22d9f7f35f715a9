//! What holds of the rail's machines whatever is told, in whatever order, however often.

use domain::order::{OrderEvent, PaymentDoubt, PayoutFailure};
use domain::party::Msisdn;
use domain::rail::collection::{
    Claim, Collection, CollectionFact, CollectionState, CollectionStep, PushRefs,
};
use domain::rail::disbursement::{
    Disbursement, DisbursementFact, DisbursementState, DisbursementStep,
};
use domain::rail::{
    CollectionNotice, CollectionOutcome, Consequence, Doubt, Fate, Fault, NotDone, OutcomeNotice,
    PayoutOutcome, Tempo, WhyNot,
};
use domain::testing::rail::push_refs;
use domain::testing::rail_samples::{after, collection, payout};
use domain::testing::samples::{fiat, order, phone, place_buy, place_sell};
use proptest::prelude::*;
use proptest::sample::select;

const MOST_FACTS: usize = 30;

fn fresh() -> Collection {
    collection(&order(&place_buy(), 1), 1)
}

fn claims() -> Vec<Claim> {
    let claim = |receipt: &str, amount, phone| Claim { receipt: receipt.into(), amount, phone };
    let (whole, stranger) = (fresh().amount, Msisdn::parse("254700000001").expect("a phone"));
    vec![
        claim("A", whole, Some(phone())),
        claim("A", whole, None),
        claim("A", fiat("1"), None),
        claim("B", whole, None),
        claim("B", whole, Some(stranger)),
    ]
}

fn collection_facts() -> Vec<CollectionFact> {
    use CollectionFact as F;
    let paid =
        |Claim { receipt, amount, phone }| CollectionOutcome::Paid { receipt, amount, phone };
    let not_paid = || CollectionOutcome::NotPaid { code: "1032".into() };
    let undecided = || CollectionOutcome::Undecided { code: "4999".into() };
    let told = |number, outcome| {
        let PushRefs { merchant_request_id, checkout_request_id, .. } = push_refs(number);
        F::Told(CollectionNotice { merchant_request_id, checkout_request_id, outcome })
    };
    let nothing = Claim { receipt: String::new(), amount: fiat("0"), phone: None };
    let not_done = NotDone { why: WhyNot::Throttled, detail: "no".into() };
    let mut facts = vec![
        F::Accepted(push_refs(1)),
        F::NotDone(not_done),
        F::Doubtful(Doubt::NoAnswer("timeout".into())),
        F::Abandoned,
        told(1, not_paid()),
        told(2, not_paid()),
        told(1, undecided()),
        F::Queried(paid(nothing)),
        F::Queried(not_paid()),
        F::Queried(undecided()),
        F::Stated(Fate::Failed("Cancelled".into())),
        F::Stated(Fate::Pending("Pending".into())),
        F::AbsentUntil(after(30)),
        F::AbsentUntil(after(3000)),
        F::StatusAsked,
    ];
    for claim in claims() {
        let Claim { receipt, amount, phone } = claim.clone();
        let fate = Fate::Completed { receipt, amount, charge: None, phone };
        let of = |claim: &Claim| claim.clone();
        facts.extend([told(1, paid(of(&claim))), told(2, paid(of(&claim)))]);
        facts.extend([F::Billed(of(&claim)), F::Pulled(claim), F::Stated(fate)]);
    }
    facts
}

fn disbursement_facts() -> Vec<DisbursementFact> {
    use DisbursementFact as F;
    let it = small();
    let told = |outcome, from_rail| F::Told {
        notice: OutcomeNotice {
            originator_conversation_id: it.id.to_string(),
            conversation_id: "AG_1".into(),
            outcome,
        },
        from_rail,
    };
    let done = |amount| PayoutOutcome::Done {
        receipt: Some("A".into()),
        amount: Some(amount),
        phone: Some(phone()),
    };
    let not_done = |fault| PayoutOutcome::NotDone { code: "1".into(), fault };
    let fate = |amount| Fate::Completed { receipt: "A".into(), amount, charge: None, phone: None };
    let turned_away = |why| F::NotDone(NotDone { why, detail: "no".into() });
    vec![
        F::Accepted("AG_1".into()),
        turned_away(WhyNot::Throttled),
        turned_away(WhyNot::Credentials),
        F::Doubtful(Doubt::Duplicate),
        F::Abandoned,
        told(done(it.amount), true),
        told(done(fiat("1")), true),
        told(not_done(Fault::Receiver), true),
        told(not_done(Fault::Receiver), false),
        told(not_done(Fault::Credentials), true),
        told(PayoutOutcome::Undecided { code: "9".into() }, true),
        F::QueueTimedOut,
        F::Stated(fate(it.amount)),
        F::Stated(fate(fiat("1"))),
        F::Stated(Fate::Failed("Failed".into())),
        F::Stated(Fate::Pending("Pending".into())),
        F::Stated(Fate::NoAnswer { code: "1".into(), fault: None }),
        F::Asked,
        F::Waited,
        F::Waited,
    ]
}

fn small() -> Disbursement {
    payout(order(&place_sell(), 1).id, fiat("1000"), 1)
}

fn large() -> Disbursement {
    Disbursement { amount: fiat("1001"), ..small() }
}

/// Facts, each with the seconds that pass before it.
fn stories<F: Clone + std::fmt::Debug + 'static>(
    facts: Vec<F>,
) -> impl Strategy<Value = Vec<(F, i64)>> {
    let pause = select(vec![0, 1, 25, 100, 700]);
    prop::collection::vec((select(facts), pause), 0..=MOST_FACTS)
}

/// A fact, what it found, what it left, and what followed.
struct Step<M, F> {
    before: M,
    fact: F,
    after: M,
    said: Vec<Consequence>,
    at: i64,
}

/// The machine is sent whenever it can be, as its job does.
fn live<M: Clone, F: Clone>(
    mut machine: M,
    story: &[(F, i64)],
    send: impl Fn(&mut M, i64),
    learn: impl Fn(&mut M, F, i64) -> Vec<Consequence>,
) -> Vec<Step<M, F>> {
    let (mut steps, mut at) = (vec![], 0_i64);
    for (fact, pause) in story {
        at += pause;
        send(&mut machine, at);
        let before = machine.clone();
        let said = learn(&mut machine, fact.clone(), at);
        steps.push(Step { before, fact: fact.clone(), after: machine.clone(), said, at });
    }
    steps
}

fn collected(story: &[(CollectionFact, i64)]) -> Vec<Step<Collection, CollectionFact>> {
    let send = |it: &mut Collection, at| {
        it.start_sending(after(at));
    };
    live(fresh(), story, send, |it, fact, at| it.learn(fact, &Tempo::default(), after(at)))
}

fn disbursed(
    fresh: Disbursement,
    story: &[(DisbursementFact, i64)],
) -> Vec<Step<Disbursement, DisbursementFact>> {
    let send = |it: &mut Disbursement, at| {
        it.start_sending(after(at));
    };
    live(fresh, story, send, |it, fact, at| it.learn(fact, &Tempo::default(), after(at)))
}

fn payments(said: &[Consequence]) -> Vec<&str> {
    let receipt = |it| match it {
        &Consequence::Tell(OrderEvent::PaymentConfirmed { ref payment, .. }) => {
            Some(&*payment.receipt)
        }
        _ => None,
    };
    said.iter().filter_map(receipt).collect()
}

/// Whether something comes of it by itself: a question, an act, or an operator who looks.
fn calls(said: &[Consequence]) -> bool {
    said.iter().any(|it| matches!(it, Consequence::Review { .. }))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn a_paid_collection_stays_paid_and_is_told_once(story in stories(collection_facts())) {
        let mut told = vec![];
        for step in collected(&story) {
            told.extend(payments(&step.said).into_iter().map(str::to_owned));
            let was_paid = step.before.state == CollectionState::Paid;
            let is_paid = step.after.state == CollectionState::Paid;
            prop_assert!(!was_paid || is_paid, "{:?}", step.fact);
            prop_assert!(!was_paid || step.after.receipt == step.before.receipt, "{:?}", step.fact);
            prop_assert_eq!(told.len(), usize::from(is_paid), "{:?}", step.fact);
            prop_assert_eq!(step.after.receipt.as_ref(), told.first());
        }
    }

    /// Two sources, or one that we have asked ourselves and that names the payment.
    #[test]
    fn no_payment_is_told_without_proof(story in stories(collection_facts())) {
        for step in collected(&story) {
            for receipt in payments(&step.said) {
                let e = &step.after.evidence;
                let names = |claim: &Option<Claim>| claim.as_ref().is_some_and(|it| it.receipt == receipt);
                let asked = names(&e.pulled) || names(&e.stated);
                let two = names(&e.told) && names(&e.billed);
                let queried = e.query_paid && e.refs_are_ours && (names(&e.told) || names(&e.billed));
                prop_assert!(asked || ((two || queried) && !e.denied), "{receipt}: {e:?}");
            }
        }
    }

    #[test]
    fn a_payment_of_another_phone_or_of_disputed_size_is_told_as_doubtful(story in stories(collection_facts())) {
        for step in collected(&story) {
            for consequence in &step.said {
                let Consequence::Tell(OrderEvent::PaymentConfirmed { payment, doubt }) = consequence else { continue };
                let e = &step.after.evidence;
                let told = [&e.told, &e.billed, &e.pulled, &e.stated].into_iter().flatten();
                let agree = told.into_iter().all(|claim| claim.amount == payment.amount);
                let is_asked = payment.phone == step.after.phone;
                prop_assert!(doubt.is_some() || (agree && is_asked), "{e:?}");
                prop_assert_eq!(matches!(doubt, Some(PaymentDoubt::Amount(_))), !agree);
            }
        }
    }

    #[test]
    fn an_attempt_fails_once_and_only_on_evidence(story in stories(collection_facts())) {
        let mut failures = 0;
        for step in collected(&story) {
            let is_failed = |it: &&Consequence| matches!(it, Consequence::Tell(OrderEvent::CollectionFailed { .. }));
            failures += step.said.iter().filter(is_failed).count();
            prop_assert!(failures <= 1, "{:?}", step.fact);
            if step.after.state == CollectionState::NotPaid {
                let e = &step.after.evidence;
                let was_not = step.before.state == CollectionState::NotPaid;
                prop_assert!(was_not || e.told_not.is_some() || e.query_not.is_some() || e.absent);
            }
        }
    }

    /// Whatever was claimed and not credited is asked about or looked at.
    #[test]
    fn no_claim_is_left_in_silence(story in stories(collection_facts())) {
        let mut looked_at = vec![];
        for step in collected(&story) {
            looked_at.extend(step.said.iter().filter_map(|it| match it {
                Consequence::Review { detail, .. } => Some(detail.clone()),
                _ => None,
            }));
            let it = &step.after;
            let claims = [&it.evidence.told, &it.evidence.billed];
            for claim in claims.into_iter().flatten() {
                let credited = it.receipt.as_ref() == Some(&claim.receipt);
                let asks = !matches!(it.next_step(), CollectionStep::Finish | CollectionStep::Wait);
                let due = it.due_again(&Tempo::default(), after(step.at)).is_some();
                let seen = it.state == CollectionState::Review
                    || looked_at.iter().any(|detail| detail.contains(&format!(" {} ", claim.receipt)) || detail == "two callbacks differ");
                prop_assert!(credited || (asks && due) || seen, "{:?}, {claim:?} {it:?}", step.fact);
            }
        }
    }

    /// Anything that is not settled is due again, or an operator has been called.
    #[test]
    fn no_collection_is_forgotten(story in stories(collection_facts())) {
        let mut called = false;
        for step in collected(&story) {
            called |= calls(&step.said);
            let it = &step.after;
            let due = it.due_again(&Tempo::default(), after(step.at));
            prop_assert!(due.is_some() || it.state.is_settled() || called, "{it:?}");
            prop_assert!(due.is_none_or(|due| due >= after(step.at)));
            let waits = it.next_step() == CollectionStep::Wait;
            prop_assert!(!waits || it.is_overdue(&Tempo::default(), after(step.at + 3600)));
        }
    }

    #[test]
    fn paid_money_stays_paid_and_each_end_is_told_once(story in stories(disbursement_facts())) {
        let (mut confirmed, mut failed) = (0, 0);
        for step in disbursed(small(), &story) {
            for consequence in &step.said {
                match consequence {
                    Consequence::Tell(OrderEvent::PayoutConfirmed { .. }) => confirmed += 1,
                    Consequence::Tell(OrderEvent::PayoutFailed { .. }) => {
                        failed += 1;
                        prop_assert_eq!(confirmed, 0, "a success is not taken back");
                    }
                    _ => {}
                }
            }
            let was_paid = step.before.state == DisbursementState::Paid;
            prop_assert!(!was_paid || step.after.state == DisbursementState::Paid, "{:?}", step.fact);
            prop_assert_eq!(confirmed, usize::from(step.after.state == DisbursementState::Paid));
            prop_assert!(failed <= 1 && confirmed <= 1);
        }
    }

    #[test]
    fn no_failure_is_believed_without_proof(story in stories(disbursement_facts()), is_small: bool) {
        let fresh = if is_small { small() } else { large() };
        let mut well_told_at = None;
        for step in disbursed(fresh, &story) {
            if let DisbursementFact::Told { notice, from_rail: true } = &step.fact
                && matches!(notice.outcome, PayoutOutcome::NotDone { .. })
                && step.before.conversation_id.is_some()
            {
                well_told_at = well_told_at.or(Some(step.at));
            }
            let ends = step.after.state == DisbursementState::FailedConfirmed
                && step.before.state != DisbursementState::FailedConfirmed;
            if !ends {
                continue;
            }
            let e = &step.after.evidence;
            let quiet = well_told_at.is_some_and(|told| step.at >= told + 600);
            let believed = is_small && e.told_well && !e.opposed && quiet;
            prop_assert!(e.stated_failed.is_some() || believed, "{:?}", step.fact);
            let receiver = e.told_failed.as_ref().is_some_and(|(_, fault, _)| *fault == Fault::Receiver);
            let failure = if receiver { PayoutFailure::Receiver } else { PayoutFailure::Sender };
            let is_told = |it: &Consequence| matches!(it, Consequence::Tell(OrderEvent::PayoutFailed { failure: told, error: Some(_) }) if *told == failure);
            prop_assert!(step.said.iter().any(is_told));
        }
    }

    /// What the rail may have is never sent under another name, and never rests unasked.
    #[test]
    fn no_disbursement_is_forgotten(story in stories(disbursement_facts()), is_small: bool) {
        let fresh = if is_small { small() } else { large() };
        let id = fresh.id;
        for step in disbursed(fresh, &story) {
            let it = &step.after;
            prop_assert_eq!(it.id, id);
            let tempo = Tempo::default();
            let next = it.next_step(&tempo);
            let due = it.due_again(&tempo, after(step.at));
            prop_assert_eq!(due.is_none(), next == DisbursementStep::Finish);
            let is_over = matches!(it.state, DisbursementState::Paid | DisbursementState::FailedConfirmed);
            prop_assert!(next != DisbursementStep::Finish || is_over);
            let sends = matches!(next, DisbursementStep::Send | DisbursementStep::Repeat);
            prop_assert!(!(is_over && sends));
            if next == DisbursementStep::Wait {
                let mut later = it.clone();
                let at = due.expect("it waits for something");
                later.learn(DisbursementFact::Waited, &tempo, at);
                prop_assert_eq!(later.state, DisbursementState::FailedConfirmed, "waiting ends");
            }
        }
    }

    /// Once the rail may have it, only its own refusal allows sending it again.
    #[test]
    fn nothing_is_sent_twice_while_its_fate_is_unknown(story in stories(disbursement_facts())) {
        for step in disbursed(large(), &story) {
            if step.after.state == DisbursementState::Created {
                prop_assert!(matches!(step.fact, DisbursementFact::NotDone(_)));
                prop_assert_eq!(step.before.state, DisbursementState::Sending);
            }
        }
    }
}
