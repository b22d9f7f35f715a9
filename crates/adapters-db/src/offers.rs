//! Offers under lock, and what is held of them.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::OfferId;
use domain::offer::Offer;
use domain::order::{HoldFate, Order};
use domain::ports::{OfferRepository, StoreError};

use crate::error::{corrupt, from_diesel, violated};
use crate::prepared::Prepared;
use crate::rows::{OfferRow, OfferTerms};
use crate::schema::offers;
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl OfferRepository for PgUnitOfWork {
    async fn insert_offer(&mut self, offer: &Offer) -> Result<(), StoreError> {
        diesel::insert_into(offers::table)
            .values(OfferRow::from(offer))
            .execute(self.connection())
            .await
            .map(drop)
            .map_err(from_diesel)
    }

    async fn lock_offer(&mut self, id: OfferId) -> Result<Option<Offer>, StoreError> {
        let row: Option<OfferRow> = offers::table
            .find(id.0)
            .filter(offers::deleted_at.is_null())
            .select(OfferRow::as_select())
            .for_no_key_update()
            .first(self.connection())
            .await
            .optional()
            .map_err(from_diesel)?;
        row.map(Offer::try_from).transpose()
    }

    async fn save_offer(&mut self, offer: &Offer) -> Result<(), StoreError> {
        let saved = diesel::update(offers::table.find(offer.id.0))
            .set(OfferTerms::from(offer))
            .execute(self.connection())
            .await
            .map_err(from_diesel)?;
        if saved != 1 {
            return Err(StoreError::Conflict(format!("offer {}", offer.id)));
        }
        Ok(())
    }

    async fn settle_hold(&mut self, order: &Order, fate: HoldFate) -> Result<(), StoreError> {
        let amount = order.crypto.minor();
        let spent = match fate {
            HoldFate::Kept => return Ok(()),
            HoldFate::Released => 0,
            HoldFate::Spent => amount,
        };
        let amounts = (
            offers::held_amount.eq(offers::held_amount - amount),
            offers::available_amount.eq(offers::available_amount - spent),
        );
        let update = diesel::update(offers::table.find(order.offer_id.0)).set(amounts);
        let settled = Prepared(update).execute(self.connection()).await;
        match settled {
            Ok(1) => Ok(()),
            Ok(_) => Err(corrupt("offer", order.id)),
            Err(error) if violated(&error).is_some() => Err(corrupt("hold", order.id)),
            Err(error) => Err(from_diesel(error)),
        }
    }
}
