//! The row of `rail_circuit`.

use diesel::prelude::*;
use domain::ports::StoreError;
use domain::rail::{Circuit, CircuitState};
use time::OffsetDateTime;

use crate::error::corrupt;
use crate::schema::rail_circuit;

#[derive(Debug, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = rail_circuit, treat_none_as_null = true, check_for_backend(diesel::pg::Pg))]
pub(crate) struct CircuitRow {
    state: String,
    reason: Option<String>,
    since: OffsetDateTime,
}

impl From<&Circuit> for CircuitRow {
    fn from(circuit: &Circuit) -> Self {
        Self {
            state: circuit.state.as_str().to_owned(),
            reason: circuit.reason.clone(),
            since: circuit.since,
        }
    }
}

impl TryFrom<CircuitRow> for Circuit {
    type Error = StoreError;

    fn try_from(row: CircuitRow) -> Result<Self, StoreError> {
        let state = CircuitState::parse(&row.state);
        Ok(Self {
            state: state.ok_or_else(|| corrupt("state", "the circuit"))?,
            reason: row.reason,
            since: row.since,
        })
    }
}
