//! When to ask again. Every interval of the rail is here, counted in seconds of one length, so that
//! tests can run a day in a minute.

use time::{Duration, OffsetDateTime};

/// The rail's clockwork.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tempo {
    /// How long a second is: a second, except in tests.
    pub second: Duration,
    /// How long a job is its worker's: it outlives every call to the rail by far.
    pub lease: Duration,
    /// Whether a payout that the rail does not seem to know is sent again under its reference. Safe as
    /// far as Daraja's dedup reaches, which nobody has documented: off until tried.
    pub resends: bool,
    /// Whether the rail knows payouts by our reference (B2C v3). Where it does not, nothing is asked or
    /// sent again, and every doubt is an operator's.
    pub keyed: bool,
    /// Shillings up to which a payout's failure is believed after a quiet period, without asking.
    pub small_payout: i64,
}

impl Default for Tempo {
    fn default() -> Self {
        Self {
            second: Duration::SECOND,
            lease: Duration::minutes(3),
            resends: false,
            keyed: true,
            small_payout: 0,
        }
    }
}

/// Ages at which an STK prompt is asked about; then every quarter of an hour.
const QUERY_AGES: [i32; 8] = [20, 40, 60, 90, 120, 180, 300, 600];
const QUERY_THEN: i32 = 900;
/// Pauses between status questions of a payout; then every hour.
const STATUS_PAUSES: [i32; 5] = [120, 240, 480, 900, 1800];
const STATUS_THEN: i32 = 3600;

impl Tempo {
    pub fn seconds(&self, count: i32) -> Duration {
        self.second.saturating_mul(count)
    }

    /// When to ask about a prompt sent at `sent_at` that is still undecided at `now`.
    pub fn next_query(&self, sent_at: OffsetDateTime, now: OffsetDateTime) -> OffsetDateTime {
        let ages = QUERY_AGES.iter().map(|age| sent_at.saturating_add(self.seconds(*age)));
        let next = ages.into_iter().find(|at| *at > now);
        next.unwrap_or_else(|| now.saturating_add(self.seconds(QUERY_THEN)))
    }

    /// When to ask again for the proof of what a callback claims: soon, then less and less often.
    pub fn next_proof(&self, asked: u32, now: OffsetDateTime) -> OffsetDateTime {
        let pause = 1_i32.checked_shl(asked.min(9)).unwrap_or(512);
        now.saturating_add(self.seconds(pause))
    }

    /// When to ask for a payout's status after `asked` questions.
    pub fn next_status(&self, asked: u32, now: OffsetDateTime) -> OffsetDateTime {
        let index = usize::try_from(asked).unwrap_or(usize::MAX);
        let pause = STATUS_PAUSES.get(index).copied().unwrap_or(STATUS_THEN);
        now.saturating_add(self.seconds(pause))
    }

    /// How many unanswered status questions make an operator look.
    pub fn patience(&self) -> u32 {
        u32::try_from(STATUS_PAUSES.len()).unwrap_or(u32::MAX)
    }

    /// When to try again what was definitely not done.
    pub fn next_try(&self, attempts: u32, now: OffsetDateTime) -> OffsetDateTime {
        let pause = 2_i32.checked_shl(attempts.min(9)).unwrap_or(1024);
        now.saturating_add(self.seconds(pause.min(900)))
    }

    /// How long nobody may be prompted again: the rail refuses the same within two minutes.
    pub fn phone_pause(&self) -> Duration {
        self.seconds(120)
    }

    /// A query's "not paid" counts from this age on, and when seen twice so far apart.
    pub fn query_age(&self) -> Duration {
        self.seconds(90)
    }

    pub fn query_gap(&self) -> Duration {
        self.seconds(20)
    }

    /// A prompt is dead after three minutes; a statement that is silent for ten proves its end.
    pub fn statement_age(&self) -> Duration {
        self.seconds(600)
    }

    /// After this an undecided collection is an operator's.
    pub fn collection_window(&self) -> Duration {
        self.seconds(3600)
    }

    /// How long a small payout's reported failure must stay unopposed.
    pub fn quiet_period(&self) -> Duration {
        self.seconds(600)
    }

    /// How long a probe of the breaker may bring no answer before another is made.
    pub fn probe_pause(&self) -> Duration {
        self.seconds(180)
    }

    /// How long the last probe that may be made is waited for before an operator is called.
    pub fn probe_end(&self) -> Duration {
        self.seconds(900)
    }

    /// How long payouts wait for a balance that the rail does not tell.
    pub fn float_pause(&self) -> Duration {
        self.seconds(900)
    }

    /// How long a balance that was told says something.
    pub fn balance_life(&self) -> Duration {
        self.seconds(3600)
    }

    /// How often the balance is asked for: more often while something waits for it.
    pub fn balance_every(&self, is_waited_for: bool) -> Duration {
        self.seconds(if is_waited_for { 60 } else { 600 })
    }

    /// When to look again whether money may go out.
    pub fn while_blocked(&self, now: OffsetDateTime) -> OffsetDateTime {
        now.saturating_add(self.seconds(30))
    }
}
