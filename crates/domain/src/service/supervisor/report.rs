//! What a round has seen, for those who draw curves of it.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::chain::Cursor;
use crate::ports::ReviewCount;
use crate::rail::Circuit;
use crate::supervision::{OpenJob, OpenOrder};

/// Orders of one status that are not final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrdersOfStatus {
    pub count: usize,
    /// Since when the one is as it is that has been so for longest.
    pub oldest: OffsetDateTime,
}

/// Jobs of one kind that are not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobsOfKind {
    pub count: usize,
    /// Since when the one is due that has been so for longest; it may be in the future.
    pub due: OffsetDateTime,
    pub most_attempts: i32,
}

/// A round of the supervisor.
#[derive(Debug, Clone)]
pub struct Supervised {
    pub orders: BTreeMap<&'static str, OrdersOfStatus>,
    pub jobs: BTreeMap<String, JobsOfKind>,
    pub reviews: Vec<ReviewCount>,
    pub circuit: Circuit,
    pub cursors: Vec<Cursor>,
    /// How much is stuck.
    pub findings: usize,
    /// Reviews that were opened because of it, and closed because it moves again.
    pub opened: usize,
    pub closed: usize,
}

pub(super) fn count_order(orders: &mut BTreeMap<&'static str, OrdersOfStatus>, order: &OpenOrder) {
    let status = order.state.as_ref().map_or("unreadable", |state| state.status().as_str());
    let fresh = OrdersOfStatus { count: 0, oldest: order.state_since };
    let of_status = orders.entry(status).or_insert(fresh);
    of_status.count = of_status.count.saturating_add(1);
    of_status.oldest = of_status.oldest.min(order.state_since);
}

pub(super) fn count_job(jobs: &mut BTreeMap<String, JobsOfKind>, job: &OpenJob) {
    let fresh = JobsOfKind { count: 0, due: job.available_at, most_attempts: 0 };
    if !jobs.contains_key(&job.kind) {
        jobs.insert(job.kind.clone(), fresh);
    }
    if let Some(of_kind) = jobs.get_mut(&job.kind) {
        of_kind.count = of_kind.count.saturating_add(1);
        of_kind.due = of_kind.due.min(job.available_at);
        of_kind.most_attempts = of_kind.most_attempts.max(job.attempts);
    }
}
