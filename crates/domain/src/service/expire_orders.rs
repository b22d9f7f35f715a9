//! Expiry: overdue orders are told so, in batches. Any number of processes may do it at once: each
//! takes orders that nobody else holds.
//!
//! A pass walks over all that are overdue, so that orders that can only wait keep no others from
//! their turn; and an order that fails takes none of its batch with it.

use time::OffsetDateTime;

use super::record_event::Recorded;
use super::{Engine, ServiceError};
use crate::ids::OrderId;
use crate::order::{Actor, Order, OrderEvent, OrderState};
use crate::ports::{Overdue, UnitOfWork};

/// What a step of a pass came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expired {
    pub moved: usize,
    /// Told in the log, and visited again by the next pass.
    pub failed: usize,
}

/// A walk over the orders that are overdue when it begins. It may be given up after any step.
#[derive(Debug)]
pub struct ExpiryPass<'a> {
    engine: &'a Engine,
    now: OffsetDateTime,
    batch: u16,
    after: Option<Overdue>,
    /// The rest of a batch that failed as a whole, last first.
    singly: Vec<OrderId>,
}

impl Engine {
    /// Begins a pass over all overdue orders, `batch` of them in one unit of work.
    pub fn expiry_pass(&self, batch: u16) -> ExpiryPass<'_> {
        ExpiryPass { engine: self, now: self.clock.now(), batch, after: None, singly: Vec::new() }
    }
}

impl ExpiryPass<'_> {
    /// Does the next batch, or the next order of a batch that failed; `None` at the end.
    ///
    /// # Errors
    /// When the store does not answer; the fault of a single order is counted instead.
    pub async fn step(&mut self) -> Result<Option<Expired>, ServiceError> {
        if let Some(id) = self.singly.pop() {
            return self.try_one(id).await.map(Some);
        }
        let store = &self.engine.store;
        let overdue = store.list_overdue(self.now, self.after, self.batch).await?;
        let Some(last) = overdue.last() else {
            return Ok(None);
        };
        self.after = Some(*last);
        let ids: Vec<_> = overdue.iter().map(|order| order.id).collect();
        match self.tell(&ids).await {
            Ok(moved) => Ok(Some(Expired { moved, failed: 0 })),
            Err(error) => {
                tracing::warn!(%error, orders = ids.len(), "a batch of overdue orders failed: one by one");
                self.singly = ids;
                self.singly.reverse();
                Ok(Some(Expired::default()))
            }
        }
    }

    async fn try_one(&self, id: OrderId) -> Result<Expired, ServiceError> {
        match self.tell(&[id]).await {
            Ok(moved) => Ok(Expired { moved, failed: 0 }),
            Err(error) => {
                // Without a store every order fails, and none is to blame.
                self.engine.store.ping().await?;
                let cause = std::error::Error::source(&error);
                tracing::error!(order.id = %id, %error, ?cause, "an overdue order cannot be expired");
                Ok(Expired { moved: 0, failed: 1 })
            }
        }
    }

    /// Tells the free ones of these orders that their deadline has passed, in one unit of work;
    /// answers how many moved.
    async fn tell(&self, ids: &[OrderId]) -> Result<usize, ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        match self.tell_within(&mut *uow, ids).await {
            Ok(moved) => {
                uow.commit().await?;
                Ok(moved)
            }
            Err(error) => {
                // Only dropped, it would keep its locks a little longer, and the orders that are
                // tried next would not be free. If this fails too, the next pass finds them.
                let _error_is_told = uow.rollback().await;
                Err(error)
            }
        }
    }

    /// A deposit in a block that nobody has read yet may have been in time: such orders end by the chain's
    /// clock.
    fn is_the_chains(&self, order: &Order) -> bool {
        let waits = matches!(order.state, OrderState::AwaitingDeposit);
        waits && self.engine.rules.watched.contains(order.wallet.network())
    }

    async fn tell_within(
        &self,
        uow: &mut dyn UnitOfWork,
        ids: &[OrderId],
    ) -> Result<usize, ServiceError> {
        let event = OrderEvent::DeadlinePassed { at: self.now };
        let mut orders = uow.lock_free_orders(ids).await?;
        // Offers are locked as holds are settled: always in one order, or two batches deadlock.
        orders.sort_by_key(|order| order.offer_id);
        let mut moved = 0_usize;
        for order in orders.into_iter().filter(|order| !self.is_the_chains(order)) {
            let recorded = self.engine.apply(uow, order, Actor::System, &event);
            let applied = matches!(recorded.await?, Recorded::Applied(_));
            moved = moved.saturating_add(usize::from(applied));
        }
        Ok(moved)
    }
}
