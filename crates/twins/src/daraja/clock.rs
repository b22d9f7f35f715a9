//! Virtual time: runs at a multiple of real time, and jumps when told to. What is *written* keeps to
//! the calendar: a fast twin has short seconds, not another date than those whom it talks to. It goes on
//! while the twin is off.

use std::time::Instant;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Clock {
    /// The virtual time at the beginning.
    origin: OffsetDateTime,
    /// What was written then.
    written: OffsetDateTime,
    /// The real time then.
    began: OffsetDateTime,
    /// Real time from the beginning to this program's own.
    #[serde(skip)]
    before: Duration,
    #[serde(skip, default = "Instant::now")]
    started: Instant,
    speed: u32,
    advanced: Duration,
}

#[expect(clippy::disallowed_methods, reason = "a twin is the outside world: it has no Clock port")]
fn wall() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

impl Clock {
    pub(super) fn new(start: Option<OffsetDateTime>, speed: u32) -> Self {
        let began = wall();
        let origin = start.unwrap_or(began);
        Self {
            origin,
            written: origin,
            began,
            before: Duration::ZERO,
            started: Instant::now(),
            speed: speed.max(1),
            advanced: Duration::ZERO,
        }
    }

    /// Goes on after a restart, at a pace that may be another one.
    pub(super) fn keep_pace(&mut self, speed: u32) {
        let present = wall();
        self.before = (present - self.began).max(Duration::ZERO);
        if self.speed != speed.max(1) {
            let (origin, written) = (self.now(), self.written.saturating_add(self.passed()));
            let written = written.saturating_add(self.advanced);
            *self = Self { origin, written, began: present, ..Self::new(None, speed) };
        }
    }

    /// Real time since the beginning.
    fn passed(&self) -> Duration {
        let own = Duration::try_from(self.started.elapsed()).unwrap_or(Duration::ZERO);
        self.before.saturating_add(own)
    }

    fn pace(&self) -> i32 {
        i32::try_from(self.speed).unwrap_or(i32::MAX)
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        let virtually = self.passed().saturating_mul(self.pace());
        self.origin.saturating_add(self.advanced).saturating_add(virtually)
    }

    /// The date to write for a virtual moment: as far from the real now as `at` is from the virtual one
    /// in short seconds.
    pub(super) fn calendar(&self, at: OffsetDateTime) -> OffsetDateTime {
        let real = self.passed();
        let began = self.origin.saturating_add(self.advanced);
        let away = (at - began.saturating_add(real.saturating_mul(self.pace()))) / self.pace();
        self.written.saturating_add(self.advanced).saturating_add(real).saturating_add(away)
    }

    pub(super) fn advance(&mut self, by: Duration) {
        self.advanced = self.advanced.saturating_add(by);
    }

    /// The real time until the clock shows `at`.
    pub(super) fn real_until(&self, at: OffsetDateTime) -> std::time::Duration {
        let left = std::time::Duration::try_from(at - self.now()).unwrap_or_default();
        left / self.speed
    }
}
