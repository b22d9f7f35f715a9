//! The fixed words of the wire as the description documents them, taken from the domain's own lists.

use domain::offer::{Asset, OfferStatus, OfferType};
use domain::order::{OrderStatus, OrderType};
use domain::party::Role;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $words:expr;)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words: Vec<&str> = $words.into_iter().collect();
                let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
                RefOr::T(schema.build().into())
            }
        }

        impl ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).trim_end_matches("Word").into()
            }
        }
    )* };
}

words! {
    /// `USDT`, `USDC`
    AssetWord = Asset::ALL.map(Asset::as_str);
    OrderTypeWord = OrderType::ALL.map(OrderType::as_str);
    OrderStatusWord = OrderStatus::ALL.map(OrderStatus::as_str);
    OrderSubtypeWord = ["standard_onramp", "standard_offramp"];
    OfferTypeWord = OfferType::ALL.map(OfferType::as_str);
    OfferStatusWord = OfferStatus::ALL.map(OfferStatus::as_str);
    RoleWord = Role::ALL.map(Role::as_str);
    CurrencyWord = ["KES"];
    PaymentMethodWord = ["mpesa"];
    PlainWord = ["plain"];
    AwaitingCryptoWord = ["awaiting_crypto"];
}
