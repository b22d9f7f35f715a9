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
///
/// A moment that has no year in UTC (the first and last hours of time, by their own clocks) stays in its
/// offset: everything compares as before, and nothing panics.
pub fn whole_micros(at: OffsetDateTime) -> OffsetDateTime {
    let at = at.checked_to_offset(time::UtcOffset::UTC).unwrap_or(at);
    let micros = at.microsecond();
    at.replace_microsecond(micros).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::whole_micros;

    #[test]
    fn the_first_and_last_hours_of_time_break_nothing() {
        for at in [
            datetime!(9999-12-31 23:59:59.999_999_999 -23:59),
            datetime!(-9999-01-01 0:00:00.000_000_001 +23:59),
        ] {
            let kept = whole_micros(at);
            assert!(kept <= at && at - kept < time::Duration::MICROSECOND, "{at} as {kept}");
        }
    }
}
