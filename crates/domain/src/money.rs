//! Exact money: integers of minor units, typed by currency, so that shillings and coins never mix.
//! Parsing and formatting of decimal strings live here; rounding does not (see [`crate::rounding`]).

use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::rounding::{Rounding, divide};

/// What an amount is counted in.
pub trait Currency: Copy + fmt::Debug + Eq + Send + Sync + 'static {
    /// Decimal places of the minor unit.
    const PLACES: u32;
    /// The most digits accepted before the point; keeps every sum of ours far inside `i64`.
    const WHOLE_DIGITS: usize;
}

/// Kenyan shillings, in cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kes;

/// The order's stablecoin, in 10⁻⁸ (chains move 10⁻⁶; the order keeps 8 places).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coin;

impl Currency for Kes {
    const PLACES: u32 = 2;
    const WHOLE_DIGITS: usize = 12;
}

impl Currency for Coin {
    const PLACES: u32 = 8;
    const WHOLE_DIGITS: usize = 9;
}

/// An amount of shillings.
pub type Fiat = Money<Kes>;
/// An amount of the order's stablecoin.
pub type Crypto = Money<Coin>;

/// A non-negative amount in minor units of `C`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money<C> {
    minor: i64,
    #[serde(skip)]
    currency: PhantomData<C>,
}

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("must be a plain decimal number such as \"1200.00\"")]
    NotDecimal,
    #[error("must not be negative")]
    Negative,
    #[error("must be more than zero")]
    Zero,
    #[error("must have at most {0} decimal places")]
    TooManyPlaces(u32),
    #[error("must have at most {0} digits before the point")]
    TooLarge(usize),
}

impl<C: Currency> Money<C> {
    pub const ZERO: Self = Self { minor: 0, currency: PhantomData };

    /// An amount of `minor` units; `None` when negative.
    pub fn from_minor(minor: i64) -> Option<Self> {
        (minor >= 0).then_some(Self { minor, currency: PhantomData })
    }

    /// The amount in minor units, never negative.
    pub fn minor(self) -> i64 {
        self.minor
    }

    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Reads a decimal string such as `1200.00`: digits, and at most `C::PLACES` places.
    ///
    /// # Errors
    /// When the text has another form, or more digits than the currency allows.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, places) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(places) {
            return Err(MoneyError::NotDecimal);
        }
        if unsigned.len() != text.len() {
            return Err(MoneyError::Negative);
        }
        if whole.len() > C::WHOLE_DIGITS {
            return Err(MoneyError::TooLarge(C::WHOLE_DIGITS));
        }
        let width = usize::try_from(C::PLACES).unwrap_or(0);
        if places.len() > width {
            return Err(MoneyError::TooManyPlaces(C::PLACES));
        }
        let minor = format!("{whole}{places:0<width$}").parse();
        minor.ok().and_then(Self::from_minor).ok_or(MoneyError::NotDecimal)
    }

    /// Like [`Money::parse`], and refuses zero.
    pub fn parse_positive(text: &str) -> Result<Self, MoneyError> {
        let amount = Self::parse(text)?;
        if amount.is_zero() { Err(MoneyError::Zero) } else { Ok(amount) }
    }

    /// `None` when the sum leaves `i64`.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.minor.checked_add(other.minor).and_then(Self::from_minor)
    }

    /// `None` when `other` is more than there is.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.minor.checked_sub(other.minor).and_then(Self::from_minor)
    }

    /// This amount as a rail moves it that knows only `places` decimals (a multiple of its unit).
    /// The difference is the residue that the ledger keeps.
    pub fn to_places(self, places: u32, rounding: Rounding) -> Option<Self> {
        let unit = 10_i64.checked_pow(C::PLACES.checked_sub(places)?)?;
        let units = divide(self.minor.into(), unit.into(), rounding)?;
        units.checked_mul(unit).and_then(Self::from_minor)
    }
}

impl<C: Currency> PartialOrd for Money<C> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<C: Currency> Ord for Money<C> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.minor.cmp(&other.minor)
    }
}

/// All places, always: `1200.00000000`.
impl<C: Currency> fmt::Display for Money<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_i64.pow(C::PLACES);
        let width = usize::try_from(C::PLACES).unwrap_or(0);
        let (whole, places) = (self.minor.div_euclid(unit), self.minor.rem_euclid(unit));
        write!(f, "{whole}.{places:0width$}")
    }
}

impl<C: Currency> fmt::Debug for Money<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
