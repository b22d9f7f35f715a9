//! A store in memory that can be observed to do what the database does, kept honest by the contract
//! suite ([`super::contract::store`]) that both pass.
//!
//! One writer at a time: a unit of work holds the writer's lock and changes a copy, which replaces
//! what is stored when it commits and is forgotten otherwise. Readers see what is committed and
//! never wait.
#![expect(clippy::missing_panics_doc, reason = "a test that misuses its store must fail")]

mod arrivals;
mod books;
mod callbacks;
mod chain_store;
mod collections;
mod disbursements;
mod jobs;
mod queries;
mod rail_store;
mod reviews;
mod supervision;
mod tables;
mod transfers;
mod unit_of_work;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures_util::lock::Mutex as AsyncMutex;
use time::OffsetDateTime;

use self::tables::Tables;
use self::unit_of_work::MemoryUnitOfWork;
use crate::address::{AddressUse, KeyAccount, OwnerAddresses};
use crate::ids::{OfferId, PartyId};
use crate::ledger::Entry;
use crate::party::Party;
use crate::placement::{IdempotencyClaim, Placed, Placement, Terms};
use crate::ports::{
    ClaimOutcome, OwnAddress, OwnAddresses, Placements, Provisioned, Store, StoreError, UnitOfWork,
};

/// Keeps everything until it is dropped. Clones share what they keep.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    writer: Arc<AsyncMutex<()>>,
    committed: Arc<Mutex<Tables>>,
    /// Outside the tables: like a sequence, it does not go back with a unit of work.
    escrow_indexes: Arc<Mutex<HashMap<KeyAccount, u32>>>,
}

impl MemoryStore {
    /// Adds parties, each of them new.
    pub async fn insert_parties(&self, parties: impl IntoIterator<Item = Party, IntoIter: Send>) {
        let mut uow = self.begin().await.expect("memory is always there");
        for party in parties.into_iter().collect::<Vec<_>>() {
            assert_eq!(uow.insert_party(&party).await.ok(), Some(Provisioned::Done), "{party:?}");
        }
        uow.commit().await.expect("memory is always there");
    }

    /// Whether every offer holds exactly what its open orders ask for, every entry sums to zero and
    /// every order's postings are its position; else the first that is otherwise.
    pub fn books(&self) -> Result<(), String> {
        self.tables().books()
    }

    /// Everything posted, oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        self.tables().entries.clone()
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.committed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let writer = Arc::clone(&self.writer).lock_owned().await;
        let working = self.tables().clone();
        Ok(Box::new(MemoryUnitOfWork::new(working, Arc::clone(&self.committed), writer)))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn forget_keys(&self, before: OffsetDateTime) -> Result<u64, StoreError> {
        let _writer = self.writer.lock().await;
        Ok(self.tables().forget_keys(before))
    }
}

#[async_trait]
impl OwnAddresses for MemoryStore {
    async fn note_own_addresses(
        &self,
        addresses: &[OwnAddress],
        _at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let _writer = self.writer.lock().await;
        for of in addresses {
            let place = (of.network, of.address.clone());
            self.tables().own_addresses.entry(place).or_insert(of.address_use);
        }
        Ok(())
    }

    async fn find_address_use(
        &self,
        owner: &OwnerAddresses,
    ) -> Result<Option<AddressUse>, StoreError> {
        Ok(self.tables().address_use(owner))
    }
}

#[async_trait]
impl Placements for MemoryStore {
    async fn terms(
        &self,
        offer: OfferId,
        customer: PartyId,
        wallet: &OwnerAddresses,
    ) -> Result<Terms, StoreError> {
        let tables = self.tables();
        Ok(Terms {
            offer: tables.offer(offer).cloned(),
            customer_is_provisioned: tables.parties.contains_key(&customer),
            wallet_is_ours: tables.address_use(wallet).is_some(),
        })
    }

    async fn next_escrow_index(&self, account: &KeyAccount) -> Result<u32, StoreError> {
        let mut indexes = self.escrow_indexes.lock().unwrap_or_else(PoisonError::into_inner);
        let next = indexes.entry(account.clone()).or_default();
        let index = *next;
        *next = next.saturating_add(1);
        Ok(index)
    }

    async fn place(&self, placement: &Placement) -> Result<Placed, StoreError> {
        let _writer = self.writer.lock().await;
        self.tables().place(placement)
    }

    async fn find_answer(
        &self,
        claim: &IdempotencyClaim,
    ) -> Result<Option<ClaimOutcome>, StoreError> {
        Ok(self.tables().find_answer(claim))
    }
}
