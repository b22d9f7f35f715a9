//! The lists of names that the API's description has, held against everything that can be told to an
//! order: no name that is not listed, and none listed that cannot be.

use std::collections::BTreeSet;

use domain::order::{Actor, OrderEvent, OrderState, WAITING_ACTORS, WaitingCode, waiting_for};
use domain::rail::{Circuit, CircuitState};
use domain::testing::matrix::{sample_events, sample_orders};
use domain::testing::samples::{CUSTOMER, NOW, fiat};

#[test]
fn every_event_has_a_listed_kind_and_every_kind_an_event() {
    let kinds: BTreeSet<_> = sample_events().iter().map(OrderEvent::kind).collect();
    assert_eq!(kinds, BTreeSet::from(OrderEvent::KINDS));
}

#[test]
fn every_state_has_a_listed_label_and_every_label_a_state() {
    let labels: BTreeSet<_> = sample_orders().iter().map(|order| order.state.label()).collect();
    assert_eq!(labels, BTreeSet::from(OrderState::LABELS));
}

/// A breaker, and a float that has refused a payout.
fn short(state: CircuitState) -> Circuit {
    let mut circuit = Circuit::new(state, None, NOW);
    circuit.float.note_refused(fiat("10"), NOW);
    circuit
}

#[test]
fn reasons_actors_and_codes_are_listed() {
    let reasons: BTreeSet<_> = OrderState::reasons().collect();
    let codes: BTreeSet<_> = WaitingCode::ALL.map(WaitingCode::as_str).into();
    let mut met = BTreeSet::new();
    for mut order in sample_orders() {
        assert!(order.state.reason().is_none_or(|reason| reasons.contains(reason)), "{order:?}");
        let (waiting, code) = (waiting_for(&order), WaitingCode::of(&order.state));
        assert_eq!(waiting.is_some(), code.is_some(), "{order:?}");
        if let (Some(waiting), Some(code)) = (waiting, code) {
            assert!(WAITING_ACTORS.contains(&waiting.actor), "{waiting:?}");
            assert!(codes.contains(code.as_str()), "{code:?}");
            met.insert(code.as_str());
        }
        order.evidence.payout = None;
        let held = [CircuitState::Open, CircuitState::Closed]
            .map(|state| short(state).waiting_for(&order));
        for (code, waiting) in held.into_iter().flatten() {
            assert!(WAITING_ACTORS.contains(&waiting.actor), "{waiting:?}");
            met.insert(code.as_str());
        }
    }
    assert_eq!(met, codes, "each is waited for somewhere");
    for label in Actor::LABELS {
        let party = (label != "system").then_some(CUSTOMER);
        let actor = Actor::from_parts(label, party).expect("a listed actor");
        assert_eq!(actor.as_str(), label);
    }
}
