//! Nonces and timestamps: given out by one writer at a time, and never backwards.

use futures_util::future::join_all;

use super::stage::{WORKS, commit};
use crate::address::Network::{Ethereum, Tron};
use crate::ports::{Store, StoreError};
use crate::testing::contract::chain_samples::HOT;

async fn save(store: &dyn Store, last: u64) {
    commit(store, async |uow| uow.save_sequence(Tron, HOT, last).await.expect(WORKS)).await;
}

async fn last(store: &dyn Store) -> Option<u64> {
    commit(store, async |uow| uow.lock_sequence(Tron, HOT).await.expect(WORKS)).await
}

pub async fn a_sequence_is_what_was_saved(store: &dyn Store) {
    assert_eq!(last(store).await, None);
    for sequence in [0, 1, 1, u64::MAX] {
        save(store, sequence).await;
        assert_eq!(last(store).await, Some(sequence));
    }
    let others = commit(store, async |uow| {
        let elsewhere = uow.lock_sequence(Ethereum, HOT).await.expect(WORKS);
        (elsewhere, uow.lock_sequence(Tron, "T-other").await.expect(WORKS))
    });
    assert_eq!(others.await, (None, None));
}

pub async fn a_sequence_never_goes_down(store: &dyn Store) {
    save(store, 7).await;
    let mut uow = store.begin().await.expect(WORKS);
    let lower = uow.save_sequence(Tron, HOT, 6).await;
    assert!(matches!(lower, Err(StoreError::Conflict(_))), "{lower:?}");
    uow.rollback().await.expect(WORKS);
    assert_eq!(last(store).await, Some(7));
}

/// Six want the next number at once, of an address that has given out none.
pub async fn a_sequence_is_given_out_once(store: &dyn Store) {
    let rivals = (0..6).map(|_| {
        commit(store, async |uow| {
            let last = uow.lock_sequence(Tron, HOT).await.expect(WORKS);
            let next = last.map_or(0, |last| last.saturating_add(1));
            uow.save_sequence(Tron, HOT, next).await.expect(WORKS);
            next
        })
    });
    let mut given = join_all(rivals).await;
    given.sort_unstable();
    assert_eq!(given, [0, 1, 2, 3, 4, 5]);
}

pub async fn an_uncommitted_sequence_is_given_out_again(store: &dyn Store) {
    save(store, 7).await;
    let mut uow = store.begin().await.expect(WORKS);
    uow.save_sequence(Tron, HOT, 8).await.expect(WORKS);
    uow.rollback().await.expect(WORKS);
    assert_eq!(last(store).await, Some(7));
}
