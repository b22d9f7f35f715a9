//! Idempotency keys inside units of work, and forgetting them.

use futures_util::future::join_all;
use time::{Duration, OffsetDateTime};

use super::stage::{WORKS, commit, place, seed};
use crate::placement::{IdempotencyClaim, Placement};
use crate::ports::{ClaimOutcome, Store};
use crate::testing::samples::{self, ADMIN, CUSTOMER, NOW, VENDOR, answer, claim};

/// Claims a key that is free and answers it.
async fn answer_under(store: &dyn Store, key: &IdempotencyClaim, body: &str, at: OffsetDateTime) {
    commit(store, async |uow| {
        assert_eq!(uow.claim_key(key).await.expect(WORKS), ClaimOutcome::Fresh);
        uow.store_answer(key, &answer(body), at).await.expect(WORKS);
    })
    .await;
}

async fn claimed(store: &dyn Store, key: &IdempotencyClaim) -> ClaimOutcome {
    let mut uow = store.begin().await.expect(WORKS);
    let outcome = uow.claim_key(key).await.expect(WORKS);
    uow.rollback().await.expect(WORKS);
    outcome
}

pub async fn a_claimed_key_is_answered_with_its_unit_of_work(store: &dyn Store) {
    seed(store).await;
    answer_under(store, &claim(VENDOR, "key", 1), "first", NOW).await;
    let replay = ClaimOutcome::Replay(answer("first"));
    assert_eq!(claimed(store, &claim(VENDOR, "key", 1)).await, replay);
    assert_eq!(claimed(store, &claim(VENDOR, "key", 2)).await, ClaimOutcome::Reused);
    assert_eq!(claimed(store, &claim(ADMIN, "key", 1)).await, ClaimOutcome::Fresh);
    let found = store.find_answer(&claim(VENDOR, "key", 1)).await.expect(WORKS);
    assert_eq!(found, Some(replay));
}

pub async fn a_rolled_back_claim_is_forgotten(store: &dyn Store) {
    seed(store).await;
    let key = claim(VENDOR, "key", 1);
    let mut uow = store.begin().await.expect(WORKS);
    assert_eq!(uow.claim_key(&key).await.expect(WORKS), ClaimOutcome::Fresh);
    uow.store_answer(&key, &answer("never given"), NOW).await.expect(WORKS);
    uow.rollback().await.expect(WORKS);
    assert_eq!(store.find_answer(&key).await.expect(WORKS), None);
    answer_under(store, &claim(VENDOR, "key", 2), "another request", NOW).await;
}

pub async fn a_key_claimed_by_many_is_fresh_for_one(store: &dyn Store) {
    seed(store).await;
    let key = &claim(VENDOR, "key", 1);
    let rivals = (0..6).map(|rival| async move {
        commit(store, async |uow| {
            let outcome = uow.claim_key(key).await.expect(WORKS);
            if outcome == ClaimOutcome::Fresh {
                uow.store_answer(key, &answer(&format!("{rival}")), NOW).await.expect(WORKS);
            }
            outcome
        })
        .await
    });
    let (fresh, others): (Vec<_>, Vec<_>) =
        join_all(rivals).await.into_iter().partition(|outcome| *outcome == ClaimOutcome::Fresh);
    assert_eq!(fresh.len(), 1);
    let given = store.find_answer(key).await.expect(WORKS).expect("the winner answered");
    assert!(others.iter().all(|outcome| *outcome == given), "{others:?}");
}

pub async fn a_key_used_for_placing_is_not_fresh_for_a_claim(store: &dyn Store) {
    seed(store).await;
    let key = claim(VENDOR, "key", 1);
    let placement = samples::placement(&samples::place_buy(), 1);
    place(store, &Placement { claim: Some((key.clone(), answer("placed"))), ..placement }).await;
    assert_eq!(claimed(store, &key).await, ClaimOutcome::Replay(answer("placed")));
    assert_eq!(claimed(store, &claim(VENDOR, "key", 2)).await, ClaimOutcome::Reused);
}

pub async fn keys_stored_before_a_time_are_forgotten(store: &dyn Store) {
    seed(store).await;
    let ages = [
        ("older", -Duration::MICROSECOND),
        ("as old", Duration::ZERO),
        ("newer", Duration::SECOND),
    ];
    for (key, age) in ages {
        answer_under(store, &claim(VENDOR, key, 1), key, NOW.saturating_add(age)).await;
    }
    assert_eq!(store.forget_keys(NOW).await.expect(WORKS), 1);
    for (key, remembered) in [("older", false), ("as old", true), ("newer", true)] {
        let found = store.find_answer(&claim(VENDOR, key, 1)).await.expect(WORKS);
        assert_eq!(found.is_some(), remembered, "{key}");
    }
    assert_eq!(store.forget_keys(NOW).await.expect(WORKS), 0);
    answer_under(store, &claim(VENDOR, "older", 2), "used again", NOW).await;
}

pub async fn the_key_of_a_placement_is_as_old_as_its_order(store: &dyn Store) {
    seed(store).await;
    let key = claim(CUSTOMER, "key", 1);
    let placement = samples::placement(&samples::place_buy(), 1);
    place(store, &Placement { claim: Some((key.clone(), answer("{}"))), ..placement }).await;
    assert_eq!(store.forget_keys(NOW).await.expect(WORKS), 0);
    let later = NOW.saturating_add(Duration::MICROSECOND);
    assert_eq!(store.forget_keys(later).await.expect(WORKS), 1);
    assert_eq!(store.find_answer(&key).await.expect(WORKS), None);
}
