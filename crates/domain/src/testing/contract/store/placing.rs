//! Placing: order, first entry, hold and answer in one act, on known terms only.

use futures_util::future::join_all;

use super::stage::{WORKS, balance, commit, offer, place, place_sample, seed, stored};
use crate::access::Visibility;
use crate::ids::{OfferId, PartyId};
use crate::money::Crypto;
use crate::offer::Offer;
use crate::order::Order;
use crate::placement::{PlaceOrder, Placed, Placement, Terms};
use crate::ports::Store;
use crate::testing::samples::{self, CUSTOMER, SELL_OFFER, crypto};

/// Places `command` and reads it back every way there is.
async fn assert_round_trip(store: &dyn Store, command: &PlaceOrder) {
    seed(store).await;
    let placement = samples::placement(command, 7);
    let order = place(store, &placement).await;
    assert_eq!(stored(store, order.id).await.as_ref(), Some(&order), "locked");
    let listed = super::stage::page(store, crate::ports::Start::Offset(0), 10).await;
    assert_eq!(listed.rows, std::slice::from_ref(&order), "listed");
    let details = store.find_details(Visibility::All, order.id).await.expect(WORKS);
    assert_eq!(details.map(|details| details.order).as_ref(), Some(&order), "in detail");
    let history = store.find_history(Visibility::All, order.id).await.expect(WORKS);
    assert_eq!(history, Some(vec![placement.entry]), "its history");
}

pub async fn an_on_ramp_order_comes_back_as_it_was_placed(store: &dyn Store) {
    assert_round_trip(store, &samples::place_buy()).await;
}

pub async fn an_off_ramp_order_comes_back_with_its_escrow(store: &dyn Store) {
    assert!(samples::order(&samples::place_sell(), 7).escrow.is_some());
    assert_round_trip(store, &samples::place_sell()).await;
}

pub async fn placing_holds_the_amount_of_the_offer(store: &dyn Store) {
    seed(store).await;
    let before = offer(store, SELL_OFFER).await;
    place_sample(store, &samples::place_buy(), 1).await;
    place_sample(store, &samples::place_buy(), 2).await;
    let after = offer(store, SELL_OFFER).await;
    assert_eq!(after, Offer { held: crypto("2400"), ..before }, "nothing else changes");
}

pub async fn the_whole_free_amount_can_be_held(store: &dyn Store) {
    seed(store).await;
    let whole = Order { crypto: crypto("5000"), ..samples::order(&samples::place_buy(), 1) };
    place(store, &samples::placement_of(whole)).await;
    assert_eq!(balance(store, SELL_OFFER).await, (crypto("5000"), crypto("5000")));
}

/// Places `placement` in vain: it is stale and leaves nothing behind.
async fn assert_stale(store: &dyn Store, placement: &Placement) {
    let held = balance(store, SELL_OFFER).await;
    assert_eq!(store.place(placement).await.expect(WORKS), Placed::Stale);
    assert_eq!(stored(store, placement.order.id).await, None);
    assert_eq!(balance(store, SELL_OFFER).await, held);
    let history = store.find_history(Visibility::All, placement.order.id).await.expect(WORKS);
    assert_eq!(history, None);
}

pub async fn other_terms_make_a_placement_stale(store: &dyn Store) {
    seed(store).await;
    let placement = samples::placement(&samples::place_buy(), 1);
    for known in [0, 2] {
        assert_stale(store, &Placement { terms_version: known, ..placement.clone() }).await;
    }
    let amended = Offer { terms_version: 2, ..samples::sell_offer() };
    commit(store, async |uow| {
        uow.lock_offer(SELL_OFFER).await.expect(WORKS);
        uow.save_offer(&amended).await.expect(WORKS);
    })
    .await;
    assert_stale(store, &placement).await;
    place(store, &Placement { terms_version: 2, ..placement }).await;
}

pub async fn too_little_free_amount_makes_a_placement_stale(store: &dyn Store) {
    seed(store).await;
    let first =
        Order { crypto: crypto("3800.00000001"), ..samples::order(&samples::place_buy(), 1) };
    place(store, &samples::placement_of(first)).await;
    assert_stale(store, &samples::placement(&samples::place_buy(), 2)).await;
}

pub async fn an_unknown_offer_makes_a_placement_stale(store: &dyn Store) {
    seed(store).await;
    let nowhere = OfferId(uuid::Uuid::from_u128(404));
    let order = Order { offer_id: nowhere, ..samples::order(&samples::place_buy(), 1) };
    assert_stale(store, &samples::placement_of(order)).await;
}

pub async fn the_last_units_go_to_as_many_as_they_suffice_for(store: &dyn Store) {
    seed(store).await;
    let placements: Vec<_> =
        (1..=12).map(|entropy| samples::placement(&samples::place_buy(), entropy)).collect();
    let outcomes = join_all(placements.iter().map(|placement| store.place(placement))).await;
    let outcomes: Vec<_> = outcomes.into_iter().map(|outcome| outcome.expect(WORKS)).collect();
    let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    assert_eq!((count(Placed::Done), count(Placed::Stale)), (4, 8), "4 × 1200 of 5000");
    assert_eq!(balance(store, SELL_OFFER).await, (crypto("5000"), crypto("4800")));
    for (placement, outcome) in placements.iter().zip(&outcomes) {
        let there = stored(store, placement.order.id).await.is_some();
        assert_eq!(there, *outcome == Placed::Done);
    }
}

pub async fn terms_tell_the_offer_and_whether_the_customer_is_known(store: &dyn Store) {
    seed(store).await;
    place_sample(store, &samples::place_buy(), 1).await;
    let held = Offer { held: crypto("1200"), ..samples::sell_offer() };
    assert_eq!(held.free(), Crypto::from_minor(380_000_000_000).unwrap_or(Crypto::ZERO));
    let stranger = PartyId(uuid::Uuid::from_u128(404));
    let nowhere = OfferId(uuid::Uuid::from_u128(404));
    let cases = [
        (SELL_OFFER, CUSTOMER, Some(held.clone()), true),
        (SELL_OFFER, stranger, Some(held), false),
        (nowhere, CUSTOMER, None, true),
        (nowhere, stranger, None, false),
    ];
    for (offer_id, customer, offer, customer_is_provisioned) in cases {
        let wallet = samples::wallet(&samples::place_buy());
        let terms = store.terms(offer_id, customer, &wallet).await.expect(WORKS);
        assert_eq!(terms, Terms { offer, customer_is_provisioned, wallet_is_ours: false });
    }
}
