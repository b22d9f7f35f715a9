//! The breaker: opens by itself, is closed by an operator, is careful until the rail has accepted us,
//! and never waits without end.

use domain::rail::{Circuit, CircuitState, DIFFERENCE, InitiatorUse, Tempo, UNANSWERED};
use domain::testing::rail_samples::after;
use domain::testing::samples::NOW;

const WHY: &str = "the rail refuses our initiator: result 2001";
const USES: [InitiatorUse; 4] =
    [InitiatorUse::Money, InitiatorUse::Repeat, InitiatorUse::Status, InitiatorUse::Balance];
/// What finds out how a payout ended, on the payout's own schedule.
const FOLLOWING: [InitiatorUse; 2] = [InitiatorUse::Repeat, InitiatorUse::Status];
/// What begins something, and is counted.
const COUNTED: [InitiatorUse; 2] = [InitiatorUse::Money, InitiatorUse::Balance];
/// Seconds between two uses whose outcome nobody tells.
const PAUSE: i64 = 180;
/// Seconds after which the last of them is waited for no more.
const END: i64 = 900;

fn circuit(state: CircuitState) -> Circuit {
    let reason = (state == CircuitState::Open).then(|| WHY.to_owned());
    Circuit::new(state, reason, NOW)
}

fn refused() -> Circuit {
    let mut it = circuit(CircuitState::Closed);
    assert!(it.refuse(WHY, NOW));
    it
}

/// The breaker lets this use through so many seconds from the start.
fn uses(it: &mut Circuit, what: InitiatorUse, second: i64) -> bool {
    it.admits(what, &Tempo::default(), after(second))
}

fn gives_up(it: &mut Circuit, second: i64) -> bool {
    it.give_up(&Tempo::default(), after(second))
}

#[test]
fn it_opens_by_itself_and_keeps_its_first_reason() {
    for state in [CircuitState::Closed, CircuitState::Probing] {
        let mut it = circuit(state);
        assert!(it.open("first", after(1)));
        let opened = Circuit::new(CircuitState::Open, Some("first".into()), after(1));
        assert_eq!(it, opened);
        assert!(!it.open("second", after(2)));
        assert_eq!(it, opened);
    }
}

#[test]
fn only_an_operator_closes_it_and_then_it_probes() {
    let mut it = circuit(CircuitState::Open);
    assert!(!it.prove(after(1)), "a success that was on its way changes nothing");
    assert_eq!(it, circuit(CircuitState::Open));
    assert!(it.close(after(2)));
    assert_eq!(it, Circuit { since: after(2), ..circuit(CircuitState::Probing) });
    assert!(it.prove(after(3)));
    assert_eq!(it, Circuit { since: after(3), ..circuit(CircuitState::Closed) });
    assert!(!it.prove(after(4)), "once");
    assert_eq!(it.since, after(3));
}

#[test]
fn closing_what_is_not_open_changes_nothing() {
    for state in [CircuitState::Closed, CircuitState::Probing] {
        let mut it = circuit(state);
        assert!(!it.close(after(9)));
        assert_eq!(it, circuit(state));
    }
}

#[test]
fn closed_lets_everything_through_and_open_nothing() {
    for what in USES {
        let mut closed = circuit(CircuitState::Closed);
        assert!((0..3).all(|second| uses(&mut closed, what, second)));
        assert_eq!(closed, circuit(CircuitState::Closed), "nothing is counted");
        assert!(!uses(&mut circuit(CircuitState::Open), what, 9_999));
    }
}

#[test]
fn while_it_probes_one_goes_out_at_a_time() {
    let mut it = circuit(CircuitState::Probing);
    assert!(uses(&mut it, InitiatorUse::Money, 0));
    for what in COUNTED {
        assert!(!uses(&mut it, what, 0));
        assert!(!uses(&mut it, what, PAUSE - 1));
    }
}

#[test]
fn what_became_of_a_payout_is_asked_while_it_probes_and_counts_for_nothing() {
    let mut it = circuit(CircuitState::Probing);
    assert!(uses(&mut it, InitiatorUse::Money, 0));
    let before = it.clone();
    for what in FOLLOWING {
        assert!((1..9).all(|second| uses(&mut it, what, second)), "{what:?}");
    }
    assert_eq!(it, before);
}

#[test]
fn an_unknown_outcome_makes_room_for_one_more_after_a_while() {
    for what in [InitiatorUse::Money, InitiatorUse::Balance] {
        let mut it = circuit(CircuitState::Probing);
        assert!(uses(&mut it, InitiatorUse::Money, 0));
        assert!(uses(&mut it, what, PAUSE), "{what:?}");
        assert!(it.prove(after(PAUSE + 1)), "and its success closes the breaker");
        assert!(uses(&mut it, InitiatorUse::Money, PAUSE + 1));
    }
}

#[test]
fn probing_ends_without_any_payout() {
    let mut it = circuit(CircuitState::Probing);
    assert!(!uses(&mut it, InitiatorUse::Balance, PAUSE - 1));
    assert!(uses(&mut it, InitiatorUse::Balance, PAUSE));
    assert!(it.prove(after(PAUSE + 2)));
}

#[test]
fn when_nothing_is_answered_it_opens_before_the_third_use() {
    let mut it = circuit(CircuitState::Probing);
    assert!(uses(&mut it, InitiatorUse::Money, 0) && uses(&mut it, InitiatorUse::Money, PAUSE));
    assert!(!gives_up(&mut it, PAUSE + END - 1), "the second has its time too");
    for what in COUNTED {
        assert!(!uses(&mut it, what, 100 * PAUSE), "no third: {what:?}");
    }
    assert!(gives_up(&mut it, PAUSE + END));
    assert_eq!((it.state, it.why()), (CircuitState::Open, Some("unanswered")));
    assert!(it.reason.as_ref().is_some_and(|why| why.starts_with(UNANSWERED)));
    assert!(!gives_up(&mut it, 9_999), "once");
}

/// Whatever is lost: between two words of an operator twice at most is something begun.
#[test]
fn after_a_refusal_an_operators_word_is_worth_one_use() {
    let mut it = refused();
    for round in 1..=3_i64 {
        let start = round * 10 * PAUSE;
        assert!(it.close(after(start)));
        assert!(uses(&mut it, InitiatorUse::Money, start));
        for what in COUNTED {
            assert!(!uses(&mut it, what, start + 5 * PAUSE), "{what:?}");
        }
        assert!(gives_up(&mut it, start + END));
    }
    assert!(it.close(after(100 * PAUSE)) && uses(&mut it, InitiatorUse::Money, 100 * PAUSE));
    assert!(it.prove(after(100 * PAUSE)));
    assert_eq!(it.unproven, 0, "what is accepted clears the count");
}

#[test]
fn what_the_gateway_turned_away_was_no_use() {
    let mut it = circuit(CircuitState::Probing);
    for second in 0..100 {
        assert!(uses(&mut it, InitiatorUse::Money, second));
        it.take_back();
    }
    assert_eq!(it, circuit(CircuitState::Probing));
    assert!(!gives_up(&mut it, 9_999));
}

#[test]
fn a_difference_lets_questions_through_and_ends_by_itself() {
    let off = format!("{DIFFERENCE}: the float is off");
    let mut it = circuit(CircuitState::Closed);
    assert!(it.open(&off, after(1)));
    assert_eq!(it.why(), Some("difference"));
    assert!(!uses(&mut it, InitiatorUse::Money, 9));
    assert!(uses(&mut it, InitiatorUse::Status, 9) && uses(&mut it, InitiatorUse::Balance, 9));
    assert!(!it.open(&format!("{DIFFERENCE}: the float is off by more"), after(2)));
    let mut ended = it.clone();
    assert!(ended.end_difference(after(3)));
    assert_eq!(ended, Circuit { since: after(3), ..circuit(CircuitState::Closed) });
    assert!(it.refuse(WHY, after(3)), "wrong keys weigh more");
    assert_eq!(it.why(), Some("refused"));
    assert!(!it.open(&off, after(4)));
    assert!(!it.end_difference(after(5)), "and go by nobody's word but an operator's");
    assert!(!uses(&mut it, InitiatorUse::Balance, 9_999));
    let mut stopped = circuit(CircuitState::Closed);
    assert!(stopped.open("an audit", NOW));
    assert_eq!(stopped.why(), Some("operator"));
}

#[test]
fn each_state_has_a_name() {
    for state in CircuitState::ALL {
        assert_eq!(CircuitState::parse(state.as_str()), Some(state));
    }
    assert_eq!(CircuitState::parse("ajar"), None);
}
