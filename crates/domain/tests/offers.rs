//! Publishing offers: for whom, within which terms, and that it happens once.

use std::sync::Arc;

use domain::access::Caller;
use domain::ids::{OfferId, PartyId};
use domain::money::Crypto;
use domain::offer::{Asset, Offer, OfferError, OfferStatus, OfferType};
use domain::party::Role;
use domain::placement::{IdempotencyClaim, StoredAnswer};
use domain::ports::{ClaimOutcome, OfferFilter, OfferQueries, PageRequest, Start};
use domain::rate::Rate;
use domain::service::{Answer, PublishOffer, Request, ServiceError};
use domain::testing::mocks::{MockStore, MockUow};
use domain::testing::samples::{self, ADMIN, BUYING_VENDOR, CUSTOMER, NOW, VENDOR, crypto};
use domain::testing::{Scene, SetClock};
use futures_executor::block_on;

fn vendor() -> Caller {
    samples::caller(VENDOR, Role::Vendor)
}

fn admin() -> Caller {
    samples::caller(ADMIN, Role::Admin)
}

fn command() -> PublishOffer {
    PublishOffer {
        vendor_id: VENDOR,
        offer_type: OfferType::Buy,
        asset: Asset::Usdc,
        crypto_amount: crypto("1000"),
        available: None,
        rate: Rate::parse("139.50").expect("a rate"),
        min_order: crypto("5"),
        max_order: crypto("500"),
        description: Some("Haraka!".into()),
    }
}

fn render(offer: &Offer) -> StoredAnswer {
    samples::answer(&offer.id.to_string())
}

async fn publish(
    scene: &Scene,
    caller: Caller,
    claim: Option<IdempotencyClaim>,
    command: PublishOffer,
) -> Result<Answer, ServiceError> {
    scene.engine.publish_offer(&Request { caller, claim }, command, &render).await
}

async fn published(scene: &Scene, answer: Answer) -> Offer {
    let id = uuid::Uuid::parse_str(&answer.stored.body).expect("a rendered id");
    scene.offer(OfferId(id)).await
}

async fn count(scene: &Scene) -> usize {
    let request = PageRequest { start: Start::Offset(0), size: 100 };
    let page = scene.store.list_offers(OfferFilter::default(), request).await;
    page.expect("memory is always there").rows.len()
}

#[test]
fn a_published_offer_is_active_and_free_as_a_whole() {
    block_on(async {
        let scene = Scene::seeded().await;
        let answer = publish(&scene, vendor(), None, command()).await.expect("it is their own");
        assert!(!answer.replayed);
        let offer = published(&scene, answer).await;
        let expected = Offer {
            id: offer.id,
            vendor_id: VENDOR,
            offer_type: OfferType::Buy,
            asset: Asset::Usdc,
            crypto_amount: crypto("1000"),
            available: crypto("1000"),
            held: Crypto::ZERO,
            rate: Rate::parse("139.50").expect("a rate"),
            min_order: crypto("5"),
            max_order: crypto("500"),
            description: Some("Haraka!".into()),
            status: OfferStatus::Active,
            terms_version: 1,
            created_at: NOW,
            updated_at: NOW,
            deleted_at: None,
        };
        assert_eq!(offer, expected);
    });
}

#[test]
fn a_part_of_an_offer_can_be_kept_back() {
    block_on(async {
        let scene = Scene::seeded().await;
        let part = PublishOffer { available: Some(crypto("400")), ..command() };
        let answer = publish(&scene, admin(), None, part).await.expect("an admin may");
        assert_eq!(published(&scene, answer).await.free(), crypto("400"));
    });
}

#[test]
fn offers_are_published_for_vendors_who_are_provisioned_as_such() {
    block_on(async {
        let scene = Scene::seeded().await;
        let stranger = PartyId(uuid::Uuid::from_u128(404));
        let cases = [
            (samples::caller(BUYING_VENDOR, Role::Vendor), VENDOR, "forbidden"),
            (samples::caller(CUSTOMER, Role::Customer), CUSTOMER, "forbidden"),
            (samples::caller(stranger, Role::Vendor), stranger, "unknown"),
            (samples::caller(CUSTOMER, Role::Vendor), CUSTOMER, "unknown"),
            (admin(), stranger, "unknown"),
            (admin(), ADMIN, "unknown"),
        ];
        for (caller, vendor_id, expected) in cases {
            let claim = Some(samples::claim(caller.id, "key", 1));
            let refused =
                publish(&scene, caller, claim, PublishOffer { vendor_id, ..command() }).await;
            let told = match refused {
                Err(ServiceError::Forbidden(_)) => "forbidden",
                Err(ServiceError::VendorUnknown) => "unknown",
                other => panic!("{caller:?}: {other:?}"),
            };
            assert_eq!(told, expected, "{caller:?}");
        }
        assert_eq!(count(&scene).await, 2, "those of the seeds");
    });
}

#[test]
fn terms_that_do_not_fit_each_other_are_not_published() {
    block_on(async {
        let scene = Scene::seeded().await;
        let cases = [
            (PublishOffer { min_order: crypto("501"), ..command() }, OfferError::LimitsCrossed),
            (PublishOffer { available: Some(crypto("1001")), ..command() }, OfferError::AboveWhole),
        ];
        for (command, expected) in cases {
            let refused = publish(&scene, vendor(), None, command).await;
            let Err(ServiceError::Offer(error)) = refused else { panic!("{refused:?}") };
            assert_eq!(error, expected);
        }
        assert_eq!(count(&scene).await, 2, "those of the seeds");
    });
}

#[test]
fn a_repeated_publication_is_answered_as_the_first_time() {
    block_on(async {
        let scene = Scene::seeded().await;
        let claim = |request| Some(samples::claim(VENDOR, "key", request));
        let first = publish(&scene, vendor(), claim(1), command()).await.expect("it is new");
        let again = publish(&scene, vendor(), claim(1), command()).await.expect("it was done");
        assert_eq!((again.replayed, again.stored), (true, first.stored));
        let reused = publish(&scene, vendor(), claim(2), command()).await;
        assert!(matches!(reused, Err(ServiceError::KeyReused)), "{reused:?}");
        assert_eq!(count(&scene).await, 3);
    });
}

/// Anybody can send a key again: an open unit of work that is dropped would cost a connection.
#[test]
fn a_used_key_ends_the_unit_of_work_by_rolling_back() {
    let given = ClaimOutcome::Replay(samples::answer("as the first time"));
    for (outcome, replays) in [(given, true), (ClaimOutcome::Reused, false)] {
        let mut uow = MockUow::new();
        uow.expect_claim_key().times(1).return_once(|_| Ok(outcome));
        uow.expect_rollback().times(1).returning(|| Ok(()));
        let clock = Arc::new(SetClock::at(NOW));
        let engine = samples::engine(Arc::new(MockStore::beginning(uow)), clock);
        let claim = Some(samples::claim(VENDOR, "key", 1));
        let request = Request { caller: vendor(), claim };
        let answer = block_on(engine.publish_offer(&request, command(), &render));
        assert_eq!(answer.is_ok_and(|answer| answer.replayed), replays);
    }
}

#[test]
fn a_refused_publication_leaves_its_key_free() {
    block_on(async {
        let scene = Scene::seeded().await;
        let claim = || Some(samples::claim(ADMIN, "key", 1));
        let unknown = PublishOffer { vendor_id: CUSTOMER, ..command() };
        assert!(publish(&scene, admin(), claim(), unknown).await.is_err());
        let answer = publish(&scene, admin(), claim(), command()).await.expect("the key is free");
        assert!(!answer.replayed);
    });
}
