//! Expiry: overdue orders are told so, in batches. Any number of processes may do it at once: each
//! takes orders that nobody else holds.

use super::record_event::Recorded;
use super::{Engine, ServiceError};
use crate::order::{Actor, OrderEvent};

impl Engine {
    /// Tells up to `limit` overdue orders that their deadline has passed; answers how many moved.
    pub async fn expire_orders(&self, limit: u16) -> Result<usize, ServiceError> {
        let now = self.clock.now();
        let event = OrderEvent::DeadlinePassed { at: now };
        let mut uow = self.store.begin().await?;
        let overdue = uow.lock_overdue(now, limit).await?;
        let mut moved = 0_usize;
        for order in overdue {
            let recorded = self.apply(&mut *uow, order, Actor::System, &event).await?;
            moved = moved.saturating_add(usize::from(matches!(recorded, Recorded::Applied(_))));
        }
        uow.commit().await?;
        Ok(moved)
    }
}
