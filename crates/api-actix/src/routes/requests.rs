//! Request bodies: which fields they have, as read here and as documented. A test compares the two.

use domain::address::{AddressBook, AddressError};
use domain::offer::OfferChange;
use domain::party::Role;
use domain::placement::PlaceOrder;
use domain::service::{ProvisionParty, PublishOffer, StartPayment};
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::dto::words;
use crate::error::ApiError;
use crate::http::fields::Fields;
use crate::http::read::{self, rule};

/// A new order. Decimals are strings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `place_order` reads")]
pub struct CreateOrder {
    customer_id: Uuid,
    vendor_id: Uuid,
    offer_id: Uuid,
    /// `ON_RAMP_BUY` or `OFF_RAMP_SELL`.
    #[schema(value_type = words::OrderTypeWord)]
    order_type: String,
    /// One of `crypto_amount` and `usdt_amount` is required; both only if equal. At most 8 places.
    #[schema(example = "1200.00", pattern = r"^\d{1,9}(\.\d{1,8})?$")]
    crypto_amount: Option<String>,
    #[schema(example = "1200.00", pattern = r"^\d{1,9}(\.\d{1,8})?$")]
    usdt_amount: Option<String>,
    #[schema(example = "175200.00", pattern = r"^\d{1,12}(\.\d{1,2})?$")]
    fiat_amount: String,
    #[schema(value_type = words::CurrencyWord)]
    fiat_currency: String,
    /// A Tron or Ethereum address, always as a string.
    #[schema(example = "TPY7ewYk2eY9b4TTYkCHJH3Cqudh3NU6tM")]
    wallet_address: String,
    #[schema(value_type = words::PaymentMethodWord)]
    payment_method: String,
    /// Off-ramp orders only, and required there.
    #[schema(example = "254727648169", pattern = r"^254[17]\d{8}$")]
    payout_phone: Option<String>,
    /// `USDT` or `USDC`; the offer's, unless it is sent.
    #[schema(value_type = Option<words::AssetWord>)]
    asset: Option<String>,
    /// Only the initial one of the type is accepted.
    #[schema(value_type = Option<words::OrderStatusWord>)]
    status: Option<String>,
    expires_at: Option<OffsetDateTime>,
}

/// Reads a new order.
pub fn place_order(f: &mut Fields, addresses: &dyn AddressBook) -> Option<PlaceOrder> {
    let customer_id = f.required("customer_id", read::party);
    let vendor_id = f.required("vendor_id", read::party);
    let offer_id = f.required("offer_id", read::offer);
    let order_type = f.required("order_type", read::order_type);
    let crypto = amount(f);
    let fiat = f.required("fiat_amount", read::fiat);
    let currency = f.required("fiat_currency", read::currency);
    let wallet = f.required("wallet_address", read::wallet);
    let method = f.required("payment_method", read::payment_method);
    let payout_phone = f.optional("payout_phone", read::msisdn);
    let asset = f.optional("asset", read::asset);
    let status = f.optional("status", read::order_status);
    let expires_at = f.optional("expires_at", read::time);
    let wallet = wallet.and_then(|text| match addresses.parse(&text) {
        Ok(address) => Some(address),
        Err(error) => {
            let code = match error {
                AddressError::Zero => "wallet_not_payable",
                _ => "invalid_address",
            };
            f.fault("wallet_address", rule(code, error.to_string()));
            None
        }
    });
    currency.and(method)?;
    Some(PlaceOrder {
        order_type: order_type?,
        customer_id: customer_id?,
        vendor_id: vendor_id?,
        offer_id: offer_id?,
        asset,
        crypto: crypto?,
        fiat: fiat?,
        wallet: wallet?,
        payout_phone,
        status,
        expires_at,
    })
}

/// `crypto_amount` and its older name: one is needed, and they may not differ.
fn amount(f: &mut Fields) -> Option<domain::money::Crypto> {
    let (by_name, by_alias) = (f.is_there("crypto_amount"), f.is_there("usdt_amount"));
    if !by_name && !by_alias {
        f.optional("usdt_amount", read::crypto);
        return f.required("crypto_amount", read::crypto);
    }
    let crypto = f.optional("crypto_amount", read::crypto);
    let usdt = f.optional("usdt_amount", read::crypto);
    if let (Some(crypto), Some(usdt)) = (crypto, usdt)
        && crypto != usdt
    {
        f.fault("usdt_amount", rule("amounts_differ", "must equal crypto_amount, or be left out"));
    }
    crypto.or(usdt)
}

/// A new offer. Decimals are strings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `publish_offer` reads")]
pub struct CreateOffer {
    vendor_id: Uuid,
    /// `SELL` pairs with on-ramp orders, `BUY` with off-ramp orders.
    #[schema(value_type = words::OfferTypeWord)]
    offer_type: String,
    /// `USDT` or `USDC`.
    #[schema(value_type = words::AssetWord)]
    asset: String,
    /// One of `crypto_amount` and `usdt_amount` is required; both only if equal.
    #[schema(example = "5000.00", pattern = r"^\d{1,9}(\.\d{1,8})?$")]
    crypto_amount: Option<String>,
    #[schema(example = "5000.00", pattern = r"^\d{1,9}(\.\d{1,8})?$")]
    usdt_amount: Option<String>,
    /// The whole, unless it is sent.
    #[schema(example = "5000.00", pattern = r"^\d{1,9}(\.\d{1,8})?$")]
    available_amount: Option<String>,
    /// Shillings per coin.
    #[schema(example = "146.00", pattern = r"^\d{1,6}(\.\d{1,2})?$")]
    rate: String,
    #[schema(value_type = words::CurrencyWord)]
    fiat_currency: String,
    #[schema(example = "1.00", pattern = r"^\d{1,9}(\.\d{1,8})?$")]
    min_order: String,
    #[schema(example = "1700.00", pattern = r"^\d{1,9}(\.\d{1,8})?$")]
    max_order: String,
    #[schema(max_length = 1000)]
    description: Option<String>,
}

/// Reads a new offer.
pub fn publish_offer(f: &mut Fields) -> Option<PublishOffer> {
    let vendor_id = f.required("vendor_id", read::party);
    let offer_type = f.required("offer_type", read::offer_type);
    let asset = f.required("asset", read::asset);
    let crypto_amount = amount(f);
    let available = f.optional("available_amount", read::crypto_or_zero);
    let rate = f.required("rate", read::rate);
    let currency = f.required("fiat_currency", read::currency);
    let min_order = f.required("min_order", read::crypto);
    let max_order = f.required("max_order", read::crypto);
    let description = f.optional("description", read::description);
    currency?;
    Some(PublishOffer {
        vendor_id: vendor_id?,
        offer_type: offer_type?,
        asset: asset?,
        crypto_amount: crypto_amount?,
        available,
        rate: rate?,
        min_order: min_order?,
        max_order: max_order?,
        description,
    })
}

/// New terms of an offer; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `amend_offer` reads")]
pub struct AmendOffer {
    #[schema(value_type = Option<words::OfferStatusWord>)]
    status: Option<String>,
    #[schema(example = "147.50", pattern = r"^\d{1,6}(\.\d{1,2})?$")]
    rate: Option<String>,
    #[schema(example = "1.00", pattern = r"^\d{1,9}(\.\d{1,8})?$")]
    min_order: Option<String>,
    #[schema(example = "1700.00", pattern = r"^\d{1,9}(\.\d{1,8})?$")]
    max_order: Option<String>,
    /// Never below what open orders hold.
    #[schema(example = "5000.00", pattern = r"^\d{1,9}(\.\d{1,8})?$")]
    available_amount: Option<String>,
    #[schema(max_length = 1000)]
    description: Option<String>,
}

/// Reads new terms.
pub fn amend_offer(f: &mut Fields) -> OfferChange {
    OfferChange {
        status: f.optional("status", read::offer_status),
        rate: f.optional("rate", read::rate),
        min_order: f.optional("min_order", read::crypto),
        max_order: f.optional("max_order", read::crypto),
        available: f.optional("available_amount", read::crypto_or_zero),
        description: f.optional("description", read::description),
    }
}

/// A new party.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `provision_party` reads")]
pub struct ProvisionUser {
    /// A new one, unless it is sent.
    id: Option<Uuid>,
    /// `customer`, `vendor` or `admin`.
    #[schema(value_type = words::RoleWord)]
    role: String,
    #[schema(format = Email, example = "amina@example.com")]
    email: String,
    #[schema(example = "+254727648169", pattern = r"^\+254[17]\d{8}$")]
    phone_number: String,
    #[schema(max_length = 100)]
    first_name: String,
    #[schema(max_length = 100)]
    last_name: String,
}

/// Reads a new party.
pub fn provision_party(f: &mut Fields) -> Option<ProvisionParty> {
    let id = f.optional("id", read::party);
    let role: Option<Role> = f.required("role", read::role);
    let email = f.required("email", read::email);
    let phone = f.required("phone_number", read::international_phone);
    let first_name = f.required("first_name", read::name);
    let last_name = f.required("last_name", read::name);
    Some(ProvisionParty {
        id,
        role: role?,
        email: email?,
        phone: phone?,
        first_name: first_name?,
        last_name: last_name?,
    })
}

/// A wish to pay an order from a phone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `pay_order` reads")]
pub struct PayOrder {
    order_id: Uuid,
    /// The phone that is asked, as M-Pesa spells it.
    #[schema(example = "254727648169", pattern = r"^254[17]\d{8}$")]
    phone_number: String,
}

/// Reads a wish to pay.
pub fn pay_order(f: &mut Fields) -> Option<StartPayment> {
    let order_id = f.required("order_id", read::order);
    let phone = f.required("phone_number", read::msisdn);
    Some(StartPayment { order_id: order_id?, phone: phone? })
}

/// Why an order is cancelled; optional, and kept in the order's history.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `cancel_reason` reads")]
pub struct CancelOrder {
    #[schema(max_length = 1000)]
    reason: Option<String>,
}

/// Reads the optional body of a cancellation.
pub fn cancel_reason(body: &[u8]) -> Result<Option<String>, ApiError> {
    // Clients that have nothing to say send nothing, or what their language calls nothing.
    if body.is_empty() || body.trim_ascii() == b"null" {
        return Ok(None);
    }
    let mut fields = Fields::parse(body)?;
    let reason = fields.optional("reason", read::description);
    fields.finish(Some(reason))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::testing::PlainAddressBook;
    use utoipa::PartialSchema;

    use super::*;

    /// The names that a body is read with, and those that its description has.
    fn compare<T: PartialSchema>(body: &str, read: impl FnOnce(&mut Fields)) {
        let mut fields = Fields::parse(body.as_bytes()).expect("an object");
        read(&mut fields);
        let read: BTreeSet<String> = fields.asked_for().into_iter().map(str::to_owned).collect();
        let schema = serde_json::to_value(T::schema()).expect("a schema");
        let described = schema["properties"].as_object().expect("an object schema");
        let described: BTreeSet<String> = described.keys().cloned().collect();
        assert_eq!(read, described, "{}", std::any::type_name::<T>());
        assert_eq!(schema["additionalProperties"], false, "unknown fields are refused");
    }

    #[test]
    fn every_body_is_documented_with_the_fields_that_it_is_read_with() {
        compare::<CreateOrder>("{}", |f| drop(place_order(f, &PlainAddressBook)));
        compare::<CreateOffer>("{}", |f| drop(publish_offer(f)));
        compare::<AmendOffer>("{}", |f| drop(amend_offer(f)));
        compare::<ProvisionUser>("{}", |f| drop(provision_party(f)));
        compare::<PayOrder>("{}", |f| drop(pay_order(f)));
        compare::<CancelOrder>("{}", |f| drop(f.optional("reason", read::description)));
    }
}
