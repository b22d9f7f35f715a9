//! Units of work: whole or not at all.

use super::stage::{WORKS, commit, offer, place_sample, seed, stored};
use crate::order::{CancelReason, Effect, OrderState, ReviewKind};
use crate::ports::{Store, UnitOfWork};
use crate::testing::samples::{self, BUY_OFFER, CUSTOMER, SELL_OFFER, VENDOR};

/// One change of every kind, in one unit of work that is left open.
async fn change_everything(store: &dyn Store, order: &crate::order::Order) -> Box<dyn UnitOfWork> {
    let (cancelled, entry) =
        samples::moved(order, OrderState::Cancelled { reason: CancelReason::ByCustomer });
    let effect = Effect::OpenReview { kind: ReviewKind::Held, cause: "a case".into() };
    let claim = samples::claim(VENDOR, "key", 1);
    let mut uow = store.begin().await.expect(WORKS);
    let locked = uow.lock_order(order.id).await.expect(WORKS);
    assert_eq!(locked.as_ref(), Some(order));
    uow.save_order(&cancelled, &entry).await.expect(WORKS);
    uow.settle_hold(&cancelled, cancelled.state.hold_fate()).await.expect(WORKS);
    uow.enqueue(order.id, &[effect], samples::NOW).await.expect(WORKS);
    uow.insert_offer(&samples::buy_offer()).await.expect(WORKS);
    uow.claim_key(&claim).await.expect(WORKS);
    uow.store_answer(&claim, &samples::answer("{}"), samples::NOW).await.expect(WORKS);
    uow
}

async fn stage(store: &dyn Store) -> crate::order::Order {
    commit(store, async |uow| {
        for party in samples::parties() {
            uow.insert_party(&party).await.expect(WORKS);
        }
        uow.insert_offer(&samples::sell_offer()).await.expect(WORKS);
    })
    .await;
    place_sample(store, &samples::place_buy(), 1).await
}

/// Whether each kind of change of [`change_everything`] has happened: all of them or none.
async fn assert_changed(store: &dyn Store, order: &crate::order::Order, changed: bool) {
    let expected_version = if changed { 2 } else { 1 };
    let now = stored(store, order.id).await.expect("the order was placed");
    assert_eq!(now.version, expected_version, "the order");
    let history = store.find_history(crate::access::Visibility::All, order.id).await.expect(WORKS);
    let entries = history.map(|entries| entries.len());
    assert_eq!(entries, usize::try_from(expected_version).ok(), "the history");
    assert_eq!(offer(store, SELL_OFFER).await.held.is_zero(), changed, "the hold");
    let published = store.find_offer(BUY_OFFER).await.expect(WORKS);
    assert_eq!(published.is_some(), changed, "the offer");
    let answer = store.find_answer(&samples::claim(VENDOR, "key", 1)).await.expect(WORKS);
    assert_eq!(answer.is_some(), changed, "the answer");
    let effects =
        commit(store, async |uow| uow.pending_effects(order.id).await.expect(WORKS)).await;
    assert_eq!(effects.len(), usize::from(changed), "the effect");
}

pub async fn a_committed_change_is_seen_by_others(store: &dyn Store) {
    let order = stage(store).await;
    change_everything(store, &order).await.commit().await.expect(WORKS);
    assert_changed(store, &order, true).await;
}

pub async fn a_rolled_back_unit_of_work_leaves_nothing(store: &dyn Store) {
    let order = stage(store).await;
    change_everything(store, &order).await.rollback().await.expect(WORKS);
    assert_changed(store, &order, false).await;
}

pub async fn a_dropped_unit_of_work_leaves_nothing(store: &dyn Store) {
    let order = stage(store).await;
    drop(change_everything(store, &order).await);
    assert_changed(store, &order, false).await;
}

pub async fn an_open_change_is_seen_inside_only(store: &dyn Store) {
    seed(store).await;
    let changed = crate::offer::Offer {
        description: Some("still open".into()),
        terms_version: 2,
        ..samples::sell_offer()
    };
    let mut uow = store.begin().await.expect(WORKS);
    uow.lock_offer(SELL_OFFER).await.expect(WORKS);
    uow.save_offer(&changed).await.expect(WORKS);
    assert_eq!(uow.lock_offer(SELL_OFFER).await.expect(WORKS), Some(changed));
    assert_eq!(offer(store, SELL_OFFER).await, samples::sell_offer(), "readers do not wait");
    let wallet = samples::wallet(&samples::place_buy());
    let terms = store.terms(SELL_OFFER, CUSTOMER, &wallet).await.expect(WORKS);
    assert_eq!(terms.offer, Some(samples::sell_offer()));
    uow.rollback().await.expect(WORKS);
}

pub async fn a_store_that_works_answers_a_ping(store: &dyn Store) {
    store.ping().await.expect(WORKS);
}
