//! The real clock and the real dice.

use domain::ports::{Clock, Entropy, whole_micros};
use time::OffsetDateTime;

/// The system's clock, in whole microseconds.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else asks")]
    fn now(&self) -> OffsetDateTime {
        whole_micros(OffsetDateTime::now_utc())
    }
}

/// The system's random numbers.
#[derive(Debug, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn bits(&self) -> u64 {
        uuid::Uuid::new_v4().as_u64_pair().1
    }
}
