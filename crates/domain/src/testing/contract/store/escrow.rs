//! Escrow indexes: an address is one order's alone, for ever.

use futures_util::future::join_all;

use super::stage::WORKS;
use crate::address::Network;
use crate::ports::Store;

async fn next(store: &dyn Store, network: Network) -> u32 {
    store.next_escrow_index(network).await.expect(WORKS)
}

pub async fn escrow_indexes_are_never_given_twice(store: &dyn Store) {
    let mut indexes = join_all((0..12).map(|_| next(store, Network::Tron))).await;
    indexes.sort_unstable();
    let given = indexes.len();
    indexes.dedup();
    assert_eq!(indexes.len(), given, "{indexes:?}");
    let after = next(store, Network::Tron).await;
    assert!(!indexes.contains(&after));
}

pub async fn each_network_counts_from_zero(store: &dyn Store) {
    for index in 0..3 {
        assert_eq!(next(store, Network::Tron).await, index);
    }
    for index in 0..2 {
        assert_eq!(next(store, Network::Ethereum).await, index);
    }
    assert_eq!(next(store, Network::Tron).await, 3);
}

pub async fn a_rolled_back_unit_of_work_does_not_give_an_index_back(store: &dyn Store) {
    let uow = store.begin().await.expect(WORKS);
    let inside = next(store, Network::Tron).await;
    uow.rollback().await.expect(WORKS);
    assert_ne!(next(store, Network::Tron).await, inside);
}
