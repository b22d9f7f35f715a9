//! Time and chance: the two things that a pure engine must be given.

use time::OffsetDateTime;

/// Tells the time, in UTC and whole microseconds.
#[cfg_attr(feature = "test-support", mockall::automock)]
pub trait Clock: Send + Sync {
    fn now(&self) -> OffsetDateTime;
}

/// Random bits for identifiers.
#[cfg_attr(feature = "test-support", mockall::automock)]
pub trait Entropy: Send + Sync {
    fn bits(&self) -> u64;
}

/// The time in UTC without what is below the microsecond, which the database does not keep: a time
/// written and read back must be equal.
pub fn whole_micros(at: OffsetDateTime) -> OffsetDateTime {
    let at = at.to_offset(time::UtcOffset::UTC);
    let micros = at.microsecond();
    at.replace_microsecond(micros).unwrap_or(at)
}
