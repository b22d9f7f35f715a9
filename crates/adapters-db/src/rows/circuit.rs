//! The row of `rail_circuit`.

use diesel::prelude::*;
use domain::money::Fiat;
use domain::ports::StoreError;
use domain::rail::{Circuit, CircuitState, FloatWatch, Shortage};
use time::OffsetDateTime;

use crate::error::corrupt;
use crate::schema::rail_circuit;

#[derive(Debug, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = rail_circuit, treat_none_as_null = true, check_for_backend(diesel::pg::Pg))]
pub(crate) struct CircuitRow {
    state: String,
    reason: Option<String>,
    since: OffsetDateTime,
    unproven: i32,
    tried_at: Option<OffsetDateTime>,
    float_told: Option<i64>,
    float_told_at: Option<OffsetDateTime>,
    float_off: Option<i64>,
    short_asked: Option<i64>,
    short_since: Option<OffsetDateTime>,
    short_seen_at: Option<OffsetDateTime>,
    short_refused_at: Option<OffsetDateTime>,
    short_reviewed: bool,
}

impl From<&Circuit> for CircuitRow {
    fn from(circuit: &Circuit) -> Self {
        let told = circuit.float.told;
        let short = circuit.float.shortage.as_ref();
        Self {
            state: circuit.state.as_str().to_owned(),
            reason: circuit.reason.clone(),
            since: circuit.since,
            unproven: i32::try_from(circuit.unproven).unwrap_or(i32::MAX),
            tried_at: circuit.tried_at,
            float_told: told.map(|(told, _)| told.minor()),
            float_told_at: told.map(|(_, at)| at),
            float_off: circuit.float.off,
            short_asked: short.map(|it| it.asked.minor()),
            short_since: short.map(|it| it.since),
            short_seen_at: short.map(|it| it.seen_at),
            short_refused_at: short.and_then(|it| it.refused_at),
            short_reviewed: short.is_some_and(|it| it.is_reviewed),
        }
    }
}

impl TryFrom<CircuitRow> for Circuit {
    type Error = StoreError;

    fn try_from(row: CircuitRow) -> Result<Self, StoreError> {
        let wrong = |column| corrupt(column, "the circuit");
        let fiat = |minor| Fiat::from_minor(minor).ok_or_else(|| wrong("an amount"));
        let state = CircuitState::parse(&row.state);
        let shortage = match (row.short_asked, row.short_since, row.short_seen_at) {
            (Some(asked), Some(since), Some(seen_at)) => Some(Shortage {
                asked: fiat(asked)?,
                since,
                seen_at,
                refused_at: row.short_refused_at,
                is_reviewed: row.short_reviewed,
            }),
            _ => None,
        };
        let told = row.float_told.map(fiat).transpose()?.zip(row.float_told_at);
        Ok(Self {
            state: state.ok_or_else(|| wrong("state"))?,
            reason: row.reason,
            since: row.since,
            unproven: u32::try_from(row.unproven).map_err(|_| wrong("unproven"))?,
            tried_at: row.tried_at,
            float: FloatWatch { told, off: row.float_off, shortage },
        })
    }
}
