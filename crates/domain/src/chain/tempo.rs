//! When the chain rail looks again. Every interval is here, counted in seconds of one length, so that
//! tests can run an hour in a second.

use time::{Duration, OffsetDateTime};

/// The chain rail's clockwork.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainTempo {
    /// How long a second is: a second, except in tests.
    pub second: Duration,
    /// How long a job is its worker's: it outlives every call to a node by far.
    pub lease: Duration,
}

impl Default for ChainTempo {
    fn default() -> Self {
        Self { second: Duration::SECOND, lease: Duration::minutes(3) }
    }
}

impl ChainTempo {
    pub fn seconds(&self, count: i32) -> Duration {
        self.second.saturating_mul(count)
    }

    /// When to look at a sent transfer again.
    pub fn next_look(&self, now: OffsetDateTime) -> OffsetDateTime {
        now.saturating_add(self.seconds(3))
    }

    /// When to look again at what was first sent at `since`. A final block takes a minute on Tron and a
    /// quarter of an hour on Ethereum: what has been under way for long is asked about less often.
    pub fn next_look_since(&self, since: OffsetDateTime, now: OffsetDateTime) -> OffsetDateTime {
        let pauses = [(20, 3), (120, 6)];
        let young =
            pauses.into_iter().find(|(age, _)| now < since.saturating_add(self.seconds(*age)));
        now.saturating_add(self.seconds(young.map_or(30, |(_, pause)| pause)))
    }

    /// How long a broadcast has to show before the same bytes go again.
    pub fn resend_pause(&self) -> Duration {
        self.seconds(20)
    }

    /// How long a nonce may stand unmined before its fee is raised.
    pub fn stuck_after(&self) -> Duration {
        self.seconds(90)
    }

    /// When to try again what could not be prepared.
    pub fn next_try(&self, attempts: u32, now: OffsetDateTime) -> OffsetDateTime {
        let pause = 2_i32.checked_shl(attempts.min(7)).unwrap_or(256);
        now.saturating_add(self.seconds(pause.min(300)))
    }

    /// After this a transfer without an end is an operator's too.
    pub fn patience(&self) -> Duration {
        self.seconds(3600)
    }

    /// How often the books are held against the chain's balances.
    pub fn reconcile_every(&self) -> Duration {
        self.seconds(600)
    }

    /// How often to look for coin to gather from escrow addresses.
    pub fn sweep_every(&self) -> Duration {
        self.seconds(60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_under_way_is_looked_at_less_often() {
        let (tempo, sent) = (ChainTempo::default(), OffsetDateTime::UNIX_EPOCH);
        for (age, pause) in [(0, 3), (19, 3), (20, 6), (119, 6), (120, 30), (900, 30)] {
            let now = sent.saturating_add(Duration::seconds(age));
            let due = now.saturating_add(Duration::seconds(pause));
            assert_eq!(tempo.next_look_since(sent, now), due, "after {age} s");
        }
    }
}
