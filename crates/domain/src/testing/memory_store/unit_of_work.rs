//! The open unit of work: a copy of the tables and the writer's lock, both gone when it is dropped.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::lock::OwnedMutexGuard;
use time::OffsetDateTime;

use super::tables::{Tables, rejected};
use crate::ids::{OfferId, OrderId, PartyId};
use crate::offer::Offer;
use crate::order::{HistoryEntry, HoldFate, Order};
use crate::party::Party;
use crate::placement::{IdempotencyClaim, StoredAnswer};
use crate::ports::{
    ClaimOutcome, IdempotencyKeys, OfferRepository, OrderRepository, PartyRepository, Provisioned,
    StoreError, UnitOfWork,
};

pub(super) struct MemoryUnitOfWork {
    pub(super) tables: Tables,
    committed: Arc<Mutex<Tables>>,
    _writer: OwnedMutexGuard<()>,
}

impl MemoryUnitOfWork {
    pub(super) fn new(
        tables: Tables,
        committed: Arc<Mutex<Tables>>,
        writer: OwnedMutexGuard<()>,
    ) -> Self {
        Self { tables, committed, _writer: writer }
    }
}

#[async_trait]
impl UnitOfWork for MemoryUnitOfWork {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        *self.committed.lock().unwrap_or_else(PoisonError::into_inner) = self.tables;
        Ok(())
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        Ok(())
    }
}

#[async_trait]
impl OrderRepository for MemoryUnitOfWork {
    async fn lock_order(&mut self, id: OrderId) -> Result<Option<Order>, StoreError> {
        Ok(self.tables.orders.get(&id).cloned())
    }

    async fn lock_free_orders(&mut self, ids: &[OrderId]) -> Result<Vec<Order>, StoreError> {
        let orders = ids.iter().filter_map(|id| self.tables.orders.get(id));
        Ok(orders.cloned().collect())
    }

    async fn save_order(&mut self, order: &Order, entry: &HistoryEntry) -> Result<(), StoreError> {
        self.tables.save_order(order, entry)
    }
}

#[async_trait]
impl OfferRepository for MemoryUnitOfWork {
    async fn insert_offer(&mut self, offer: &Offer) -> Result<(), StoreError> {
        if !self.tables.parties.contains_key(&offer.vendor_id) {
            return Err(rejected("an offer needs its vendor"));
        }
        if self.tables.offers.contains_key(&offer.id) {
            return Err(rejected("the offer's id is taken"));
        }
        self.tables.offers.insert(offer.id, offer.clone());
        Ok(())
    }

    async fn lock_offer(&mut self, id: OfferId) -> Result<Option<Offer>, StoreError> {
        Ok(self.tables.offer(id).cloned())
    }

    async fn save_offer(&mut self, offer: &Offer) -> Result<(), StoreError> {
        self.tables.save_offer(offer)
    }

    async fn settle_hold(&mut self, order: &Order, fate: HoldFate) -> Result<(), StoreError> {
        self.tables.settle_hold(order, fate)
    }
}

#[async_trait]
impl PartyRepository for MemoryUnitOfWork {
    async fn insert_party(&mut self, party: &Party) -> Result<Provisioned, StoreError> {
        let parties = &mut self.tables.parties;
        let same = |known: &Party| known.email.as_str().eq_ignore_ascii_case(party.email.as_str());
        if parties.contains_key(&party.id) {
            return Ok(Provisioned::IdTaken);
        }
        if parties.values().any(same) {
            return Ok(Provisioned::EmailTaken);
        }
        parties.insert(party.id, party.clone());
        Ok(Provisioned::Done)
    }

    async fn find_party(&mut self, id: PartyId) -> Result<Option<Party>, StoreError> {
        Ok(self.tables.parties.get(&id).cloned())
    }
}

#[async_trait]
impl IdempotencyKeys for MemoryUnitOfWork {
    async fn claim_key(&mut self, claim: &IdempotencyClaim) -> Result<ClaimOutcome, StoreError> {
        Ok(self.tables.find_answer(claim).unwrap_or(ClaimOutcome::Fresh))
    }

    async fn store_answer(
        &mut self,
        claim: &IdempotencyClaim,
        answer: &StoredAnswer,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.tables.store_answer(claim, answer, at)
    }
}
