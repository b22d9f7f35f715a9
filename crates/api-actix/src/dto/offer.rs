//! Offers on the wire.

use domain::money::Crypto;
use domain::offer::Offer;
use domain::rate::Rate;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::nulls::{NullTime, Nulls};
use super::shown::{Shown, Time};
use super::words;

/// An offer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Offer)]
pub struct OfferBody<'a> {
    id: Uuid,
    vendor_id: Uuid,
    /// `SELL` pairs with on-ramp orders, `BUY` with off-ramp orders.
    #[schema(value_type = words::OfferTypeWord)]
    offer_type: &'static str,
    #[schema(value_type = words::AssetWord)]
    asset: &'static str,
    #[schema(value_type = String, example = "5000.00000000")]
    crypto_amount: Shown<Crypto>,
    /// The same as `crypto_amount`.
    #[schema(value_type = String, example = "5000.00000000")]
    usdt_amount: Shown<Crypto>,
    /// What is left, holds included.
    #[schema(value_type = String, example = "5000.00000000")]
    available_amount: Shown<Crypto>,
    /// What open orders hold of `available_amount`.
    #[schema(value_type = String, example = "1200.00000000")]
    held_amount: Shown<Crypto>,
    /// Shillings per coin.
    #[schema(value_type = String, example = "146.00")]
    rate: Shown<Rate>,
    #[schema(value_type = words::CurrencyWord)]
    fiat_currency: &'static str,
    #[schema(value_type = String, example = "1.00000000")]
    min_order: Shown<Crypto>,
    #[schema(value_type = String, example = "1700.00000000")]
    max_order: Shown<Crypto>,
    description: Option<&'a str>,
    #[schema(value_type = words::OfferStatusWord)]
    status: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Time,
    deleted_at: NullTime,
}

impl<'a> OfferBody<'a> {
    pub fn new(offer: &'a Offer, nulls: Nulls) -> Self {
        Self {
            id: offer.id.0,
            vendor_id: offer.vendor_id.0,
            offer_type: offer.offer_type.as_str(),
            asset: offer.asset.as_str(),
            crypto_amount: Shown(offer.crypto_amount),
            usdt_amount: Shown(offer.crypto_amount),
            available_amount: Shown(offer.available),
            held_amount: Shown(offer.held),
            rate: Shown(offer.rate),
            fiat_currency: "KES",
            min_order: Shown(offer.min_order),
            max_order: Shown(offer.max_order),
            description: offer.description.as_deref(),
            status: offer.status.as_str(),
            created_at: Time(offer.created_at),
            updated_at: Time(offer.updated_at),
            deleted_at: NullTime(offer.deleted_at, nulls),
        }
    }
}
