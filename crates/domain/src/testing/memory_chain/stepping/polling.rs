//! Polling by hand: leaving a future at any of its points, or letting two take turns.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// What became of a future that was polled a few times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polled<T> {
    Done(T),
    /// It was dropped where it stood.
    Left,
}

/// More polls than any future of a test needs.
const MANY: usize = 100_000;

/// Polls `future` so many times and drops it.
pub fn poll_for<T>(future: impl Future<Output = T>, polls: usize) -> Polled<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return Polled::Done(done);
        }
    }
    Polled::Left
}

/// Polls `one` so many times, then `other` to its end or as far as `one` lets it, then both to theirs.
///
/// # Panics
/// When they wait for each other.
pub fn interleave<A, B>(
    one: impl Future<Output = A>,
    polls: usize,
    other: impl Future<Output = B>,
) -> (A, B) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let mut context = Context::from_waker(Waker::noop());
    let (mut first, mut second) = (None, None);
    for _ in 0..polls {
        if let (None, Poll::Ready(done)) = (&first, one.as_mut().poll(&mut context)) {
            first = Some(done);
            break;
        }
    }
    for turn in 0..MANY {
        // For a while the other goes alone; what it waits for, the one must let go of.
        if second.is_none()
            && let Poll::Ready(done) = other.as_mut().poll(&mut context)
        {
            second = Some(done);
        }
        let is_ones_turn = second.is_some() || turn > 1_000;
        if is_ones_turn
            && first.is_none()
            && let Poll::Ready(done) = one.as_mut().poll(&mut context)
        {
            first = Some(done);
        }
        if let (Some(_), Some(_)) = (&first, &second) {
            break;
        }
    }
    (first.expect("it comes to its end"), second.expect("it comes to its end"))
}
