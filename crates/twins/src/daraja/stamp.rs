//! The ways in which Daraja writes a moment, all in East Africa Time (UTC+3, no summer time).

use time::{OffsetDateTime, UtcOffset};

fn eat(at: OffsetDateTime) -> OffsetDateTime {
    UtcOffset::from_hms(3, 0, 0).map_or(at, |offset| at.to_offset(offset))
}

/// `20191219102115`
pub(super) fn compact(at: OffsetDateTime) -> String {
    let at = eat(at);
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// `20191219`
pub(super) fn day(at: OffsetDateTime) -> String {
    compact(at).chars().take(8).collect()
}

/// `19122019102115123`, as in a `CheckoutRequestID`.
pub(super) fn day_first(at: OffsetDateTime) -> String {
    let at = eat(at);
    format!(
        "{:02}{:02}{:04}{:02}{:02}{:02}{:03}",
        at.day(),
        u8::from(at.month()),
        at.year(),
        at.hour(),
        at.minute(),
        at.second(),
        at.millisecond()
    )
}

/// `06.07.2024 22:48:52`
pub(super) fn dotted(at: OffsetDateTime) -> String {
    let at = eat(at);
    format!(
        "{:02}.{:02}.{:04} {:02}:{:02}:{:02}",
        at.day(),
        u8::from(at.month()),
        at.year(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// `2020-08-05T10:13:00Z`: the pull API marks East Africa Time with a Z.
pub(super) fn dashed(at: OffsetDateTime) -> String {
    let at = eat(at);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn every_form_is_in_east_africa_time() {
        let at = datetime!(2019-12-19 07:21:15.123 UTC);
        assert_eq!(compact(at), "20191219102115");
        assert_eq!(day_first(at), "19122019102115123");
        assert_eq!(dotted(at), "19.12.2019 10:21:15");
        assert_eq!(dashed(at), "2019-12-19T10:21:15Z");
    }
}
