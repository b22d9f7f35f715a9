//! What every fact makes of money out in every state, written from the rules and not from the code:
//! the state, and exactly what follows. No failure is believed before it is proven.

use DisbursementState as S;
use domain::money::Fiat;
use domain::order::{ErrorCode, OrderEvent, PayoutFailure, RefundOf};
use domain::party::Msisdn;
use domain::rail::disbursement::{
    Disbursement, DisbursementFact as F, DisbursementState, DisbursementStep, Purpose, reference,
};
use domain::rail::{
    Consequence, Doubt, Fate, Fault, NotDone, OutcomeNotice, PayoutOutcome, RailReview, Tempo,
    WhyNot,
};
use domain::testing::rail_samples::{self, RECEIPT, after};
use domain::testing::samples::{self, NOW, fiat, phone};

/// Long enough after the sending for everything but a quiet period.
const AGE: i64 = 100;
const PAID_BY: &str = "QKA81LK5CY";

/// So much that no failure is believed without the rail's own word.
fn large() -> Disbursement {
    let order = samples::order(&samples::place_sell(), 1);
    rail_samples::payout(order.id, fiat("112798"), 1)
}

fn small() -> Disbursement {
    Disbursement { amount: fiat("1000"), ..large() }
}

fn refund() -> Disbursement {
    let order = samples::order(&samples::place_buy(), 1);
    rail_samples::refund(order.id, fiat("175200"), 1)
}

/// `fresh`, sent at [`NOW`], as it gets to `state` most often.
fn at(state: DisbursementState, fresh: Disbursement) -> Disbursement {
    let has_conversation = !matches!(state, S::Created | S::Sending | S::SubmitUnknown);
    let mut it = Disbursement {
        state,
        conversation_id: has_conversation.then(|| "AG_1".to_owned()),
        receipt: (state == S::Paid).then(|| PAID_BY.to_owned()),
        sent_at: (state != S::Created).then_some(NOW),
        ..fresh
    };
    it.evidence.is_known = has_conversation;
    if matches!(state, S::FailedUnconfirmed | S::FailedConfirmed) {
        it.evidence.told_failed = Some(("1".into(), Fault::Sender, after(50)));
    }
    if state == S::FailedConfirmed {
        it.evidence.stated_failed = Some("Failed".into());
    }
    it
}

/// Up to a thousand shillings a well-told failure may be believed unasked.
fn tempo() -> Tempo {
    Tempo { small_payout: 1_000, ..Tempo::default() }
}

fn learn(disbursement: &mut Disbursement, fact: F, seconds: i64) -> Vec<Consequence> {
    let said = disbursement.learn(fact, &tempo(), after(seconds));
    said.into_iter().filter_map(without_reasons).collect()
}

/// What follows, without why something did not work: `why_it_did_not_work_is_told` looks at that.
fn without_reasons(said: Consequence) -> Option<Consequence> {
    Some(match said {
        Consequence::Tell(OrderEvent::AttemptFailed { .. }) => return None,
        Consequence::Tell(OrderEvent::PayoutFailed { failure, .. }) => failed(failure),
        Consequence::Tell(OrderEvent::RefundFailed { refund, .. }) => {
            Consequence::Tell(OrderEvent::RefundFailed { refund, error: None })
        }
        other => other,
    })
}

type Row = (DisbursementState, DisbursementState, Vec<Consequence>);

fn check(name: &str, fresh: &Disbursement, fact: &F, rows: Vec<Row>) {
    let states: Vec<_> = rows.iter().map(|(from, _, _)| *from).collect();
    assert_eq!(states, S::ALL, "{name}: every state has its row");
    for (from, to, follows) in rows {
        let mut it = at(from, fresh.clone());
        let said = learn(&mut it, fact.clone(), AGE);
        assert_eq!((it.state, said), (to, follows), "{name}, {from:?}");
    }
}

fn review(kind: RailReview, detail: &str) -> Consequence {
    Consequence::Review { kind, detail: detail.to_owned() }
}

fn confirmed() -> Consequence {
    Consequence::Tell(OrderEvent::PayoutConfirmed { receipt: PAID_BY.into() })
}

fn failed(failure: PayoutFailure) -> Consequence {
    Consequence::Tell(OrderEvent::PayoutFailed { failure, error: None })
}

fn accepted(conversation: &str) -> Consequence {
    let conversation_id = conversation.to_owned();
    Consequence::Tell(OrderEvent::PayoutAccepted { conversation_id })
}

fn notice(of: &Disbursement, outcome: PayoutOutcome) -> OutcomeNotice {
    OutcomeNotice {
        originator_conversation_id: of.id.to_string().to_uppercase(),
        conversation_id: "AG_1".into(),
        outcome,
    }
}

fn told(of: &Disbursement, outcome: PayoutOutcome) -> F {
    F::Told { notice: notice(of, outcome), from_rail: true }
}

fn done(amount: Option<Fiat>, phone: Option<Msisdn>) -> PayoutOutcome {
    PayoutOutcome::Done { receipt: Some(PAID_BY.into()), amount, phone }
}

fn done_as_asked(of: &Disbursement) -> PayoutOutcome {
    done(Some(of.amount), Some(of.phone.clone()))
}

fn not_done(fault: Fault) -> PayoutOutcome {
    PayoutOutcome::NotDone { code: "1".into(), fault }
}

fn turned_away(why: WhyNot) -> F {
    F::NotDone(NotDone { why, detail: "the gateway says no".into() })
}

fn completed(amount: Fiat) -> F {
    let (receipt, phone) = (PAID_BY.to_owned(), None);
    F::Stated(Fate::Completed { receipt, amount, charge: Some(fiat("13")), phone })
}

#[test]
fn the_rails_acceptance_is_no_payment() {
    let fact = F::Accepted("AG_1".into());
    let row = |state| match state {
        S::Sending | S::SubmitUnknown => (state, S::Accepted, vec![accepted("AG_1")]),
        _ => (state, state, vec![accepted("AG_1")]),
    };
    check("accepted", &large(), &fact, S::ALL.into_iter().map(row).collect());
    let row = |state| match state {
        S::Sending | S::SubmitUnknown => (state, S::Accepted, vec![]),
        _ => (state, state, vec![]),
    };
    check("a refund", &refund(), &fact, S::ALL.into_iter().map(row).collect());
}

#[test]
fn what_was_turned_away_goes_again_under_its_reference() {
    let opens = || Consequence::OpenCircuit("the gateway says no".into());
    let blocked = || review(RailReview::Blocked, "the gateway says no");
    let table = [
        (WhyNot::NotSent, vec![]),
        (WhyNot::PhoneBusy, vec![]),
        (WhyNot::Throttled, vec![]),
        (WhyNot::Credentials, vec![opens()]),
        (WhyNot::Rejected, vec![opens(), blocked()]),
    ];
    for (why, follows) in table {
        let row = |state| match state {
            S::Sending => (state, S::Created, follows.clone()),
            _ => (state, state, follows.clone()),
        };
        check("turned away", &large(), &turned_away(why), S::ALL.into_iter().map(row).collect());
    }
    let mut it = at(S::Sending, large());
    learn(&mut it, turned_away(WhyNot::Throttled), AGE);
    assert_eq!(it.next_step(&tempo()), DisbursementStep::Send);
    assert!(it.start_sending(after(104)));
    assert_eq!((it.state, it.id), (S::Sending, large().id));
}

#[test]
fn what_may_have_been_done_is_unknown() {
    let row = |state| match state {
        S::Sending | S::Accepted => (state, S::SubmitUnknown, vec![]),
        _ => (state, state, vec![]),
    };
    let facts = [
        F::Doubtful(Doubt::NoAnswer("timeout".into())),
        F::Doubtful(Doubt::Duplicate),
        F::Doubtful(Doubt::Unclear("?".into())),
        F::Abandoned,
        F::QueueTimedOut,
        told(&large(), PayoutOutcome::Undecided { code: "9".into() }),
    ];
    for fact in facts {
        check("doubt", &large(), &fact, S::ALL.into_iter().map(row).collect());
    }
}

#[test]
fn a_success_is_taken_from_every_state() {
    let row = |state| match state {
        S::Paid => (state, state, vec![Consequence::CredentialsWork]),
        _ => (state, S::Paid, vec![confirmed(), Consequence::CredentialsWork]),
    };
    let fact = told(&large(), done_as_asked(&large()));
    check("told done", &large(), &fact, S::ALL.into_iter().map(row).collect());
    let denied = "a callback says failed, the rail says paid";
    let row = |state| match state {
        S::Paid => (state, state, vec![Consequence::CredentialsWork]),
        S::FailedUnconfirmed | S::FailedConfirmed => {
            let contradiction = review(RailReview::Contradiction, denied);
            (state, S::Paid, vec![confirmed(), Consequence::CredentialsWork, contradiction])
        }
        _ => (state, S::Paid, vec![confirmed(), Consequence::CredentialsWork]),
    };
    let fact = completed(large().amount);
    check("stated done", &large(), &fact, S::ALL.into_iter().map(row).collect());
    let mut it = at(S::Accepted, large());
    learn(&mut it, fact, AGE);
    assert_eq!((it.receipt.as_deref(), it.evidence.charge), (Some(PAID_BY), Some(fiat("13"))));
}

#[test]
fn a_success_of_something_else_is_none() {
    let stranger = Msisdn::parse("254700000001").expect("a phone");
    let wrong = || review(RailReview::Contradiction, "the result names another amount or phone");
    let row = |state| match state {
        S::Sending | S::Accepted => (state, S::SubmitUnknown, vec![wrong()]),
        _ => (state, state, vec![wrong()]),
    };
    let outcomes =
        [done(Some(fiat("1")), Some(phone())), done(Some(large().amount), Some(stranger))];
    for outcome in outcomes {
        let fact = told(&large(), outcome);
        check("another", &large(), &fact, S::ALL.into_iter().map(row).collect());
    }
    let other = || review(RailReview::Contradiction, "the status names another amount");
    let row = |state| (state, state, vec![other()]);
    check("status", &large(), &completed(fiat("1")), S::ALL.into_iter().map(row).collect());
}

/// A name that is masked, an amount that is missing: it may be ours, and the rail is asked.
#[test]
fn a_success_that_does_not_name_everything_is_asked_about_quietly() {
    let row = |state| match state {
        S::Sending | S::Accepted => (state, S::SubmitUnknown, vec![]),
        _ => (state, state, vec![]),
    };
    let outcomes = [
        done(None, Some(phone())),
        done(Some(large().amount), None),
        PayoutOutcome::Done { receipt: None, amount: Some(large().amount), phone: Some(phone()) },
    ];
    for outcome in outcomes {
        let fact = told(&large(), outcome);
        check("incomplete", &large(), &fact, S::ALL.into_iter().map(row).collect());
    }
    let mut it = at(S::Accepted, large());
    learn(&mut it, told(&large(), done(Some(large().amount), None)), AGE);
    assert_eq!(it.next_step(&Tempo::default()), DisbursementStep::AskStatus);
}

#[test]
fn a_reference_in_another_spelling_is_the_same() {
    let spelled = large().id.simple().to_string().to_uppercase();
    let F::Told { mut notice, from_rail } = told(&large(), done_as_asked(&large())) else {
        panic!("it is told")
    };
    notice.originator_conversation_id = spelled;
    let mut it = at(S::Accepted, large());
    learn(&mut it, F::Told { notice, from_rail }, AGE);
    assert_eq!(it.state, S::Paid);
}

#[test]
fn a_result_of_another_payout_is_forged() {
    let other = Disbursement { id: reference("another", 1), ..large() };
    let forged = || review(RailReview::Forged, "the result names another payout");
    for outcome in [done_as_asked(&large()), not_done(Fault::Receiver)] {
        for state in S::ALL {
            let mut it = at(state, large());
            let before = it.clone();
            assert_eq!(learn(&mut it, told(&other, outcome.clone()), AGE), [forged()]);
            assert_eq!(it, before, "nothing is learned from it");
        }
    }
}

#[test]
fn a_failure_that_is_told_is_not_believed() {
    let contradiction = || review(RailReview::Contradiction, "a failure is told after a success");
    for fault in [Fault::Receiver, Fault::Sender] {
        for fresh in [small(), large()] {
            let row = |state: DisbursementState| match state {
                S::Paid => (state, state, vec![contradiction()]),
                state if state.is_under_way() => (state, S::FailedUnconfirmed, vec![]),
                _ => (state, state, vec![]),
            };
            let fact = told(&fresh, not_done(fault));
            check("told failed", &fresh, &fact, S::ALL.into_iter().map(row).collect());
        }
    }
    let mut it = at(S::Accepted, large());
    let opens = "the rail refuses our initiator: result 1".to_owned();
    let said = learn(&mut it, told(&large(), not_done(Fault::Credentials)), AGE);
    assert_eq!(said, [Consequence::OpenCircuit(opens)]);
}

#[test]
fn the_rails_own_word_ends_it() {
    let fact = F::Stated(Fate::Failed("Cancelled".into()));
    let ends = || vec![Consequence::CredentialsWork, failed(PayoutFailure::Sender)];
    let denies = || review(RailReview::Contradiction, "the rail says failed after a success");
    let row = |state: DisbursementState| match state {
        state if state.is_under_way() => (state, S::FailedConfirmed, ends()),
        S::Paid => (state, state, vec![Consequence::CredentialsWork, denies()]),
        _ => (state, state, vec![Consequence::CredentialsWork]),
    };
    check("stated failed", &large(), &fact, S::ALL.into_iter().map(row).collect());
    let mut it = at(S::Accepted, large());
    learn(&mut it, told(&large(), not_done(Fault::Receiver)), AGE);
    let said = learn(&mut it, fact, AGE);
    assert_eq!(said, [Consequence::CredentialsWork, failed(PayoutFailure::Receiver)]);
    let row = |state| (state, state, vec![]);
    for fate in [
        Fate::NoAnswer { code: "not found".into(), fault: None },
        Fate::NoAnswer { code: "busy".into(), fault: Some(Fault::Sender) },
    ] {
        let fact = F::Stated(fate);
        check("no word", &large(), &fact, S::ALL.into_iter().map(row).collect());
    }
    let row = |state| (state, state, vec![Consequence::CredentialsWork]);
    let pending = F::Stated(Fate::Pending("Pending".into()));
    check("it knows us", &large(), &pending, S::ALL.into_iter().map(row).collect());
    let opens = || Consequence::OpenCircuit("a status question was refused: 2001".into());
    let row = |state| (state, state, vec![opens()]);
    let fact = F::Stated(Fate::NoAnswer { code: "2001".into(), fault: Some(Fault::Credentials) });
    check("credentials", &large(), &fact, S::ALL.into_iter().map(row).collect());
}

/// The order is still to be paid, and hears that this try was none.
#[test]
fn a_failure_for_want_of_float_is_told_at_once_and_proven_like_any_other() {
    let mut it = at(S::Accepted, large());
    let short = Consequence::FloatShort(large().amount);
    let lacks = || told(&large(), not_done(Fault::Float));
    assert_eq!(learn(&mut it, lacks(), AGE), std::slice::from_ref(&short));
    assert_eq!(learn(&mut it, lacks(), AGE), [], "once");
    assert_eq!(it.state, S::FailedUnconfirmed);
    let fact = F::Stated(Fate::Failed("Declined".into()));
    let said = learn(&mut it, fact.clone(), AGE);
    assert_eq!(said, [Consequence::CredentialsWork, failed(PayoutFailure::Float)]);
    assert!(it.lacked_float());
    let mut it = at(S::SubmitUnknown, large());
    assert_eq!(learn(&mut it, lacks(), AGE), [], "not well told: nothing stops for it yet");
    let said = learn(&mut it, fact, AGE);
    assert_eq!(said, [Consequence::CredentialsWork, failed(PayoutFailure::Float), short]);
}

#[test]
fn a_refund_that_finds_too_little_is_not_given_up() {
    let mut it = at(S::Accepted, refund());
    let notice = notice(&it, not_done(Fault::Float));
    let said = learn(&mut it, F::Told { notice, from_rail: true }, AGE);
    assert_eq!(said, [Consequence::RefundShort(refund().amount)]);
    assert_eq!(learn(&mut it, F::Waited, 700), [], "the order hears of no failure");
    assert_eq!((it.state, it.lacked_float()), (S::FailedConfirmed, true));
}

#[test]
fn questions_and_time_alone_change_nothing() {
    let row = |state| (state, state, vec![]);
    for fact in [F::Asked, F::Waited] {
        check("idle", &large(), &fact, S::ALL.into_iter().map(row).collect());
    }
}

/// A small failure, told at second 100 and well or not; what is believed at a later second.
fn believed(fresh: Disbursement, from_rail: bool, then: &[(F, i64)]) -> (S, Vec<Consequence>) {
    let mut it = at(S::Accepted, fresh);
    let notice = notice(&it, not_done(Fault::Receiver));
    learn(&mut it, F::Told { notice, from_rail }, AGE);
    let said = then.iter().flat_map(|(fact, at)| learn(&mut it, fact.clone(), *at)).collect();
    (it.state, said)
}

#[test]
fn a_small_failure_told_well_is_believed_after_a_quiet_time() {
    let gone = || (S::FailedConfirmed, vec![failed(PayoutFailure::Receiver)]);
    let open = || (S::FailedUnconfirmed, vec![]);
    assert_eq!(believed(small(), true, &[(F::Waited, 699)]), open());
    assert_eq!(believed(small(), true, &[(F::Waited, 700)]), gone());
    assert_eq!(believed(small(), true, &[(F::Waited, 700), (F::Waited, 9999)]), gone(), "once");
    let above = Disbursement { amount: fiat("1000.01"), ..large() };
    assert_eq!(believed(above, true, &[(F::Waited, 99_999)]), open(), "not so small");
    assert_eq!(believed(small(), false, &[(F::Waited, 99_999)]), open(), "from elsewhere");
    let mut it = at(S::SubmitUnknown, small());
    learn(&mut it, told(&small(), not_done(Fault::Receiver)), AGE);
    learn(&mut it, F::Waited, 99_999);
    assert_eq!(it.state, S::FailedUnconfirmed, "of a conversation that is not known");
}

#[test]
fn a_refunds_failure_told_well_is_believed_after_a_quiet_time_whatever_its_size() {
    let failed = || {
        vec![Consequence::Tell(OrderEvent::RefundFailed { refund: RefundOf::Order, error: None })]
    };
    let open = || (S::FailedUnconfirmed, vec![]);
    assert_eq!(believed(refund(), true, &[(F::Waited, 699)]), open());
    assert_eq!(believed(refund(), true, &[(F::Waited, 700)]), (S::FailedConfirmed, failed()));
    assert_eq!(believed(refund(), false, &[(F::Waited, 99_999)]), open(), "from elsewhere");
}

#[test]
fn the_quiet_time_begins_when_the_failure_is_told_well() {
    let again = |second| (told(&small(), not_done(Fault::Receiver)), second);
    let said = believed(small(), false, &[again(5000), (F::Waited, 5599)]);
    assert_eq!(said, (S::FailedUnconfirmed, vec![]), "an early one from elsewhere saves no time");
    let said = believed(small(), false, &[again(5000), (F::Waited, 5600)]);
    assert_eq!(said, (S::FailedConfirmed, vec![failed(PayoutFailure::Receiver)]));
    let said = believed(small(), true, &[again(690), (F::Waited, 700)]);
    assert_eq!(said.0, S::FailedConfirmed, "told again is told once");
}

#[test]
fn a_failure_that_is_opposed_takes_the_rails_own_word() {
    let opposing = [
        told(&small(), done(Some(fiat("1")), Some(phone()))),
        told(&small(), PayoutOutcome::Undecided { code: "9".into() }),
        completed(fiat("1")),
        F::Stated(Fate::Pending("Pending".into())),
    ];
    for fact in opposing {
        let (state, _) = believed(small(), true, &[(fact.clone(), 200), (F::Waited, 99_999)]);
        assert_eq!(state, S::FailedUnconfirmed, "{fact:?}");
        let fate = F::Stated(Fate::Failed("Cancelled".into()));
        let (state, _) = believed(small(), true, &[(fact, 200), (fate, 300)]);
        assert_eq!(state, S::FailedConfirmed);
    }
}

#[test]
fn a_success_overturns_a_proven_failure() {
    let mut it = at(S::Accepted, small());
    learn(&mut it, told(&small(), not_done(Fault::Receiver)), AGE);
    assert_eq!(learn(&mut it, F::Waited, 700), [failed(PayoutFailure::Receiver)]);
    let said = learn(&mut it, told(&small(), done_as_asked(&small())), 9999);
    assert_eq!(said, [confirmed(), Consequence::CredentialsWork]);
    assert_eq!(it.state, S::Paid);
    learn(&mut it, F::Stated(Fate::Failed("Failed".into())), 9999);
    assert_eq!(it.state, S::Paid, "nothing leaves it");
}

#[test]
fn two_receipts_of_one_payout_are_looked_at() {
    let mut it = at(S::Paid, large());
    let second = PayoutOutcome::Done {
        receipt: Some("ANOTHER".into()),
        amount: Some(large().amount),
        phone: Some(phone()),
    };
    let twice = review(RailReview::Contradiction, "the rail names two receipts");
    let said = learn(&mut it, told(&large(), second), AGE);
    assert_eq!(said, [twice, Consequence::CredentialsWork]);
    assert_eq!(it.receipt.as_deref(), Some(PAID_BY));
}

/// The rail names a reversal itself, and each repetition anew: its door says what it is about.
#[test]
fn the_result_of_a_repeated_refund_is_heard() {
    let reversal = |conversation: &str, outcome| F::Told {
        notice: OutcomeNotice {
            originator_conversation_id: "71840-27539181-07".into(),
            conversation_id: conversation.into(),
            outcome,
        },
        from_rail: true,
    };
    let done = || PayoutOutcome::Done { receipt: Some("REV".into()), amount: None, phone: None };
    let back = |reference: String| {
        Consequence::Tell(OrderEvent::RefundConfirmed { refund: RefundOf::Order, reference })
    };
    for conversation in ["AG_1", "AG_2", "AG_3"] {
        let mut it = at(S::Accepted, refund());
        learn(&mut it, F::Accepted("AG_2".into()), AGE);
        assert_eq!(it.conversation_id.as_deref(), Some("AG_2"));
        let said = learn(&mut it, reversal(conversation, done()), AGE);
        assert_eq!(said, [back("REV".into()), Consequence::CredentialsWork], "{conversation}");
    }
    let mut it = at(S::SubmitUnknown, refund());
    let nameless = PayoutOutcome::Done { receipt: None, amount: None, phone: None };
    let said = learn(&mut it, reversal("AG_9", nameless), AGE);
    assert_eq!(said[0], back(format!("reversed:{}", it.id)), "reversed already");
    let mut it = at(S::Accepted, Disbursement { amount: fiat("10"), ..refund() });
    learn(&mut it, reversal("AG_9", not_done(Fault::Sender)), AGE);
    assert_eq!(learn(&mut it, F::Waited, 9999), [], "a conversation that is not known");
    learn(&mut it, reversal("AG_1", not_done(Fault::Sender)), 9999);
    let gone = Consequence::Tell(OrderEvent::RefundFailed { refund: RefundOf::Order, error: None });
    assert_eq!(learn(&mut it, F::Waited, 10_599), [gone]);
}

#[test]
fn each_state_says_what_to_do_next() {
    let tempo = tempo();
    let table = [
        (S::Created, DisbursementStep::Send, DisbursementStep::Send),
        (S::Sending, DisbursementStep::Abandon, DisbursementStep::Abandon),
        (S::Accepted, DisbursementStep::AskStatus, DisbursementStep::Repeat),
        (S::SubmitUnknown, DisbursementStep::AskStatus, DisbursementStep::Repeat),
        (S::Paid, DisbursementStep::AskStatus, DisbursementStep::Finish),
        (S::FailedUnconfirmed, DisbursementStep::AskStatus, DisbursementStep::Repeat),
        (S::FailedConfirmed, DisbursementStep::Finish, DisbursementStep::Finish),
    ];
    for (state, payout, back) in table {
        assert_eq!(at(state, large()).next_step(&tempo), payout, "{state:?}");
        assert_eq!(at(state, refund()).next_step(&tempo), back, "{state:?}");
    }
    let mut it = at(S::Accepted, small());
    learn(&mut it, told(&small(), not_done(Fault::Receiver)), AGE);
    assert_eq!(it.next_step(&tempo), DisbursementStep::Wait);
    assert_eq!(it.due_again(&tempo, after(AGE)), Some(after(700)));
    assert_eq!(it.due_again(&tempo, after(800)), Some(after(800)), "no time in the past");
}

#[test]
fn questions_come_ever_more_rarely_and_then_an_operator() {
    let tempo = tempo();
    let mut it = at(S::Accepted, large());
    for pause in [120, 240, 480, 900, 1800] {
        assert!(!it.is_overdue(&tempo));
        assert_eq!(it.due_again(&tempo, NOW), Some(after(pause)));
        learn(&mut it, F::Asked, AGE);
    }
    assert!(it.is_overdue(&tempo));
    assert_eq!(it.due_again(&tempo, NOW), Some(after(3600)), "and goes on");
    let mut it = at(S::Created, large());
    for pause in [2, 4, 8, 16, 32, 64, 128, 256, 512, 900] {
        assert!(!it.is_overdue(&tempo));
        assert_eq!(it.due_again(&tempo, NOW), Some(after(pause)));
        learn(&mut it, turned_away(WhyNot::Throttled), AGE);
    }
    assert!(it.is_overdue(&tempo), "nor is it turned away in silence");
    for it in [at(S::Paid, refund()), at(S::FailedConfirmed, large())] {
        assert_eq!(it.due_again(&tempo, NOW), None, "{:?}", it.state);
        assert!(!it.is_overdue(&tempo));
    }
    assert_eq!(at(S::Sending, large()).due_again(&tempo, NOW), Some(NOW));
}

/// Its status tells what it cost, and confirms what a callback said.
#[test]
fn a_paid_payout_is_asked_about_until_its_charge_is_known() {
    let tempo = tempo();
    let mut it = at(S::Accepted, large());
    learn(&mut it, told(&large(), done_as_asked(&large())), AGE);
    assert_eq!(it.due_again(&tempo, NOW), Some(after(120)));
    learn(&mut it, F::Asked, AGE);
    let said = learn(&mut it, completed(large().amount), AGE);
    assert_eq!(said, [Consequence::CredentialsWork], "told once");
    assert_eq!((it.evidence.charge, it.due_again(&tempo, NOW)), (Some(fiat("13")), None));
    let mut it = at(S::Paid, large());
    for _ in 0..5 {
        assert_eq!(it.next_step(&tempo), DisbursementStep::AskStatus);
        learn(&mut it, F::Asked, AGE);
    }
    assert_eq!(it.next_step(&tempo), DisbursementStep::Finish, "the rail does not say");
    assert!(!it.is_overdue(&tempo), "which moves no money");
}

/// Where resending is allowed: after two questions, while nothing shows that the rail has it.
#[test]
fn a_payout_that_the_rail_does_not_know_goes_again_under_its_reference() {
    let tempo = Tempo { resends: true, ..Tempo::default() };
    let steps = |mut it: Disbursement, tempo: &Tempo| {
        let mut steps = vec![];
        for _ in 0..6 {
            steps.push(it.next_step(tempo));
            learn(&mut it, F::Asked, AGE);
        }
        steps
    };
    let (ask, again) = (DisbursementStep::AskStatus, DisbursementStep::Repeat);
    let unknown = || at(S::SubmitUnknown, large());
    assert_eq!(steps(unknown(), &tempo), [ask, ask, again, again, ask, ask]);
    assert_eq!(steps(unknown(), &Tempo::default()), [ask; 6], "not without leave");
    let shows = [
        F::Accepted("AG_1".into()),
        F::Doubtful(Doubt::Duplicate),
        F::Stated(Fate::Pending("Pending".into())),
        told(&large(), PayoutOutcome::Undecided { code: "9".into() }),
        told(&large(), done(Some(fiat("1")), Some(phone()))),
        told(&large(), not_done(Fault::Sender)),
        completed(fiat("1")),
    ];
    for fact in shows {
        let mut it = unknown();
        learn(&mut it, fact.clone(), AGE);
        assert_eq!(steps(it, &tempo), [ask; 6], "{fact:?}");
    }
    assert_eq!(steps(at(S::SubmitUnknown, refund()), &tempo), [again; 6], "a refund always does");
}

#[test]
fn it_is_sent_once_unless_it_was_turned_away() {
    for state in S::ALL {
        let mut it = at(state, large());
        assert_eq!(it.start_sending(after(5)), state == S::Created, "{state:?}");
    }
}

#[test]
fn a_reference_is_a_function_of_what_it_is_for() {
    let order = samples::order(&samples::place_sell(), 1);
    let key = format!("{}:pay_out", order.id);
    assert_eq!(reference(&key, 1), reference(&key, 1));
    assert_ne!(reference(&key, 1), reference(&key, 2));
    assert_ne!(reference(&key, 1), reference(&format!("{key}1"), 1));
    let Purpose::Refund { receipt, .. } = refund().purpose else { panic!("a refund") };
    assert_eq!(receipt, RECEIPT);
}

#[test]
fn unless_it_is_set_no_failure_is_believed_unasked() {
    let mut it = at(S::Accepted, small());
    let fact = told(&small(), not_done(Fault::Receiver));
    it.learn(fact, &Tempo::default(), after(AGE));
    let much_later = after(AGE + 100_000);
    assert_eq!(it.learn(F::Waited, &Tempo::default(), much_later), []);
    assert_eq!(it.next_step(&Tempo::default()), DisbursementStep::AskStatus);
}

/// B2C v1 mints a reference of its own: its results are known by the conversation.
#[test]
fn where_the_rail_knows_no_reference_of_ours_the_conversation_names_it_and_nothing_is_asked() {
    let unkeyed = Tempo { keyed: false, ..tempo() };
    let result = |conversation: &str| {
        let notice = OutcomeNotice {
            originator_conversation_id: "12345-67890-1".to_owned(),
            conversation_id: conversation.to_owned(),
            outcome: done_as_asked(&large()),
        };
        F::Told { notice, from_rail: true }
    };
    let mut it = at(S::Accepted, large());
    assert_eq!(it.next_step(&unkeyed), DisbursementStep::Wait);
    it.learn(result("AG_2"), &unkeyed, after(AGE));
    assert_eq!(it.state, S::Accepted, "another conversation is another payout");
    it.learn(result("AG_1"), &unkeyed, after(AGE));
    assert_eq!((it.state, it.next_step(&unkeyed)), (S::Paid, DisbursementStep::Finish));
    let doubtful = at(S::SubmitUnknown, large());
    assert!(doubtful.is_overdue(&unkeyed), "every doubt is an operator's");
    let mut silent = at(S::Accepted, large());
    for _ in 0..unkeyed.patience() {
        silent.learn(F::Waited, &unkeyed, after(AGE));
    }
    assert!(silent.is_overdue(&unkeyed), "silence too");
}

#[test]
fn why_it_did_not_work_is_told() {
    let errors = |it: &mut Disbursement, fact: F, seconds| -> Vec<(ErrorCode, Option<String>)> {
        let said = it.learn(fact, &tempo(), after(seconds));
        let told = said.into_iter().filter_map(|one| match one {
            Consequence::Tell(OrderEvent::AttemptFailed { error }) => Some(error),
            Consequence::Tell(OrderEvent::PayoutFailed { error, .. }) => error,
            _ => None,
        });
        told.map(|error| (error.code, error.rail_code)).collect()
    };
    for (why, code) in [
        (WhyNot::NotSent, ErrorCode::RailUnavailable),
        (WhyNot::Throttled, ErrorCode::RailUnavailable),
        (WhyNot::Credentials, ErrorCode::ServiceFault),
        (WhyNot::Rejected, ErrorCode::ServiceFault),
    ] {
        let mut it = at(S::Sending, large());
        assert_eq!(errors(&mut it, turned_away(why), AGE), [(code, None)], "{why:?}");
    }
    for (fault, code) in
        [(Fault::Receiver, ErrorCode::Unknown), (Fault::Sender, ErrorCode::ServiceFault)]
    {
        let mut it = at(S::Accepted, large());
        assert_eq!(errors(&mut it, told(&large(), not_done(fault)), AGE), []);
        let stated = F::Stated(Fate::Failed("Declined".into()));
        assert_eq!(errors(&mut it, stated, AGE), [(code, Some("1".into()))], "{fault:?}");
    }
    let mut it = at(S::Accepted, large());
    let stated = F::Stated(Fate::Failed("Declined".into()));
    assert_eq!(errors(&mut it, stated, AGE), [(ErrorCode::RailRefused, None)]);
}
