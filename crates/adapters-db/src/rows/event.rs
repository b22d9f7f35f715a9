//! Rows of `order_events`.

use diesel::prelude::*;
use domain::ids::{OrderId, PartyId};
use domain::order::{Actor, HistoryEntry};
use domain::ports::StoreError;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::corrupt;
use crate::schema::order_events;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = order_events, check_for_backend(diesel::pg::Pg))]
pub(crate) struct EventRow {
    order_id: Uuid,
    seq: i32,
    at: OffsetDateTime,
    actor: String,
    actor_id: Option<Uuid>,
    kind: String,
    payload: String,
    state: String,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl From<&HistoryEntry> for EventRow {
    fn from(entry: &HistoryEntry) -> Self {
        Self {
            order_id: entry.order_id.0,
            seq: entry.seq,
            at: entry.at,
            actor: entry.actor.as_str().to_owned(),
            actor_id: entry.actor.party().map(|id| id.0),
            kind: entry.kind.clone(),
            payload: entry.payload.clone(),
            state: entry.state.clone(),
            prev_hash: entry.prev_hash.to_vec(),
            hash: entry.hash.to_vec(),
        }
    }
}

impl TryFrom<EventRow> for HistoryEntry {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        let wrong = |what| corrupt(what, format!("event {} of {}", row.seq, row.order_id));
        let actor = Actor::from_parts(&row.actor, row.actor_id.map(PartyId));
        Ok(Self {
            actor: actor.ok_or_else(|| wrong("actor"))?,
            prev_hash: row.prev_hash.try_into().map_err(|_| wrong("prev_hash"))?,
            hash: row.hash.try_into().map_err(|_| wrong("hash"))?,
            order_id: OrderId(row.order_id),
            seq: row.seq,
            at: row.at,
            kind: row.kind,
            payload: row.payload,
            state: row.state,
        })
    }
}
