//! What every fact makes of a collection in every state, written from the rules and not from the
//! code: the state, and exactly what follows.

use CollectionState as S;
use domain::order::{
    AttemptError, CollectionRefs, ErrorCode, Leg, OrderEvent, Payment, PaymentDoubt,
};
use domain::party::Msisdn;
use domain::rail::collection::{
    Claim, Collection, CollectionEvidence, CollectionFact as F, CollectionState, CollectionStep,
    PushRefs,
};
use domain::rail::{
    CollectionNotice, CollectionOutcome, Consequence, Doubt, Fate, Fault, NotDone, RailReview,
    Tempo, WhyNot,
};
use domain::testing::rail::push_refs;
use domain::testing::rail_samples::{self, RECEIPT, after};
use domain::testing::samples::{self, NOW, fiat, phone};

/// Old enough for a query's word to count.
const AGE: i64 = 100;
const OTHER_RECEIPT: &str = "QKA81LK5CY";

fn fresh() -> Collection {
    let order = samples::order(&samples::place_buy(), 1);
    rail_samples::collection(&order, 1)
}

fn stranger() -> Msisdn {
    Msisdn::parse("254700000001").expect("a phone")
}

fn claim() -> Claim {
    rail_samples::claim(fresh().amount)
}

fn other_claim() -> Claim {
    Claim { receipt: OTHER_RECEIPT.into(), ..claim() }
}

/// A collection sent at [`NOW`], as it gets to `state` most often.
fn at(state: CollectionState) -> Collection {
    let blank = CollectionEvidence::default();
    let ours = CollectionEvidence { refs_are_ours: true, ..CollectionEvidence::default() };
    let evidence = match state {
        S::Created | S::Sending | S::SubmitUnknown | S::Refused => blank,
        S::Awaiting => ours,
        S::Paid => CollectionEvidence { told: Some(claim()), query_paid: true, ..ours },
        S::PaidUnreceipted => CollectionEvidence { query_paid: true, ..ours },
        S::NotPaid => CollectionEvidence { told_not: Some("1032".into()), ..ours },
        S::Review => CollectionEvidence { told: Some(claim()), denied: true, ..ours },
    };
    let refs = evidence.refs_are_ours.then(|| push_refs(1));
    let sent_at = (state != S::Created).then_some(NOW);
    let receipt = (state == S::Paid).then(|| RECEIPT.to_owned());
    Collection { state, evidence, refs, sent_at, receipt, ..fresh() }
}

fn learn(collection: &mut Collection, fact: F, seconds: i64) -> Vec<Consequence> {
    let said = collection.learn(fact, &Tempo::default(), after(seconds));
    said.into_iter().map(without_reason).collect()
}

/// What follows, without why it came to nothing: `why_it_came_to_nothing_is_told` looks at that.
fn without_reason(said: Consequence) -> Consequence {
    match said {
        Consequence::Tell(OrderEvent::CollectionFailed { .. }) => failed(),
        other => other,
    }
}

/// The state that each state goes to, and what follows.
type Row = (CollectionState, CollectionState, Vec<Consequence>);

fn check(name: &str, fact: &F, rows: Vec<Row>) {
    let states: Vec<_> = rows.iter().map(|(from, _, _)| *from).collect();
    assert_eq!(states, S::ALL, "{name}: every state has its row");
    for (from, to, follows) in rows {
        let mut collection = at(from);
        let said = learn(&mut collection, fact.clone(), AGE);
        assert_eq!((collection.state, said), (to, follows), "{name}, {from:?}");
    }
}

/// Nothing comes of the fact, whatever the state.
fn check_idle(name: &str, fact: &F) {
    check(name, fact, S::ALL.into_iter().map(|state| (state, state, vec![])).collect());
}

fn accepted(number: usize) -> Consequence {
    let PushRefs { merchant_request_id, checkout_request_id, .. } = push_refs(number);
    let refs = CollectionRefs { collection: fresh().id, merchant_request_id, checkout_request_id };
    Consequence::Tell(OrderEvent::CollectionAccepted { refs })
}

fn failed() -> Consequence {
    Consequence::Tell(OrderEvent::CollectionFailed { collection: fresh().id, error: None })
}

fn paid_by(claim: Claim) -> Consequence {
    let Claim { receipt, amount, .. } = claim;
    let payment = Payment { receipt, amount, phone: phone() };
    Consequence::Tell(OrderEvent::PaymentConfirmed { payment, doubt: None })
}

/// The payment as it is proven, and what is odd about it.
fn doubted(claim: Claim, doubt: PaymentDoubt) -> Consequence {
    let Claim { receipt, amount, phone: named } = claim;
    let payment = Payment { receipt, amount, phone: named.unwrap_or_else(phone) };
    Consequence::Tell(OrderEvent::PaymentConfirmed { payment, doubt: Some(doubt) })
}

fn paid() -> Consequence {
    paid_by(claim())
}

fn review(kind: RailReview, detail: &str) -> Consequence {
    Consequence::Review { kind, detail: detail.to_owned() }
}

fn told(outcome: CollectionOutcome, number: usize) -> F {
    let PushRefs { merchant_request_id, checkout_request_id, .. } = push_refs(number);
    F::Told(CollectionNotice { merchant_request_id, checkout_request_id, outcome })
}

fn paid_outcome(claim: Claim) -> CollectionOutcome {
    let Claim { receipt, amount, phone } = claim;
    CollectionOutcome::Paid { receipt, amount, phone }
}

fn told_paid() -> F {
    told(paid_outcome(claim()), 1)
}

fn told_not(code: &str) -> F {
    told(CollectionOutcome::NotPaid { code: code.into() }, 1)
}

/// A query tells neither receipt nor amount.
fn query_paid() -> F {
    F::Queried(paid_outcome(Claim { receipt: String::new(), amount: fiat("0"), phone: None }))
}

fn query_not() -> F {
    F::Queried(CollectionOutcome::NotPaid { code: "1037".into() })
}

fn not_done() -> F {
    F::NotDone(NotDone { why: WhyNot::PhoneBusy, detail: "500.001.1001".into() })
}

fn completed(claim: Claim) -> F {
    let Claim { receipt, amount, phone } = claim;
    F::Stated(Fate::Completed { receipt, amount, charge: None, phone })
}

#[test]
fn the_rails_own_answer_is_taken() {
    let taken = || vec![accepted(1)];
    check(
        "accepted",
        &F::Accepted(push_refs(1)),
        vec![
            (S::Created, S::Created, taken()),
            (S::Sending, S::Awaiting, taken()),
            (S::Awaiting, S::Awaiting, taken()),
            (S::SubmitUnknown, S::Awaiting, taken()),
            (S::Refused, S::Refused, taken()),
            (S::Paid, S::Paid, taken()),
            (S::PaidUnreceipted, S::PaidUnreceipted, taken()),
            (S::NotPaid, S::NotPaid, taken()),
            (S::Review, S::Review, taken()),
        ],
    );
}

#[test]
fn only_what_is_being_sent_is_refused_or_lost() {
    let moves = |to, follows: Vec<Consequence>| {
        let row = |state| match state {
            S::Sending => (state, to, follows.clone()),
            _ => (state, state, vec![]),
        };
        S::ALL.into_iter().map(row).collect()
    };
    check("not done", &not_done(), moves(S::Refused, vec![failed()]));
    check("abandoned", &F::Abandoned, moves(S::SubmitUnknown, vec![]));
    for doubt in [Doubt::NoAnswer("timeout".into()), Doubt::Duplicate, Doubt::Unclear("?".into())] {
        check("doubtful", &F::Doubtful(doubt), moves(S::SubmitUnknown, vec![]));
    }
}

#[test]
fn a_callback_that_says_paid_is_a_hint() {
    check(
        "told paid",
        &told_paid(),
        vec![
            (S::Created, S::Created, vec![accepted(1)]),
            (S::Sending, S::Sending, vec![accepted(1)]),
            (S::Awaiting, S::Awaiting, vec![]),
            (S::SubmitUnknown, S::SubmitUnknown, vec![accepted(1)]),
            (S::Refused, S::Refused, vec![accepted(1)]),
            (S::Paid, S::Paid, vec![]),
            (S::PaidUnreceipted, S::Paid, vec![paid()]),
            (S::NotPaid, S::NotPaid, vec![]),
            (S::Review, S::Review, vec![]),
        ],
    );
}

#[test]
fn a_callback_about_other_ids_is_forged() {
    let forged = || vec![review(RailReview::Forged, "the callback names other ids")];
    for outcome in [paid_outcome(claim()), CollectionOutcome::NotPaid { code: "1".into() }] {
        for state in [S::Awaiting, S::Paid, S::PaidUnreceipted, S::NotPaid, S::Review] {
            let mut collection = at(state);
            let before = collection.clone();
            assert_eq!(learn(&mut collection, told(outcome.clone(), 2), AGE), forged());
            assert_eq!(collection, before, "nothing is learned from it");
        }
    }
}

#[test]
fn a_callback_that_says_not_paid_ends_what_is_open() {
    check(
        "told not paid",
        &told_not("1032"),
        vec![
            (S::Created, S::Created, vec![accepted(1)]),
            (S::Sending, S::NotPaid, vec![accepted(1), failed()]),
            (S::Awaiting, S::NotPaid, vec![failed()]),
            (S::SubmitUnknown, S::NotPaid, vec![accepted(1), failed()]),
            (S::Refused, S::Refused, vec![accepted(1)]),
            (S::Paid, S::Paid, vec![]),
            (S::PaidUnreceipted, S::PaidUnreceipted, vec![]),
            (S::NotPaid, S::NotPaid, vec![]),
            (S::Review, S::Review, vec![]),
        ],
    );
}

#[test]
fn what_proves_nothing_changes_nothing() {
    let undecided = || CollectionOutcome::Undecided { code: "4999".into() };
    check_idle("query undecided", &F::Queried(undecided()));
    check_idle("query not paid, once", &query_not());
    check_idle("status asked", &F::StatusAsked);
    check_idle("status pending", &F::Stated(Fate::Pending("Pending".into())));
    check_idle("no status", &F::Stated(Fate::NoAnswer { code: "1".into(), fault: None }));
    check_idle("a statement that ends too early", &F::AbsentUntil(after(599)));
    for state in [S::Awaiting, S::Paid, S::PaidUnreceipted, S::NotPaid, S::Review] {
        let mut collection = at(state);
        assert_eq!(learn(&mut collection, told(undecided(), 1), AGE), [], "{state:?}");
        assert_eq!(collection.state, state);
    }
}

#[test]
fn a_query_that_says_paid_looks_for_the_receipt() {
    check(
        "query paid",
        &query_paid(),
        vec![
            (S::Created, S::Created, vec![]),
            (S::Sending, S::PaidUnreceipted, vec![]),
            (S::Awaiting, S::PaidUnreceipted, vec![]),
            (S::SubmitUnknown, S::PaidUnreceipted, vec![]),
            (S::Refused, S::PaidUnreceipted, vec![]),
            (S::Paid, S::Paid, vec![]),
            (S::PaidUnreceipted, S::PaidUnreceipted, vec![]),
            (S::NotPaid, S::PaidUnreceipted, vec![]),
            (S::Review, S::Review, vec![]),
        ],
    );
}

#[test]
fn a_bill_is_a_hint_like_a_callback() {
    let mut rows: Vec<_> = S::ALL.into_iter().map(|state| (state, state, vec![])).collect();
    rows[6] = (S::PaidUnreceipted, S::Paid, vec![paid()]);
    check("billed", &F::Billed(Claim { phone: None, ..claim() }), rows);
}

#[test]
fn a_statement_that_we_asked_for_proves_a_payment_alone() {
    let row = |state| match state {
        S::Created | S::Paid => (state, state, vec![]),
        _ => (state, S::Paid, vec![paid()]),
    };
    for claim in [claim(), Claim { phone: None, ..claim() }] {
        check("pulled", &F::Pulled(claim), S::ALL.into_iter().map(row).collect());
    }
}

#[test]
fn a_status_is_about_the_claimed_receipt() {
    let other = || review(RailReview::Contradiction, "the status names another receipt");
    let row = |state| match state {
        S::Paid => (state, state, vec![Consequence::CredentialsWork]),
        S::Review => (state, S::Paid, vec![Consequence::CredentialsWork, paid()]),
        _ => (state, state, vec![other()]),
    };
    check("completed", &completed(claim()), S::ALL.into_iter().map(row).collect());
    let row = |state| (state, state, vec![other()]);
    check("another", &completed(other_claim()), S::ALL.into_iter().map(row).collect());
    let row = |state| (state, state, vec![Consequence::CredentialsWork]);
    let fate = Fate::Failed("Cancelled".into());
    check("failed", &F::Stated(fate), S::ALL.into_iter().map(row).collect());
    let opens = "a status question was refused: 2001";
    let row = |state| (state, state, vec![Consequence::OpenCircuit(opens.into())]);
    let fate = Fate::NoAnswer { code: "2001".into(), fault: Some(Fault::Credentials) };
    check("credentials", &F::Stated(fate), S::ALL.into_iter().map(row).collect());
}

#[test]
fn a_whole_statement_without_it_ends_what_is_open() {
    let row = |state| match state {
        S::Sending | S::Awaiting | S::SubmitUnknown => (state, S::NotPaid, vec![failed()]),
        _ => (state, state, vec![]),
    };
    check("absent", &F::AbsentUntil(after(600)), S::ALL.into_iter().map(row).collect());
}

/// A claim, and then what proves it: told to the order once, with the receipt.
#[test]
fn two_sources_prove_a_payment_in_either_order() {
    let bill = || F::Billed(Claim { phone: None, ..claim() });
    let pairs = [
        (told_paid(), query_paid()),
        (told_paid(), bill()),
        (bill(), query_paid()),
        (told_paid(), completed(claim())),
        (bill(), completed(claim())),
    ];
    for (one, other) in pairs {
        let is_question = matches!(other, F::Stated(_));
        for (first, second) in [(&one, &other), (&other, &one)] {
            if is_question && matches!(first, F::Stated(_)) {
                continue;
            }
            let mut collection = at(S::Awaiting);
            let told = |said: &[Consequence]| said.iter().filter(|it| **it == paid()).count();
            let mut said = learn(&mut collection, first.clone(), AGE);
            assert_ne!(collection.state, S::Paid, "{first:?}");
            said.extend(learn(&mut collection, second.clone(), AGE));
            assert_eq!(collection.state, S::Paid, "{first:?}, {second:?}");
            assert_eq!(collection.receipt.as_deref(), Some(RECEIPT));
            assert_eq!(told(&said), 1);
            for again in [first, second] {
                assert_eq!(told(&learn(&mut collection, again.clone(), AGE)), 0, "{again:?}");
            }
        }
    }
}

#[test]
fn a_query_proves_nothing_under_names_that_only_a_callback_gave() {
    let mut collection = at(S::SubmitUnknown);
    learn(&mut collection, told_paid(), AGE);
    learn(&mut collection, query_paid(), AGE);
    assert_eq!(collection.state, S::SubmitUnknown);
    assert_eq!(collection.next_step(), CollectionStep::AskStatus(RECEIPT.into()));
    assert_eq!(learn(&mut collection, F::Accepted(push_refs(1)), AGE), [accepted(1), paid()]);
    assert_eq!(collection.state, S::Paid, "they were the rail's own");
}

#[test]
fn what_was_told_under_other_names_than_the_rails_is_forgotten() {
    let mut collection = at(S::Sending);
    learn(&mut collection, told(paid_outcome(other_claim()), 2), AGE);
    let forged = review(RailReview::Forged, "an earlier callback named other ids");
    let said = learn(&mut collection, F::Accepted(push_refs(1)), AGE);
    assert_eq!(said, [forged, accepted(1)]);
    assert_eq!((collection.state, collection.claimed_receipt()), (S::Awaiting, None));
    learn(&mut collection, query_paid(), AGE);
    assert_eq!(collection.state, S::PaidUnreceipted, "the forged receipt is not credited");
    assert_eq!(learn(&mut collection, told_paid(), AGE), [paid()]);
}

#[test]
fn a_query_proves_only_what_was_asked_for() {
    let mut collection = at(S::Awaiting);
    let short = Claim { amount: fiat("100"), ..claim() };
    learn(&mut collection, told(paid_outcome(short.clone()), 1), AGE);
    learn(&mut collection, query_paid(), AGE);
    assert_ne!(collection.state, S::Paid);
    assert_eq!(collection.next_step(), CollectionStep::AskStatus(RECEIPT.into()));
    let said = learn(&mut collection, completed(short.clone()), AGE);
    assert_eq!(said, [Consequence::CredentialsWork, paid_by(short)], "as much as was paid");
}

#[test]
fn a_query_does_not_say_which_of_two_claims_is_true() {
    let mut collection = at(S::Awaiting);
    learn(&mut collection, told_paid(), AGE);
    learn(&mut collection, F::Billed(other_claim()), AGE);
    assert_eq!(learn(&mut collection, query_paid(), AGE), []);
    assert_ne!(collection.state, S::Paid);
    assert_eq!(collection.next_step(), CollectionStep::AskStatus(RECEIPT.into()));
    let said = learn(&mut collection, F::Pulled(other_claim()), AGE);
    assert_eq!(said.first(), Some(&paid_by(other_claim())), "a statement does");
}

#[test]
fn a_claim_that_no_statement_knows_is_a_persons_to_settle() {
    let mut collection = at(S::Awaiting);
    learn(&mut collection, told_paid(), AGE);
    let detail = "a callback says paid, the statement does not know it";
    let said = learn(&mut collection, F::AbsentUntil(after(600)), 600);
    assert_eq!(said, [review(RailReview::Contradiction, detail)]);
    assert_eq!(collection.state, S::Review);
    assert_eq!(learn(&mut collection, F::Pulled(claim()), 900), [paid()], "until one does");
}

#[test]
fn what_does_not_fit_a_credited_payment_is_looked_at_and_changes_nothing() {
    let mut credited = at(S::Awaiting);
    learn(&mut credited, F::Billed(claim()), AGE);
    learn(&mut credited, query_paid(), AGE);
    assert_eq!(credited.state, S::Paid);
    let told = |claim| told(paid_outcome(claim), 1);
    let amount = told(Claim { amount: fiat("1"), ..claim() });
    let due = fresh().amount;
    let detail = format!("{RECEIPT} is credited with {due}, another source says {}", fiat("1"));
    let said = learn(&mut credited.clone(), amount, AGE);
    assert_eq!(said, [review(RailReview::Contradiction, &detail)]);
    let phone = told(Claim { phone: Some(stranger()), ..claim() });
    let said = learn(&mut credited.clone(), phone, AGE);
    assert_eq!(said, [review(RailReview::WrongPhone, "another phone has paid")]);
    assert_eq!(learn(&mut credited, told(claim()), AGE), [], "what fits is no news");
    assert_eq!(credited.state, S::Paid);
}

/// What we asked for ourselves says how much was paid; the order knows that something else was told.
#[test]
fn sources_that_name_different_amounts_are_one_doubtful_payment() {
    let short = || Claim { amount: fiat("100"), ..claim() };
    let said_short = doubted(short(), PaymentDoubt::Amount(claim().amount));
    let said_whole = doubted(claim(), PaymentDoubt::Amount(fiat("100")));
    let mut collection = at(S::Awaiting);
    learn(&mut collection, told_paid(), AGE);
    assert_eq!(learn(&mut collection, F::Pulled(short()), AGE), [said_short]);
    assert_eq!((collection.state, collection.next_step()), (S::Paid, CollectionStep::Finish));
    let mut collection = at(S::Awaiting);
    learn(&mut collection, told(paid_outcome(short()), 1), AGE);
    let said = learn(&mut collection, completed(claim()), AGE);
    assert_eq!(said, [Consequence::CredentialsWork, said_whole]);
    assert_eq!(learn(&mut collection, F::Pulled(claim()), AGE), [], "once");
}

#[test]
fn a_payment_by_another_phone_is_doubtful() {
    let other = || Claim { phone: Some(stranger()), ..claim() };
    let wrong = || doubted(other(), PaymentDoubt::Phone);
    let mut collection = at(S::Awaiting);
    learn(&mut collection, told(paid_outcome(other()), 1), AGE);
    assert_eq!(learn(&mut collection, query_paid(), AGE), [wrong()]);
    let mut collection = at(S::Awaiting);
    assert_eq!(learn(&mut collection, F::Pulled(other()), AGE), [wrong()]);
    let mut collection = at(S::Awaiting);
    learn(&mut collection, told(paid_outcome(other()), 1), AGE);
    let nameless = Claim { phone: None, ..claim() };
    let said = learn(&mut collection, F::Pulled(nameless.clone()), AGE);
    assert_eq!(said, [doubted(nameless, PaymentDoubt::Phone)], "whoever names a phone counts");
    assert_eq!(collection.state, S::Paid);
}

#[test]
fn why_it_came_to_nothing_is_told() {
    let error = |mut collection: Collection, fact: F| {
        let said = collection.learn(fact, &Tempo::default(), after(AGE));
        let told = said.into_iter().find_map(|one| match one {
            Consequence::Tell(OrderEvent::CollectionFailed { error, .. }) => error,
            _ => None,
        });
        let AttemptError { leg, code, rail_code, at } = told.expect("a reason");
        assert_eq!((leg, at), (Leg::Collection, after(AGE)));
        (code, rail_code)
    };
    let told = |code: &str| (ErrorCode::Unknown, Some(code.to_owned()));
    assert_eq!(error(at(S::Awaiting), told_not("1032")), told("1032"));
    let mut asked = at(S::Awaiting);
    learn(&mut asked, query_not(), AGE - 20);
    let queried = error(asked, query_not());
    assert_eq!((queried.0, queried.1.is_some()), (ErrorCode::Unknown, true));
    let silent = error(at(S::SubmitUnknown), F::AbsentUntil(after(600)));
    assert_eq!(silent, (ErrorCode::NoResponse, None));
    for (why, code) in [
        (WhyNot::PhoneBusy, ErrorCode::PhoneBusy),
        (WhyNot::NotSent, ErrorCode::RailUnavailable),
        (WhyNot::Credentials, ErrorCode::ServiceFault),
    ] {
        let refused = F::NotDone(NotDone { why, detail: "no".into() });
        assert_eq!(error(at(S::Sending), refused), (code, None), "{why:?}");
    }
}

#[test]
fn a_claim_that_the_rail_denies_is_a_persons_to_settle() {
    let denied = "a callback says paid, the rail says it is not";
    let mut collection = at(S::Awaiting);
    learn(&mut collection, told_paid(), AGE);
    learn(&mut collection, query_not(), AGE);
    assert_eq!(collection.state, S::Awaiting, "a query alone does not overrule a callback");
    assert_eq!(collection.next_step(), CollectionStep::AskStatus(RECEIPT.into()));
    let said = learn(&mut collection, F::Stated(Fate::Failed("Cancelled".into())), AGE);
    let denied = review(RailReview::Contradiction, denied);
    assert_eq!(said, [Consequence::CredentialsWork, denied]);
    assert_eq!((collection.state, collection.next_step()), (S::Review, CollectionStep::Finish));
    assert_eq!(learn(&mut collection, query_paid(), AGE), [], "nor does it settle it");
    assert_eq!(learn(&mut collection, F::Pulled(claim()), AGE), [paid()], "a statement does");
}

#[test]
fn two_callbacks_that_differ_are_looked_at() {
    let differ = || review(RailReview::Contradiction, "two callbacks differ");
    for state in [S::Paid, S::Review] {
        let mut collection = at(state);
        let second = told(paid_outcome(other_claim()), 1);
        assert_eq!(learn(&mut collection, second, AGE), [differ()], "{state:?}");
        assert_eq!(collection.evidence.told, Some(claim()), "the first stands");
    }
}

/// Somebody has paid twice under one name: both payments are somebody's.
#[test]
fn a_second_payment_that_names_the_attempt_is_looked_at() {
    let spare = |receipt| {
        let detail = format!("payment {receipt} names this attempt too");
        review(RailReview::Unmatched, &detail)
    };
    let mut collection = at(S::Paid);
    assert_eq!(learn(&mut collection, F::Billed(other_claim()), AGE), [spare(OTHER_RECEIPT)]);
    assert_eq!(learn(&mut collection, F::Pulled(other_claim()), AGE), [spare(OTHER_RECEIPT)]);
    assert_eq!(collection.receipt.as_deref(), Some(RECEIPT));

    let mut collection = at(S::Awaiting);
    assert_eq!(learn(&mut collection, F::Billed(claim()), AGE), []);
    assert_eq!(learn(&mut collection, F::Billed(other_claim()), AGE), [spare(OTHER_RECEIPT)]);

    let mut collection = at(S::Awaiting);
    learn(&mut collection, told_paid(), AGE);
    let said = learn(&mut collection, F::Pulled(other_claim()), AGE);
    assert_eq!(said, [paid_by(other_claim()), spare(RECEIPT)], "what nobody proved is not lost");
}

#[test]
fn the_query_says_not_paid_twice_and_late_enough() {
    let tell = |pairs: &[i64]| {
        let mut collection = at(S::Awaiting);
        let said: Vec<_> =
            pairs.iter().flat_map(|second| learn(&mut collection, query_not(), *second)).collect();
        (collection.state, said)
    };
    let ended = || (S::NotPaid, vec![failed()]);
    let open = || (S::Awaiting, vec![]);
    assert_eq!(tell(&[90]), open(), "once");
    assert_eq!(tell(&[75, 90]), open(), "too close");
    assert_eq!(tell(&[60, 89]), open(), "too early");
    assert_eq!(tell(&[70, 90]), ended());
    assert_eq!(tell(&[20, 40, 60, 90]), ended());
    assert_eq!(tell(&[20, 40, 60, 90, 120]), ended(), "told once");
}

#[test]
fn nothing_is_stuck_without_a_question_or_an_operator() {
    let late = |state| {
        let mut collection = at(state);
        learn(&mut collection, told_not("1032"), AGE);
        learn(&mut collection, query_not(), AGE);
        learn(&mut collection, told_paid(), 200);
        collection
    };
    for state in [S::Awaiting, S::SubmitUnknown, S::Refused, S::NotPaid] {
        let collection = late(state);
        let step = collection.next_step();
        assert_eq!(step, CollectionStep::AskStatus(RECEIPT.into()), "{state:?}");
        assert!(collection.due_again(&Tempo::default(), after(200)).is_some());
        assert!(collection.is_overdue(&Tempo::default(), after(3600)), "{state:?}");
    }
}

#[test]
fn each_state_says_what_to_do_next() {
    let query = || CollectionStep::Query("ws_CO_1".into());
    let table = [
        (S::Created, CollectionStep::Send),
        (S::Sending, CollectionStep::Abandon),
        (S::Awaiting, query()),
        (S::SubmitUnknown, CollectionStep::Wait),
        (S::Refused, CollectionStep::Finish),
        (S::Paid, CollectionStep::Finish),
        (S::PaidUnreceipted, CollectionStep::Wait),
        (S::NotPaid, query()),
        (S::Review, CollectionStep::Finish),
    ];
    for (state, step) in table {
        assert_eq!(at(state).next_step(), step, "{state:?}");
    }
}

#[test]
fn a_claim_is_asked_about_by_whatever_can_answer() {
    let mut ours = at(S::Awaiting);
    learn(&mut ours, told_paid(), AGE);
    assert_eq!(ours.next_step(), CollectionStep::Query("ws_CO_1".into()));
    let mut theirs = at(S::SubmitUnknown);
    learn(&mut theirs, told_paid(), AGE);
    assert_eq!(theirs.next_step(), CollectionStep::AskStatus(RECEIPT.into()));
    let mut billed = at(S::SubmitUnknown);
    learn(&mut billed, F::Billed(claim()), AGE);
    assert_eq!(billed.next_step(), CollectionStep::AskStatus(RECEIPT.into()));
}

#[test]
fn what_was_called_unpaid_is_asked_about_once_more() {
    let tempo = Tempo::default();
    let mut collection = at(S::Awaiting);
    learn(&mut collection, told_not("1032"), 30);
    assert_eq!(collection.next_step(), CollectionStep::Query("ws_CO_1".into()));
    assert_eq!(collection.due_again(&tempo, after(30)), Some(after(90)), "60 seconds later");
    let undecided = F::Queried(CollectionOutcome::Undecided { code: "4999".into() });
    for _ in 0..4 {
        learn(&mut collection, undecided.clone(), 90);
        assert_ne!(collection.next_step(), CollectionStep::Finish);
    }
    learn(&mut collection, undecided, 90);
    assert_eq!(collection.next_step(), CollectionStep::Finish, "the rail does not say");
    let mut collection = at(S::NotPaid);
    learn(&mut collection, query_not(), 90);
    assert_eq!(collection.due_again(&tempo, after(90)), None);
}

#[test]
fn questions_come_when_they_are_due() {
    let tempo = Tempo::default();
    assert_eq!(at(S::Created).due_again(&tempo, NOW), Some(NOW));
    assert_eq!(at(S::Sending).due_again(&tempo, NOW), Some(NOW));
    assert_eq!(at(S::Awaiting).due_again(&tempo, after(1)), Some(after(20)));
    assert_eq!(at(S::SubmitUnknown).due_again(&tempo, after(20)), Some(after(40)));
    assert_eq!(at(S::PaidUnreceipted).due_again(&tempo, after(601)), Some(after(1501)));
    for state in [S::Refused, S::Paid, S::Review] {
        assert_eq!(at(state).due_again(&tempo, NOW), None, "{state:?}");
    }
    let mut claimed = at(S::Awaiting);
    learn(&mut claimed, told_paid(), 10);
    assert_eq!(claimed.due_again(&tempo, after(10)), Some(after(11)), "soon");
    learn(&mut claimed, F::Queried(CollectionOutcome::Undecided { code: "4999".into() }), 11);
    assert_eq!(claimed.due_again(&tempo, after(11)), Some(after(13)), "then later");
    learn(&mut claimed, query_not(), 13);
    assert_eq!(claimed.due_again(&tempo, after(13)), Some(after(133)), "a status takes longer");
    learn(&mut claimed, F::StatusAsked, 133);
    assert_eq!(claimed.due_again(&tempo, after(133)), Some(after(373)));
}

#[test]
fn an_undecided_collection_is_an_operators_after_an_hour() {
    let tempo = Tempo::default();
    for state in S::ALL {
        let collection = at(state);
        let waits = !matches!(state, S::Refused | S::Paid | S::NotPaid);
        assert!(!collection.is_overdue(&tempo, after(3599)), "{state:?}");
        assert_eq!(collection.is_overdue(&tempo, after(3600)), waits, "{state:?}");
    }
}

#[test]
fn a_prompt_is_sent_once() {
    for state in S::ALL {
        let mut collection = at(state);
        let before = collection.clone();
        assert_eq!(collection.start_sending(after(5)), state == S::Created, "{state:?}");
        if state == S::Created {
            assert_eq!((collection.state, collection.sent_at), (S::Sending, Some(after(5))));
        } else {
            assert_eq!(collection, before);
        }
    }
}

#[test]
fn a_change_is_dated_and_idleness_is_not() {
    let mut collection = at(S::Paid);
    learn(&mut collection, told_paid(), 70);
    assert_eq!(collection.updated_at, NOW);
    learn(&mut collection, F::StatusAsked, 80);
    assert_eq!(collection.updated_at, after(80));
}

/// A prompt that was sent late is paid late: that an older statement lacks it is no contradiction.
#[test]
fn a_statement_before_a_claim_says_nothing_about_it() {
    let mut it = at(S::SubmitUnknown);
    learn(&mut it, F::AbsentUntil(after(1_000)), 1_000);
    assert_eq!(it.state, S::NotPaid);
    let said = learn(&mut it, told_paid(), 1_100);
    assert!(said.iter().all(|one| !matches!(one, Consequence::Review { .. })), "{said:?}");
    let said = learn(&mut it, F::AbsentUntil(after(3_000)), 3_000);
    assert!(said.iter().any(|one| matches!(one, Consequence::Review { .. })), "a later one does");
}
