//! Before coin goes back, the chain is asked whether what is to go back is really here.

use super::Treasurer;
use crate::chain::transfer::{Plan, Purpose, TransferState};
use crate::chain::{Arrival, Value};
use crate::money::Crypto;
use crate::order::{DepositStage, Effect, Escrow, Order};
use crate::service::ServiceError;

impl Treasurer {
    /// Why a refund must wait: the escrow address does not hold what the books say. `None` when it does,
    /// and for everything that is no refund.
    pub(super) async fn is_in_doubt(&self, plan: &Plan) -> Result<Option<String>, ServiceError> {
        if !matches!(plan.purpose, Purpose::Refund { .. }) {
            return Ok(None);
        }
        let mut uow = self.engine.store.begin().await?;
        let order = self.lock_order(&mut *uow, plan.order_id).await?;
        uow.rollback().await?;
        match (&order.escrow, plan.value) {
            (Some(escrow), Value::Coin { .. }) => self.weigh(&order, escrow).await,
            _ => Ok(None),
        }
    }

    async fn weigh(&self, order: &Order, escrow: &Escrow) -> Result<Option<String>, ServiceError> {
        let network = escrow.address.network();
        let arrivals = self.engine.store.arrivals_of(order).await?;
        let Some(swept) = self.swept(order, escrow).await? else {
            return Ok(Some("its address is being swept".to_owned()));
        };
        let arrived = sum(order, &arrivals);
        let source = &self.chain(network)?.source;
        let (balance, _) = source.final_balance(order.asset, escrow.address.as_str()).await?;
        let held = arrived.checked_sub(swept).unwrap_or(Crypto::ZERO);
        if balance >= held {
            return Ok(None);
        }
        Ok(Some(format!("its address holds {balance}, the books say {held}")))
    }

    /// What was swept from the order's address of its coin; `None` while a sweep is under way.
    async fn swept(&self, order: &Order, escrow: &Escrow) -> Result<Option<Crypto>, ServiceError> {
        let (mut total, mut round) = (Crypto::ZERO, 1_u32);
        let mut uow = self.engine.store.begin().await?;
        loop {
            let key = sweep_key(order, escrow, round);
            let Some(sweep) = uow.lock_transfer(&key).await? else { break };
            if let (TransferState::Done, Value::Coin { amount, .. }) =
                (sweep.state, sweep.plan.value)
            {
                total = total.checked_add(amount).unwrap_or(total);
            } else if sweep.state != TransferState::Failed {
                uow.rollback().await?;
                return Ok(None);
            }
            round = round.saturating_add(1);
        }
        uow.rollback().await?;
        Ok(Some(total))
    }
}

fn sweep_key(order: &Order, escrow: &Escrow, round: u32) -> String {
    let effect = Effect::Sweep {
        network: escrow.address.network(),
        asset: order.asset,
        index: escrow.index,
        from: escrow.address.as_str().to_owned(),
        amount: Crypto::ZERO,
        round,
    };
    effect.idempotency_key(order.id)
}

/// Final coin of the order's asset, dust included.
fn sum(order: &Order, arrivals: &[Arrival]) -> Crypto {
    let ours = arrivals
        .iter()
        .filter(|a| a.stage == DepositStage::Final && a.sighting.asset == Some(order.asset));
    let amounts = ours.filter_map(|arrival| arrival.sighting.amount);
    amounts.fold(Crypto::ZERO, |sum, amount| sum.checked_add(amount).unwrap_or(sum))
}
