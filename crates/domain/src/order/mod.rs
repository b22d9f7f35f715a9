//! The order: what was agreed, where it stands, and what is known of its two legs.
//! Data only. What an event makes of an order is decided in [`transition()`] and nowhere else.

mod acts;
mod effect;
mod event;
mod evidence;
mod history;
mod last_error;
mod reason;
mod received;
mod refusal;
mod state;
mod transition;
mod waiting;

pub(crate) use evidence::EXCESS;

pub use effect::{Effect, ReviewKind};
pub use event::{OrderEvent, PaymentDoubt, PayoutFailure, RefundOf};
pub use evidence::{
    CollectionRefs, Delivery, Deposit, DepositId, DepositStage, Evidence, Payment, Payout,
    confirmations,
};
pub use history::{Actor, HistoryEntry};
pub use last_error::{AttemptError, ErrorCode, Leg};
pub use reason::{CancelReason, CancelledBy, HoldReason, RefundReason};
pub use refusal::{Refusal, Refused};
pub use state::{HoldFate, OrderState, OrderStatus};
pub use transition::{Transition, transition};
pub use waiting::{WAITING_ACTORS, WaitingCode, WaitingFor, waiting_for};

use time::OffsetDateTime;
use uuid::Uuid;

use crate::address::ChainAddress;
use crate::ids::{OfferId, OrderId, PartyId};
use crate::money::{Crypto, Fiat};
use crate::offer::Asset;
use crate::party::Msisdn;
use crate::rate::Rate;
use crate::rounding::{Rounding, divide};

/// Which way the shillings go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ramp {
    /// Shillings in, coin out.
    On,
    /// Coin in, shillings out.
    Off,
}

/// The four trades of the wire; the verb is that of whoever starts the trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderType {
    OnRampBuy,
    OnRampSell,
    OffRampBuy,
    OffRampSell,
}

impl OrderType {
    pub const ALL: [Self; 4] =
        [Self::OnRampBuy, Self::OnRampSell, Self::OffRampBuy, Self::OffRampSell];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnRampBuy => "ON_RAMP_BUY",
            Self::OnRampSell => "ON_RAMP_SELL",
            Self::OffRampBuy => "OFF_RAMP_BUY",
            Self::OffRampSell => "OFF_RAMP_SELL",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order_type| order_type.as_str() == text)
    }

    pub fn ramp(self) -> Ramp {
        match self {
            Self::OnRampBuy | Self::OnRampSell => Ramp::On,
            Self::OffRampBuy | Self::OffRampSell => Ramp::Off,
        }
    }

    /// All orders so far are standard ones.
    pub fn subtype(self) -> OrderSubtype {
        match self.ramp() {
            Ramp::On => OrderSubtype::StandardOnramp,
            Ramp::Off => OrderSubtype::StandardOfframp,
        }
    }
}

/// The wire's finer kind of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderSubtype {
    StandardOnramp,
    StandardOfframp,
}

impl OrderSubtype {
    pub const ALL: [Self; 2] = [Self::StandardOnramp, Self::StandardOfframp];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::StandardOnramp => "standard_onramp",
            Self::StandardOfframp => "standard_offramp",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subtype| subtype.as_str() == text)
    }

    /// The types that orders of this subtype have.
    pub fn types(self) -> impl Iterator<Item = OrderType> {
        OrderType::ALL.into_iter().filter(move |order_type| order_type.subtype() == self)
    }
}

/// Where an off-ramp customer sends the coin: an address of this order alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escrow {
    pub address: ChainAddress,
    /// The child number below the network's account key.
    pub index: u32,
    /// What the customer quotes when asking about the deposit.
    pub reference: Uuid,
}

/// A customer's trade with a vendor's offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    pub order_type: OrderType,
    pub customer_id: PartyId,
    pub vendor_id: PartyId,
    pub offer_id: OfferId,
    pub asset: Asset,
    pub crypto: Crypto,
    pub fiat: Fiat,
    /// The offer's rate when the order was placed.
    pub rate: Rate,
    /// On-ramp: where the coin goes. Off-ramp: where it goes back to, if it must.
    pub wallet: ChainAddress,
    /// Off-ramp: who receives the shillings.
    pub payout_phone: Option<Msisdn>,
    pub escrow: Option<Escrow>,
    pub state: OrderState,
    /// Since when `state` is what it is.
    pub state_since: OffsetDateTime,
    pub evidence: Evidence,
    pub expires_at: OffsetDateTime,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
    pub completed_at: Option<OffsetDateTime>,
    /// The number of events in the order's history; also the last one's `seq`.
    pub version: i32,
    /// The hash of the history's last entry.
    pub head: [u8; 32],
}

/// Decimal places that chains and M-Pesa move.
const CHAIN_PLACES: u32 = 6;
const MPESA_PLACES: u32 = 0;
/// A deposit this much short of what was agreed still pays: 0.01 of the coin, and of small orders
/// never more than a hundredth.
const DEPOSIT_TOLERANCE_MINOR: i64 = 1_000_000;

impl Order {
    pub fn status(&self) -> OrderStatus {
        self.state.status()
    }

    /// Whole shillings to collect: rounded up.
    pub fn collection_due(&self) -> Fiat {
        self.fiat.to_places(MPESA_PLACES, Rounding::Up).unwrap_or(self.fiat)
    }

    /// Whole shillings to pay out: rounded down.
    pub fn payout_due(&self) -> Fiat {
        self.fiat.to_places(MPESA_PLACES, Rounding::Down).unwrap_or(self.fiat)
    }

    /// Coin to expect at the escrow address: rounded up to what a chain can move.
    pub fn deposit_due(&self) -> Crypto {
        self.crypto.to_places(CHAIN_PLACES, Rounding::Up).unwrap_or(self.crypto)
    }

    /// Coin to deliver: rounded down to what a chain can move.
    pub fn delivery_due(&self) -> Crypto {
        self.crypto.to_places(CHAIN_PLACES, Rounding::Down).unwrap_or(self.crypto)
    }

    /// Whether `received` pays the order: all of it, or so little less that nobody would ask for it.
    pub fn is_funded_by(&self, received: Crypto) -> bool {
        let due = self.deposit_due();
        let hundredth = divide(due.minor().into(), 100, Rounding::Down).unwrap_or(0);
        let tolerance = Crypto::from_minor(hundredth.min(DEPOSIT_TOLERANCE_MINOR));
        let least = due.checked_sub(tolerance.unwrap_or(Crypto::ZERO)).unwrap_or(due);
        received >= least
    }

    /// Deposits are judged by their block's time, whenever they are noticed.
    pub fn is_late(&self, deposit: &Deposit) -> bool {
        deposit.block_time > self.expires_at
    }
}
