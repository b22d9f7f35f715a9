//! Values written as JSON text: decimals with all their places, times in UTC.

use std::fmt::{self, Display};

use serde::{Serialize, Serializer};
use time::OffsetDateTime;

/// Anything with a text form, written as a JSON string.
#[derive(Debug, Clone, Copy)]
pub struct Shown<T>(pub T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// RFC 3339 in UTC, microseconds at most, trailing zeros trimmed: `2025-12-12T07:47:59.755991Z`.
#[derive(Debug, Clone, Copy)]
pub struct Time(pub OffsetDateTime);

impl Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.0.to_offset(time::UtcOffset::UTC);
        let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
        let (hour, minute, second) = (at.hour(), at.minute(), at.second());
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        let micros = at.microsecond();
        if micros != 0 {
            let digits = format!("{micros:06}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::Time;
    use time::macros::datetime;

    #[test]
    fn times_are_utc_with_trimmed_microseconds() {
        assert_eq!(
            Time(datetime!(2025-12-31 23:59:59 UTC)).to_string(),
            "2025-12-31T23:59:59Z"
        );
        let micros = datetime!(2025-12-12 10:47:59.755_990_9 +3);
        assert_eq!(Time(micros).to_string(), "2025-12-12T07:47:59.75599Z");
    }
}
