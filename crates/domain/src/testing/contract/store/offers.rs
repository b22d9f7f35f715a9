//! Offers: as published, as amended, in pages.

use time::Duration;

use super::stage::{WORKS, commit, offer, place, publish, seed};
use crate::access::Visibility;
use crate::ids::{OfferId, time_ordered};
use crate::offer::{Asset, Offer, OfferStatus, OfferType};
use crate::order::Order;
use crate::ports::{OfferFilter, PageRequest, Start, Store, StoreError};
use crate::rate::Rate;
use crate::testing::samples::{
    self, ADMIN, BUYING_VENDOR, CUSTOMER, NOW, SELL_OFFER, VENDOR, crypto, sell_offer,
};

pub async fn an_offer_comes_back_as_it_was_published(store: &dyn Store) {
    seed(store).await;
    let described = Offer {
        id: OfferId(uuid::Uuid::from_u128(2)),
        asset: Asset::Usdc,
        available: crypto("4999.99999999"),
        description: Some("Haraka! 🐎 'quoted'; -- and \"more\"".into()),
        status: OfferStatus::Inactive,
        terms_version: 3,
        updated_at: NOW.saturating_add(Duration::microseconds(1_000_001)),
        ..sell_offer()
    };
    publish(store, std::slice::from_ref(&described)).await;
    for expected in [sell_offer(), samples::buy_offer(), described] {
        assert_eq!(offer(store, expected.id).await, expected, "found");
        let locked =
            commit(store, async |uow| uow.lock_offer(expected.id).await.expect(WORKS)).await;
        assert_eq!(locked, Some(expected), "locked");
    }
}

pub async fn saved_terms_replace_the_old_ones(store: &dyn Store) {
    seed(store).await;
    let amended = Offer {
        rate: Rate::parse("151.75").expect("a sample rate"),
        min_order: crypto("10.5"),
        max_order: crypto("1000"),
        available: crypto("3000"),
        description: Some("cheaper".into()),
        status: OfferStatus::Inactive,
        terms_version: 2,
        updated_at: NOW.saturating_add(Duration::SECOND),
        ..sell_offer()
    };
    commit(store, async |uow| {
        uow.lock_offer(SELL_OFFER).await.expect(WORKS);
        uow.save_offer(&amended).await.expect(WORKS);
    })
    .await;
    assert_eq!(offer(store, SELL_OFFER).await, amended);
    assert_eq!(offer(store, samples::BUY_OFFER).await, samples::buy_offer(), "no other one");
}

pub async fn saving_an_unknown_offer_is_a_conflict(store: &dyn Store) {
    seed(store).await;
    let unknown = Offer { id: OfferId(uuid::Uuid::from_u128(404)), ..sell_offer() };
    let mut uow = store.begin().await.expect(WORKS);
    let saved = uow.save_offer(&unknown).await;
    assert!(matches!(saved, Err(StoreError::Conflict(_))), "{saved:?}");
    drop(uow);
    assert_nowhere(store, unknown.id).await;
}

/// Neither readers, nor new orders, nor amendments find it.
async fn assert_nowhere(store: &dyn Store, id: OfferId) {
    assert_eq!(store.find_offer(id).await.expect(WORKS), None, "found");
    let wallet = samples::wallet(&samples::place_buy());
    let terms = store.terms(id, CUSTOMER, &wallet).await.expect(WORKS);
    assert_eq!((terms.offer, terms.customer_is_provisioned), (None, true));
    let locked = commit(store, async |uow| uow.lock_offer(id).await.expect(WORKS)).await;
    assert_eq!(locked, None, "locked");
    let request = PageRequest { start: Start::Offset(0), size: 100 };
    let listed = store.list_offers(OfferFilter::default(), request).await.expect(WORKS);
    assert!(listed.rows.iter().all(|offer| offer.id != id), "listed");
}

pub async fn an_unknown_offer_is_nowhere(store: &dyn Store) {
    seed(store).await;
    assert_nowhere(store, OfferId(uuid::Uuid::from_u128(404))).await;
}

pub async fn a_deleted_offer_is_nowhere_but_in_its_orders(store: &dyn Store) {
    seed(store).await;
    let id = OfferId(uuid::Uuid::from_u128(2));
    let deleted = Offer { id, deleted_at: Some(NOW), ..sell_offer() };
    publish(store, std::slice::from_ref(&deleted)).await;
    assert_nowhere(store, id).await;
    let order = Order { offer_id: id, ..samples::order(&samples::place_buy(), 1) };
    let order = place(store, &samples::placement_of(order)).await;
    let details = store.find_details(Visibility::All, order.id).await.expect(WORKS);
    let seen = details.map(|details| (details.offer_type, details.offer_rate));
    assert_eq!(seen, Some((deleted.offer_type, deleted.rate)));
}

/// Four offers beside those of the seeds' vendors, of every side and status, oldest first.
async fn stage(store: &dyn Store) -> Vec<Offer> {
    commit(store, async |uow| {
        for party in samples::parties() {
            uow.insert_party(&party).await.expect(WORKS);
        }
    })
    .await;
    let kinds = [
        (VENDOR, OfferType::Sell, OfferStatus::Active),
        (VENDOR, OfferType::Buy, OfferStatus::Active),
        (BUYING_VENDOR, OfferType::Sell, OfferStatus::Inactive),
        (BUYING_VENDOR, OfferType::Buy, OfferStatus::Active),
    ];
    let made = kinds.into_iter().zip(1_i64..).map(|((vendor_id, offer_type, status), age)| {
        let created_at = NOW.saturating_add(Duration::microseconds(age));
        // The oldest has an id that was not made by time: lists go by creation all the same.
        let foreign = uuid::Uuid::from_u128(u128::MAX);
        let id = OfferId(if age == 1 { foreign } else { time_ordered(created_at, 0) });
        let updated_at = created_at;
        Offer { id, vendor_id, offer_type, status, created_at, updated_at, ..sell_offer() }
    });
    let offers: Vec<_> = made.collect();
    publish(store, &offers).await;
    offers
}

pub async fn offers_come_newest_first_and_in_pages(store: &dyn Store) {
    let mut newest_first = stage(store).await;
    newest_first.reverse();
    let cases = [
        (Start::Offset(0), 100, 0..4, false),
        (Start::Offset(0), 3, 0..3, true),
        (Start::Offset(3), 3, 3..4, false),
        (Start::After(newest_first[0].id.0), 2, 1..3, true),
        (Start::After(newest_first[1].id.0), 2, 2..4, false),
        (Start::After(newest_first[3].id.0), 2, 4..4, false),
    ];
    for (start, size, rows, has_more) in cases {
        let request = PageRequest { start, size };
        let page = store.list_offers(OfferFilter::default(), request).await.expect(WORKS);
        assert_eq!(page.rows, newest_first[rows], "{request:?}");
        assert_eq!(page.has_more, has_more, "{request:?}");
    }
}

pub async fn each_filter_of_offers_selects_alone_and_combined(store: &dyn Store) {
    let offers = stage(store).await;
    let (sell, buy) = (Some(OfferType::Sell), Some(OfferType::Buy));
    let (active, inactive) = (Some(OfferStatus::Active), Some(OfferStatus::Inactive));
    let cases = [
        (None, None, None, vec![3, 2, 1, 0]),
        (sell, None, None, vec![2, 0]),
        (buy, None, None, vec![3, 1]),
        (None, active, None, vec![3, 1, 0]),
        (None, inactive, None, vec![2]),
        (None, None, Some(VENDOR), vec![1, 0]),
        (None, None, Some(ADMIN), vec![]),
        (buy, active, Some(BUYING_VENDOR), vec![3]),
        (buy, inactive, None, vec![]),
    ];
    for (offer_type, status, vendor_id, expected) in cases {
        let filter = OfferFilter { offer_type, status, vendor_id };
        let request = PageRequest { start: Start::Offset(0), size: 100 };
        let page = store.list_offers(filter, request).await.expect(WORKS);
        let expected: Vec<_> =
            expected.into_iter().map(|index: usize| offers[index].clone()).collect();
        assert_eq!(page.rows, expected, "{filter:?}");
    }
}
