//! An order's history on the wire.

use domain::order::HistoryEntry;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use super::shown::Time;
use super::words;

/// One event. `hash` seals it and its predecessor: a history cannot be changed unnoticed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderEvent)]
pub struct EventBody<'a> {
    /// 1, 2, 3, … without gaps.
    seq: i32,
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    #[schema(value_type = words::ActorWord)]
    actor: &'static str,
    actor_id: Option<Uuid>,
    #[schema(value_type = words::EventKindWord)]
    kind: &'a str,
    /// The order's state after the event, in the engine's own finer words.
    #[schema(value_type = words::OrderStateWord)]
    state: &'a str,
    #[schema(value_type = Object)]
    payload: Option<&'a RawValue>,
    prev_hash: String,
    hash: String,
}

impl<'a> From<&'a HistoryEntry> for EventBody<'a> {
    fn from(entry: &'a HistoryEntry) -> Self {
        Self {
            seq: entry.seq,
            at: Time(entry.at),
            actor: entry.actor.as_str(),
            actor_id: entry.actor.party().map(|id| id.0),
            kind: &entry.kind,
            state: &entry.state,
            payload: serde_json::from_str(&entry.payload).ok(),
            prev_hash: hex(&entry.prev_hash),
            hash: hex(&entry.hash),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
