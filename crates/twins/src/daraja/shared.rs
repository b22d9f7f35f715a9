//! The world of this twin as its ports, the driver and every handle share it, and its waits.

use super::call::{Call, Manner, Reply, Wait};
use super::gateway;
use super::world::World;

pub(super) type Shared = crate::shared::Shared<World>;

impl Shared {
    pub(super) fn answer(&self, call: &Call) -> Reply {
        let reply = self.change(|world| {
            world.run_due();
            gateway::answer(world, call)
        });
        // What could not be kept did not happen for anybody.
        let manner = if self.is_lost() { Manner::Drop } else { reply.manner };
        Reply { manner, ..reply }
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
}
