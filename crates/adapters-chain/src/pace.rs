//! How fast one node is asked: no faster than the settings say, and slower where the node says that it is
//! too fast. What it takes is not told beforehand: it is found out, again and again, because what was too
//! fast in a bad minute is not too fast for ever.

use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// What is refused within this time was asked at the pace before: it says nothing of the new one.
const ECHO: Duration = Duration::from_secs(1);
/// For so long nothing was refused before twice the pace is dared.
const CALM: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct Pace {
    bucket: DefaultDirectRateLimiter,
    most_halvings: u32,
    learned: Mutex<Learned>,
}

/// What was found out.
#[derive(Debug, Clone, Copy)]
struct Learned {
    /// The settings' pace is taken half as often for each of these.
    halvings: u32,
    /// When that changed, or would have if it could.
    at: Instant,
}

impl Pace {
    pub(crate) fn new(per_second: u32) -> Self {
        let rate = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
        Self {
            bucket: RateLimiter::direct(Quota::per_second(rate)),
            // Once a second at the slowest.
            most_halvings: rate.get().ilog2(),
            learned: Mutex::new(Learned { halvings: 0, at: Instant::now() }),
        }
    }

    /// Waits until it is the turn of so many calls.
    pub(crate) async fn turn(&self, calls: usize) {
        let each = 1_usize << self.learned().halvings;
        for _ in 0..calls.saturating_mul(each) {
            self.bucket.until_ready().await;
        }
    }

    /// The node says that it is asked too often.
    pub(crate) fn too_fast(&self, now: Instant) {
        let mut learned = self.learned();
        if learned.halvings > 0 && now.saturating_duration_since(learned.at) < ECHO {
            return;
        }
        if learned.halvings < self.most_halvings {
            learned.halvings += 1;
            tracing::info!(learned.halvings, "a node is asked less often for a while");
        }
        learned.at = now;
    }

    /// It answered.
    pub(crate) fn went_well(&self, now: Instant) {
        let mut learned = self.learned();
        if learned.halvings > 0 && now.saturating_duration_since(learned.at) >= CALM {
            *learned = Learned { halvings: learned.halvings - 1, at: now };
        }
    }

    fn learned(&self) -> MutexGuard<'_, Learned> {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_is_asked_too_often_is_asked_half_as_often_and_no_slower_than_once_a_second() {
        let pace = Pace::new(12);
        let start = Instant::now();
        pace.went_well(start);
        assert_eq!(pace.learned().halvings, 0);
        for (round, expected) in [1, 2, 3, 3].into_iter().enumerate() {
            let at = start + ECHO * u32::try_from(round).unwrap();
            for _ in 0..8 {
                pace.too_fast(at);
            }
            assert_eq!(pace.learned().halvings, expected, "eight refusals at once are one word");
        }
        assert_eq!(Pace::new(1).most_halvings, 0);
    }

    #[test]
    fn a_bad_minute_is_made_up_for_in_a_minute() {
        let pace = Pace::new(12);
        let mut now = Instant::now();
        for _ in 0..60 {
            pace.too_fast(now);
            now += ECHO;
        }
        let calm_since = now;
        // One answer a second, as it is asked at the slowest.
        while pace.learned().halvings > 0 {
            now += Duration::from_secs(1);
            pace.went_well(now);
        }
        assert!(now - calm_since <= CALM * 3, "{:?}", now - calm_since);
    }
}
