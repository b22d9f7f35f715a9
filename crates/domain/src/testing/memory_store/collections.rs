//! Collections, and what no two of them may share: a phone for a while, a receipt for ever.

use async_trait::async_trait;
use time::OffsetDateTime;

use super::tables::rejected;
use super::unit_of_work::MemoryUnitOfWork;
use crate::ids::CollectionId;
use crate::party::Msisdn;
use crate::ports::{CollectionRepository, StoreError};
use crate::rail::Collection;

#[async_trait]
impl CollectionRepository for MemoryUnitOfWork {
    async fn insert_collection(&mut self, collection: &Collection) -> Result<(), StoreError> {
        let tables = &mut self.tables;
        if !tables.orders.contains_key(&collection.order_id) {
            return Err(rejected("a collection needs its order"));
        }
        let reference = &collection.account_reference;
        let is_taken = tables
            .collections
            .values()
            .any(|known| known.id == collection.id || known.account_reference == *reference);
        if is_taken {
            return Err(rejected("the collection's id or reference is taken"));
        }
        tables.collections.insert(collection.id, collection.clone());
        Ok(())
    }

    async fn find_collection(
        &mut self,
        id: CollectionId,
    ) -> Result<Option<Collection>, StoreError> {
        Ok(self.tables.collections.get(&id).cloned())
    }

    async fn find_collection_by_reference(
        &mut self,
        account_reference: &str,
    ) -> Result<Option<CollectionId>, StoreError> {
        let mut all = self.tables.collections.values();
        let named = all.find(|collection| collection.account_reference == account_reference);
        Ok(named.map(|collection| collection.id))
    }

    async fn lock_collection(
        &mut self,
        id: CollectionId,
    ) -> Result<Option<Collection>, StoreError> {
        Ok(self.tables.collections.get(&id).cloned())
    }

    async fn save_collection(&mut self, collection: &Collection) -> Result<(), StoreError> {
        let stored = self.tables.collections.get_mut(&collection.id);
        let missing = || StoreError::Conflict(format!("collection {}", collection.id));
        stored.ok_or_else(missing)?.clone_from(collection);
        Ok(())
    }

    async fn claim_phone(
        &mut self,
        phone: &Msisdn,
        now: OffsetDateTime,
        not_since: OffsetDateTime,
    ) -> Result<Option<OffsetDateTime>, StoreError> {
        let asked = self.tables.phones.get(phone).copied().filter(|asked| *asked > not_since);
        if asked.is_none() {
            self.tables.phones.insert(phone.clone(), now);
        }
        Ok(asked)
    }

    async fn claim_receipt(
        &mut self,
        receipt: &str,
        collection: Option<CollectionId>,
        _at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let known = self.tables.receipts.entry(receipt.to_owned()).or_insert(collection);
        Ok(*known == collection)
    }
}
