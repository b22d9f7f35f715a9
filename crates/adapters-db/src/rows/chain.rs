//! What a chain counts, as columns.

use bigdecimal::{BigDecimal, ToPrimitive};
use domain::order::DepositStage;

const STAGES: [DepositStage; 4] =
    [DepositStage::Seen, DepositStage::Final, DepositStage::Orphaned, DepositStage::Reverted];

/// A height as `bigint`. No chain has blocks beyond it, but "everything below" may be asked for.
pub(crate) fn height_column(height: u64) -> i64 {
    i64::try_from(height).unwrap_or(i64::MAX)
}

pub(crate) fn height_from(column: i64) -> Option<u64> {
    u64::try_from(column).ok()
}

/// A place within a transaction; no transaction has so many that it does not fit.
pub(crate) fn ordinal_column(ordinal: u32) -> Option<i32> {
    i32::try_from(ordinal).ok()
}

/// A `uint64` of a column; `None` where it is none.
pub(crate) fn uint64_from(column: &BigDecimal) -> Option<u64> {
    column.to_u64().filter(|_| column.is_integer())
}

pub(crate) fn stage_column(stage: DepositStage) -> &'static str {
    match stage {
        DepositStage::Seen => "seen",
        DepositStage::Final => "final",
        DepositStage::Orphaned => "orphaned",
        DepositStage::Reverted => "reverted",
    }
}

pub(crate) fn stage_from(column: &str) -> Option<DepositStage> {
    STAGES.into_iter().find(|stage| stage_column(*stage) == column)
}
