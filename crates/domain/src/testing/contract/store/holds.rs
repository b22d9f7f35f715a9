//! What orders hold of an offer, and what the offer's terms have to do with it.

use super::stage::{WORKS, balance, commit, offer, place_sample, save_as, seed};
use crate::offer::Offer;
use crate::order::{CancelReason, HoldFate, OrderState};
use crate::ports::{Store, StoreError};
use crate::testing::samples::{self, SELL_OFFER, crypto};

pub async fn a_hold_is_kept_given_back_or_spent(store: &dyn Store) {
    seed(store).await;
    let cancelled = OrderState::Cancelled { reason: CancelReason::Expired };
    let cases = [
        (1, OrderState::Delivering, "5000", "3600"),
        (2, cancelled, "5000", "2400"),
        (3, OrderState::Completed, "3800", "1200"),
    ];
    for (entropy, _, _, _) in &cases {
        place_sample(store, &samples::place_buy(), *entropy).await;
    }
    for (entropy, state, available, held) in cases {
        let order = samples::placement(&samples::place_buy(), entropy).order;
        let order = save_as(store, &order, state).await;
        let fate = order.state.hold_fate();
        commit(store, async |uow| {
            uow.settle_hold(&order, fate).await.expect(WORKS);
        })
        .await;
        let is = balance(store, SELL_OFFER).await;
        assert_eq!(is, (crypto(available), crypto(held)), "{fate:?}");
    }
}

pub async fn a_hold_cannot_fall_below_zero(store: &dyn Store) {
    seed(store).await;
    let order = place_sample(store, &samples::place_buy(), 1).await;
    let settle = async |fate| {
        let mut uow = store.begin().await.expect(WORKS);
        let settled = uow.settle_hold(&order, fate).await;
        if settled.is_ok() {
            uow.commit().await.expect(WORKS);
        }
        settled
    };
    settle(HoldFate::Released).await.expect(WORKS);
    for fate in [HoldFate::Released, HoldFate::Spent] {
        let again = settle(fate).await;
        assert!(matches!(again, Err(StoreError::Corrupt(_))), "{again:?}");
        assert_eq!(balance(store, SELL_OFFER).await, (crypto("5000"), crypto("0")));
    }
    settle(HoldFate::Kept).await.expect(WORKS);
}

/// Saves what the sample offer was before anything was held of it, with `available` of it left.
async fn save_stale_terms(store: &dyn Store, available: &str) -> Result<(), StoreError> {
    let stale = Offer {
        available: crypto(available),
        held: crypto("0"),
        terms_version: 2,
        ..samples::sell_offer()
    };
    let mut uow = store.begin().await?;
    uow.lock_offer(SELL_OFFER).await?;
    uow.save_offer(&stale).await?;
    uow.commit().await
}

pub async fn saved_terms_leave_the_hold_as_it_is(store: &dyn Store) {
    seed(store).await;
    place_sample(store, &samples::place_buy(), 1).await;
    save_stale_terms(store, "1200").await.expect(WORKS);
    assert_eq!(balance(store, SELL_OFFER).await, (crypto("1200"), crypto("1200")));
    assert_eq!(offer(store, SELL_OFFER).await.terms_version, 2);
}

pub async fn an_offer_cannot_hold_more_than_is_available(store: &dyn Store) {
    seed(store).await;
    place_sample(store, &samples::place_buy(), 1).await;
    let before = offer(store, SELL_OFFER).await;
    assert!(save_stale_terms(store, "1199.99999999").await.is_err());
    assert_eq!(offer(store, SELL_OFFER).await, before);
}
