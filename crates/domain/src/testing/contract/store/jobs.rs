//! Jobs: an effect is somebody's until it is done, and never two's at once.
//!
//! Whether a lease has run out may be told by the store's own clock: leases here last an hour or no
//! time at all.

use time::{Duration, OffsetDateTime};

use super::stage::{WORKS, commit, place_sample, seed};
use crate::ids::OrderId;
use crate::order::{Effect, ReviewKind};
use crate::ports::{Job, JobEnd, Store};
use crate::testing::rail_samples::after;
use crate::testing::samples::{self, NOW, fiat, phone};

const LEASE: Duration = Duration::HOUR;

fn pay_out() -> Effect {
    Effect::PayOut { phone: phone(), amount: fiat("112798") }
}

fn look(cause: &str) -> Effect {
    Effect::OpenReview { kind: ReviewKind::Held, cause: cause.into() }
}

async fn order(store: &dyn Store) -> OrderId {
    seed(store).await;
    place_sample(store, &samples::place_sell(), 1).await.id
}

async fn enqueue(store: &dyn Store, order: OrderId, effect: &Effect, at: OffsetDateTime) -> String {
    commit(store, async |uow| {
        uow.enqueue(order, std::slice::from_ref(effect), at).await.expect(WORKS);
    })
    .await;
    effect.idempotency_key(order)
}

async fn claim(store: &dyn Store, now: OffsetDateTime, lease: Duration) -> Vec<Job> {
    store.claim_jobs(&["pay_out", "open_review"], 10, now, lease).await.expect(WORKS)
}

async fn claim_one(store: &dyn Store, now: OffsetDateTime, lease: Duration) -> Job {
    let mut jobs = claim(store, now, lease).await;
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    jobs.remove(0)
}

async fn take(store: &dyn Store, key: &str, now: OffsetDateTime) -> Option<Job> {
    commit(store, async |uow| uow.take_job(key, now, LEASE).await.expect(WORKS)).await
}

async fn end(store: &dyn Store, job: &Job, end: JobEnd) -> bool {
    commit(store, async |uow| uow.end_job(job, end, Some("why"), NOW).await.expect(WORKS)).await
}

async fn wake(store: &dyn Store, key: &str, at: OffsetDateTime) {
    commit(store, async |uow| uow.wake_job(key, at).await.expect(WORKS)).await;
}

pub async fn an_effect_is_a_job_for_whoever_claims_it(store: &dyn Store) {
    let order = order(store).await;
    let key = enqueue(store, order, &pay_out(), NOW).await;
    let job = claim_one(store, NOW, LEASE).await;
    assert_eq!((job.order_id, &job.effect, &job.key), (order, &pay_out(), &key));
    assert_eq!(job.attempts, 1);
    assert_eq!(claim(store, NOW, LEASE).await, [], "it is somebody's");
    assert_eq!(take(store, &key, NOW).await, None, "it is somebody's");
}

pub async fn only_due_jobs_of_the_wanted_kinds_are_claimed(store: &dyn Store) {
    let order = order(store).await;
    enqueue(store, order, &look("due"), NOW).await;
    enqueue(store, order, &look("not due"), after(1)).await;
    enqueue(store, order, &pay_out(), NOW).await;
    let kinds = ["open_review", "deliver"];
    let jobs = store.claim_jobs(&kinds, 10, NOW, LEASE).await.expect(WORKS);
    assert_eq!(jobs.iter().map(|job| &job.effect).collect::<Vec<_>>(), [&look("due")]);
    assert_eq!(store.claim_jobs(&[], 10, after(9), LEASE).await.expect(WORKS), []);
}

pub async fn the_oldest_jobs_are_claimed_first(store: &dyn Store) {
    let order = order(store).await;
    for (second, cause) in ["a", "b", "c", "d"].iter().enumerate() {
        let second = i64::try_from(second).expect("there are four");
        enqueue(store, order, &look(cause), after(second)).await;
    }
    let mut causes = vec![];
    for _ in 0..2 {
        let jobs = store.claim_jobs(&["open_review"], 2, after(9), LEASE).await.expect(WORKS);
        assert_eq!(jobs.len(), 2);
        causes.extend(jobs.into_iter().map(|job| job.effect));
    }
    assert_eq!(causes, ["a", "b", "c", "d"].map(look));
}

pub async fn a_job_is_taken_by_its_key_before_it_is_due(store: &dyn Store) {
    let order = order(store).await;
    let key = enqueue(store, order, &pay_out(), after(9)).await;
    assert_eq!(claim(store, NOW, LEASE).await, []);
    let job = take(store, &key, NOW).await.expect("it is nobody's");
    assert_eq!((&job.effect, job.attempts), (&pay_out(), 1));
    assert_eq!(take(store, &key, NOW).await, None);
    assert_eq!(take(store, "no such key", NOW).await, None);
}

pub async fn a_lapsed_lease_is_lost_to_the_next(store: &dyn Store) {
    let order = order(store).await;
    let key = enqueue(store, order, &pay_out(), NOW).await;
    let first = claim_one(store, NOW, Duration::ZERO).await;
    let second = claim_one(store, NOW, Duration::ZERO).await;
    let third = take(store, &key, NOW).await.expect("the lease has lapsed");
    assert!(first.fence < second.fence && second.fence < third.fence);
    assert_eq!((first.attempts, second.attempts, third.attempts), (1, 2, 3));
    for lost in [&first, &second] {
        assert!(!end(store, lost, JobEnd::Done).await);
    }
    assert_eq!(take(store, &key, NOW).await, None, "the lost ones have changed nothing");
    assert!(end(store, &third, JobEnd::Done).await);
}

pub async fn a_lapsed_lease_that_nobody_took_is_still_ours(store: &dyn Store) {
    let order = order(store).await;
    enqueue(store, order, &pay_out(), NOW).await;
    let job = claim_one(store, NOW, Duration::ZERO).await;
    assert!(end(store, &job, JobEnd::Done).await);
}

pub async fn a_done_job_is_nobodys_any_more(store: &dyn Store) {
    let order = order(store).await;
    let key = enqueue(store, order, &pay_out(), NOW).await;
    let job = claim_one(store, NOW, LEASE).await;
    assert!(end(store, &job, JobEnd::Done).await);
    assert!(!end(store, &job, JobEnd::Done).await, "once");
    assert!(!end(store, &job, JobEnd::Again(NOW)).await, "once");
    assert_eq!(claim(store, after(9), LEASE).await, []);
    assert_eq!(take(store, &key, after(9)).await, None);
    let pending = commit(store, async |uow| uow.pending_effects(order).await.expect(WORKS)).await;
    assert_eq!(pending, []);
}

pub async fn a_job_put_off_comes_again_when_it_is_due(store: &dyn Store) {
    let order = order(store).await;
    enqueue(store, order, &pay_out(), NOW).await;
    let job = claim_one(store, NOW, LEASE).await;
    assert!(end(store, &job, JobEnd::Again(after(60))).await);
    assert!(!end(store, &job, JobEnd::Done).await, "the lease has ended");
    assert_eq!(claim(store, after(59), LEASE).await, []);
    let again = claim_one(store, after(60), LEASE).await;
    assert_eq!((again.id, again.attempts), (job.id, 2));
    assert!(again.fence > job.fence);
}

pub async fn waking_brings_a_job_forward_and_never_puts_it_off(store: &dyn Store) {
    let order = order(store).await;
    let key = enqueue(store, order, &pay_out(), after(60)).await;
    wake(store, &key, after(90)).await;
    assert_eq!(claim(store, after(59), LEASE).await, []);
    let job = claim_one(store, after(60), LEASE).await;
    assert!(end(store, &job, JobEnd::Again(after(60))).await);
    wake(store, &key, after(30)).await;
    assert_eq!(claim(store, after(29), LEASE).await, []);
    claim_one(store, after(30), LEASE).await;
    wake(store, "no such key", NOW).await;
}

pub async fn waking_opens_a_done_job_again(store: &dyn Store) {
    let order = order(store).await;
    let key = enqueue(store, order, &pay_out(), NOW).await;
    let job = claim_one(store, NOW, LEASE).await;
    assert!(end(store, &job, JobEnd::Done).await);
    wake(store, &key, after(30)).await;
    assert!(!end(store, &job, JobEnd::Done).await, "it is open, and not ours");
    assert_eq!(claim(store, after(29), LEASE).await, []);
    let again = claim_one(store, after(30), LEASE).await;
    assert_eq!((again.id, &again.effect), (job.id, &pay_out()));
    assert!(again.fence > job.fence);
}

pub async fn waking_leaves_a_lease_alone(store: &dyn Store) {
    let order = order(store).await;
    let key = enqueue(store, order, &pay_out(), NOW).await;
    let job = claim_one(store, NOW, LEASE).await;
    wake(store, &key, NOW).await;
    assert_eq!(claim(store, NOW, LEASE).await, []);
    assert!(end(store, &job, JobEnd::Done).await);
}

pub async fn an_effect_asked_for_again_opens_its_done_job(store: &dyn Store) {
    let order = order(store).await;
    let key = enqueue(store, order, &pay_out(), NOW).await;
    enqueue(store, order, &pay_out(), after(60)).await;
    let job = claim_one(store, NOW, LEASE).await;
    enqueue(store, order, &pay_out(), NOW).await;
    assert_eq!(take(store, &key, NOW).await, None, "an open job stays as it is");
    assert!(end(store, &job, JobEnd::Done).await);
    let other = Effect::PayOut { phone: phone(), amount: fiat("1") };
    enqueue(store, order, &other, after(60)).await;
    assert_eq!(claim(store, after(59), LEASE).await, []);
    let again = claim_one(store, after(60), LEASE).await;
    assert_eq!((again.id, again.effect), (job.id, pay_out()), "as it was first decided");
    assert!(again.fence > job.fence);
}

pub async fn an_uncommitted_end_is_no_end(store: &dyn Store) {
    let order = order(store).await;
    let key = enqueue(store, order, &pay_out(), NOW).await;
    let job = claim_one(store, NOW, LEASE).await;
    let mut uow = store.begin().await.expect(WORKS);
    assert!(uow.end_job(&job, JobEnd::Done, None, NOW).await.expect(WORKS));
    uow.rollback().await.expect(WORKS);
    assert_eq!(take(store, &key, NOW).await, None, "it is still leased");
    assert!(end(store, &job, JobEnd::Done).await);
}
