//! Daraja's spellings of a moment, all in East Africa Time, and the password of a prompt, which is
//! made of one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ports::{Clock, whole_micros};
use secrecy::{ExposeSecret as _, SecretString};
use time::{OffsetDateTime, UtcOffset};

/// The machine's own clock, for when nobody gives another.
pub(crate) struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> OffsetDateTime {
        whole_micros(std::time::SystemTime::now().into())
    }
}

/// UTC+3 all year round.
fn eat(at: OffsetDateTime) -> OffsetDateTime {
    UtcOffset::from_hms(3, 0, 0).map_or(at, |offset| at.to_offset(offset))
}

/// `YYYYMMDDHHmmss`
pub(crate) fn compact(at: OffsetDateTime) -> String {
    let at = eat(at);
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    let (hour, minute, second) = at.to_hms();
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

/// `YYYY-MM-DD HH:mm:ss`
pub(crate) fn dashed(at: OffsetDateTime) -> String {
    let at = eat(at);
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    let (hour, minute, second) = at.to_hms();
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// Proves that we know the pass key. `timestamp` must be the very string that is sent beside it.
pub(crate) fn password(short_code: u32, passkey: &SecretString, timestamp: &str) -> String {
    STANDARD.encode(format!("{short_code}{}{timestamp}", passkey.expose_secret()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_password_is_the_one_of_the_official_sample() {
        let passkey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919";
        let expected = "MTc0Mzc5YmZiMjc5ZjlhYTliZGJjZjE1OGU5N2RkNzFhNDY3Y2QyZTBjODkzMDU5YjEwZjc4ZT\
                        ZiNzJhZGExZWQyYzkxOTIwMjEwNjI4MDkyNDA4";
        assert_eq!(password(174_379, &passkey.into(), "20210628092408"), expected);
    }

    #[test]
    fn moments_are_told_in_east_africa_time() {
        let at = datetime!(2021-06-28 06:24:08 UTC);
        assert_eq!(compact(at), "20210628092408");
        assert_eq!(dashed(datetime!(2025-12-31 23:05:09 UTC)), "2026-01-01 02:05:09");
    }
}
