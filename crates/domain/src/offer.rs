//! What vendors publish: a price, limits, and an amount of which open orders hold their part.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::address::Network;
use crate::ids::{OfferId, PartyId};
use crate::money::Crypto;
use crate::order::{OrderType, Ramp};
use crate::rate::Rate;

/// A stablecoin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Asset {
    Usdt,
    Usdc,
}

impl Asset {
    pub const ALL: [Self; 2] = [Self::Usdt, Self::Usdc];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usdt => "USDT",
            Self::Usdc => "USDC",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|asset| asset.as_str() == text)
    }

    /// Whether we move this coin on `network` (USDC on Tron was discontinued by its issuer).
    pub fn lives_on(self, network: Network) -> bool {
        !matches!((self, network), (Self::Usdc, Network::Tron))
    }
}

/// What the vendor does with the coin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OfferType {
    Sell,
    Buy,
}

impl OfferType {
    pub const ALL: [Self; 2] = [Self::Sell, Self::Buy];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sell => "SELL",
            Self::Buy => "BUY",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// A customer's on-ramp needs a vendor who sells, an off-ramp one who buys.
    pub fn pairs_with(self, order_type: OrderType) -> bool {
        matches!((self, order_type.ramp()), (Self::Sell, Ramp::On) | (Self::Buy, Ramp::Off))
    }
}

/// Whether new orders may be made on an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OfferStatus {
    Active,
    Inactive,
}

impl OfferStatus {
    pub const ALL: [Self; 2] = [Self::Active, Self::Inactive];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// A vendor's offer. `held ≤ available`, always: the store refuses anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub id: OfferId,
    pub vendor_id: PartyId,
    pub offer_type: OfferType,
    pub asset: Asset,
    /// What was published at first.
    pub crypto_amount: Crypto,
    /// What is left of it, holds included; falls when an order completes.
    pub available: Crypto,
    /// What open orders hold of it.
    pub held: Crypto,
    pub rate: Rate,
    pub min_order: Crypto,
    pub max_order: Crypto,
    pub description: Option<String>,
    pub status: OfferStatus,
    /// Counts the vendor's changes; holds do not touch it. Orders are placed on known terms only.
    pub terms_version: i32,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
    pub deleted_at: Option<OffsetDateTime>,
}

impl Offer {
    /// What a new order can still hold.
    pub fn free(&self) -> Crypto {
        self.available.checked_sub(self.held).unwrap_or(Crypto::ZERO)
    }
}

/// What a vendor may change; `None` leaves a term as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfferChange {
    pub status: Option<OfferStatus>,
    pub rate: Option<Rate>,
    pub min_order: Option<Crypto>,
    pub max_order: Option<Crypto>,
    pub available: Option<Crypto>,
    pub description: Option<String>,
}

/// Why an offer cannot be as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    #[error("min_order must not be more than max_order")]
    LimitsCrossed,
    #[error("available_amount must not be less than what open orders hold")]
    BelowHeld,
    #[error("available_amount must not be more than crypto_amount")]
    AboveWhole,
}

impl OfferError {
    /// The field to change.
    pub fn field(self) -> &'static str {
        match self {
            Self::LimitsCrossed => "min_order",
            Self::BelowHeld | Self::AboveWhole => "available_amount",
        }
    }

    pub const ALL: [Self; 3] = [Self::LimitsCrossed, Self::BelowHeld, Self::AboveWhole];

    pub fn code(self) -> &'static str {
        match self {
            Self::LimitsCrossed => "limits_crossed",
            Self::BelowHeld => "below_held",
            Self::AboveWhole => "above_whole",
        }
    }
}

impl Offer {
    /// The offer with `change` made to it.
    pub fn amended(self, change: OfferChange, at: OffsetDateTime) -> Result<Self, OfferError> {
        let amended = Self {
            status: change.status.unwrap_or(self.status),
            rate: change.rate.unwrap_or(self.rate),
            min_order: change.min_order.unwrap_or(self.min_order),
            max_order: change.max_order.unwrap_or(self.max_order),
            available: change.available.unwrap_or(self.available),
            description: change.description.or(self.description),
            terms_version: self.terms_version.saturating_add(1),
            updated_at: at,
            ..self
        };
        amended.checked()
    }

    /// The offer, if its terms fit each other.
    pub fn checked(self) -> Result<Self, OfferError> {
        if self.min_order > self.max_order {
            return Err(OfferError::LimitsCrossed);
        }
        if self.available < self.held {
            return Err(OfferError::BelowHeld);
        }
        if self.available > self.crypto_amount {
            return Err(OfferError::AboveWhole);
        }
        Ok(self)
    }
}
