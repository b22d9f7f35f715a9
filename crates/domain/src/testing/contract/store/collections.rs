//! Collections, and what no two of them may share.

use super::stage::{WORKS, commit, place_sample, seed};
use crate::access::Visibility;
use crate::ids::CollectionId;
use crate::order::Order;
use crate::party::Msisdn;
use crate::ports::{OrderFilter, PageRequest, Start, Store, StoreError};
use crate::rail::Collection;
use crate::rail::collection::CollectionState;
use crate::testing::rail_samples::{RECEIPT, after, collection, eventful, stranger};
use crate::testing::samples::{self, NOW};

async fn order(store: &dyn Store) -> Order {
    seed(store).await;
    place_sample(store, &samples::place_buy(), 1).await
}

async fn insert(store: &dyn Store, collection: &Collection) {
    commit(store, async |uow| uow.insert_collection(collection).await.expect(WORKS)).await;
}

async fn save(store: &dyn Store, collection: &Collection) {
    commit(store, async |uow| {
        uow.lock_collection(collection.id).await.expect(WORKS);
        uow.save_collection(collection).await.expect(WORKS);
    })
    .await;
}

/// What is found and what is locked under `id`: the same.
async fn stored(store: &dyn Store, id: CollectionId) -> Option<Collection> {
    let mut uow = store.begin().await.expect(WORKS);
    let found = uow.find_collection(id).await.expect(WORKS);
    assert_eq!(uow.lock_collection(id).await.expect(WORKS), found);
    uow.rollback().await.expect(WORKS);
    found
}

pub async fn every_state_of_a_collection_comes_back(store: &dyn Store) {
    let order = order(store).await;
    for (number, state) in CollectionState::ALL.into_iter().enumerate() {
        let entropy = u64::try_from(number).expect("there are few");
        let fresh = collection(&order, entropy);
        insert(store, &fresh).await;
        assert_eq!(stored(store, fresh.id).await.as_ref(), Some(&fresh));
        let moved = eventful(fresh, state, number);
        save(store, &moved).await;
        assert_eq!(stored(store, moved.id).await, Some(moved), "{state:?}");
    }
}

pub async fn a_collection_is_found_by_its_reference(store: &dyn Store) {
    let order = order(store).await;
    let (one, other) = (collection(&order, 1), collection(&order, 2));
    insert(store, &one).await;
    insert(store, &other).await;
    for collection in [one, other] {
        let reference = &collection.account_reference;
        let found = commit(store, async |uow| {
            uow.find_collection_by_reference(reference).await.expect(WORKS)
        });
        assert_eq!(found.await, Some(collection.id));
    }
}

pub async fn orders_are_listed_by_the_reference_of_any_of_their_attempts(store: &dyn Store) {
    let order = order(store).await;
    let other = place_sample(store, &samples::place_buy(), 2).await;
    let attempts = [collection(&order, 1), collection(&order, 2), collection(&other, 3)];
    for attempt in &attempts {
        insert(store, attempt).await;
    }
    let unknown = collection(&order, 4);
    let cases = attempts.iter().map(|attempt| (attempt, vec![attempt.order_id]));
    for (attempt, expected) in cases.chain([(&unknown, vec![])]) {
        let account_reference = Some(attempt.account_reference.clone());
        let filter = OrderFilter { account_reference, ..OrderFilter::default() };
        let page = PageRequest { start: Start::Offset(0), size: 50 };
        let found = store.list_orders(Visibility::All, &filter, page).await.expect(WORKS);
        let found: Vec<_> = found.rows.iter().map(|order| order.id).collect();
        assert_eq!(found, expected);
    }
}

pub async fn an_unknown_collection_is_nowhere(store: &dyn Store) {
    let order = order(store).await;
    let unknown = collection(&order, 1);
    assert_eq!(stored(store, unknown.id).await, None);
    let mut uow = store.begin().await.expect(WORKS);
    let named = uow.find_collection_by_reference(&unknown.account_reference).await;
    assert_eq!(named.expect(WORKS), None);
    let saved = uow.save_collection(&unknown).await;
    assert!(matches!(saved, Err(StoreError::Conflict(_))), "{saved:?}");
}

pub async fn a_reference_is_one_collections(store: &dyn Store) {
    let order = order(store).await;
    let one = collection(&order, 1);
    insert(store, &one).await;
    let same_id = Collection { id: one.id, ..collection(&order, 2) };
    let same_reference = Collection { id: collection(&order, 2).id, ..one };
    for taken in [same_id, same_reference] {
        let mut uow = store.begin().await.expect(WORKS);
        let inserted = uow.insert_collection(&taken).await;
        assert!(matches!(inserted, Err(StoreError::Rejected(_))), "{inserted:?}");
    }
}

pub async fn a_phone_is_asked_once_in_a_while(store: &dyn Store) {
    let other = Msisdn::parse("254700000001").expect("a phone");
    let ask = async |phone: &Msisdn, now, not_since| {
        commit(store, async |uow| uow.claim_phone(phone, now, not_since).await.expect(WORKS)).await
    };
    let phone = samples::phone();
    assert_eq!(ask(&phone, after(0), after(-120)).await, None);
    assert_eq!(ask(&phone, after(119), after(-1)).await, Some(NOW), "too soon");
    assert_eq!(ask(&other, after(119), after(-1)).await, None, "another phone");
    assert_eq!(ask(&phone, after(120), after(0)).await, None, "it was not after that");
    assert_eq!(ask(&phone, after(121), after(1)).await, Some(after(120)));
}

pub async fn an_uncommitted_claim_leaves_the_phone_free(store: &dyn Store) {
    let mut uow = store.begin().await.expect(WORKS);
    let claimed = uow.claim_phone(&samples::phone(), NOW, after(-120)).await.expect(WORKS);
    assert_eq!(claimed, None);
    uow.rollback().await.expect(WORKS);
    let again = commit(store, async |uow| {
        uow.claim_phone(&samples::phone(), after(1), after(-119)).await.expect(WORKS)
    });
    assert_eq!(again.await, None);
}

pub async fn a_receipt_is_one_collections(store: &dyn Store) {
    let order = order(store).await;
    let (one, other) = (collection(&order, 1), collection(&order, 2));
    insert(store, &one).await;
    insert(store, &other).await;
    let claim = async |receipt: &str, of: Option<&Collection>| {
        let id = of.map(|collection| collection.id);
        commit(store, async |uow| uow.claim_receipt(receipt, id, NOW).await.expect(WORKS)).await
    };
    assert!(claim(RECEIPT, Some(&one)).await);
    assert!(claim(RECEIPT, Some(&one)).await, "its own");
    assert!(!claim(RECEIPT, Some(&other)).await, "another's");
    assert!(!claim(RECEIPT, None).await, "another's");
    assert!(claim("QKA81LK5CY", Some(&other)).await);
    assert!(claim("UNMATCHED", None).await);
    assert!(claim("UNMATCHED", None).await, "still nobody's");
}

pub async fn undecided_collections_come_oldest_first(store: &dyn Store) {
    let order = order(store).await;
    let mut undecided = vec![];
    for (number, state) in CollectionState::ALL.into_iter().enumerate() {
        let entropy = u64::try_from(number).expect("there are few");
        let fresh = collection(&order, entropy);
        insert(store, &fresh).await;
        let sent_at = after(i64::try_from(100_usize.saturating_sub(number)).expect("small"));
        let moved = Collection { sent_at: Some(sent_at), ..eventful(fresh.clone(), state, number) };
        if state != CollectionState::Created {
            save(store, &moved).await;
        }
        if !state.is_settled() && state != CollectionState::Created {
            undecided.insert(0, moved);
        }
    }
    assert_eq!(undecided.len(), 5);
    let listed = store.undecided_collections(after(101), 10).await.expect(WORKS);
    assert_eq!(listed, undecided);
    let first = store.undecided_collections(after(101), 2).await.expect(WORKS);
    assert_eq!(first, undecided[..2]);
    let oldest = undecided[0].sent_at.expect("it was sent");
    assert_eq!(store.undecided_collections(oldest, 10).await.expect(WORKS), [], "sent before");
}

pub async fn a_collection_of_no_order_is_rejected(store: &dyn Store) {
    let order = order(store).await;
    let lost = Collection { order_id: crate::ids::OrderId(stranger()), ..collection(&order, 1) };
    let mut uow = store.begin().await.expect(WORKS);
    let inserted = uow.insert_collection(&lost).await;
    assert!(matches!(inserted, Err(StoreError::Rejected(_))), "{inserted:?}");
}
