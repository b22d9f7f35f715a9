//! Callbacks: stored as they came in, read once, under tokens that say what they are about.

use time::Duration;

use super::stage::{WORKS, commit, place_sample, seed};
use crate::ports::{Callback, Received, Store};
use crate::rail::{Hook, Subject};
use crate::testing::rail_samples::{after, collection, effect_of, payout};
use crate::testing::samples::{self, NOW, fiat};

const LEASE: Duration = Duration::HOUR;

fn received(body: &[u8]) -> Received {
    Received {
        hook: Hook::Payout,
        token_hash: [7; 32],
        source: "196.201.214.200".into(),
        from_rail: true,
        body: body.to_vec(),
        at: NOW,
    }
}

async fn claim(store: &dyn Store, lease: Duration) -> Vec<Callback> {
    store.claim_callbacks(10, after(60), lease).await.expect(WORKS)
}

async fn settle(store: &dyn Store, callback: &Callback) -> bool {
    commit(store, async |uow| {
        uow.settle_callback(callback, "applied", after(60)).await.expect(WORKS)
    })
    .await
}

pub async fn a_callback_comes_back_as_it_came_in(store: &dyn Store) {
    assert_eq!(claim(store, LEASE).await, []);
    for hook in Hook::ALL {
        let from_rail = hook != Hook::Bill;
        let told = Received { hook, from_rail, ..received(b"{\"a\": 1}\0\xff") };
        store.store_callback(&told).await.expect(WORKS);
        let callbacks = claim(store, LEASE).await;
        assert_eq!(callbacks.len(), 1);
        assert_eq!((callbacks[0].attempts, &callbacks[0].received), (1, &told));
    }
}

pub async fn the_same_callback_is_stored_once(store: &dyn Store) {
    let first = received(b"same");
    let repeated =
        Received { source: "elsewhere".into(), from_rail: false, at: after(5), ..first.clone() };
    for told in [&first, &first, &repeated] {
        store.store_callback(told).await.expect(WORKS);
    }
    let others = [
        Received { hook: Hook::Status, ..first.clone() },
        Received { token_hash: [8; 32], ..first.clone() },
        received(b"other"),
    ];
    for told in &others {
        store.store_callback(told).await.expect(WORKS);
    }
    let mut all = vec![first];
    all.extend(others);
    let told: Vec<_> = claim(store, LEASE).await.into_iter().map(|it| it.received).collect();
    assert_eq!(told, all, "as they were first told");
}

pub async fn the_oldest_callbacks_are_read_first(store: &dyn Store) {
    for (second, body) in [b"a", b"b", b"c"].into_iter().enumerate() {
        let at = after(i64::try_from(second).expect("small"));
        store.store_callback(&Received { at, ..received(body) }).await.expect(WORKS);
    }
    let first = store.claim_callbacks(2, after(60), LEASE).await.expect(WORKS);
    let rest = store.claim_callbacks(2, after(60), LEASE).await.expect(WORKS);
    let bodies = |of: &[Callback]| of.iter().map(|it| it.received.body.clone()).collect::<Vec<_>>();
    assert_eq!(bodies(&first), [b"a", b"b"]);
    assert_eq!(bodies(&rest), [b"c"]);
}

pub async fn a_callback_is_settled_once_by_whoever_holds_it(store: &dyn Store) {
    store.store_callback(&received(b"body")).await.expect(WORKS);
    let lost = claim(store, Duration::ZERO).await.remove(0);
    let held = claim(store, LEASE).await.remove(0);
    assert_eq!((held.id, held.attempts), (lost.id, 2));
    assert!(lost.fence < held.fence);
    assert_eq!(claim(store, LEASE).await, [], "it is somebody's");
    assert!(!settle(store, &lost).await);
    assert!(settle(store, &held).await);
    assert!(!settle(store, &held).await);
    store.store_callback(&received(b"body")).await.expect(WORKS);
    assert_eq!(claim(store, Duration::ZERO).await, [], "told again, it is settled");
}

pub async fn an_uncommitted_settling_leaves_the_callback_open(store: &dyn Store) {
    store.store_callback(&received(b"body")).await.expect(WORKS);
    let callback = claim(store, Duration::ZERO).await.remove(0);
    let mut uow = store.begin().await.expect(WORKS);
    assert!(uow.settle_callback(&callback, "applied", NOW).await.expect(WORKS));
    uow.rollback().await.expect(WORKS);
    assert_eq!(claim(store, LEASE).await.len(), 1);
}

pub async fn a_token_says_what_a_callback_is_about(store: &dyn Store) {
    seed(store).await;
    let order = place_sample(store, &samples::place_buy(), 1).await;
    let (collection, payout) = (collection(&order, 1), payout(order.id, fiat("10"), 1));
    let subjects = [
        (Hook::Collection, [1; 32], Subject::Collection(collection.id)),
        (Hook::Payout, [2; 32], Subject::Disbursement(payout.id)),
        (Hook::Status, [3; 32], Subject::Balance),
        (Hook::QueueTimeout, [4; 32], Subject::Disbursement(payout.id)),
        (Hook::Bill, [5; 32], Subject::Bills),
    ];
    commit(store, async |uow| {
        uow.insert_collection(&collection).await.expect(WORKS);
        uow.enqueue(order.id, &[effect_of(&payout)], NOW).await.expect(WORKS);
        uow.insert_disbursement(&payout).await.expect(WORKS);
        for (hook, hash, subject) in &subjects {
            uow.add_token(hash, *hook, *subject, NOW).await.expect(WORKS);
        }
    })
    .await;
    let mut uow = store.begin().await.expect(WORKS);
    for (hook, hash, subject) in subjects {
        assert_eq!(uow.find_token(hook, &hash).await.expect(WORKS), Some(subject));
        for other in Hook::ALL.into_iter().filter(|other| *other != hook) {
            assert_eq!(uow.find_token(other, &hash).await.expect(WORKS), None, "another door");
        }
    }
    assert_eq!(uow.find_token(Hook::Payout, &[9; 32]).await.expect(WORKS), None);
    uow.rollback().await.expect(WORKS);
}
