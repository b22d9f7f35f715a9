//! Placing orders while others change what they are placed on. A race is played by the renderer:
//! it runs between judging and storing, and memory never makes an uncontended caller wait.

use std::sync::atomic::{AtomicU8, Ordering};

use domain::offer::{OfferChange, OfferStatus};
use domain::order::Order;
use domain::party::Role;
use domain::placement::{Breach, IdempotencyClaim, PlaceOrder, StoredAnswer};
use domain::ports::StoreError;
use domain::rate::Rate;
use domain::service::{Answer, Request, ServiceError};
use domain::testing::Scene;
use domain::testing::samples::{
    self, ADMIN, CUSTOMER, NOW, SELL_OFFER, VENDOR, crypto, fiat, place_buy,
};
use futures_executor::block_on;
use futures_util::FutureExt;
use futures_util::future::join_all;

fn request(claim: Option<IdempotencyClaim>) -> Request {
    Request { caller: samples::caller(CUSTOMER, Role::Customer), claim }
}

/// Places the sample on-ramp order; `meanwhile` happens before each attempt to store it and is told
/// how many came before.
async fn place_while(
    scene: &Scene,
    claim: Option<IdempotencyClaim>,
    meanwhile: impl Fn(u8) + Send + Sync,
) -> (Result<Answer, ServiceError>, u8) {
    let attempts = AtomicU8::new(0);
    let render = |order: &Order| {
        meanwhile(attempts.fetch_add(1, Ordering::Relaxed));
        Scene::render(order)
    };
    let placed = scene.engine.place_order(&request(claim), &place_buy(), &render).await;
    (placed, attempts.into_inner())
}

fn amend(scene: &Scene, change: OfferChange) {
    let vendor = samples::caller(VENDOR, Role::Vendor);
    let amended = scene.engine.amend_offer(vendor, SELL_OFFER, change).now_or_never();
    amended.expect("nobody else writes").expect("the change fits");
}

/// Another customer's order of this amount.
fn rival(scene: &Scene, amount: &str, shillings: &str, claim: Option<IdempotencyClaim>) {
    let command = PlaceOrder { crypto: crypto(amount), fiat: fiat(shillings), ..place_buy() };
    let placed = scene.engine.place_order(&request(claim), &command, &rivals_answer).now_or_never();
    placed.expect("nobody else writes").expect("the rival is first");
}

fn rivals_answer(_: &Order) -> StoredAnswer {
    samples::answer("the rival's")
}

fn description(text: String) -> OfferChange {
    OfferChange { description: Some(text), ..OfferChange::default() }
}

#[test]
fn terms_that_changed_harmlessly_meanwhile_are_judged_again_and_kept() {
    block_on(async {
        let scene = Scene::seeded().await;
        let (placed, attempts) = place_while(&scene, None, |before| {
            if before == 0 {
                amend(&scene, description("now with a smile".into()));
            }
        })
        .await;
        assert!(placed.is_ok(), "{placed:?}");
        assert_eq!(attempts, 2);
        assert_eq!(scene.orders().await.len(), 1);
    });
}

#[test]
fn terms_that_no_longer_fit_are_a_breach() {
    block_on(async {
        let rate = Some(Rate::parse("160.00").expect("a rate"));
        let dearer = OfferChange { rate, ..OfferChange::default() };
        let inactive =
            OfferChange { status: Some(OfferStatus::Inactive), ..OfferChange::default() };
        for (change, code) in [(dearer, "rate_mismatch"), (inactive, "offer_inactive")] {
            let scene = Scene::seeded().await;
            let (placed, attempts) =
                place_while(&scene, None, |_| amend(&scene, change.clone())).await;
            let Err(ServiceError::Breaches(breaches)) = placed else { panic!("{placed:?}") };
            assert!(breaches.iter().map(Breach::code).eq([code]), "{breaches:?}");
            assert_eq!(attempts, 1, "what is refused is not stored");
            assert_eq!(scene.orders().await, []);
        }
    });
}

#[test]
fn an_amount_taken_meanwhile_is_a_breach_that_tells_what_is_left() {
    block_on(async {
        let scene = Scene::seeded().await;
        let (placed, _) = place_while(&scene, None, |_| {
            for _ in 0..4 {
                rival(&scene, "1000", "146000", None);
            }
        })
        .await;
        let Err(ServiceError::Breaches(breaches)) = placed else { panic!("{placed:?}") };
        assert_eq!(breaches, [Breach::InsufficientLiquidity(crypto("1000"))]);
        assert_eq!(scene.orders().await.len(), 4);
    });
}

#[test]
fn terms_that_never_rest_are_busy() {
    block_on(async {
        let scene = Scene::seeded().await;
        let (placed, attempts) = place_while(&scene, None, |before| {
            amend(&scene, description(format!("change {before}")));
        })
        .await;
        assert!(matches!(placed, Err(ServiceError::Store(StoreError::Busy))), "{placed:?}");
        assert_eq!(attempts, 5);
        assert_eq!(scene.orders().await, []);
    });
}

#[test]
fn a_key_answered_meanwhile_is_replayed_to_the_same_request_only() {
    block_on(async {
        for (rivals_request, replayed) in [(1, true), (2, false)] {
            let scene = Scene::seeded().await;
            let claim = |request| Some(samples::claim(CUSTOMER, "key", request));
            let (placed, _) = place_while(&scene, claim(1), |_| {
                rival(&scene, "1200", "175200", claim(rivals_request));
            })
            .await;
            match placed {
                Ok(answer) => assert_eq!(
                    (answer.replayed, answer.stored, replayed),
                    (true, samples::answer("the rival's"), true)
                ),
                Err(error) => {
                    assert!(matches!(error, ServiceError::KeyReused), "{error:?}");
                    assert!(!replayed);
                }
            }
            assert_eq!(scene.orders().await.len(), 1);
        }
    });
}

#[test]
fn a_key_forgotten_as_soon_as_it_was_taken_is_busy() {
    block_on(async {
        let store = {
            let mut store = domain::testing::mocks::MockStore::new();
            store.expect_find_answer().times(2).returning(|_| Ok(None));
            store.expect_terms().times(1).returning(|_, _, _| Ok(samples::terms(&place_buy())));
            store.expect_place().times(1).returning(|_| Ok(domain::placement::Placed::KeyTaken));
            store
        };
        let clock = std::sync::Arc::new(domain::testing::SetClock::at(NOW));
        let engine = samples::engine(std::sync::Arc::new(store), clock);
        let request = request(Some(samples::claim(CUSTOMER, "key", 1)));
        let placed = engine.place_order(&request, &place_buy(), &Scene::render).await;
        assert!(matches!(placed, Err(ServiceError::Store(StoreError::Busy))), "{placed:?}");
    });
}

#[test]
fn the_last_units_go_to_as_many_as_they_suffice_for_and_the_others_are_told() {
    block_on(async {
        let scene = Scene::seeded().await;
        let admin = Request { caller: samples::caller(ADMIN, Role::Admin), claim: None };
        let command = place_buy();
        let all = (0..10).map(|_| scene.engine.place_order(&admin, &command, &Scene::render));
        let (placed, refused): (Vec<_>, Vec<_>) =
            join_all(all).await.into_iter().partition(Result::is_ok);
        assert_eq!((placed.len(), scene.orders().await.len()), (4, 4), "4 × 1200 of 5000");
        for refused in refused {
            let Err(ServiceError::Breaches(breaches)) = refused else { panic!("{refused:?}") };
            assert_eq!(breaches, [Breach::InsufficientLiquidity(crypto("200"))]);
        }
    });
}
