//! How many blocks' logs a node is asked for at once: fewer after it found a question too large, and
//! slowly more again.

use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug)]
pub(super) struct Span {
    most: u64,
    now: AtomicU64,
}

impl Span {
    pub(super) fn new(most: u64) -> Self {
        Self { most, now: AtomicU64::new(most) }
    }

    pub(super) fn get(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    /// After a question about `asked` blocks was too large.
    pub(super) fn halve(&self, asked: u64) {
        self.now.store((asked / 2).max(1), Ordering::Relaxed);
    }

    /// After an answer: a sixteenth more.
    pub(super) fn recover(&self) {
        let now = self.get();
        let more = now.saturating_add((now / 16).max(1)).min(self.most);
        self.now.store(more, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_halves_down_to_one_block_and_comes_back_slowly() {
        let span = Span::new(100);
        span.halve(100);
        assert_eq!(span.get(), 50);
        for _ in 0..10 {
            span.halve(span.get());
        }
        assert_eq!(span.get(), 1);
        for _ in 0..10 {
            span.recover();
        }
        assert_eq!(span.get(), 11);
        for _ in 0..100 {
            span.recover();
        }
        assert_eq!(span.get(), 100);
    }
}
