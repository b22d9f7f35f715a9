//! What moves on a chain, in the chain's own integers.

use serde::{Deserialize, Serialize};

use crate::money::Crypto;
use crate::offer::Asset;

/// Chains count both our coins in 10⁻⁶ (`decimals()` of every contract we know).
pub const UNITS_PER_COIN: u64 = 1_000_000;
/// Our minor unit is 10⁻⁸.
const MINOR_PER_UNIT: i64 = 100;

/// What a transfer moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "value", rename_all = "snake_case")]
pub enum Value {
    Coin {
        asset: Asset,
        amount: Crypto,
    },
    /// The chain's own coin, that fees are paid in: sun or wei.
    Native {
        units: u64,
    },
}

impl Value {
    /// The integer that the chain moves; `None` where the amount has more places than the chain.
    pub fn units(&self) -> Option<u64> {
        match self {
            Self::Coin { amount, .. } => chain_units(*amount),
            Self::Native { units } => Some(*units),
        }
    }

    pub fn asset(&self) -> Option<Asset> {
        match self {
            Self::Coin { asset, .. } => Some(*asset),
            Self::Native { .. } => None,
        }
    }
}

/// An amount in the chain's units; `None` when it is no whole number of them.
pub fn chain_units(amount: Crypto) -> Option<u64> {
    let is_whole = amount.minor().checked_rem(MINOR_PER_UNIT) == Some(0);
    let units = amount.minor().checked_div(MINOR_PER_UNIT).filter(|_| is_whole)?;
    u64::try_from(units).ok()
}

/// The chain's units as an amount; `None` when no order could be about so much.
pub fn from_chain_units(units: u64) -> Option<Crypto> {
    i64::try_from(units).ok()?.checked_mul(MINOR_PER_UNIT).and_then(Crypto::from_minor)
}
