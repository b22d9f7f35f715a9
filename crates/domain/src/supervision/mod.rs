//! Whether something moves what is not finished, and else what is wrong. Every order that is not final
//! has an open job with a due time, an open review, or a party that must do something by a time; every
//! job is carried out within its schedule; the breaker is closed, and chains go on. What is otherwise is
//! a [`Finding`].
//!
//! Pure: what stands is handed in. Who walks over it and calls an operator is
//! [`crate::service::Supervisor`].

mod chain;
mod circuit;
mod job;
mod order;
mod schedule;

pub use chain::judge_chains;
pub use circuit::judge_circuit;
pub use job::{Tardy, judge_job, judge_unclaimed};
pub use order::{Judgement, judge_order};
pub use schedule::SupervisionSchedule;

use time::OffsetDateTime;

use crate::address::Network;
use crate::chain::Cursor;
use crate::ids::OrderId;
use crate::order::OrderState;
use crate::rail::{Circuit, RailReview, Review};

/// An order that is not final, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOrder {
    pub id: OrderId,
    /// `None` when what is stored is no state.
    pub state: Option<OrderState>,
    pub state_since: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    pub created_at: OffsetDateTime,
    pub network: Network,
    /// An operator was called about it, and not by the supervisor.
    pub has_review: bool,
}

/// An effect that is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenJob {
    pub id: i64,
    pub order_id: OrderId,
    pub kind: String,
    pub key: String,
    pub attempts: i32,
    pub created_at: OffsetDateTime,
    pub available_at: OffsetDateTime,
    pub leased_until: Option<OffsetDateTime>,
    pub last_error: Option<String>,
}

/// What everything open depends on.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub now: OffsetDateTime,
    pub circuit: Circuit,
    /// Of every chain that was ever watched.
    pub cursors: Vec<Cursor>,
    pub schedule: SupervisionSchedule,
}

impl Surroundings {
    fn cursor(&self, network: Network) -> Option<&Cursor> {
        self.cursors.iter().find(|cursor| cursor.network == network)
    }

    fn is_over(&self, since: OffsetDateTime, patience: time::Duration) -> bool {
        since.saturating_add(patience) < self.now
    }
}

/// Something that waits and that nothing will move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// One review is open for each.
    pub subject: String,
    pub order_id: Option<OrderId>,
    /// What waits for what since when, for a person.
    pub detail: String,
}

impl Finding {
    fn of_order(order: OrderId, detail: String) -> Self {
        Self { subject: format!("order:{order}"), order_id: Some(order), detail }
    }

    /// The review that it opens.
    pub fn review(&self, at: OffsetDateTime) -> Review {
        let review = Review::condition(RailReview::Stuck, &self.subject, &self.detail, at);
        Review { order_id: self.order_id, ..review }
    }
}

/// A time as a sentence has it: to the second.
fn at(time: OffsetDateTime) -> String {
    let (hour, minute, second) = time.to_offset(time::UtcOffset::UTC).to_hms();
    format!("{} {hour:02}:{minute:02}:{second:02} UTC", time.to_offset(time::UtcOffset::UTC).date())
}
