//! Orders: each that is not final has an open job, an open review, or somebody who must do something by
//! a time. There is no fourth case.

use time::OffsetDateTime;

use super::{Finding, OpenJob, OpenOrder, Surroundings, at};
use crate::order::OrderState;

/// What an order waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// Something will move it, or somebody knows.
    Moves,
    /// It waits for a chain that nobody watches.
    Unwatched,
    Stuck(Finding),
}

/// What has to be there for an order in a state to be moved.
enum Mover<'a> {
    /// An open job of one of these kinds.
    Job(&'a [&'static str]),
    /// Somebody else, until then; afterwards the engine ends it.
    Until(OffsetDateTime),
    /// The chain, whose deadline it is.
    ChainUntil(OffsetDateTime),
    /// The chain, which makes final what was seen.
    Finality,
    /// An operator, who must have been called.
    Operator,
    /// It is final.
    Nobody,
}

fn mover(order: &OpenOrder, state: &OrderState) -> Mover<'static> {
    match state {
        OrderState::AwaitingPayment { collection: None } => Mover::Until(order.expires_at),
        OrderState::AwaitingPayment { collection: Some(_) } => Mover::Job(&["request_collection"]),
        OrderState::Delivering | OrderState::DeliveryConfirming => Mover::Job(&["deliver"]),
        OrderState::AwaitingDeposit => Mover::ChainUntil(order.expires_at),
        OrderState::DepositConfirming => Mover::Finality,
        OrderState::PayingOut => Mover::Job(&["pay_out"]),
        OrderState::Refunding { .. } => Mover::Job(&["refund_fiat", "refund_crypto"]),
        OrderState::OnHold { .. } => Mover::Operator,
        OrderState::Completed | OrderState::Cancelled { .. } | OrderState::Refunded { .. } => {
            Mover::Nobody
        }
    }
}

/// Whether something moves the order, whose open jobs are `jobs`.
pub fn judge_order(order: &OpenOrder, jobs: &[OpenJob], around: &Surroundings) -> Judgement {
    let is_settling = !around.is_over(order.state_since, around.schedule.settling);
    // Somebody is about to be called, or was.
    let is_known = order.has_review || has_job(jobs, &["open_review"]);
    if is_settling || is_known {
        return Judgement::Moves;
    }
    let Some(state) = &order.state else {
        let detail = format!("order {} cannot be read: its state is none that is known", order.id);
        return Judgement::Stuck(Finding::of_order(order.id, detail));
    };
    judge_mover(order, state, jobs, around)
}

fn judge_mover(
    order: &OpenOrder,
    state: &OrderState,
    jobs: &[OpenJob],
    around: &Surroundings,
) -> Judgement {
    let grace = around.schedule.after_deadline;
    match mover(order, state) {
        Mover::Nobody => Judgement::Moves,
        Mover::Job(kinds) if has_job(jobs, kinds) && !needs_chain(state) => Judgement::Moves,
        Mover::Job(kinds) if has_job(jobs, kinds) => watched(order, around),
        Mover::Job(kinds) => stuck(order, state, &format!("no {} job is open", kinds.join(" or "))),
        Mover::Operator => stuck(order, state, "no operator was called, or the review is closed"),
        Mover::Until(until) if around.is_over(until, grace) => {
            stuck(order, state, &format!("its deadline was {} and nobody has ended it", at(until)))
        }
        Mover::Until(_) => Judgement::Moves,
        Mover::ChainUntil(until) => {
            let is_past =
                |time: OffsetDateTime| time > until.saturating_add(grace.saturating_mul(2));
            match around.cursor(order.network) {
                Some(cursor) if around.is_over(until, grace) && is_past(cursor.final_time) => {
                    stuck(
                        order,
                        state,
                        &format!(
                            "the chain has passed its deadline {} and nobody has ended it",
                            at(until)
                        ),
                    )
                }
                _ => watched(order, around),
            }
        }
        Mover::Finality if around.is_over(order.state_since, around.schedule.deposit) => {
            stuck(order, state, "the deposit that was seen does not become final")
        }
        Mover::Finality => watched(order, around),
    }
}

/// A chain that stands is a finding of its own; one that nobody has ever watched too, but it takes an
/// order to tell that somebody should.
fn watched(order: &OpenOrder, around: &Surroundings) -> Judgement {
    let is_new = !around.is_over(order.state_since, around.schedule.unclaimed);
    if is_new || around.cursor(order.network).is_some() {
        Judgement::Moves
    } else {
        Judgement::Unwatched
    }
}

fn needs_chain(state: &OrderState) -> bool {
    matches!(state, OrderState::Delivering | OrderState::DeliveryConfirming)
}

fn has_job(jobs: &[OpenJob], kinds: &[&str]) -> bool {
    jobs.iter().any(|job| kinds.contains(&job.kind.as_str()))
}

fn stuck(order: &OpenOrder, state: &OrderState, why: &str) -> Judgement {
    let (id, since) = (order.id, at(order.state_since));
    let detail =
        format!("order {id} is {} since {since} and nothing moves it: {why}", state.label());
    Judgement::Stuck(Finding::of_order(id, detail))
}
