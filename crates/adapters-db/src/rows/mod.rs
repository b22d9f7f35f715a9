//! Rows and the domain's types: one conversion each way per table. A row that does not convert is
//! an inconsistency with a name, never a panic.

mod arrival;
mod attempt;
mod callback;
mod chain;
mod circuit;
mod collection;
mod cursor;
mod disbursement;
mod event;
mod job;
mod offer;
mod open_order;
mod order;
mod party;
mod review;
mod transfer;

pub(crate) use arrival::ArrivalRow;
pub(crate) use attempt::{AttemptProgress, AttemptRow};
pub(crate) use callback::{CallbackRow, CallbackTypes, subject_columns, subject_from};
pub(crate) use chain::{height_column, height_from, ordinal_column, stage_column, uint64_from};
pub(crate) use circuit::CircuitRow;
pub(crate) use collection::{CollectionProgress, CollectionRow};
pub(crate) use cursor::CursorRow;
pub(crate) use disbursement::{DisbursementProgress, DisbursementRow};
pub(crate) use event::EventRow;
pub(crate) use job::{JobRow, JobTypes};
pub(crate) use offer::{OfferRow, OfferTerms};
pub(crate) use open_order::OpenOrderRow;
pub(crate) use order::{OrderProgress, OrderRow};
pub(crate) use party::{ContactRow, PartyRow, contact};
pub(crate) use review::{ItemRow, ReviewRow, kind_of_review};
pub(crate) use transfer::{TransferRow, transfer_from};

use bigdecimal::BigDecimal;
use domain::ports::StoreError;
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

/// What we say ourselves in words: without what text columns do not take, and cut to their length.
pub(crate) fn words(text: &str, length: usize) -> String {
    text.chars().filter(|letter| *letter != '\0').take(length).collect()
}

/// The rows that can be read. One that cannot must not keep the others from being carried out: it is
/// told when it comes alone, and stays leased until then.
pub(crate) fn readable<T>(rows: Vec<Result<T, StoreError>>) -> Result<Vec<T>, StoreError> {
    let (read, mut broken): (Vec<_>, Vec<_>) = rows.into_iter().partition(Result::is_ok);
    match broken.pop() {
        Some(Err(error)) if read.is_empty() => Err(error),
        _ => read.into_iter().collect(),
    }
}
