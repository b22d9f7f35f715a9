//! How long things take that go well. What takes longer is a person's.

use time::Duration;

/// When waiting has become too long. In real time: it is about people who should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SupervisionSchedule {
    /// How often all is looked through, by one of all processes.
    pub every: Duration,
    /// How long a due job, or one whose lease has ended, may be nobody's.
    pub unclaimed: Duration,
    /// How long after its deadline an order may be as it was.
    pub after_deadline: Duration,
    /// How long a deposit that was seen takes to be final.
    pub deposit: Duration,
    /// How long the breaker may probe.
    pub probing: Duration,
    /// How long it may be open: what opens it calls an operator by itself.
    pub open: Duration,
    /// How long a chain may bring no block.
    pub chain: Duration,
    /// How long ago something must have changed to be judged: what is read in two statements is of two
    /// moments.
    pub settling: Duration,
}

impl Default for SupervisionSchedule {
    fn default() -> Self {
        Self {
            every: Duration::seconds(15),
            unclaimed: Duration::minutes(5),
            after_deadline: Duration::minutes(10),
            deposit: Duration::hours(3),
            probing: Duration::minutes(10),
            open: Duration::minutes(1),
            chain: Duration::minutes(10),
            settling: Duration::seconds(10),
        }
    }
}

impl SupervisionSchedule {
    /// How old a job of this kind may become. Machines of the rails call an operator by themselves
    /// within an hour of doubt; this is for what they have missed.
    pub fn job_age(&self, kind: &str) -> Duration {
        match kind {
            "open_review" => Duration::minutes(10),
            "request_collection" | "deliver" | "refund_crypto" => Duration::hours(2),
            "pay_out" | "refund_fiat" => Duration::hours(3),
            _ => Duration::DAY,
        }
    }

    /// How often a job of this kind may be tried in vain; `None` where claims are looks at something
    /// under way, or wait for the breaker.
    pub fn job_attempts(&self, kind: &str) -> Option<i32> {
        match kind {
            "open_review" => Some(20),
            "request_collection" => Some(60),
            _ => None,
        }
    }
}
