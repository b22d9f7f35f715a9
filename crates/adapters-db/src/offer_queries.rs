//! Views of offers, newest first. Unlike orders' ids, those of offers need not be made by time (the
//! demo's are not), so lists go by `created_at` and then id.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::OfferId;
use domain::offer::Offer;
use domain::ports::{OfferFilter, OfferQueries, Page, PageRequest, Start, StoreError};
use time::OffsetDateTime;

use crate::PgStore;
use crate::error::from_diesel;
use crate::rows::OfferRow;
use crate::schema::offers;

#[async_trait]
impl OfferQueries for PgStore {
    async fn find_offer(&self, id: OfferId) -> Result<Option<Offer>, StoreError> {
        let mut connection = self.connection().await?;
        let row: Option<OfferRow> = offers::table
            .find(id.0)
            .filter(offers::deleted_at.is_null())
            .select(OfferRow::as_select())
            .first(&mut connection)
            .await
            .optional()
            .map_err(from_diesel)?;
        row.map(Offer::try_from).transpose()
    }

    async fn list_offers(
        &self,
        filter: OfferFilter,
        page: PageRequest,
    ) -> Result<Page<Offer>, StoreError> {
        let mut connection = self.connection().await?;
        let mut query = offers::table.filter(offers::deleted_at.is_null()).into_boxed();
        if let Some(offer_type) = filter.offer_type {
            query = query.filter(offers::offer_type.eq(offer_type.as_str()));
        }
        if let Some(status) = filter.status {
            query = query.filter(offers::status.eq(status.as_str()));
        }
        if let Some(vendor) = filter.vendor_id {
            query = query.filter(offers::vendor_id.eq(vendor.0));
        }
        query = match page.start {
            Start::Offset(rows) => query.offset(rows),
            Start::After(id) => {
                let last = offers::table.find(id).select(offers::created_at);
                let last: Option<OffsetDateTime> =
                    last.first(&mut connection).await.optional().map_err(from_diesel)?;
                let Some(at) = last else { return Ok(Page { rows: vec![], has_more: false }) };
                // The first condition is where the index walk begins.
                let behind = offers::created_at.lt(at).or(offers::id.lt(id));
                query.filter(offers::created_at.le(at)).filter(behind)
            }
        };
        let rows: Vec<OfferRow> = query
            .order((offers::created_at.desc(), offers::id.desc()))
            .limit(i64::from(page.size) + 1)
            .select(OfferRow::as_select())
            .load(&mut connection)
            .await
            .map_err(from_diesel)?;
        let offers: Result<Vec<_>, _> = rows.into_iter().map(Offer::try_from).collect();
        Ok(Page::cut(offers?, page.size))
    }
}
