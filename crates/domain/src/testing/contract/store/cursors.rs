//! How far a chain was read, and the names of the blocks on the way.

use futures_util::future::join_all;

use super::stage::{WORKS, commit};
use crate::address::Network::{self, Ethereum, Tron};
use crate::chain::{Block, BlockRef, Cursor};
use crate::ports::{Store, StoreError};
use crate::testing::contract::chain_samples::{after, block, cursor};

async fn save(store: &dyn Store, cursor: &Cursor) {
    commit(store, async |uow| {
        uow.lock_cursor(cursor.network).await.expect(WORKS);
        uow.save_cursor(cursor).await.expect(WORKS);
    })
    .await;
}

async fn remember(store: &dyn Store, network: Network, blocks: &[Block]) {
    commit(store, async |uow| uow.add_blocks(network, blocks).await.expect(WORKS)).await;
}

async fn blocks(store: &dyn Store, network: Network, height: u64) -> Vec<BlockRef> {
    store.blocks_down_from(network, height, 100).await.expect(WORKS)
}

async fn heights(store: &dyn Store) -> Vec<u64> {
    blocks(store, Tron, u64::MAX).await.iter().map(|block| block.height).collect()
}

pub async fn a_cursor_is_what_was_saved(store: &dyn Store) {
    assert_eq!(store.find_cursor(Tron).await.expect(WORKS), None);
    let first = cursor(Tron, 5);
    save(store, &first).await;
    assert_eq!(store.find_cursor(Tron).await.expect(WORKS), Some(first.clone()));
    assert_eq!(store.find_cursor(Ethereum).await.expect(WORKS), None, "each network has its own");
    let moved = Cursor {
        last: block(9, 1).at,
        last_time: after(9),
        finality: block(7, 1).at,
        final_time: after(7),
        head: 12,
        halted: Some("a deep re-org".into()),
        updated_at: after(60),
        ..first.clone()
    };
    save(store, &moved).await;
    let locked = commit(store, async |uow| uow.lock_cursor(Tron).await.expect(WORKS)).await;
    assert_eq!(locked, Some(moved.clone()));
    save(store, &first).await;
    assert_eq!(store.find_cursor(Tron).await.expect(WORKS), Some(first), "also back");
}

pub async fn an_uncommitted_cursor_has_not_moved(store: &dyn Store) {
    save(store, &cursor(Tron, 5)).await;
    let mut uow = store.begin().await.expect(WORKS);
    uow.save_cursor(&cursor(Tron, 6)).await.expect(WORKS);
    uow.add_blocks(Tron, &[block(6, 0)]).await.expect(WORKS);
    uow.rollback().await.expect(WORKS);
    assert_eq!(store.find_cursor(Tron).await.expect(WORKS), Some(cursor(Tron, 5)));
    assert_eq!(heights(store).await, [0_u64; 0]);
}

/// Six begin at once where nobody was, and each passes one block.
pub async fn a_cursor_is_moved_by_one_at_a_time(store: &dyn Store) {
    let rivals = (0..6).map(|_| async {
        commit(store, async |uow| {
            let known = uow.lock_cursor(Tron).await.expect(WORKS);
            let height = known.map_or(0, |cursor| cursor.last.height).saturating_add(1);
            uow.add_blocks(Tron, &[block(height, 0)]).await.expect(WORKS);
            uow.save_cursor(&cursor(Tron, height)).await.expect(WORKS);
        })
        .await;
    });
    join_all(rivals).await;
    assert_eq!(store.find_cursor(Tron).await.expect(WORKS), Some(cursor(Tron, 6)));
    assert_eq!(heights(store).await, [6, 5, 4, 3, 2, 1]);
}

pub async fn blocks_are_remembered_highest_first(store: &dyn Store) {
    remember(store, Tron, &[block(3, 0), block(4, 0), block(5, 0)]).await;
    remember(store, Ethereum, &[block(4, 9)]).await;
    assert_eq!(blocks(store, Tron, 4).await, [block(4, 0).at, block(3, 0).at]);
    assert_eq!(blocks(store, Ethereum, 9).await, [block(4, 9).at]);
    assert_eq!(blocks(store, Tron, 2).await, []);
    let one = store.blocks_down_from(Tron, 100, 1).await.expect(WORKS);
    assert_eq!(one, [block(5, 0).at]);
}

pub async fn blocks_are_forgotten_above_and_below(store: &dyn Store) {
    let all: Vec<_> = (1..=6).map(|height| block(height, 0)).collect();
    remember(store, Tron, &all).await;
    remember(store, Ethereum, &all).await;
    commit(store, async |uow| {
        uow.drop_blocks_above(Tron, 4).await.expect(WORKS);
        uow.drop_blocks_below(Tron, 3).await.expect(WORKS);
    })
    .await;
    assert_eq!(heights(store).await, [4, 3]);
    assert_eq!(blocks(store, Ethereum, 9).await.len(), 6, "another network's stay");
    remember(store, Tron, &[block(5, 1)]).await;
    assert_eq!(blocks(store, Tron, 9).await.first(), Some(&block(5, 1).at), "another chain's");
}

pub async fn a_height_has_one_name_at_a_time(store: &dyn Store) {
    remember(store, Tron, &[block(3, 0)]).await;
    remember(store, Tron, &[block(3, 0), block(4, 0)]).await;
    let mut uow = store.begin().await.expect(WORKS);
    let other = uow.add_blocks(Tron, &[block(5, 1), block(4, 1)]).await;
    assert!(matches!(other, Err(StoreError::Conflict(_))), "{other:?}");
    uow.rollback().await.expect(WORKS);
    assert_eq!(blocks(store, Tron, 9).await, [block(4, 0).at, block(3, 0).at]);
}
