//! How fast one node is asked: no faster than the settings say, and slower where the node says that it is
//! too fast. What it takes is not told beforehand: it is found out, and kept to for long.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// Answers that went well before a faster pace is dared.
const PATIENCE: u32 = 500;

#[derive(Debug)]
pub(crate) struct Pace {
    bucket: DefaultDirectRateLimiter,
    /// The settings' pace is taken half as often for each of these.
    halvings: AtomicU32,
    most_halvings: u32,
    /// Answers since the last change.
    calm: AtomicU32,
}

impl Pace {
    pub(crate) fn new(per_second: u32) -> Self {
        let rate = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
        Self {
            bucket: RateLimiter::direct(Quota::per_second(rate)),
            halvings: AtomicU32::new(0),
            // Once a second at the slowest.
            most_halvings: rate.get().ilog2(),
            calm: AtomicU32::new(0),
        }
    }

    /// Waits until it is the turn of so many calls.
    pub(crate) async fn turn(&self, calls: usize) {
        let each = 1_usize << self.halvings.load(Ordering::Relaxed);
        for _ in 0..calls.saturating_mul(each) {
            self.bucket.until_ready().await;
        }
    }

    /// The node says that it is asked too often.
    pub(crate) fn too_fast(&self) {
        let halvings = self.halvings.load(Ordering::Relaxed);
        if halvings < self.most_halvings {
            tracing::info!(halvings = halvings + 1, "a node is asked less often from now on");
            self.halvings.store(halvings + 1, Ordering::Relaxed);
        }
        self.calm.store(0, Ordering::Relaxed);
    }

    /// It answered.
    pub(crate) fn went_well(&self) {
        let halvings = self.halvings.load(Ordering::Relaxed);
        if halvings > 0 && self.calm.fetch_add(1, Ordering::Relaxed) >= PATIENCE {
            self.halvings.store(halvings - 1, Ordering::Relaxed);
            self.calm.store(0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_is_asked_too_often_is_asked_half_as_often_and_slowly_more_again() {
        let pace = Pace::new(12);
        let halvings = || pace.halvings.load(Ordering::Relaxed);
        pace.went_well();
        assert_eq!(halvings(), 0);
        for expected in [1, 2, 3, 3] {
            pace.too_fast();
            assert_eq!(halvings(), expected, "once a second is the slowest");
        }
        for _ in 0..PATIENCE {
            pace.went_well();
        }
        assert_eq!(halvings(), 3);
        pace.went_well();
        assert_eq!(halvings(), 2);
        assert_eq!(Pace::new(1).most_halvings, 0);
    }
}
