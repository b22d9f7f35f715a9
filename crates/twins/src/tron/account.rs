//! An account: its TRX, and the bandwidth and energy that it has used of late.

use serde::{Deserialize, Serialize};

/// Usage is forgotten over this time, evenly.
const WINDOW_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Account {
    /// `false`: it may hold tokens, but for the chain it does not exist.
    pub(super) is_active: bool,
    pub(super) created_ms: i64,
    pub(super) sun: i64,
    pub(super) bandwidth: Usage,
    pub(super) energy: Usage,
    /// Energy that stakes give, per day.
    pub(super) energy_limit: i64,
}

/// What was used up, as of a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Usage {
    used: i64,
    at_ms: i64,
}

impl Usage {
    /// What of it still counts.
    pub(super) fn at(self, now_ms: i64) -> i64 {
        let left = (WINDOW_MS - (now_ms - self.at_ms)).clamp(0, WINDOW_MS);
        let counts = i128::from(self.used) * i128::from(left) / i128::from(WINDOW_MS);
        i64::try_from(counts).unwrap_or(self.used)
    }

    pub(super) fn add(&mut self, amount: i64, now_ms: i64) {
        *self = Self { used: self.at(now_ms).saturating_add(amount), at_ms: now_ms };
    }
}

impl Account {
    pub(super) fn energy_left(&self, now_ms: i64) -> i64 {
        (self.energy_limit - self.energy.at(now_ms)).max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_day_forgets_half() {
        let mut usage = Usage::default();
        usage.add(600, 1_000);
        assert_eq!(usage.at(1_000), 600);
        assert_eq!(usage.at(1_000 + WINDOW_MS / 2), 300);
        assert_eq!(usage.at(1_000 + WINDOW_MS), 0);
        usage.add(1, 1_000 + WINDOW_MS / 2);
        assert_eq!(usage.at(1_000 + WINDOW_MS / 2), 301);
    }
}
