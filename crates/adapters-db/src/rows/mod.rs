//! Rows and the domain's types: one conversion each way per table. A row that does not convert is
//! an inconsistency with a name, never a panic.

mod event;
mod offer;
mod order;
mod party;

pub(crate) use event::EventRow;
pub(crate) use offer::{OfferRow, OfferTerms};
pub(crate) use order::{OrderProgress, OrderRow};
pub(crate) use party::{ContactRow, PartyRow, contact};

use bigdecimal::BigDecimal;
use domain::rate::Rate;

/// NUMERIC(8, 2) from a rate.
pub(crate) fn rate_column(rate: Rate) -> BigDecimal {
    BigDecimal::new(rate.cents().into(), 2)
}

/// A rate from NUMERIC(8, 2).
pub(crate) fn rate_from(column: &BigDecimal) -> Option<Rate> {
    let (digits, scale) = column.as_bigint_and_exponent();
    let cents: i64 = digits.try_into().ok()?;
    match scale {
        2 => Rate::from_cents(cents),
        // PostgreSQL drops trailing groups of zeros on the wire.
        ..2 => {
            Rate::from_cents(cents.checked_mul(10_i64.checked_pow((2 - scale).try_into().ok()?)?)?)
        }
        _ => {
            let unit = 10_i64.checked_pow((scale - 2).try_into().ok()?)?;
            (cents % unit == 0).then(|| Rate::from_cents(cents / unit)).flatten()
        }
    }
}
