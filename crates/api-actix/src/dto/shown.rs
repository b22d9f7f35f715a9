//! Values written as JSON text: decimals with all their places, times in UTC.

use std::fmt::Display;

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

/// A page of orders has a hundred times: they are written digit by digit, without the machinery of
/// formatting.
impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let at = self.0.to_offset(time::UtcOffset::UTC);
        let (year, month, day) = at.to_calendar_date();
        let (hour, minute, second, micros) = at.to_hms_micro();
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        put(&mut text[0..4], year.unsigned_abs());
        put(&mut text[5..7], u8::from(month).into());
        put(&mut text[8..10], day.into());
        put(&mut text[11..13], hour.into());
        put(&mut text[14..16], minute.into());
        put(&mut text[17..19], second.into());
        put(&mut text[20..26], micros);
        let shown = trim(&mut text, micros);
        serializer.serialize_str(std::str::from_utf8(shown).unwrap_or_default())
    }
}

/// Writes `value` into all of `digits`, with leading zeros.
fn put(digits: &mut [u8], mut value: u32) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
    }
}

/// Leaves out the fraction's trailing zeros, and the fraction when it has no other digit.
fn trim(text: &mut [u8; 27], micros: u32) -> &[u8] {
    let digits = text[20..26].iter().rposition(|digit| *digit != b'0');
    let end = if micros == 0 { 19 } else { 21 + digits.unwrap_or(0) };
    text[end] = b'Z';
    &text[..=end]
}

#[cfg(test)]
mod tests {
    use super::Time;
    use time::macros::datetime;

    fn text(at: time::OffsetDateTime) -> String {
        serde_json::to_string(&Time(at)).expect("a string")
    }

    #[test]
    fn times_are_utc_with_trimmed_microseconds() {
        assert_eq!(text(datetime!(2025-12-31 23:59:59 UTC)), "\"2025-12-31T23:59:59Z\"");
        let micros = datetime!(2025-12-12 10:47:59.755_990_9 +3);
        assert_eq!(text(micros), "\"2025-12-12T07:47:59.75599Z\"");
        assert_eq!(
            text(datetime!(2026-01-02 03:04:05.000_001 UTC)),
            "\"2026-01-02T03:04:05.000001Z\""
        );
    }

    #[test]
    fn every_time_reads_back_as_itself() {
        let start = datetime!(1999-12-31 23:59:59.999_999 UTC);
        for step in 0..2_000_i64 {
            let at = start + time::Duration::microseconds(step * step * 86_413_777);
            let shown: String = serde_json::from_str(&text(at)).expect("a string");
            let read =
                time::OffsetDateTime::parse(&shown, &time::format_description::well_known::Rfc3339);
            assert_eq!(read, Ok(at), "{shown}");
        }
    }
}
