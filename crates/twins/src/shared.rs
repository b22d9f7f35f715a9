//! One world, shared by the ports, the tasks and every handle of a twin. What a world is, each twin
//! knows for itself.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

#[derive(Debug)]
pub(crate) struct Shared<W> {
    world: Mutex<W>,
    /// Counts changes, so that waiting means looking again after one.
    changes: watch::Sender<u64>,
}

impl<W> Shared<W> {
    pub(crate) fn new(world: W) -> Self {
        Self { world: Mutex::new(world), changes: watch::Sender::new(0) }
    }

    /// A look at the world that changes nothing.
    pub(crate) fn look<T>(&self, at: impl FnOnce(&W) -> T) -> T {
        at(&self.lock())
    }

    /// A change of the world; whoever waits for one is told.
    pub(crate) fn change<T>(&self, how: impl FnOnce(&mut W) -> T) -> T {
        let outcome = how(&mut self.lock());
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
        outcome
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
