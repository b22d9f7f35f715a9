//! Native coin that came to an escrow address goes back to the order's wallet when an operator says so.

use super::Treasurer;
use crate::chain::Arrival;
use crate::chain::arrival::{Nature, Return};
use crate::ids::OrderId;
use crate::order::{DepositId, DepositStage, Effect, Order};
use crate::ports::UnitOfWork;
use crate::service::ServiceError;

/// What an operator hears who sends something back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenBack {
    pub order_id: OrderId,
    /// The order's own wallet, never where it came from.
    pub to: String,
    /// Sun or wei.
    pub units: u64,
}

impl Treasurer {
    /// Asks for the return of a final arrival of native coin. Asked again, it is the same return.
    ///
    /// # Errors
    /// The store's; `NotFound` when there is no such arrival, or nothing of it to send back.
    pub async fn give_back(&self, id: &DepositId) -> Result<GivenBack, ServiceError> {
        let mut uow = self.engine.store.begin().await?;
        let whose = uow.lock_arrival(id).await?.map(|arrival| arrival.order_id);
        uow.rollback().await?;
        let whose = whose.ok_or(ServiceError::NotFound)?;
        let mut uow = self.engine.store.begin().await?;
        let order = self.lock_order(&mut *uow, whose).await?;
        let arrival = uow.lock_arrival(id).await?.ok_or(ServiceError::NotFound)?;
        let (effect, given) = plan(&order, &arrival).ok_or(ServiceError::NotFound)?;
        if arrival.returned.is_none() {
            self.ask_for_return(&mut *uow, &order, id, effect).await?;
        }
        uow.commit().await?;
        Ok(given)
    }

    async fn ask_for_return(
        &self,
        uow: &mut dyn UnitOfWork,
        order: &Order,
        id: &DepositId,
        effect: Effect,
    ) -> Result<(), ServiceError> {
        uow.enqueue(order.id, &[effect], self.now()).await?;
        Ok(uow.mark_return(id, Return::Asked).await?)
    }
}

/// `None` for what is not final, no native coin, or too little of it.
fn plan(order: &Order, arrival: &Arrival) -> Option<(Effect, GivenBack)> {
    let Nature::Native(units) = arrival.nature(order) else { return None };
    let escrow = order.escrow.as_ref().filter(|_| arrival.stage == DepositStage::Final)?;
    let to = order.wallet.as_str().to_owned();
    let effect = Effect::ReturnNative {
        arrival: arrival.sighting.id.clone(),
        index: escrow.index,
        from: escrow.address.as_str().to_owned(),
        to: to.clone(),
        units,
    };
    Some((effect, GivenBack { order_id: order.id, to, units }))
}
