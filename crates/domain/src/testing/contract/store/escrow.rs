//! Escrow indexes: an address is one order's alone, for ever.

use futures_util::future::join_all;

use super::stage::WORKS;
use crate::address::KeyAccount;
use crate::ports::Store;

async fn next(store: &dyn Store, account: &str) -> u32 {
    store.next_escrow_index(&KeyAccount::new(account.to_owned())).await.expect(WORKS)
}

pub async fn escrow_indexes_are_never_given_twice(store: &dyn Store) {
    let mut indexes = join_all((0..12).map(|_| next(store, "tron"))).await;
    indexes.sort_unstable();
    let given = indexes.len();
    indexes.dedup();
    assert_eq!(indexes.len(), given, "{indexes:?}");
    let after = next(store, "tron").await;
    assert!(!indexes.contains(&after));
}

pub async fn each_key_account_counts_from_zero(store: &dyn Store) {
    for index in 0..3 {
        assert_eq!(next(store, "tron").await, index);
    }
    for index in 0..2 {
        assert_eq!(next(store, "ethereum").await, index);
    }
    assert_eq!(next(store, "tron").await, 3);
}

pub async fn a_rolled_back_unit_of_work_does_not_give_an_index_back(store: &dyn Store) {
    let uow = store.begin().await.expect(WORKS);
    let inside = next(store, "tron").await;
    uow.rollback().await.expect(WORKS);
    assert_ne!(next(store, "tron").await, inside);
}
