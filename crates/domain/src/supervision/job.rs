//! Jobs: each must be taken when it is due, and done within its schedule.

use time::OffsetDateTime;

use super::{Finding, OpenJob, OpenOrder, Surroundings, at};
use crate::rail::CircuitState;

/// What keeps a job from being done in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tardy {
    /// It is due, or its lease has ended, and nobody takes it: nobody carries out this kind.
    Unclaimed(OffsetDateTime),
    /// It is tried, and tried again.
    Late(Finding),
}

/// What is wrong with a job, if anything. `order` is its order, unless that is final.
pub fn judge_job(job: &OpenJob, order: Option<&OpenOrder>, around: &Surroundings) -> Option<Tardy> {
    let free_since = job.leased_until.map_or(job.available_at, |until| until.max(job.available_at));
    if around.is_over(free_since, around.schedule.unclaimed) {
        return Some(Tardy::Unclaimed(free_since));
    }
    let is_known = order.is_some_and(|order| order.has_review);
    if is_known || is_held_back(job, around) {
        return None;
    }
    late(job, order, around).map(Tardy::Late)
}

/// The breaker holds it back, and that is a finding of its own.
fn is_held_back(job: &OpenJob, around: &Surroundings) -> bool {
    let needs_breaker = matches!(job.kind.as_str(), "pay_out" | "refund_fiat");
    needs_breaker && around.circuit.state != CircuitState::Closed
}

fn late(job: &OpenJob, order: Option<&OpenOrder>, around: &Surroundings) -> Option<Finding> {
    let OpenJob { kind, key, attempts, .. } = job;
    // An operator's word makes an old job a new one.
    let since = order.map_or(job.created_at, |order| order.state_since.max(job.created_at));
    let since = since.max(reopened(around, job));
    let is_old = around.is_over(since, around.schedule.job_age(kind));
    let most = around.schedule.job_attempts(kind);
    let is_vain = job.last_error.is_some() && most.is_some_and(|most| *attempts > most);
    let error = job.last_error.as_deref().unwrap_or("it has not failed, and does not end");
    (is_old || is_vain).then(|| Finding {
        subject: format!("job:{key}"),
        order_id: Some(job.order_id),
        detail: format!(
            "{kind} of order {} waits since {}, after {attempts} attempts: {error}",
            job.order_id,
            at(since)
        ),
    })
}

/// While the breaker has held shillings back, nothing could become late.
fn reopened(around: &Surroundings, job: &OpenJob) -> OffsetDateTime {
    let needs_breaker = matches!(job.kind.as_str(), "pay_out" | "refund_fiat");
    if needs_breaker { around.circuit.since } else { OffsetDateTime::UNIX_EPOCH }
}

/// What is said of all jobs of a kind that nobody takes.
pub fn judge_unclaimed(kind: &str, count: usize, oldest: OffsetDateTime, key: &str) -> Finding {
    Finding {
        subject: format!("jobs:{kind}"),
        order_id: None,
        detail: format!(
            "{count} jobs of the kind {kind} are due and nobody takes them, the oldest since {}: {key}",
            at(oldest)
        ),
    }
}
