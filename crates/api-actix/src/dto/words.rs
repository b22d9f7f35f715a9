//! The fixed words of the wire as the description documents them, taken from the domain's own lists.

use domain::address::Network;
use domain::chain::{Disposition, native_coin};
use domain::offer::{Asset, OfferStatus, OfferType};
use domain::order::{
    Actor, DepositStage, ErrorCode, HistoryEntry, Leg, OrderEvent, OrderState, OrderStatus,
    OrderSubtype, OrderType, WAITING_ACTORS, WaitingCode,
};
use domain::party::Role;
use domain::rail::collection::CollectionState;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::error::problem_codes;
use crate::routes::operations::READINESS;

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
    /// With the networks' own coins.
    DepositAssetWord =
        Asset::ALL.map(Asset::as_str).into_iter().chain(Network::ALL.map(native_coin));
    OrderTypeWord = OrderType::ALL.map(OrderType::as_str);
    OrderStatusWord = OrderStatus::ALL.map(OrderStatus::as_str);
    OrderSubtypeWord = OrderSubtype::ALL.map(OrderSubtype::as_str);
    OfferTypeWord = OfferType::ALL.map(OfferType::as_str);
    OfferStatusWord = OfferStatus::ALL.map(OfferStatus::as_str);
    LegWord = Leg::ALL.map(Leg::as_str);
    ErrorCodeWord = ErrorCode::ALL.iter().map(|code| code.as_str());
    RoleWord = Role::ALL.map(Role::as_str);
    CurrencyWord = ["KES"];
    PaymentMethodWord = ["mpesa"];
    PlainWord = ["plain"];
    AwaitingCryptoWord = ["awaiting_crypto"];
    NetworkWord = Network::ALL.map(Network::as_str);
    StatusReasonWord = OrderState::reasons();
    WaitingActorWord = WAITING_ACTORS;
    WaitingCodeWord = WaitingCode::ALL.map(WaitingCode::as_str);
    DepositStageWord = DepositStage::ALL.map(DepositStage::as_str);
    DispositionWord = Disposition::ALL.map(Disposition::as_str);
    ActorWord = Actor::LABELS;
    EventKindWord = [HistoryEntry::PLACE].into_iter().chain(OrderEvent::KINDS);
    OrderStateWord = OrderState::LABELS;
    CollectionStateWord = CollectionState::ALL.map(CollectionState::as_str);
    ReadyStateWord = READINESS;
    ProblemCodeWord = problem_codes();
}
