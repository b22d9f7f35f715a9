//! The breaker: opens by itself, is closed by an operator, and is careful until money has gone well.

use domain::rail::{Circuit, CircuitState, DIFFERENCE};
use domain::testing::rail_samples::after;
use domain::testing::samples::NOW;

const WHY: &str = "the rail refuses our initiator: result 2001";

fn circuit(state: CircuitState) -> Circuit {
    let reason = (state == CircuitState::Open).then(|| WHY.to_owned());
    Circuit { state, reason, since: NOW }
}

#[test]
fn it_opens_by_itself_and_keeps_its_first_reason() {
    for state in [CircuitState::Closed, CircuitState::Probing] {
        let mut it = circuit(state);
        assert!(it.open("first", after(1)));
        let opened =
            Circuit { state: CircuitState::Open, reason: Some("first".into()), since: after(1) };
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
    it.close(after(2));
    assert_eq!(it, Circuit { since: after(2), ..circuit(CircuitState::Probing) });
    assert!(it.prove(after(3)));
    assert_eq!(it, Circuit { since: after(3), ..circuit(CircuitState::Closed) });
    assert!(!it.prove(after(4)), "once");
    assert_eq!(it.since, after(3));
}

#[test]
fn while_it_probes_one_goes_out_at_a_time() {
    let passes = |state| [0, 1, 2].map(|under_way| circuit(state).lets_pass(under_way));
    assert_eq!(passes(CircuitState::Closed), [true, true, true]);
    assert_eq!(passes(CircuitState::Probing), [true, false, false]);
    assert_eq!(passes(CircuitState::Open), [false, false, false]);
}

#[test]
fn while_our_keys_may_be_wrong_nothing_is_asked() {
    assert!(circuit(CircuitState::Open).forbids_questions());
    assert!(!circuit(CircuitState::Probing).forbids_questions());
    assert!(!circuit(CircuitState::Closed).forbids_questions());
    let mut it = circuit(CircuitState::Closed);
    assert!(it.open(&format!("{DIFFERENCE}: the float is off"), after(1)));
    assert!(!it.forbids_questions(), "a difference is cleared up by questions");
    assert!(!it.open(&format!("{DIFFERENCE}: the float is off by more"), after(2)));
    assert!(it.open(WHY, after(3)), "wrong keys weigh more");
    assert!(it.forbids_questions());
    assert!(!it.open(&format!("{DIFFERENCE}: the float is off"), after(4)));
    assert!(it.forbids_questions());
}

#[test]
fn each_state_has_a_name() {
    for state in CircuitState::ALL {
        assert_eq!(CircuitState::parse(state.as_str()), Some(state));
    }
    assert_eq!(CircuitState::parse("ajar"), None);
}
