//! Provisioning parties: by admins, each id and e-mail address once.

use domain::ids::PartyId;
use domain::party::{Email, Party, Role};
use domain::placement::{IdempotencyClaim, PlaceOrder, StoredAnswer};
use domain::ports::Store;
use domain::service::{Answer, ProvisionParty, Request, ServiceError};
use domain::testing::Scene;
use domain::testing::samples::{self, ADMIN, CUSTOMER, NOW, VENDOR, place_buy};
use futures_executor::block_on;

const NEW: PartyId = PartyId(uuid::Uuid::from_u128(0x1234));

fn email(text: &str) -> Email {
    Email::parse(text).expect("a sample e-mail")
}

fn command() -> ProvisionParty {
    ProvisionParty {
        id: Some(NEW),
        role: Role::Customer,
        email: email("Wanjiru@example.com"),
        phone: samples::phone(),
        first_name: "Wanjiru".into(),
        last_name: "Kamau".into(),
    }
}

fn render(party: &Party) -> StoredAnswer {
    samples::answer(&party.id.to_string())
}

async fn provision(
    scene: &Scene,
    claim: Option<IdempotencyClaim>,
    command: ProvisionParty,
) -> Result<Answer, ServiceError> {
    let request = Request { caller: samples::caller(ADMIN, Role::Admin), claim };
    scene.engine.provision_party(&request, command, &render).await
}

async fn find(scene: &Scene, id: PartyId) -> Option<Party> {
    let mut uow = scene.store.begin().await.expect("memory is always there");
    uow.find_party(id).await.expect("memory is always there")
}

#[test]
fn a_provisioned_party_is_as_the_admin_said_and_can_trade() {
    block_on(async {
        let scene = Scene::seeded().await;
        provision(&scene, None, command()).await.expect("it is new");
        let expected = Party {
            id: NEW,
            role: Role::Customer,
            email: email("Wanjiru@example.com"),
            phone: samples::phone(),
            first_name: "Wanjiru".into(),
            last_name: "Kamau".into(),
            created_at: NOW,
        };
        assert_eq!(find(&scene, NEW).await, Some(expected));
        scene.place(&PlaceOrder { customer_id: NEW, ..place_buy() }).await;
    });
}

#[test]
fn a_party_without_an_id_gets_one_of_its_own() {
    block_on(async {
        let scene = Scene::seeded().await;
        let mut ids = Vec::new();
        for address in ["a@example.com", "b@example.com"] {
            let command = ProvisionParty { id: None, email: email(address), ..command() };
            ids.push(provision(&scene, None, command).await.expect("it is new").stored.body);
        }
        assert_ne!(ids[0], ids[1]);
        for id in ids {
            let id = PartyId(uuid::Uuid::parse_str(&id).expect("a rendered id"));
            assert!(find(&scene, id).await.is_some());
        }
    });
}

#[test]
fn only_admins_provision() {
    block_on(async {
        let scene = Scene::seeded().await;
        for (id, role) in
            [(CUSTOMER, Role::Customer), (VENDOR, Role::Vendor), (NEW, Role::Customer)]
        {
            let request = Request { caller: samples::caller(id, role), claim: None };
            let refused = scene.engine.provision_party(&request, command(), &render).await;
            assert!(matches!(refused, Err(ServiceError::Forbidden(_))), "{role:?}: {refused:?}");
        }
        assert_eq!(find(&scene, NEW).await, None);
    });
}

#[test]
fn ids_and_emails_are_given_once_and_a_refusal_leaves_the_key_free() {
    block_on(async {
        let scene = Scene::seeded().await;
        provision(&scene, None, command()).await.expect("it is new");
        let claim = || Some(samples::claim(ADMIN, "key", 1));
        let same_id = ProvisionParty { email: email("other@example.com"), ..command() };
        let same_email =
            ProvisionParty { id: None, email: email("wanjiru@EXAMPLE.com"), ..command() };
        let refused = provision(&scene, claim(), same_id).await;
        assert!(matches!(refused, Err(ServiceError::PartyExists)), "{refused:?}");
        let refused = provision(&scene, claim(), same_email).await;
        assert!(matches!(refused, Err(ServiceError::EmailTaken)), "{refused:?}");
        let new = ProvisionParty { id: None, email: email("other@example.com"), ..command() };
        assert!(!provision(&scene, claim(), new).await.expect("the key is free").replayed);
    });
}

#[test]
fn a_repeated_request_is_answered_as_the_first_time() {
    block_on(async {
        let scene = Scene::seeded().await;
        let claim = |request| Some(samples::claim(ADMIN, "key", request));
        let without_id = || ProvisionParty { id: None, ..command() };
        let first = provision(&scene, claim(1), without_id()).await.expect("it is new");
        let again = provision(&scene, claim(1), without_id()).await.expect("it was done");
        assert_eq!((again.replayed, again.stored), (true, first.stored));
        let reused = provision(&scene, claim(2), without_id()).await;
        assert!(matches!(reused, Err(ServiceError::KeyReused)), "{reused:?}");
    });
}
