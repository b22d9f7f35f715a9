//! Virtual time: runs at a multiple of real time, and jumps when told to. What is *written* keeps to
//! the calendar: a fast twin has short seconds, not another date than those whom it talks to.

use std::time::Instant;

use time::{Duration, OffsetDateTime};

#[derive(Debug)]
pub(super) struct Clock {
    origin: OffsetDateTime,
    started: Instant,
    speed: u32,
    advanced: Duration,
}

impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "a twin is the outside world: it has no Clock port"
    )]
    pub(super) fn new(start: Option<OffsetDateTime>, speed: u32) -> Self {
        let origin = start.unwrap_or_else(OffsetDateTime::now_utc);
        Self { origin, started: Instant::now(), speed: speed.max(1), advanced: Duration::ZERO }
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        let real = Duration::try_from(self.started.elapsed()).unwrap_or(Duration::ZERO);
        let speed = i32::try_from(self.speed).unwrap_or(i32::MAX);
        self.origin.saturating_add(self.advanced).saturating_add(real.saturating_mul(speed))
    }

    /// The date to write for a virtual moment: as far from the real now as `at` is from the virtual one
    /// in short seconds.
    pub(super) fn calendar(&self, at: OffsetDateTime) -> OffsetDateTime {
        let real = Duration::try_from(self.started.elapsed()).unwrap_or(Duration::ZERO);
        let speed = i32::try_from(self.speed).unwrap_or(i32::MAX);
        let began = self.origin.saturating_add(self.advanced);
        let away = (at - began.saturating_add(real.saturating_mul(speed))) / speed;
        began.saturating_add(real).saturating_add(away)
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
