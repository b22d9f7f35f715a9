//! Counts the effects of a process, and trips at one of them. Wraps the ports, so that the code under
//! test is the service's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::watch;

/// What happens at the effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// The process dies before it.
    DiesBefore,
    /// The process dies after it.
    DiesAfter,
    /// It happens, and the process is told that nobody knows.
    ReplyLost,
    /// The process stands still before it until another has done the work, and goes on.
    StallsBefore,
    /// The same, after it.
    StallsAfter,
}

impl Mishap {
    pub(crate) const ALL: [Self; 5] =
        [Self::DiesBefore, Self::DiesAfter, Self::ReplyLost, Self::StallsBefore, Self::StallsAfter];
}

/// A counter that trips once.
#[derive(Debug, Clone)]
pub(crate) struct Tripwire(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    at: Option<(usize, Mishap)>,
    count: AtomicUsize,
    is_dead: AtomicBool,
    tripped: watch::Sender<bool>,
    released: watch::Sender<bool>,
}

impl Tripwire {
    /// Trips at the effect with this number, counted from 0; `None` never does.
    pub(crate) fn new(at: Option<(usize, Mishap)>) -> Self {
        let (tripped, released) = (watch::channel(false).0, watch::channel(false).0);
        let (count, is_dead) = (AtomicUsize::new(0), AtomicBool::new(false));
        Self(Arc::new(Inner { at, count, is_dead, tripped, released }))
    }

    /// How many effects there were.
    pub(crate) fn count(&self) -> usize {
        self.0.count.load(Ordering::SeqCst)
    }

    /// Waits until it has tripped.
    pub(crate) async fn tripped(&self) {
        let mut tripped = self.0.tripped.subscribe();
        let _sender_lives_with_us = tripped.wait_for(|is| *is).await;
    }

    pub(crate) fn has_tripped(&self) -> bool {
        *self.0.tripped.borrow()
    }

    /// Lets a stalled process go on.
    pub(crate) fn release(&self) {
        self.0.released.send_replace(true);
    }

    /// Does the effect, unless this is where it trips.
    pub(crate) async fn effect<T>(
        &self,
        act: impl Future<Output = T>,
        lost: impl FnOnce(T) -> T,
    ) -> T {
        if self.0.is_dead.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        let number = self.0.count.fetch_add(1, Ordering::SeqCst);
        let mishap = self.0.at.filter(|(at, _)| *at == number).map(|(_, mishap)| mishap);
        match mishap {
            Some(Mishap::DiesBefore) => self.die().await,
            Some(Mishap::StallsBefore) => self.stall().await,
            _ => {}
        }
        let done = act.await;
        match mishap {
            Some(Mishap::DiesAfter) => self.die().await,
            Some(Mishap::StallsAfter) => self.stall().await,
            Some(Mishap::ReplyLost) => {
                self.0.tripped.send_replace(true);
                return lost(done);
            }
            _ => {}
        }
        done
    }

    /// Never returns: whoever runs us drops everything that we do.
    async fn die(&self) {
        self.0.is_dead.store(true, Ordering::SeqCst);
        self.0.tripped.send_replace(true);
        std::future::pending::<()>().await;
    }

    async fn stall(&self) {
        self.0.tripped.send_replace(true);
        let mut released = self.0.released.subscribe();
        let _sender_lives_with_us = released.wait_for(|is| *is).await;
    }
}
