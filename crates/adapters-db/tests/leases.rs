//! Jobs and callbacks are one worker's at a time, by the database's clock, whoever else asks at once.

use std::collections::BTreeSet;

use adapters_db::{DbConfig, PgStore};
use domain::order::Order;
use domain::ports::{Callback, Job, JobEnd, RailStore, Store, StoreError};
use domain::testing::samples::NOW;
use futures_util::future::join_all;
use time::Duration;

use crate::support::{Database, buy, commit, look, place, seed, store, told};

const LEASE: Duration = Duration::HOUR;
const KINDS: [&str; 1] = ["open_review"];

async fn staged() -> (Database, PgStore, Order) {
    let database = Database::fresh().await;
    let store = database.store();
    seed(&store).await;
    let order = place(&store, buy(1, 10)).await;
    (database, store, order)
}

async fn enqueue(store: &PgStore, order: &Order, count: usize) {
    let effects: Vec<_> = (0..count).map(|number| look(&number.to_string())).collect();
    commit(store, async |uow| uow.enqueue(order.id, &effects, NOW).await.expect("it works")).await;
}

async fn claim(store: &PgStore, limit: u16) -> Vec<Job> {
    store.claim_jobs(&KINDS, limit, NOW, LEASE).await.expect("it works")
}

async fn read(store: &PgStore, limit: u16) -> Vec<Callback> {
    store.claim_callbacks(limit, NOW, LEASE).await.expect("it works")
}

async fn end(store: &PgStore, job: &Job) -> bool {
    commit(store, async |uow| uow.end_job(job, JobEnd::Done, None, NOW).await.expect("it works"))
        .await
}

/// Six workers at once, each until nothing is left for it.
async fn all_at_once<T>(claim: impl AsyncFn() -> Vec<T>) -> Vec<T> {
    let work = async || {
        let mut all = vec![];
        loop {
            match claim().await {
                none if none.is_empty() => return all,
                some => all.extend(some),
            }
        }
    };
    join_all((0..6).map(|_| work())).await.into_iter().flatten().collect()
}

#[tokio::test]
async fn workers_that_claim_at_once_get_every_job_once() {
    let (_database, store, order) = staged().await;
    enqueue(&store, &order, 100).await;
    let jobs = all_at_once(async || claim(&store, 3).await).await;
    let ids: BTreeSet<_> = jobs.iter().map(|job| job.id).collect();
    assert_eq!((jobs.len(), ids.len()), (100, 100));
    assert!(jobs.iter().all(|job| (job.fence, job.attempts) == (1, 1)));
}

#[tokio::test]
async fn workers_that_read_at_once_get_every_callback_once() {
    let store = Database::fresh().await.store();
    for number in 0..100 {
        store.store_callback(&told(&number.to_string())).await.expect("a new callback");
    }
    let callbacks = all_at_once(async || read(&store, 3).await).await;
    let ids: BTreeSet<_> = callbacks.iter().map(|callback| callback.id).collect();
    assert_eq!((callbacks.len(), ids.len()), (100, 100));
}

#[tokio::test]
async fn the_same_callback_told_at_once_is_stored_once() {
    let store = Database::fresh().await.store();
    let callback = told("{}");
    let stored = join_all((0..6).map(|_| store.store_callback(&callback))).await;
    assert!(stored.iter().all(Result::is_ok), "{stored:?}");
    assert_eq!(read(&store, 10).await.len(), 1);
}

#[tokio::test]
async fn who_claims_waits_for_nobody_who_holds_a_row() {
    let (database, holder, order) = staged().await;
    enqueue(&holder, &order, 2).await;
    let mut held = holder.begin().await.expect("a unit of work");
    let taken = held.take_job(&look("0").idempotency_key(order.id), NOW, LEASE).await;
    let taken = taken.expect("it works").expect("it is nobody's");
    let impatient = store(&DbConfig { lock_timeout_ms: 50, ..database.config() });
    let rest = claim(&impatient, 10).await;
    assert_eq!(rest.iter().map(|job| &job.effect).collect::<Vec<_>>(), [&look("1")]);
    held.rollback().await.expect("it works");
    let after = claim(&impatient, 10).await;
    assert_eq!(after, [taken], "a lease that was not committed is none");
}

#[tokio::test]
async fn a_lease_that_has_lapsed_goes_to_another_and_its_fence_is_lost() {
    let (database, store, order) = staged().await;
    enqueue(&store, &order, 1).await;
    store.store_callback(&told("{}")).await.expect("a new callback");
    let (late, late_reader) = (claim(&store, 1).await.remove(0), read(&store, 1).await.remove(0));
    assert_eq!((claim(&store, 1).await, read(&store, 1).await), (vec![], vec![]));
    let lapse = "leased_until = clock_timestamp() - interval '1 second'";
    let lapse = ["outbox", "callbacks"].map(|table| format!("UPDATE {table} SET {lapse}"));
    database.owner().await.run(&lapse.join(";")).await;
    let (next, reader) = (claim(&store, 1).await.remove(0), read(&store, 1).await.remove(0));
    assert_eq!((next.id, next.fence, next.attempts), (late.id, 2, 2));
    assert!(!end(&store, &late).await, "the old fence");
    let settle = async |callback: &Callback| {
        commit(&store, async |uow| {
            uow.settle_callback(callback, "applied", NOW).await.expect("it works")
        })
        .await
    };
    assert!(!settle(&late_reader).await, "the old fence");
    assert!(settle(&reader).await && end(&store, &next).await);
}

#[tokio::test]
async fn of_two_that_take_one_job_at_once_one_gets_it() {
    let (_database, store, order) = staged().await;
    enqueue(&store, &order, 1).await;
    let key = look("0").idempotency_key(order.id);
    let take = async || {
        commit(&store, async |uow| uow.take_job(&key, NOW, LEASE).await.expect("it works")).await
    };
    let taken = join_all((0..4).map(|_| take())).await;
    assert_eq!(taken.iter().flatten().count(), 1, "{taken:?}");
}

#[tokio::test]
async fn a_job_that_cannot_be_read_keeps_no_other_from_being_done() {
    let (database, store, order) = staged().await;
    enqueue(&store, &order, 3).await;
    let owner = database.owner().await;
    owner.run("UPDATE outbox SET payload = '{}' WHERE payload ->> 'cause' = '0'").await;
    let readable = claim(&store, 10).await;
    assert_eq!(readable.len(), 2);
    for job in readable {
        assert!(end(&store, &job).await);
    }
    owner.run("UPDATE outbox SET leased_until = NULL").await;
    let broken = store.claim_jobs(&KINDS, 10, NOW, LEASE).await;
    assert!(matches!(broken, Err(StoreError::Corrupt(_))), "{broken:?}");
}

#[tokio::test]
async fn of_an_error_the_beginning_is_kept_whatever_is_in_it() {
    let (database, store, order) = staged().await;
    enqueue(&store, &order, 1).await;
    let job = claim(&store, 1).await.remove(0);
    let error = format!("\0{}", "ß".repeat(600));
    let ended = commit(&store, async |uow| {
        uow.end_job(&job, JobEnd::Again(NOW), Some(&error), NOW).await.expect("it works")
    });
    assert!(ended.await);
    let kept = database.owner().await.column("SELECT last_error FROM outbox").await;
    assert_eq!(kept, ["ß".repeat(500)]);
}
