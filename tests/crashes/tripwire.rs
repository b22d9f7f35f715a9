//! Counts the effects of a process, and trips at one of them. Wraps the ports, so that the code under
//! test is the service's own.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// What happens at the effect. To die or to stand still before it is to do so after the one before, and
/// is tried where that one leaves nothing behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// The process dies before it.
    DiesBefore,
    /// The process dies after it.
    DiesAfter,
    /// It happens, and the process is told that nobody knows.
    ReplyLost,
    /// The process stands still after it until another has done the work, and goes on.
    StallsAfter,
}

impl Mishap {
    /// Of an effect that leaves something behind.
    pub(crate) const OF_ACTS: [Self; 3] = [Self::DiesAfter, Self::ReplyLost, Self::StallsAfter];
    /// Of one that does not.
    pub(crate) const OF_READS: [Self; 1] = [Self::DiesBefore];

    pub(crate) fn kills(self) -> bool {
        matches!(self, Self::DiesBefore | Self::DiesAfter)
    }

    pub(crate) fn stalls(self) -> bool {
        self == Self::StallsAfter
    }
}

/// One effect of a process: what it is, and how many of its kind came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) what: &'static str,
    pub(crate) nth: usize,
}

/// Where a process trips, and how; `None` is a calm run.
pub(crate) type Trip = Option<(Spot, Mishap)>;

/// A counter that trips once.
#[derive(Debug, Clone)]
pub(crate) struct Tripwire(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    at: Trip,
    counts: Mutex<BTreeMap<&'static str, usize>>,
    known: Mutex<HashSet<String>>,
    is_dead: AtomicBool,
    tripped: watch::Sender<bool>,
    released: watch::Sender<bool>,
}

impl Tripwire {
    pub(crate) fn new(at: Trip) -> Self {
        let (tripped, released) = (watch::channel(false).0, watch::channel(false).0);
        let (counts, known) = (Mutex::default(), Mutex::default());
        let is_dead = AtomicBool::new(false);
        Self(Arc::new(Inner { at, counts, known, is_dead, tripped, released }))
    }

    /// How many effects there were.
    pub(crate) fn count(&self) -> usize {
        open(&self.0.counts).values().sum()
    }

    /// All effects that there were.
    pub(crate) fn spots(&self) -> Vec<Spot> {
        let counts = open(&self.0.counts);
        let spots = |(what, count): (&&'static str, &usize)| {
            let what = *what;
            (0..*count).map(move |nth| Spot { what, nth })
        };
        counts.iter().flat_map(spots).collect()
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
        what: &'static str,
        act: impl Future<Output = T>,
        lost: impl FnOnce(T) -> T,
    ) -> T {
        if self.0.is_dead.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        let mishap = self.count_one(what);
        if mishap == Some(Mishap::DiesBefore) {
            self.die().await;
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

    /// A question. How often it is asked is chance, so that only an answer that was not heard before is
    /// an effect; `news` says what is new about it.
    pub(crate) async fn question<T>(
        &self,
        what: &'static str,
        ask: impl Future<Output = T>,
        news: impl FnOnce(&T) -> Option<String>,
        lost: impl FnOnce(T) -> T,
    ) -> T {
        let answer = ask.await;
        let news = news(&answer).map(|news| format!("{what} {news}"));
        if news.is_some_and(|news| open(&self.0.known).insert(news)) {
            return self.effect(what, async { answer }, lost).await;
        }
        answer
    }

    fn count_one(&self, what: &'static str) -> Option<Mishap> {
        let mut counts = open(&self.0.counts);
        let count = counts.entry(what).or_default();
        let here = Spot { what, nth: *count };
        *count += 1;
        self.0.at.filter(|(at, _)| *at == here).map(|(_, mishap)| mishap)
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

fn open<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
