//! The seeds' parties, offers and orders, to be varied by tests.
#![expect(clippy::missing_panics_doc, reason = "samples are written by hand")]

use std::sync::Arc;

use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::{Uuid, uuid};

use super::{CountingEntropy, PlainAddressBook, SetClock};
use crate::access::Caller;
use crate::address::{AddressBook as _, ChainAddress, Network, NetworkSet, OwnerAddresses};
use crate::ids::{OfferId, PartyId};
use crate::money::{Crypto, Fiat};
use crate::offer::{Asset, Offer, OfferStatus, OfferType};
use crate::order::{Actor, HistoryEntry, Order, OrderState, OrderType};
use crate::party::{Email, Msisdn, Party, Role};
use crate::placement::{
    IdempotencyClaim, OrderRules, PlaceOrder, Placement, Proposal, StoredAnswer, Terms,
};
use crate::ports::Store;
use crate::rate::Rate;
use crate::service::Engine;

pub const NOW: OffsetDateTime = datetime!(2026-11-21 12:00:00 UTC);
pub const CUSTOMER: PartyId = PartyId(uuid!("b523ed51-a7e0-4c53-8ac2-3c0b7e1c9cd5"));
pub const SELLER: PartyId = PartyId(uuid!("8d09359f-325a-4ecf-998d-dbe5eda3a498"));
pub const VENDOR: PartyId = PartyId(uuid!("5c81c005-1c52-4e0d-85e2-862ee1cdd4d0"));
pub const BUYING_VENDOR: PartyId = PartyId(uuid!("7a4301b0-e04b-4102-a999-b17dada65509"));
pub const ADMIN: PartyId = PartyId(uuid!("00000000-0000-7000-8000-00000000ad01"));
pub const SELL_OFFER: OfferId = OfferId(uuid!("7c9a9311-7e7d-4739-9abc-34f7db00ff19"));
pub const BUY_OFFER: OfferId = OfferId(uuid!("0e16f8d4-e557-4343-848b-9be955ccf06c"));
pub const TRON_WALLET: &str = "TPY7ewYk2eY9b4TTYkCHJH3Cqudh3NU6tM";

pub fn crypto(text: &str) -> Crypto {
    Crypto::parse(text).expect("a sample amount of coin")
}

pub fn fiat(text: &str) -> Fiat {
    Fiat::parse(text).expect("a sample amount of shillings")
}

pub fn phone() -> Msisdn {
    Msisdn::parse("254727648169").expect("a sample phone")
}

pub fn caller(id: PartyId, role: Role) -> Caller {
    Caller { id, role }
}

pub fn party(id: PartyId, role: Role) -> Party {
    Party {
        id,
        role,
        email: Email::parse(&format!("{id}@example.com")).expect("a sample e-mail"),
        phone: phone(),
        first_name: "Amina".into(),
        last_name: "Otieno".into(),
        created_at: NOW,
    }
}

/// The four parties of the seeds and the admin.
pub fn parties() -> Vec<Party> {
    vec![
        party(CUSTOMER, Role::Customer),
        party(SELLER, Role::Customer),
        party(VENDOR, Role::Vendor),
        party(BUYING_VENDOR, Role::Vendor),
        party(ADMIN, Role::Admin),
    ]
}

/// The offer that sells at 146.00.
pub fn sell_offer() -> Offer {
    Offer {
        id: SELL_OFFER,
        vendor_id: VENDOR,
        offer_type: OfferType::Sell,
        asset: Asset::Usdt,
        crypto_amount: crypto("5000"),
        available: crypto("5000"),
        held: Crypto::ZERO,
        rate: Rate::parse("146.00").expect("a sample rate"),
        min_order: crypto("1"),
        max_order: crypto("2000"),
        description: None,
        status: OfferStatus::Active,
        terms_version: 1,
        created_at: NOW,
        updated_at: NOW,
        deleted_at: None,
    }
}

/// The offer that buys at 141.00.
pub fn buy_offer() -> Offer {
    Offer {
        id: BUY_OFFER,
        vendor_id: BUYING_VENDOR,
        offer_type: OfferType::Buy,
        rate: Rate::parse("141.00").expect("a sample rate"),
        ..sell_offer()
    }
}

/// The on-ramp order of `create-order.txt`: 1200 USDT for 175,200 shillings.
pub fn place_buy() -> PlaceOrder {
    PlaceOrder {
        order_type: OrderType::OnRampBuy,
        customer_id: CUSTOMER,
        vendor_id: VENDOR,
        offer_id: SELL_OFFER,
        asset: None,
        crypto: crypto("1200.00"),
        fiat: fiat("175200.00"),
        wallet: ChainAddress::trusted(Network::Tron, TRON_WALLET.into()),
        payout_phone: None,
        status: None,
        expires_at: None,
    }
}

/// The off-ramp order of `list-orders.txt`: 799.99 USDT for 112,798.59 shillings.
pub fn place_sell() -> PlaceOrder {
    PlaceOrder {
        order_type: OrderType::OffRampSell,
        customer_id: SELLER,
        vendor_id: BUYING_VENDOR,
        offer_id: BUY_OFFER,
        crypto: crypto("799.99"),
        fiat: fiat("112798.59"),
        payout_phone: Some(phone()),
        ..place_buy()
    }
}

/// The contract's defaults.
pub fn rules() -> OrderRules {
    OrderRules {
        open: NetworkSet::ALL,
        watched: NetworkSet::default(),
        ttl: Duration::minutes(30),
        max_ttl: Duration::days(30),
        rate_tolerance_bps: 50,
        collection_min: fiat("1"),
        collection_max: fiat("250000"),
        payout_min: fiat("10"),
        payout_max: fiat("250000"),
    }
}

/// What the store knows about the things that the sample commands name.
pub fn terms(command: &PlaceOrder) -> Terms {
    let offer = [sell_offer(), buy_offer()].into_iter().find(|offer| offer.id == command.offer_id);
    Terms { offer, customer_is_provisioned: true, wallet_is_ours: false }
}

/// The wallet of a sample command, on every network.
pub fn wallet(command: &PlaceOrder) -> OwnerAddresses {
    PlainAddressBook.owner(&command.wallet)
}

/// The order that a sample command makes, not stored anywhere; `entropy` tells orders apart.
pub fn order(command: &PlaceOrder, entropy: u64) -> Order {
    order_at(command, NOW, entropy)
}

/// Like [`order()`], made at a time of its own.
pub fn order_at(command: &PlaceOrder, now: OffsetDateTime, entropy: u64) -> Order {
    let terms = terms(command);
    let proposal = Proposal { command, terms: &terms, rules: &rules(), now };
    let offer = proposal.judge().expect("samples break no policy");
    let id = crate::ids::OrderId(crate::ids::time_ordered(now, entropy));
    let escrow = (command.order_type == OrderType::OffRampSell).then(|| crate::order::Escrow {
        address: ChainAddress::trusted(Network::Tron, format!("T-escrow-{entropy}")),
        index: u32::try_from(entropy).expect("samples are few"),
        reference: Uuid::from_u128(entropy.into()),
    });
    Order { version: 1, ..proposal.order(offer, id, escrow) }
}

/// The order that a sample command makes, ready to be stored on the sample offers.
pub fn placement(command: &PlaceOrder, entropy: u64) -> Placement {
    placement_of(order(command, entropy))
}

/// `order` with its history begun, ready to be stored on the sample offers.
pub fn placement_of(order: Order) -> Placement {
    let (order, entry) = sealed(order, "place");
    Placement { order, entry, terms_version: 1, claim: None }
}

/// `order` a second later in another state, with the entry that says so.
pub fn moved(order: &Order, state: OrderState) -> (Order, HistoryEntry) {
    let at = order.updated_at.saturating_add(Duration::SECOND);
    let moved = Order {
        completed_at: (state == OrderState::Completed).then_some(at),
        state,
        state_since: at,
        updated_at: at,
        version: order.version.checked_add(1).expect("samples do not live long"),
        ..order.clone()
    };
    sealed(moved, "move")
}

/// The payload's keys are out of order and oddly spaced: a store that parses it breaks the seal.
fn sealed(order: Order, kind: &str) -> (Order, HistoryEntry) {
    let payload = format!(r#"{{"event":"{kind}",  "b":"1.50","a":2}}"#);
    let entry = HistoryEntry::seal(&order, Actor::Customer(order.customer_id), kind, payload);
    (Order { head: entry.hash, ..order }, entry)
}

/// A claim of `key`; `request` tells apart what is asked for under it.
pub fn claim(principal: PartyId, key: &str, request: u8) -> IdempotencyClaim {
    IdempotencyClaim { principal, key: key.into(), fingerprint: [request; 32] }
}

/// A 201 with `body`.
pub fn answer(body: &str) -> StoredAnswer {
    StoredAnswer { status: 201, body: body.into() }
}

/// An engine over `store`, with a clock that the test moves.
pub fn engine(store: Arc<dyn Store>, clock: Arc<SetClock>) -> Engine {
    Engine {
        store,
        addresses: Arc::new(PlainAddressBook),
        clock,
        entropy: Arc::new(CountingEntropy::default()),
        rules: rules(),
    }
}
