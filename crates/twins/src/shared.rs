//! One world, shared by the ports, the tasks and every handle of a twin. What a world is, each twin
//! knows for itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::keeping::Keeper;

#[derive(Debug)]
pub(crate) struct Shared<W> {
    world: Mutex<W>,
    /// Counts changes, so that waiting means looking again after one.
    changes: watch::Sender<u64>,
    keeper: Option<Mutex<Box<dyn Keeper<W>>>>,
    /// A change could not be kept.
    is_lost: AtomicBool,
}

impl<W> Shared<W> {
    pub(crate) fn new(world: W, keeper: Option<Box<dyn Keeper<W>>>) -> Self {
        let changes = watch::Sender::new(0);
        let keeper = keeper.map(Mutex::new);
        Self { world: Mutex::new(world), changes, keeper, is_lost: AtomicBool::new(false) }
    }

    /// A look at the world that changes nothing.
    pub(crate) fn look<T>(&self, at: impl FnOnce(&W) -> T) -> T {
        at(&self.lock())
    }

    /// A change of the world, kept before anybody hears of it; whoever waits for one is told.
    pub(crate) fn change<T>(&self, how: impl FnOnce(&mut W) -> T) -> T {
        let outcome = {
            let mut world = self.lock();
            let outcome = how(&mut world);
            if let Some(keeper) = self.keeper.as_ref().filter(|_| !self.is_lost()) {
                let kept = keeper.lock().unwrap_or_else(PoisonError::into_inner).keep(&mut world);
                if let Err(error) = kept {
                    // For good: what the disk has now is a world of before, to be gone on with anew.
                    self.is_lost.store(true, Ordering::Relaxed);
                    eprintln!(
                        "a twin answers nobody any more, what it does cannot be kept: {error}"
                    );
                }
            }
            outcome
        };
        self.tell();
        outcome
    }

    /// A change that nobody would miss after a restart: what was asked, and how often.
    pub(crate) fn pass<T>(&self, how: impl FnOnce(&mut W) -> T) -> T {
        let outcome = how(&mut self.lock());
        self.tell();
        outcome
    }

    /// A change could not be kept: nobody may be told of it, or of what follows.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed)
    }

    fn tell(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    // A test that panics inside a look leaves the world as it was: nothing here is half done.
    fn lock(&self) -> MutexGuard<'_, W> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Whether `condition` came true within `limit` of real time.
    pub(crate) async fn wait_for(
        &self,
        limit: std::time::Duration,
        condition: impl Fn(&W) -> bool,
    ) -> bool {
        let mut changes = self.changes();
        let met = async {
            while !self.look(&condition) {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(limit, met).await.is_ok()
    }
}
