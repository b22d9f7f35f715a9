//! Parties: each id and each e-mail address once.

use super::stage::{WORKS, commit};
use crate::ids::PartyId;
use crate::party::{Email, Party, Role};
use crate::ports::{Provisioned, Store};
use crate::testing::samples::{self, CUSTOMER, NOW, SELLER, VENDOR};

fn amina() -> Party {
    let email = Email::parse("Amina.Otieno@Example.com").expect("a sample e-mail");
    Party { email, last_name: "Otieno-Ngũgĩ".into(), ..samples::party(CUSTOMER, Role::Customer) }
}

async fn insert(store: &dyn Store, party: &Party) -> Provisioned {
    commit(store, async |uow| uow.insert_party(party).await.expect(WORKS)).await
}

async fn find(store: &dyn Store, id: PartyId) -> Option<Party> {
    commit(store, async |uow| uow.find_party(id).await.expect(WORKS)).await
}

pub async fn a_party_comes_back_as_it_was_provisioned(store: &dyn Store) {
    for party in [amina(), samples::party(VENDOR, Role::Vendor)] {
        assert_eq!(find(store, party.id).await, None);
        assert_eq!(insert(store, &party).await, Provisioned::Done);
        let found = find(store, party.id).await.expect("it was provisioned");
        assert_eq!(found.email.as_str(), party.email.as_str(), "spelt as it was");
        assert_eq!(found, party);
    }
}

pub async fn an_id_is_given_once(store: &dyn Store) {
    insert(store, &amina()).await;
    let namesake = samples::party(CUSTOMER, Role::Vendor);
    assert_eq!(insert(store, &namesake).await, Provisioned::IdTaken);
    assert_eq!(find(store, CUSTOMER).await, Some(amina()), "the first stays");
}

pub async fn an_email_is_given_once_whatever_its_case(store: &dyn Store) {
    insert(store, &amina()).await;
    for spelling in
        ["Amina.Otieno@Example.com", "amina.otieno@example.com", "AMINA.OTIENO@EXAMPLE.COM"]
    {
        let email = Email::parse(spelling).expect("a sample e-mail");
        let other = Party { email, ..samples::party(SELLER, Role::Customer) };
        assert_eq!(insert(store, &other).await, Provisioned::EmailTaken, "{spelling}");
        assert_eq!(find(store, SELLER).await, None);
    }
}

pub async fn a_refused_party_leaves_the_unit_of_work_usable(store: &dyn Store) {
    insert(store, &amina()).await;
    commit(store, async |uow| {
        let taken = uow.insert_party(&samples::party(CUSTOMER, Role::Customer)).await;
        assert_eq!(taken.expect(WORKS), Provisioned::IdTaken);
        let taken = uow.insert_party(&Party { id: SELLER, created_at: NOW, ..amina() }).await;
        assert_eq!(taken.expect(WORKS), Provisioned::EmailTaken);
        let vendor = uow.insert_party(&samples::party(VENDOR, Role::Vendor)).await;
        assert_eq!(vendor.expect(WORKS), Provisioned::Done);
    })
    .await;
    assert!(find(store, VENDOR).await.is_some());
}
