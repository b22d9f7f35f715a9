//! Deadlines of deposits, by the chain's own clock: an order ends only when every block up to its
//! deadline was read, and the chain's balance says that nothing was missed.

use time::Duration;

use super::Watcher;
use crate::chain::{Arrival, Cursor, native_coin};
use crate::order::{Actor, DepositStage, Order, OrderEvent};
use crate::ports::{Overdue, OverdueDeposit, SourceError};
use crate::rail::{RailReview, Review};
use crate::service::{Recorded, ServiceError};

/// Block time after a deadline in which a difference may be coin that came too late and is still to be
/// read.
const GRACE: Duration = Duration::minutes(10);

/// What became of some orders that are overdue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Closed {
    pub moved: usize,
    /// The last of them: more may stand behind it. `None` where there were none.
    pub last: Option<Overdue>,
}

impl Watcher {
    /// Tells up to `limit` orders behind `after` whose deadline the chain has passed. One that stays as
    /// it is hides no other: the next call begins behind it.
    ///
    /// # Errors
    /// The chain's, when it does not answer, or the store's; what contradicts itself about one address
    /// keeps only that order.
    pub async fn close_overdue(
        &self,
        after: Option<Overdue>,
        limit: u16,
    ) -> Result<Closed, ServiceError> {
        let store = &self.engine.store;
        let cursor = store.find_cursor(self.network()).await?;
        let Some(cursor) = cursor.filter(|cursor| cursor.halted.is_none()) else {
            return Ok(Closed::default());
        };
        let due = store.overdue_deposits(self.network(), cursor.final_time, after, limit).await?;
        let mut closed = Closed { moved: 0, last: due.last().map(OverdueDeposit::place) };
        for overdue in due {
            match self.try_one(&cursor, &overdue).await {
                Ok(has_moved) => {
                    closed.moved = closed.moved.saturating_add(usize::from(has_moved));
                }
                Err(ServiceError::Chain(SourceError::Contradiction(why))) => {
                    tracing::warn!(order.id = %overdue.order_id, why, "its balance is not believed");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(closed)
    }

    async fn try_one(&self, cursor: &Cursor, due: &OverdueDeposit) -> Result<bool, ServiceError> {
        Ok(self.is_complete(cursor, due).await? && self.close(cursor, due).await?)
    }

    async fn close(&self, cursor: &Cursor, due: &OverdueDeposit) -> Result<bool, ServiceError> {
        let event = OrderEvent::DeadlinePassed { at: cursor.final_time };
        let recorded = self.engine.record_event(due.order_id, Actor::System, &event).await?;
        Ok(matches!(recorded, Recorded::Applied(_)))
    }

    /// The address holds what the books say. What may lie in a block that was not read yet is awaited
    /// for a while, though there is always such a block; any other difference is an operator's, and the
    /// order stays as it is. Of the chain's own coin, which is no order's, it ends all the same.
    async fn is_complete(
        &self,
        cursor: &Cursor,
        due: &OverdueDeposit,
    ) -> Result<bool, ServiceError> {
        let (balance, height) = self.source.final_balance(due.asset, &due.address).await?;
        let native = self.source.final_native(&due.address).await?;
        let is_whole = balance == due.held;
        if is_whole && native == 0 {
            return self.agrees(due).await;
        }
        let Some(order) = self.find(due).await? else { return Ok(false) };
        let arrived = if is_whole { self.native_arrived(&order).await? } else { 0 };
        if is_whole && native <= arrived {
            return self.agrees(due).await;
        }
        let is_unread = height > cursor.finality.height || is_whole;
        if is_unread && cursor.final_time < order.expires_at.saturating_add(GRACE) {
            return Ok(false);
        }
        let (subject, cause, detail) = if is_whole {
            let coin = native_coin(self.network());
            let subject = format!("native:{}", due.order_id);
            let cause = format!("{subject}:{native}");
            let came = format!("{native} units of {coin}, of which transactions brought {arrived}");
            (
                subject,
                cause,
                format!("the address holds {came}: the rest came from inside a contract"),
            )
        } else {
            let subject = escrow_subject(due);
            let cause = format!("{subject}:{balance}:{}", due.held);
            (subject, cause, format!("the address holds {balance}, the books say {}", due.held))
        };
        let review = Review::new(RailReview::ReconDelta, subject, cause, detail, self.now());
        let mut uow = self.engine.store.begin().await?;
        self.call(&mut *uow, review.about(due.order_id)).await?;
        uow.commit().await?;
        Ok(is_whole)
    }

    /// The address holds what the books say: what an operator was called for has settled by itself.
    async fn agrees(&self, due: &OverdueDeposit) -> Result<bool, ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let resolution = "the address holds what the books say";
        self.engine.call_off(&mut *uow, &escrow_subject(due), resolution).await?;
        uow.commit().await?;
        Ok(true)
    }

    async fn find(&self, due: &OverdueDeposit) -> Result<Option<Order>, ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let order = uow.lock_order(due.order_id).await?;
        uow.rollback().await?;
        Ok(order)
    }

    /// Units of the chain's own coin that final transactions brought to the order's address.
    async fn native_arrived(&self, order: &Order) -> Result<u128, ServiceError> {
        let arrivals = self.engine.store.arrivals_of(order).await?;
        let is_here = |it: &&Arrival| it.stage == DepositStage::Final && it.sighting.is_native();
        let units = arrivals.iter().filter(is_here).map(|it| it.sighting.units.parse::<u128>());
        Ok(units.filter_map(Result::ok).fold(0, u128::saturating_add))
    }
}

/// The subject of a review of what an escrow address holds.
fn escrow_subject(due: &OverdueDeposit) -> String {
    format!("escrow:{}", due.order_id)
}
