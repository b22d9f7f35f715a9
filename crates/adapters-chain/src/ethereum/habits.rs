//! What one provider takes, as it was found out by asking: how many blocks' logs and how many calls at
//! once, and whether it searches logs of every contract. Learned from refusals, and kept to.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use super::span::Span;

/// Calls in one batch, at most: more is refused by many providers.
const MOST_CALLS: usize = 25;
/// Batches that went well before a larger one is dared.
const PATIENCE: u32 = 200;

/// Of one provider.
#[derive(Debug)]
pub(super) struct Habits {
    /// Blocks to a search of logs.
    pub(super) span: Span,
    calls: AtomicUsize,
    /// Batches since the last change.
    quiet: AtomicU32,
    needs_address: AtomicBool,
}

impl Habits {
    pub(super) fn new(span: u64) -> Self {
        Self {
            span: Span::new(span),
            calls: AtomicUsize::new(MOST_CALLS),
            quiet: AtomicU32::new(0),
            needs_address: AtomicBool::new(false),
        }
    }

    /// Calls that it takes in one batch.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// It answered so many calls at once. Fewer than it was believed to take is what it takes.
    pub(super) fn took(&self, calls: usize, was_refused: bool) {
        if was_refused && calls < self.calls() {
            tracing::info!(calls, "a provider takes no more calls at once");
            self.calls.store(calls, Ordering::Relaxed);
            self.quiet.store(0, Ordering::Relaxed);
        } else if self.calls() < MOST_CALLS
            && self.quiet.fetch_add(1, Ordering::Relaxed) >= PATIENCE
        {
            // It may have been a bad day.
            let more = self.calls().saturating_add(1);
            self.calls.store(more, Ordering::Relaxed);
            self.quiet.store(0, Ordering::Relaxed);
        }
    }

    /// Whether it searches the logs of named contracts only.
    pub(super) fn needs_address(&self) -> bool {
        self.needs_address.load(Ordering::Relaxed)
    }

    /// From now on it is asked for named contracts only.
    pub(super) fn learn_address(&self) {
        if !self.needs_address.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a provider searches the logs of named contracts only: through it, tokens that are \
                 not watched are not seen"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_took_after_a_refusal_is_kept_to_for_long() {
        let habits = Habits::new(100);
        habits.took(25, false);
        assert_eq!(habits.calls(), 25);
        habits.took(3, true);
        assert_eq!(habits.calls(), 3);
        // The rest of a list is shorter, and says nothing.
        habits.took(1, false);
        assert_eq!(habits.calls(), 3);
        for _ in 0..PATIENCE {
            habits.took(3, false);
        }
        assert_eq!(habits.calls(), 4);
        habits.took(3, true);
        assert_eq!(habits.calls(), 3);
    }
}
