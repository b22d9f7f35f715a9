//! The breaker: it must be closed, or an operator must know.

use super::{Finding, Surroundings, at};
use crate::rail::{CIRCUIT, Circuit, CircuitState};

/// A breaker that is open, or probes for longer than a payout takes.
pub fn judge_circuit(around: &Surroundings) -> Option<Finding> {
    let Circuit { state, reason, since, .. } = &around.circuit;
    let is_wrong = match state {
        CircuitState::Closed => false,
        CircuitState::Probing => around.is_over(*since, around.schedule.probing),
        CircuitState::Open => around.is_over(*since, around.schedule.open),
    };
    let why = reason.as_deref().unwrap_or("no reason was given");
    is_wrong.then(|| Finding {
        subject: CIRCUIT.to_owned(),
        order_id: None,
        detail: format!(
            "all shillings going out wait for the breaker, which is {} since {}: {why}",
            state.as_str(),
            at(*since)
        ),
    })
}
