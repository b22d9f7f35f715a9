//! The order's append-only history: every event in sequence, each entry sealed by a hash that
//! includes its predecessor's, so that no entry can be changed or removed unnoticed.

use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::Order;
use crate::ids::{OrderId, PartyId};

/// Who caused an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    Customer(PartyId),
    Vendor(PartyId),
    Operator(PartyId),
    /// The engine itself: a deadline, a watcher, a callback.
    System,
}

impl Actor {
    /// Every name that an actor has.
    pub const LABELS: [&str; 4] = ["customer", "vendor", "operator", "system"];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer(_) => "customer",
            Self::Vendor(_) => "vendor",
            Self::Operator(_) => "operator",
            Self::System => "system",
        }
    }

    pub fn party(self) -> Option<PartyId> {
        match self {
            Self::Customer(id) | Self::Vendor(id) | Self::Operator(id) => Some(id),
            Self::System => None,
        }
    }

    /// The inverse of [`Actor::as_str`] and [`Actor::party`].
    pub fn from_parts(actor: &str, party: Option<PartyId>) -> Option<Self> {
        match (actor, party) {
            ("customer", Some(id)) => Some(Self::Customer(id)),
            ("vendor", Some(id)) => Some(Self::Vendor(id)),
            ("operator", Some(id)) => Some(Self::Operator(id)),
            ("system", None) => Some(Self::System),
            _ => None,
        }
    }
}

/// One event of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    pub order_id: OrderId,
    /// 1, 2, 3, … without gaps.
    pub seq: i32,
    pub at: OffsetDateTime,
    pub actor: Actor,
    pub kind: String,
    /// The event's data as JSON text.
    pub payload: String,
    /// The domain state after the event.
    pub state: String,
    pub prev_hash: [u8; 32],
    pub hash: [u8; 32],
}

impl HistoryEntry {
    /// The kind of the first entry: there is no order yet that could be told an event.
    pub const PLACE: &str = "place";

    /// The entry that records what made `order` what it is now; its `version` and `updated_at` are
    /// the entry's, its `head` the predecessor's hash.
    pub(crate) fn seal(order: &Order, actor: Actor, kind: &str, payload: String) -> Self {
        let mut entry = Self {
            order_id: order.id,
            seq: order.version,
            at: order.updated_at,
            actor,
            kind: kind.to_owned(),
            payload,
            state: order.state.label().to_owned(),
            prev_hash: order.head,
            hash: [0; 32],
        };
        entry.hash = entry.computed_hash();
        entry
    }

    /// Whether nothing of the entry has been changed since it was sealed.
    pub fn is_intact(&self) -> bool {
        self.hash == self.computed_hash()
    }

    /// SHA-256 over the predecessor's hash and every field, each preceded by its length.
    fn computed_hash(&self) -> [u8; 32] {
        let mut digest = Sha256::new_with_prefix(self.prev_hash);
        let party = self.actor.party().map(|id| id.0.into_bytes());
        let mut field = |bytes: &[u8]| {
            digest.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(bytes);
        };
        field(self.order_id.0.as_bytes());
        field(&self.seq.to_be_bytes());
        field(&self.at.unix_timestamp_nanos().to_be_bytes());
        field(self.actor.as_str().as_bytes());
        field(party.as_ref().map_or(&[][..], |id| id.as_slice()));
        field(self.kind.as_bytes());
        field(self.payload.as_bytes());
        field(self.state.as_bytes());
        digest.finalize().into()
    }
}
