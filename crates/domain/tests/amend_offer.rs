//! Amending offers: by whom, within which terms, and what orders feel of it.

use domain::access::Caller;
use domain::ids::OfferId;
use domain::money::Crypto;
use domain::offer::{Offer, OfferChange, OfferError, OfferStatus};
use domain::order::{OrderEvent, OrderState};
use domain::party::Role;
use domain::placement::PlaceOrder;
use domain::rate::Rate;
use domain::service::ServiceError;
use domain::testing::Scene;
use domain::testing::samples::{
    self, ADMIN, BUYING_VENDOR, CUSTOMER, NOW, SELL_OFFER, VENDOR, crypto, fiat, place_buy,
};
use futures_executor::block_on;

fn vendor() -> Caller {
    samples::caller(VENDOR, Role::Vendor)
}

fn change(set: impl FnOnce(&mut OfferChange)) -> OfferChange {
    let mut change = OfferChange::default();
    set(&mut change);
    change
}

/// The sample offer, but for what `set` changes.
fn offer(set: impl FnOnce(&mut Offer)) -> Offer {
    let mut offer = samples::sell_offer();
    set(&mut offer);
    offer
}

fn available(amount: &str) -> OfferChange {
    change(|c| c.available = Some(crypto(amount)))
}

async fn amend(scene: &Scene, caller: Caller, change: OfferChange) -> Result<Offer, ServiceError> {
    scene.engine.amend_offer(caller, SELL_OFFER, change).await
}

#[test]
fn each_term_can_be_amended_alone() {
    let rate = Rate::parse("147.25").expect("a rate");
    let text = || Some("new".to_owned());
    let cases = [
        (OfferChange::default(), offer(|_| {})),
        (
            change(|c| c.status = Some(OfferStatus::Inactive)),
            offer(|o| o.status = OfferStatus::Inactive),
        ),
        (change(|c| c.rate = Some(rate)), offer(|o| o.rate = rate)),
        (change(|c| c.min_order = Some(crypto("2000"))), offer(|o| o.min_order = crypto("2000"))),
        (change(|c| c.max_order = Some(crypto("1"))), offer(|o| o.max_order = crypto("1"))),
        (available("0"), offer(|o| o.available = crypto("0"))),
        (change(|c| c.description = text()), offer(|o| o.description = text())),
    ];
    block_on(async {
        for (change, mut expected) in cases {
            let scene = Scene::seeded().await;
            scene.clock.advance(time::Duration::HOUR);
            (expected.terms_version, expected.updated_at) = (2, NOW + time::Duration::HOUR);
            let amended = amend(&scene, vendor(), change).await.expect("it fits");
            assert_eq!(amended, expected);
            let stored = scene.offer(SELL_OFFER).await;
            assert_eq!(stored, expected, "answered as it is stored");
        }
    });
}

#[test]
fn amended_terms_must_fit_each_other_and_what_is_held() {
    block_on(async {
        let scene = Scene::seeded().await;
        scene.place(&place_buy()).await;
        let before = scene.offer(SELL_OFFER).await;
        let limit = change(|c| c.max_order = Some(crypto("0.5")));
        let cases = [
            (available("1199.99999999"), OfferError::BelowHeld),
            (available("5000.00000001"), OfferError::AboveWhole),
            (limit, OfferError::LimitsCrossed),
        ];
        for (change, expected) in cases {
            let refused = amend(&scene, vendor(), change).await;
            let Err(ServiceError::Offer(error)) = refused else { panic!("{refused:?}") };
            assert_eq!(error, expected);
            assert_eq!(scene.offer(SELL_OFFER).await, before);
        }
        let exactly = amend(&scene, vendor(), available("1200")).await;
        assert_eq!(exactly.expect("what is held").free(), Crypto::ZERO);
    });
}

#[test]
fn offers_are_amended_by_their_vendor_and_by_admins() {
    block_on(async {
        let scene = Scene::seeded().await;
        for caller in [
            samples::caller(BUYING_VENDOR, Role::Vendor),
            samples::caller(CUSTOMER, Role::Customer),
            samples::caller(VENDOR, Role::Customer),
        ] {
            let refused = amend(&scene, caller, available("4000")).await;
            let forbidden = matches!(refused, Err(ServiceError::Forbidden(_)));
            assert!(forbidden, "{caller:?}: {refused:?}");
            assert_eq!(scene.offer(SELL_OFFER).await, samples::sell_offer());
        }
        let admin = samples::caller(ADMIN, Role::Admin);
        let amended = amend(&scene, admin, available("4000")).await.expect("any offer");
        assert_eq!(amended.available, crypto("4000"));
    });
}

#[test]
fn an_unknown_offer_is_not_found() {
    block_on(async {
        let scene = Scene::seeded().await;
        let unknown = OfferId(uuid::Uuid::from_u128(404));
        let amended = scene.engine.amend_offer(vendor(), unknown, available("1")).await;
        assert!(matches!(amended, Err(ServiceError::NotFound)), "{amended:?}");
    });
}

#[test]
fn orders_keep_the_rate_they_were_made_at() {
    block_on(async {
        let scene = Scene::seeded().await;
        let before = scene.place(&place_buy()).await;
        let rate = Rate::parse("150.00").expect("a rate");
        let dearer = change(|c| c.rate = Some(rate));
        amend(&scene, vendor(), dearer).await.expect("it fits");
        let fiat = fiat("180000");
        let after = scene.place(&PlaceOrder { fiat, ..place_buy() }).await;
        assert_eq!(scene.order(before.id).await, before);
        assert_eq!((before.rate, after.rate), (samples::sell_offer().rate, rate));
    });
}

#[test]
fn an_order_settles_on_an_offer_that_has_been_amended() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = scene.place(&place_buy()).await;
        let withdrawn = change(|c| {
            c.status = Some(OfferStatus::Inactive);
            c.available = Some(crypto("1200"));
        });
        amend(&scene, vendor(), withdrawn).await.expect("it fits");
        let at = NOW + time::Duration::HOUR;
        scene.clock.advance(time::Duration::HOUR);
        scene.tell(order.id, &OrderEvent::DeadlinePassed { at }).await;
        let state = scene.order(order.id).await.state;
        assert!(matches!(state, OrderState::Cancelled { .. }), "{state:?}");
        let offer = scene.offer(SELL_OFFER).await;
        assert_eq!(offer.available, crypto("1200"));
        assert_eq!(offer.held, Crypto::ZERO);
        assert_eq!(offer.status, OfferStatus::Inactive);
    });
}
