//! The ways in which Daraja writes a moment, all in East Africa Time (UTC+3, no summer time).

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};

fn eat(at: OffsetDateTime, form: &[BorrowedFormatItem<'_>]) -> String {
    at.to_offset(offset!(+3)).format(form).unwrap_or_default()
}

/// `20191219102115`
pub(super) fn compact(at: OffsetDateTime) -> String {
    eat(at, format_description!("[year][month][day][hour][minute][second]"))
}

/// `20191219`
pub(super) fn day(at: OffsetDateTime) -> String {
    eat(at, format_description!("[year][month][day]"))
}

/// `19122019102115123`, as in a `CheckoutRequestID`.
pub(super) fn day_first(at: OffsetDateTime) -> String {
    let form = format_description!("[day][month][year][hour][minute][second][subsecond digits:3]");
    eat(at, form)
}

/// `06.07.2024 22:48:52`
pub(super) fn dotted(at: OffsetDateTime) -> String {
    eat(at, format_description!("[day].[month].[year] [hour]:[minute]:[second]"))
}

/// `2020-08-05T10:13:00Z`: the pull API marks East Africa Time with a Z.
pub(super) fn dashed(at: OffsetDateTime) -> String {
    eat(at, format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z"))
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
