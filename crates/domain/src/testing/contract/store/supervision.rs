//! What is not finished, as the supervisor walks over it.

use super::stage::{WORKS, commit, place_sample, seed};
use crate::ids::OrderId;
use crate::order::{Effect, Order, OrderState, ReviewKind};
use crate::ports::{JobEnd, Store};
use crate::rail::{RailReview, Review};
use crate::supervision::{OpenJob, OpenOrder};
use crate::testing::rail_samples::after;
use crate::testing::samples;

fn effect(cause: &str) -> Effect {
    Effect::OpenReview { kind: ReviewKind::Held, cause: cause.to_owned() }
}

async fn placed(store: &dyn Store, count: u64) -> Vec<Order> {
    seed(store).await;
    let mut orders = vec![];
    for entropy in 1..=count {
        orders.push(place_sample(store, &samples::place_buy(), entropy).await);
    }
    orders.sort_by_key(|order| order.id);
    orders
}

async fn orders(store: &dyn Store) -> Vec<OpenOrder> {
    store.open_orders(None, None, 100).await.expect(WORKS)
}

async fn jobs(store: &dyn Store) -> Vec<OpenJob> {
    store.open_jobs(None, 100).await.expect(WORKS)
}

fn keys(jobs: &[OpenJob]) -> Vec<(OrderId, &str)> {
    jobs.iter().map(|job| (job.order_id, job.key.rsplit(':').next().unwrap_or_default())).collect()
}

pub async fn open_orders_are_walked_over_by_their_ids(store: &dyn Store) {
    let placed = placed(store, 3).await;
    let ids: Vec<_> = placed.iter().map(|order| order.id).collect();
    let open = orders(store).await;
    assert_eq!(open.iter().map(|order| order.id).collect::<Vec<_>>(), ids);
    let first = &open[0];
    assert_eq!(first.state, Some(OrderState::AwaitingPayment { collection: None }));
    assert_eq!(
        (first.state_since, first.expires_at, first.network, first.has_review),
        (placed[0].state_since, placed[0].expires_at, placed[0].wallet.network(), false)
    );
    let some = store.open_orders(Some(ids[0]), Some(ids[2]), 1).await.expect(WORKS);
    assert_eq!(some, open[1..2]);
    let rest = store.open_orders(Some(ids[0]), Some(ids[1]), 9).await.expect(WORKS);
    assert_eq!(rest, open[1..2]);
}

pub async fn an_order_tells_whether_somebody_was_called_about_it(store: &dyn Store) {
    let order = placed(store, 1).await.remove(0);
    let condition = Review::condition(RailReview::Stuck, "order", "it waits", after(0));
    let called = Review::new(RailReview::Blocked, "a", "a", "it fails", after(0));
    for (review, has_review) in [(condition, false), (called, true)] {
        let review = review.about(order.id);
        commit(store, async |uow| uow.open_review(&review).await.expect(WORKS)).await;
        assert_eq!(orders(store).await[0].has_review, has_review, "{}", review.subject);
    }
    commit(store, async |uow| uow.close_review("a", "done", after(1)).await.expect(WORKS)).await;
    assert!(!orders(store).await[0].has_review);
}

pub async fn open_jobs_are_walked_over_by_their_orders(store: &dyn Store) {
    let placed = placed(store, 2).await;
    for (order, causes) in [(&placed[1], ["c", "d"]), (&placed[0], ["a", "b"])] {
        let effects = causes.map(effect);
        let add = async |uow: &mut dyn crate::ports::UnitOfWork| {
            uow.enqueue(order.id, &effects, after(1)).await.expect(WORKS);
        };
        commit(store, add).await;
    }
    let open = jobs(store).await;
    let (one, two) = (placed[0].id, placed[1].id);
    assert_eq!(keys(&open), [(one, "a"), (one, "b"), (two, "c"), (two, "d")]);
    let next = store.open_jobs(Some((one, open[0].id)), 2).await.expect(WORKS);
    assert_eq!(next, open[1..3]);
    assert_eq!(store.open_jobs(Some((one, i64::MAX)), 9).await.expect(WORKS), open[2..]);
    let job = &open[0];
    assert_eq!((job.kind.as_str(), job.attempts, job.leased_until), ("open_review", 0, None));
    assert_eq!((job.created_at, job.available_at), (after(1), after(1)));
}

pub async fn a_job_tells_its_lease_its_attempts_and_its_last_error(store: &dyn Store) {
    let order = placed(store, 1).await.remove(0);
    let add = async |uow: &mut dyn crate::ports::UnitOfWork| {
        uow.enqueue(order.id, &[effect("a")], after(1)).await.expect(WORKS);
    };
    commit(store, add).await;
    let lease = time::Duration::hours(1);
    let claimed = store.claim_jobs(&["open_review"], 1, after(2), lease).await.expect(WORKS);
    let open = jobs(store).await.remove(0);
    assert_eq!((open.attempts, open.leased_until.is_some()), (1, true));
    let again = JobEnd::Again(after(9));
    let fail = async |uow: &mut dyn crate::ports::UnitOfWork| {
        uow.end_job(&claimed[0], again, Some("no"), after(5)).await.expect(WORKS)
    };
    assert!(commit(store, fail).await);
    let open = jobs(store).await.remove(0);
    assert_eq!((open.leased_until, open.available_at), (None, after(9)));
    assert_eq!(open.last_error.as_deref(), Some("no"));
}
