//! Identities: a type per kind of thing, and the one layout of ids that we make (UUIDv7).

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )* };
}

id! {
    /// An order. Made by [`time_ordered`]: sorting by it *is* sorting by creation time.
    OrderId
    /// A vendor's published offer.
    OfferId
    /// A customer, vendor or admin.
    PartyId
    /// One attempt to collect shillings (one STK prompt).
    CollectionId
}

/// A UUIDv7 whose order is the order of `at`, to the microsecond: the 12 bits after the version
/// hold the fraction of the millisecond (RFC 9562, 6.2, method 3). `entropy` fills the rest.
///
/// So `ORDER BY id` equals `ORDER BY created_at, id`, and one index serves both (ADR 0006).
pub fn time_ordered(at: OffsetDateTime, entropy: u64) -> Uuid {
    let micros = at.unix_timestamp_nanos().div_euclid(1_000).max(0);
    let fraction = micros.rem_euclid(1_000).saturating_mul(4096).div_euclid(1_000);
    let millis = u64::try_from(micros.div_euclid(1_000)).unwrap_or(u64::MAX);
    let mut rest = [0_u8; 10];
    rest[..2].copy_from_slice(&u16::try_from(fraction).unwrap_or(u16::MAX).to_be_bytes());
    rest[2..].copy_from_slice(&entropy.to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
}

/// The smallest id that something created at `at` can have: turns a time filter into an id bound.
pub fn lower_bound(at: OffsetDateTime) -> Uuid {
    time_ordered(at, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;
    use time::macros::datetime;

    const START: OffsetDateTime = datetime!(2026-11-21 12:00:00.000999 UTC);

    #[test]
    fn ids_sort_by_microsecond_whatever_the_entropy() {
        for step in 0..5_000 {
            let at = START + Duration::microseconds(step);
            let next = at + Duration::MICROSECOND;
            assert!(time_ordered(at, u64::MAX) < time_ordered(next, 0), "{at}");
        }
    }

    #[test]
    fn the_layout_is_version_7_and_keeps_the_time() {
        let id = time_ordered(START, 7);
        assert_eq!(id.get_version_num(), 7);
        let (seconds, nanos) = id.get_timestamp().expect("v7 has a time").to_unix();
        assert_eq!(i64::try_from(seconds), Ok(START.unix_timestamp()));
        assert_eq!(nanos, 0, "the millisecond is in the time field, the rest in rand_a");
    }
}
