//! Rows of `offers`.

use bigdecimal::BigDecimal;
use diesel::prelude::*;
use domain::ids::{OfferId, PartyId};
use domain::money::Crypto;
use domain::offer::{Asset, Offer, OfferStatus, OfferType};
use domain::ports::StoreError;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{rate_column, rate_from};
use crate::error::corrupt;
use crate::schema::offers;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = offers, check_for_backend(diesel::pg::Pg))]
pub(crate) struct OfferRow {
    id: Uuid,
    vendor_id: Uuid,
    offer_type: String,
    asset: String,
    crypto_amount: i64,
    available_amount: i64,
    held_amount: i64,
    rate: BigDecimal,
    min_order: i64,
    max_order: i64,
    description: Option<String>,
    status: String,
    terms_version: i32,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
    deleted_at: Option<OffsetDateTime>,
}

/// What a vendor may change of a row.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = offers, treat_none_as_null = true)]
pub(crate) struct OfferTerms {
    available_amount: i64,
    rate: BigDecimal,
    min_order: i64,
    max_order: i64,
    description: Option<String>,
    status: &'static str,
    terms_version: i32,
    updated_at: OffsetDateTime,
}

impl From<&Offer> for OfferTerms {
    fn from(offer: &Offer) -> Self {
        Self {
            available_amount: offer.available.minor(),
            rate: rate_column(offer.rate),
            min_order: offer.min_order.minor(),
            max_order: offer.max_order.minor(),
            description: offer.description.clone(),
            status: offer.status.as_str(),
            terms_version: offer.terms_version,
            updated_at: offer.updated_at,
        }
    }
}

impl From<&Offer> for OfferRow {
    fn from(offer: &Offer) -> Self {
        Self {
            id: offer.id.0,
            vendor_id: offer.vendor_id.0,
            offer_type: offer.offer_type.as_str().to_owned(),
            asset: offer.asset.as_str().to_owned(),
            crypto_amount: offer.crypto_amount.minor(),
            available_amount: offer.available.minor(),
            held_amount: offer.held.minor(),
            rate: rate_column(offer.rate),
            min_order: offer.min_order.minor(),
            max_order: offer.max_order.minor(),
            description: offer.description.clone(),
            status: offer.status.as_str().to_owned(),
            terms_version: offer.terms_version,
            created_at: offer.created_at,
            updated_at: offer.updated_at,
            deleted_at: offer.deleted_at,
        }
    }
}

impl TryFrom<OfferRow> for Offer {
    type Error = StoreError;

    fn try_from(row: OfferRow) -> Result<Self, StoreError> {
        let wrong = |what| corrupt(what, row.id);
        let amount = |minor, what| Crypto::from_minor(minor).ok_or_else(|| wrong(what));
        Ok(Self {
            id: OfferId(row.id),
            vendor_id: PartyId(row.vendor_id),
            offer_type: OfferType::parse(&row.offer_type).ok_or_else(|| wrong("offer_type"))?,
            asset: Asset::parse(&row.asset).ok_or_else(|| wrong("asset"))?,
            crypto_amount: amount(row.crypto_amount, "crypto_amount")?,
            available: amount(row.available_amount, "available_amount")?,
            held: amount(row.held_amount, "held_amount")?,
            rate: rate_from(&row.rate).ok_or_else(|| wrong("rate"))?,
            min_order: amount(row.min_order, "min_order")?,
            max_order: amount(row.max_order, "max_order")?,
            status: OfferStatus::parse(&row.status).ok_or_else(|| wrong("status"))?,
            description: row.description,
            terms_version: row.terms_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            deleted_at: row.deleted_at,
        })
    }
}
