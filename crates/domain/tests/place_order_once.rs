//! Placing an order once: idempotency keys, from the caller's side.

use domain::party::Role;
use domain::placement::{IdempotencyClaim, PlaceOrder};
use domain::service::{Answer, Request, ServiceError};
use domain::testing::Scene;
use domain::testing::samples::{self, CUSTOMER, SELLER, VENDOR, place_buy, place_sell};
use futures_executor::block_on;
use time::Duration;

async fn place(
    scene: &Scene,
    command: &PlaceOrder,
    claim: Option<IdempotencyClaim>,
) -> Result<Answer, ServiceError> {
    let caller = samples::caller(command.customer_id, Role::Customer);
    scene.engine.place_order(&Request { caller, claim }, command, &Scene::render).await
}

#[test]
fn a_repeated_request_is_answered_as_the_first_time() {
    block_on(async {
        let scene = Scene::seeded().await;
        let claim = || Some(samples::claim(CUSTOMER, "key", 1));
        let first = place(&scene, &place_buy(), claim()).await.expect("it can be placed");
        scene.clock.advance(Duration::days(1));
        let again = place(&scene, &place_buy(), claim()).await.expect("it was placed");
        assert_eq!((first.replayed, again.replayed), (false, true));
        assert_eq!(first.stored, again.stored);
        assert_eq!(scene.orders().await.len(), 1);
    });
}

#[test]
fn a_key_is_one_requests_and_one_callers() {
    block_on(async {
        let scene = Scene::seeded().await;
        let claim = |who, request| Some(samples::claim(who, "key", request));
        place(&scene, &place_buy(), claim(CUSTOMER, 1)).await.expect("it can be placed");
        let other = place(&scene, &place_buy(), claim(CUSTOMER, 2)).await;
        assert!(matches!(other, Err(ServiceError::KeyReused)), "{other:?}");
        let theirs = place(&scene, &place_sell(), claim(SELLER, 2)).await;
        assert!(!theirs.expect("another caller's key").replayed);
    });
}

#[test]
fn without_a_key_every_request_is_an_order() {
    block_on(async {
        let scene = Scene::seeded().await;
        let (first, second) = (scene.place(&place_buy()).await, scene.place(&place_buy()).await);
        assert_ne!(first.id, second.id);
    });
}

#[test]
fn an_answer_is_replayed_although_the_offer_has_been_withdrawn() {
    block_on(async {
        let scene = Scene::seeded().await;
        let claim = || Some(samples::claim(CUSTOMER, "key", 1));
        let first = place(&scene, &place_buy(), claim()).await.expect("it can be placed");
        let status = Some(domain::offer::OfferStatus::Inactive);
        let withdrawn = domain::offer::OfferChange { status, ..Default::default() };
        let vendor = samples::caller(VENDOR, Role::Vendor);
        let amended = scene.engine.amend_offer(vendor, samples::SELL_OFFER, withdrawn).await;
        amended.expect("it fits");
        let again = place(&scene, &place_buy(), claim()).await.expect("it was placed");
        assert_eq!((again.replayed, again.stored), (true, first.stored));
    });
}
