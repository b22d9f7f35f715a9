//! What is going to happen, in the order in which it will.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::payer::Answer;
use crate::keeping::pairs;

/// Something that happens at a moment of virtual time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Event {
    /// The payer answers a prompt, or its time is up.
    Decide {
        checkout_request_id: String,
        answer: Answer,
    },
    /// A payment that was reported as failed goes through.
    ApproveLate {
        checkout_request_id: String,
    },
    /// A payout is carried out, or fails.
    Complete {
        conversation_id: String,
        is_late: bool,
    },
    Send(Delivery),
}

/// A body on its way to an adapter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Delivery {
    /// What it is about: a `CheckoutRequestID` or `ConversationID`.
    pub(super) key: String,
    pub(super) label: String,
    pub(super) url: String,
    pub(super) short_code: u64,
    pub(super) forwarded_for: Option<String>,
    pub(super) body: String,
    pub(super) retries: u32,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Schedule {
    #[serde(with = "pairs")]
    events: BTreeMap<(OffsetDateTime, u64), Event>,
    issued: u64,
}

impl Schedule {
    /// Events of one moment happen in the order in which they were added.
    pub(super) fn add(&mut self, at: OffsetDateTime, event: Event) {
        self.issued = self.issued.saturating_add(1);
        self.events.insert((at, self.issued), event);
    }

    pub(super) fn next_at(&self) -> Option<OffsetDateTime> {
        self.events.keys().next().map(|(at, _)| *at)
    }

    /// When a prompt is answered by itself, and how.
    pub(super) fn answer_to(&self, prompt: &str) -> Option<(OffsetDateTime, Answer)> {
        self.events.iter().find_map(|((at, _), event)| match event {
            Event::Decide { checkout_request_id, answer } if checkout_request_id == prompt => {
                Some((*at, *answer))
            }
            _ => None,
        })
    }

    pub(super) fn take_due(&mut self, now: OffsetDateTime) -> Option<(OffsetDateTime, Event)> {
        let at = self.next_at().filter(|at| *at <= now)?;
        self.events.pop_first().map(|(_, event)| (at, event))
    }
}
