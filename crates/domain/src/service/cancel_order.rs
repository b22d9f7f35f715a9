//! Cancelling: whoever sees an order may ask; the table answers.

use super::record_event::Recorded;
use super::{Engine, ServiceError};
use crate::access::Caller;
use crate::ids::OrderId;
use crate::order::{Actor, CancelledBy, Order, OrderEvent};

impl Engine {
    /// Cancels the caller's order and keeps their `note` in its history; cancelling a cancelled one
    /// answers it as it is.
    ///
    /// # Errors
    /// `NotFound` also when the order is somebody else's; `Refused` when money may be on its way.
    pub async fn cancel_order(
        &self,
        caller: Caller,
        id: OrderId,
        note: Option<String>,
    ) -> Result<Order, ServiceError> {
        let mut uow = self.store.begin().await?;
        let order = uow.lock_order(id).await?;
        let mine = order.and_then(|order| caller.cancels_as(&order).map(|by| (order, by)));
        let Some((order, by)) = mine else {
            uow.rollback().await?;
            return Err(ServiceError::NotFound);
        };
        let event = OrderEvent::Cancel { by, note };
        let recorded = self.conclude(uow, order, cancelled_by(by, caller), &event).await;
        recorded.map(Recorded::into_order)
    }
}

fn cancelled_by(by: CancelledBy, caller: Caller) -> Actor {
    match by {
        CancelledBy::Customer => Actor::Customer(caller.id),
        CancelledBy::Vendor => Actor::Vendor(caller.id),
        CancelledBy::Operator => Actor::Operator(caller.id),
    }
}
