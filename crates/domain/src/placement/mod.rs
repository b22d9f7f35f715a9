//! Making an order: the command, the rules of the house, and the order that comes of them.
//! What each policy says lives in `policy`, one named function each.

mod policy;

pub(crate) use policy::closed_type;
pub use policy::{Breach, POLICIES, Policy};

use time::{Duration, OffsetDateTime};

use crate::address::{ChainAddress, NetworkSet};
use crate::ids::{OfferId, OrderId, PartyId};
use crate::money::{Crypto, Fiat};
use crate::offer::{Asset, Offer};
use crate::order::{Escrow, Evidence, Order, OrderState, OrderStatus, OrderType, Ramp};
use crate::party::Msisdn;
use crate::ports::whole_micros;

/// What a client asks for, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceOrder {
    pub order_type: OrderType,
    pub customer_id: PartyId,
    pub vendor_id: PartyId,
    pub offer_id: OfferId,
    /// What the client says it trades; `None` means the offer's asset.
    pub asset: Option<Asset>,
    pub crypto: Crypto,
    pub fiat: Fiat,
    pub wallet: ChainAddress,
    pub payout_phone: Option<Msisdn>,
    pub status: Option<OrderStatus>,
    pub expires_at: Option<OffsetDateTime>,
}

/// Limits of the house (`orders.*` and `rails.*` of the configuration).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderRules {
    pub ttl: Duration,
    pub max_ttl: Duration,
    pub rate_tolerance_bps: u32,
    pub collection_min: Fiat,
    pub collection_max: Fiat,
    pub payout_min: Fiat,
    pub payout_max: Fiat,
    /// Networks that orders are taken on: somebody in this deployment moves coin there.
    pub open: NetworkSet,
    /// Networks whose blocks a watcher reads: deposits there are judged by the chain's clock.
    pub watched: NetworkSet,
}

/// What the store knows about the things that a command names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub offer: Option<Offer>,
    pub customer_is_provisioned: bool,
    /// The wallet is an address of ours, or a token's contract.
    pub wallet_is_ours: bool,
}

/// A command beside what is known: what the policies judge.
#[derive(Debug, Clone, Copy)]
pub struct Proposal<'a> {
    pub command: &'a PlaceOrder,
    pub terms: &'a Terms,
    pub rules: &'a OrderRules,
    pub now: OffsetDateTime,
}

impl<'a> Proposal<'a> {
    /// Every breach at once, in the order of [`POLICIES`]; none means that the offer is there.
    pub fn judge(&self) -> Result<&'a Offer, Vec<Breach>> {
        let breaches: Vec<_> = POLICIES.iter().filter_map(|policy| policy(self).err()).collect();
        match &self.terms.offer {
            Some(offer) if breaches.is_empty() => Ok(offer),
            _ => Err(breaches),
        }
    }

    fn expires_at(&self) -> OffsetDateTime {
        let default = || self.now.saturating_add(self.rules.ttl);
        self.command.expires_at.map_or_else(default, whole_micros)
    }

    /// The new order on `offer`, before its history begins.
    pub fn order(&self, offer: &Offer, id: OrderId, escrow: Option<Escrow>) -> Order {
        let command = self.command.clone();
        let state = initial_state(command.order_type);
        Order {
            id,
            order_type: command.order_type,
            customer_id: command.customer_id,
            vendor_id: command.vendor_id,
            offer_id: command.offer_id,
            asset: offer.asset,
            crypto: command.crypto,
            fiat: command.fiat,
            rate: offer.rate,
            wallet: command.wallet,
            payout_phone: command.payout_phone,
            escrow,
            state,
            state_since: self.now,
            evidence: Evidence::default(),
            expires_at: self.expires_at(),
            created_at: self.now,
            updated_at: self.now,
            completed_at: None,
            version: 0,
            head: [0; 32],
        }
    }
}

/// Where an order of this type begins.
pub fn initial_state(order_type: OrderType) -> OrderState {
    match order_type.ramp() {
        Ramp::On => OrderState::AwaitingPayment { collection: None },
        Ramp::Off => OrderState::AwaitingDeposit,
    }
}

/// A caller's `Idempotency-Key` with what it was sent for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyClaim {
    pub principal: PartyId,
    pub key: String,
    /// SHA-256 of the route and the canonical body.
    pub fingerprint: [u8; 32],
}

/// An answer as it was given, to be given again byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    pub status: u16,
    pub body: String,
}

/// An order ready to be stored, all or nothing: itself, its first history entry, the hold on its
/// offer, and the answer to replay.
#[derive(Debug, Clone)]
pub struct Placement {
    pub order: Order,
    pub entry: crate::order::HistoryEntry,
    /// The terms that the policies have seen; other terms make the placement stale.
    pub terms_version: i32,
    pub claim: Option<(IdempotencyClaim, StoredAnswer)>,
}

/// What became of a [`Placement`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    Done,
    /// The offer's terms changed or its free amount is taken: read the terms and judge again.
    Stale,
    /// Somebody answered under this idempotency key meanwhile: read that answer.
    KeyTaken,
}
