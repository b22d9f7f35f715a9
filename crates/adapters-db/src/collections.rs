//! Collections under lock, and what keeps two of them apart: phones and receipts.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use domain::ids::CollectionId;
use domain::party::Msisdn;
use domain::ports::{CollectionRepository, StoreError};
use domain::rail::Collection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::from_diesel;
use crate::prepared::Prepared;
use crate::rows::{CollectionProgress, CollectionRow};
use crate::schema::{collections, mpesa_receipts, phone_prompts};
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl CollectionRepository for PgUnitOfWork {
    async fn insert_collection(&mut self, collection: &Collection) -> Result<(), StoreError> {
        let row = CollectionRow::try_from(collection)?;
        let insert = diesel::insert_into(collections::table).values(row);
        Prepared(insert).execute(self.connection()).await.map(drop).map_err(from_diesel)
    }

    async fn find_collection(
        &mut self,
        id: CollectionId,
    ) -> Result<Option<Collection>, StoreError> {
        let row: Option<CollectionRow> = collections::table
            .find(id.0)
            .select(CollectionRow::as_select())
            .first(self.connection())
            .await
            .optional()
            .map_err(from_diesel)?;
        row.map(Collection::try_from).transpose()
    }

    async fn find_collection_by_reference(
        &mut self,
        account_reference: &str,
    ) -> Result<Option<CollectionId>, StoreError> {
        let id: Option<Uuid> = collections::table
            .filter(collections::account_reference.eq(account_reference))
            .select(collections::id)
            .first(self.connection())
            .await
            .optional()
            .map_err(from_diesel)?;
        Ok(id.map(CollectionId))
    }

    async fn lock_collection(
        &mut self,
        id: CollectionId,
    ) -> Result<Option<Collection>, StoreError> {
        let row: Option<CollectionRow> = collections::table
            .find(id.0)
            .select(CollectionRow::as_select())
            .for_no_key_update()
            .first(self.connection())
            .await
            .optional()
            .map_err(from_diesel)?;
        row.map(Collection::try_from).transpose()
    }

    async fn save_collection(&mut self, collection: &Collection) -> Result<(), StoreError> {
        let progress = CollectionProgress::try_from(collection)?;
        let update = diesel::update(collections::table.find(collection.id.0)).set(progress);
        let saved = Prepared(update).execute(self.connection()).await.map_err(from_diesel)?;
        if saved != 1 {
            return Err(StoreError::Conflict(format!("collection {}", collection.id)));
        }
        Ok(())
    }

    async fn claim_phone(
        &mut self,
        phone: &Msisdn,
        now: OffsetDateTime,
        not_since: OffsetDateTime,
    ) -> Result<Option<OffsetDateTime>, StoreError> {
        use diesel::query_dsl::methods::FilterDsl as _;
        use phone_prompts::last_at;
        // Where the phone is not free, the conflict locks its row all the same: what is read of it
        // then is what was last committed.
        let upsert = diesel::insert_into(phone_prompts::table)
            .values((phone_prompts::phone.eq(phone.as_str()), last_at.eq(now)))
            .on_conflict(phone_prompts::phone)
            .do_update()
            .set(last_at.eq(excluded(last_at)))
            .filter(last_at.le(not_since));
        let claimed = Prepared(upsert).execute(self.connection()).await.map_err(from_diesel)?;
        if claimed == 1 {
            return Ok(None);
        }
        let asked = phone_prompts::table.find(phone.as_str()).select(last_at);
        asked.first(self.connection()).await.map(Some).map_err(from_diesel)
    }

    async fn claim_receipt(
        &mut self,
        receipt: &str,
        collection: Option<CollectionId>,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(mpesa_receipts::table)
            .values((
                mpesa_receipts::receipt.eq(receipt),
                mpesa_receipts::collection_id.eq(collection.map(|id| id.0)),
                mpesa_receipts::at.eq(at),
            ))
            .on_conflict(mpesa_receipts::receipt)
            .do_nothing();
        let claimed = Prepared(insert).execute(self.connection()).await.map_err(from_diesel)?;
        if claimed == 1 {
            return Ok(true);
        }
        let owner = mpesa_receipts::table.find(receipt).select(mpesa_receipts::collection_id);
        let owner: Option<Uuid> = owner.first(self.connection()).await.map_err(from_diesel)?;
        Ok(owner == collection.map(|id| id.0))
    }
}
