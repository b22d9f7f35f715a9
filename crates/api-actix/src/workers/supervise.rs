//! The loop of the supervisor, and the curves that operators watch: what is open, how old, and why.

use std::collections::BTreeMap;
use std::time::Instant;

use domain::service::{Supervised, Supervisor};
use time::OffsetDateTime;

use super::{Beat, count, trouble};

/// Looks through everything, when it is this process's turn.
pub(super) async fn supervise(supervisor: Supervisor, mut beat: Beat) {
    let mut last: Option<(Supervised, Instant)> = None;
    while beat.next().await {
        let started = Instant::now();
        let now = supervisor.engine.clock.now();
        match supervisor.take_turn().await {
            Ok(Some(round)) => {
                show(&round, last.as_ref().map(|(round, _)| round), now);
                metrics::gauge!("supervisor_round_seconds").set(started.elapsed().as_secs_f64());
                last = Some((round, started));
            }
            Ok(None) => {
                // Another process looks: what this one has seen is of the past.
                let of_past = |(_, at): &mut (Supervised, Instant)| {
                    at.elapsed() > supervisor.schedule.every.unsigned_abs().saturating_mul(2)
                };
                if let Some((round, _)) = last.take_if(of_past) {
                    show(&nothing_of(&round), Some(&round), now);
                }
            }
            Err(error) => trouble("supervisor", &error),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge shows, it does not count")]
fn show(round: &Supervised, last: Option<&Supervised>, now: OffsetDateTime) {
    forget(last, round);
    let age = |since: OffsetDateTime| (now - since).as_seconds_f64().max(0.0);
    for (status, of_status) in &round.orders {
        metrics::gauge!("orders_open", "status" => *status).set(count(of_status.count));
        metrics::gauge!("orders_open_oldest_seconds", "status" => *status)
            .set(age(of_status.oldest));
    }
    for (kind, of_kind) in &round.jobs {
        metrics::gauge!("jobs_open", "kind" => kind.clone()).set(count(of_kind.count));
        metrics::gauge!("jobs_due_seconds", "kind" => kind.clone()).set(age(of_kind.due));
        metrics::gauge!("jobs_attempts_most", "kind" => kind.clone())
            .set(f64::from(of_kind.most_attempts));
    }
    for review in &round.reviews {
        metrics::gauge!("reviews_open", "kind" => review.kind).set(review.reviews as f64);
        metrics::gauge!("review_items_open", "kind" => review.kind).set(review.items as f64);
    }
    for cursor in &round.cursors {
        metrics::gauge!("chain_silent_seconds", "network" => cursor.network.as_str())
            .set(age(cursor.updated_at));
    }
    metrics::gauge!("supervisor_findings").set(count(round.findings));
}

fn nothing_of(round: &Supervised) -> Supervised {
    let (orders, jobs) = (BTreeMap::new(), BTreeMap::new());
    Supervised { orders, jobs, reviews: vec![], cursors: vec![], findings: 0, ..round.clone() }
}

/// What was there in the last round and is not any more is nothing now.
fn forget(last: Option<&Supervised>, round: &Supervised) {
    let Some(last) = last else { return };
    for status in last.orders.keys().filter(|status| !round.orders.contains_key(*status)) {
        metrics::gauge!("orders_open", "status" => *status).set(0.0);
        metrics::gauge!("orders_open_oldest_seconds", "status" => *status).set(0.0);
    }
    for kind in last.jobs.keys().filter(|kind| !round.jobs.contains_key(*kind)) {
        for gauge in ["jobs_open", "jobs_due_seconds", "jobs_attempts_most"] {
            metrics::gauge!(gauge, "kind" => kind.clone()).set(0.0);
        }
    }
    let is_unseen = |network| round.cursors.iter().all(|cursor| cursor.network != network);
    for cursor in last.cursors.iter().filter(|cursor| is_unseen(cursor.network)) {
        metrics::gauge!("chain_silent_seconds", "network" => cursor.network.as_str()).set(0.0);
    }
    let is_gone = |kind: &str| round.reviews.iter().all(|review| review.kind != kind);
    for review in last.reviews.iter().filter(|review| is_gone(review.kind)) {
        metrics::gauge!("reviews_open", "kind" => review.kind).set(0.0);
        metrics::gauge!("review_items_open", "kind" => review.kind).set(0.0);
    }
}
