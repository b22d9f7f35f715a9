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
/// formatting (a fifth of the page's cost).
impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let at = self.0.to_offset(time::UtcOffset::UTC);
        let (year, month, day) = at.to_calendar_date();
        let (hour, minute, second, micros) = at.to_hms_micro();
        let mut text = String::with_capacity(27);
        let year = u32::try_from(year).unwrap_or(0);
        let parts = [
            (year, 4, '-'),
            (u8::from(month).into(), 2, '-'),
            (day.into(), 2, 'T'),
            (hour.into(), 2, ':'),
            (minute.into(), 2, ':'),
        ];
        for (value, width, end) in parts {
            push_digits(&mut text, value, width);
            text.push(end);
        }
        push_digits(&mut text, second.into(), 2);
        if micros != 0 {
            text.push('.');
            push_digits(&mut text, micros, 6);
            text.truncate(text.trim_end_matches('0').len());
        }
        text.push('Z');
        serializer.serialize_str(&text)
    }
}

/// Appends `value` with leading zeros, `width` digits in all.
fn push_digits(text: &mut String, value: u32, width: u32) {
    for place in (0..width).rev() {
        let digit = value / 10_u32.pow(place) % 10;
        text.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
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
