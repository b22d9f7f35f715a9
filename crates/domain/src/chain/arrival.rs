//! What arrives at our addresses, and the one declared disposition that each arrival ends in.

use time::OffsetDateTime;

use super::Sighting;
use crate::ids::OrderId;
use crate::money::Crypto;
use crate::order::{Deposit, DepositStage, Order, OrderEvent, OrderState, RefundOf, confirmations};

/// Transfers below a hundredth of a coin are noise, some of it meant to deceive (address poisoning).
const DUST_MINOR: i64 = 1_000_000;

/// A transfer to an address of ours, as far as it is known. Its identity is the sighting's; where it
/// stands in the chain may change until it is final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    pub sighting: Sighting,
    /// Whose address it is: an address belongs to one order for ever.
    pub order_id: OrderId,
    pub stage: DepositStage,
    /// The stage that the order and the books were told last.
    pub told: Option<DepositStage>,
    pub detected_at: OffsetDateTime,
    /// How often telling it has failed.
    pub troubles: i32,
    /// Of native coin, which goes back when an operator says so.
    pub returned: Option<Return>,
}

/// How far an operator's word to send it back has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    Asked,
    Done,
}

impl Return {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Done => "done",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Asked, Self::Done].into_iter().find(|it| it.as_str() == text)
    }
}

/// What kind of thing arrived: decides who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// The order's own coin: its table decides.
    Deposit(Crypto),
    /// A coin that we know and the order is not about.
    WrongToken(Crypto),
    /// Too little to be meant.
    Dust(Crypto),
    /// The chain's own coin, in its units.
    Native(u64),
    /// Too little of that.
    NativeDust(u64),
    /// A contract that is none of ours, whatever it calls itself: worth nothing.
    LookAlike,
    /// A number that no order could be about.
    Unreadable,
}

/// What has become of an arrival, or will.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// Seen, and not final yet.
    Confirming,
    /// Counts towards an order that waits for more.
    Counted,
    /// Pays for the order.
    Applied,
    /// Goes back to the order's wallet by itself: late, second, or after a cancellation.
    Returning,
    Returned,
    /// Goes back with everything that the order received.
    Refunding,
    Refunded,
    WrongToken,
    /// The chain's own coin, which no order is about: an operator sends it back.
    NativeCoin,
    Dust,
    LookAlike,
    Unreadable,
    /// A re-org took it away before it was final.
    Orphaned,
    /// It was final and is gone all the same.
    Reverted,
}

impl Disposition {
    pub const ALL: [Self; 14] = [
        Self::Confirming,
        Self::Counted,
        Self::Applied,
        Self::Returning,
        Self::Returned,
        Self::Refunding,
        Self::Refunded,
        Self::WrongToken,
        Self::NativeCoin,
        Self::Dust,
        Self::LookAlike,
        Self::Unreadable,
        Self::Orphaned,
        Self::Reverted,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirming => "confirming",
            Self::Counted => "counted",
            Self::Applied => "applied",
            Self::Returning => "returning",
            Self::Returned => "returned",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
            Self::WrongToken => "wrong_token",
            Self::NativeCoin => "native_coin",
            Self::Dust => "dust",
            Self::LookAlike => "look_alike",
            Self::Unreadable => "unreadable",
            Self::Orphaned => "orphaned",
            Self::Reverted => "reverted",
        }
    }

    /// For whoever asks where the coin is.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Confirming => "seen on the chain, not final yet",
            Self::Counted => "counts towards the order, which waits for the rest",
            Self::Applied => "pays for the order; what exceeds the agreed amount goes back",
            Self::Returning => {
                "came too late, on top, or in native coin, and is being sent to the order's wallet"
            }
            Self::Returned => {
                "came too late, on top, or in native coin, and was sent to the order's wallet"
            }
            Self::Refunding => "goes back to the order's wallet with all that the order received",
            Self::Refunded => "went back to the order's wallet with all that the order received",
            Self::WrongToken => {
                "another coin than the order's: kept apart, and an operator decides"
            }
            Self::NativeCoin => {
                "the network's own coin, not the order's: kept apart, and an operator sends it back"
            }
            Self::Dust => "too little to be meant: not counted",
            Self::LookAlike => "not a coin that we know, whatever it calls itself: ignored",
            Self::Unreadable => "an impossible amount: an operator looks at it",
            Self::Orphaned => "the chain took it back before it was final",
            Self::Reverted => "the chain took it back after it was final: an operator looks at it",
        }
    }
}

impl Arrival {
    /// What it is to its order.
    pub fn nature(&self, order: &Order) -> Nature {
        if self.sighting.is_native() {
            return self.native_nature();
        }
        let Some(asset) = self.sighting.asset else {
            return Nature::LookAlike;
        };
        match self.sighting.amount {
            None => Nature::Unreadable,
            Some(amount) if amount.minor() < DUST_MINOR => Nature::Dust(amount),
            Some(amount) if asset != order.asset => Nature::WrongToken(amount),
            Some(amount) => Nature::Deposit(amount),
        }
    }

    fn native_nature(&self) -> Nature {
        match self.sighting.native_units() {
            None => Nature::Unreadable,
            Some(units) if self.sighting.is_native_dust() => Nature::NativeDust(units),
            Some(units) => Nature::Native(units),
        }
    }

    /// What the order must be told of it now.
    pub fn event(&self, amount: Crypto, head: u64) -> OrderEvent {
        let sighting = &self.sighting;
        let deposit = Deposit {
            id: sighting.id.clone(),
            amount,
            block_time: sighting.block_time,
            detected_at: self.detected_at,
            confirmations: confirmations(sighting.block.height, head),
            height: Some(sighting.block.height),
            stage: self.stage,
        };
        match self.stage {
            DepositStage::Seen => OrderEvent::DepositSeen { deposit },
            DepositStage::Final => OrderEvent::DepositFinal { deposit },
            DepositStage::Orphaned | DepositStage::Reverted => {
                OrderEvent::DepositOrphaned { id: deposit.id }
            }
        }
    }

    /// Where it ends, as far as `order` has been told.
    pub fn disposition(&self, order: &Order) -> Disposition {
        match self.nature(order) {
            Nature::LookAlike => Disposition::LookAlike,
            Nature::Unreadable => Disposition::Unreadable,
            _ if self.stage == DepositStage::Orphaned => Disposition::Orphaned,
            _ if self.stage == DepositStage::Reverted => Disposition::Reverted,
            Nature::Dust(_) | Nature::NativeDust(_) => Disposition::Dust,
            Nature::Native(_) if self.stage == DepositStage::Seen => Disposition::Confirming,
            Nature::Native(_) => match self.returned {
                None => Disposition::NativeCoin,
                Some(Return::Asked) => Disposition::Returning,
                Some(Return::Done) => Disposition::Returned,
            },
            Nature::WrongToken(_) => Disposition::WrongToken,
            Nature::Deposit(_) if self.told != Some(DepositStage::Final) => Disposition::Confirming,
            Nature::Deposit(_) => self.fate(order),
        }
    }

    /// What the order does with a final deposit of its own coin.
    fn fate(&self, order: &Order) -> Disposition {
        let cause = self.sighting.id.cause();
        if order.evidence.is_returned(&cause) {
            let back = order.evidence.refunds_done.contains(&RefundOf::Extra(cause));
            return if back { Disposition::Returned } else { Disposition::Returning };
        }
        match order.state.behind_hold() {
            OrderState::PayingOut | OrderState::Completed => Disposition::Applied,
            OrderState::Refunding { .. } => Disposition::Refunding,
            OrderState::Refunded { .. } => Disposition::Refunded,
            OrderState::AwaitingPayment { .. }
            | OrderState::Delivering
            | OrderState::DeliveryConfirming
            | OrderState::AwaitingDeposit
            | OrderState::DepositConfirming
            | OrderState::Cancelled { .. }
            | OrderState::OnHold { .. } => Disposition::Counted,
        }
    }
}
