//! The price of one coin in shillings, and the two questions asked of it: what does this much cost,
//! and do these two amounts agree with it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::money::{Crypto, Fiat, Money, MoneyError};
use crate::rounding::{Rounding, divide};

/// Shillings per coin, exact, with two places (see ADR 0003 on why it is an integer).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(i64);

/// One coin in its minor units.
const COIN: i128 = 100_000_000;
const BPS: i128 = 10_000;

impl Rate {
    /// A rate of `cents` per coin; `None` unless positive.
    pub fn from_cents(cents: i64) -> Option<Self> {
        (cents > 0).then_some(Self(cents))
    }

    pub fn cents(self) -> i64 {
        self.0
    }

    /// Reads `146.00`: at most two places, more than zero, at most 6 digits before the point.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let rate = Fiat::parse_positive(text)?;
        if rate.minor() < 100_000_000 {
            Ok(Self(rate.minor()))
        } else {
            Err(MoneyError::TooLarge(6))
        }
    }

    /// What `crypto` costs at this rate; `None` when it leaves `i64`.
    pub fn convert(self, crypto: Crypto, rounding: Rounding) -> Option<Fiat> {
        divide(self.exact(crypto)?, COIN, rounding).and_then(Money::from_minor)
    }

    /// Whether `|fiat − crypto × rate|` is at most `tolerance_bps` basis points of the product.
    pub fn agrees(self, crypto: Crypto, fiat: Fiat, tolerance_bps: u32) -> bool {
        let within = || {
            let product = self.exact(crypto)?;
            let given = i128::from(fiat.minor()).checked_mul(COIN)?;
            let difference = given.checked_sub(product)?.checked_abs()?.checked_mul(BPS)?;
            Some(difference <= product.checked_mul(tolerance_bps.into())?)
        };
        within().unwrap_or(false)
    }

    /// The product in 10⁻⁸ cents.
    fn exact(self, crypto: Crypto) -> Option<i128> {
        i128::from(crypto.minor()).checked_mul(self.0.into())
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0.div_euclid(100), self.0.rem_euclid(100))
    }
}
