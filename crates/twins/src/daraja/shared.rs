//! One world, shared by the API's port, the control port, the driver and every handle.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::call::{Call, Reply, Wait};
use super::gateway;
use super::world::World;

#[derive(Debug)]
pub(super) struct Shared {
    world: Mutex<World>,
    /// Counts changes, so that waiting means looking again after one.
    changes: watch::Sender<u64>,
}

impl Shared {
    pub(super) fn new(world: World) -> Self {
        Self { world: Mutex::new(world), changes: watch::Sender::new(0) }
    }

    /// A look at the world that changes nothing.
    pub(super) fn look<T>(&self, at: impl FnOnce(&World) -> T) -> T {
        at(&self.lock())
    }

    /// A change of the world; whoever waits for one is told.
    pub(super) fn change<T>(&self, how: impl FnOnce(&mut World) -> T) -> T {
        let outcome = how(&mut self.lock());
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
        outcome
    }

    // A test that panics inside a look leaves the world as it was: nothing here is half done.
    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn answer(&self, call: &Call) -> Reply {
        self.change(|world| {
            world.run_due();
            gateway::answer(world, call)
        })
    }

    /// Returns when `wait` is over, or when `limit` of real time has passed.
    pub(super) async fn wait(&self, wait: &Wait, limit: std::time::Duration) -> bool {
        match wait {
            Wait::Until(at) => self.wait_until(*at).await,
            Wait::Delivered(key) => {
                return self.wait_for(limit, |world| world.delivered.contains_key(key)).await;
            }
        }
        true
    }

    /// Real time passes, or the clock is advanced.
    async fn wait_until(&self, at: time::OffsetDateTime) {
        let mut changes = self.changes();
        loop {
            let left = self.look(|world| world.clock.real_until(at));
            if left.is_zero() {
                return;
            }
            // Either may come first; the clock decides.
            let _ = tokio::time::timeout(left, changes.changed()).await;
        }
    }

    /// Whether `condition` came true within `limit` of real time.
    pub(super) async fn wait_for(
        &self,
        limit: std::time::Duration,
        condition: impl Fn(&World) -> bool,
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
