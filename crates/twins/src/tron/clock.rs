//! The chain's clock: what stands in blocks, and what pools and caches measure by.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::options::{BlockTimes, TronOptions};

/// Between the blocks of the real chain.
pub(super) const SLOT_MS: i64 = 3_000;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Clock {
    #[serde(skip)]
    times: BlockTimes,
    start_ms: i64,
    /// How far the chain is ahead of the real time.
    shift_ms: i64,
    #[serde(skip)]
    slot_ms: i64,
    /// Skipped, and not in a block yet.
    skipped_ms: i64,
}

impl Clock {
    pub(super) fn new(options: &TronOptions) -> Self {
        let present = wall_ms();
        let start_ms = options.start.map_or(present, milliseconds);
        let slot_ms = match options.block_times {
            BlockTimes::Slots => SLOT_MS,
            BlockTimes::Wall => i64::try_from(options.slot_ms).unwrap_or(SLOT_MS),
        };
        let shift_ms = start_ms - present;
        Self { times: options.block_times, start_ms, shift_ms, slot_ms, skipped_ms: 0 }
    }

    /// Goes on as far ahead of the real time as it was.
    pub(super) fn keep_pace(&mut self, options: &TronOptions) {
        let Self { start_ms, shift_ms, skipped_ms, .. } = *self;
        *self = Self { start_ms, shift_ms, skipped_ms, ..Self::new(options) };
    }

    pub(super) fn start_ms(&self) -> i64 {
        self.start_ms
    }

    /// The present of the chain, whose last block has the time `head_ms`.
    pub(super) fn now_ms(&self, head_ms: i64) -> i64 {
        match self.times {
            BlockTimes::Wall => (wall_ms() + self.shift_ms).max(head_ms),
            BlockTimes::Slots => head_ms + self.skipped_ms,
        }
    }

    /// The time of a block that is produced now.
    pub(super) fn next_ms(&mut self, head_ms: i64) -> i64 {
        match self.times {
            BlockTimes::Wall => (wall_ms() + self.shift_ms).max(head_ms + 1),
            BlockTimes::Slots => head_ms + SLOT_MS + std::mem::take(&mut self.skipped_ms),
        }
    }

    /// The earliest time that the block after this one can have.
    pub(super) fn next_slot_ms(&self, head_ms: i64) -> i64 {
        head_ms + self.slot_ms
    }

    pub(super) fn skip(&mut self, by: Duration) {
        let by = i64::try_from(by.whole_milliseconds()).unwrap_or_default().max(0);
        self.shift_ms += by;
        self.skipped_ms += by;
    }
}

fn milliseconds(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

#[expect(clippy::disallowed_methods, reason = "a twin is the outside world: it has no Clock port")]
pub(super) fn wall_ms() -> i64 {
    milliseconds(OffsetDateTime::now_utc())
}
