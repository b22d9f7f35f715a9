//! What an effect means as a transfer, and what the order's table is asked before it is signed.

use super::Treasurer;
use crate::address::Network;
use crate::chain::Value;
use crate::chain::transfer::{Plan, Purpose, Wallet};
use crate::order::{Effect, OrderEvent};
use crate::ports::{Job, StoreError};
use crate::service::ServiceError;

impl Treasurer {
    /// The transfer that a job asks for.
    pub(super) fn plan(&self, job: &Job) -> Result<Plan, ServiceError> {
        match &job.effect {
            Effect::Deliver { network, asset, to, amount } => {
                let value = Value::Coin { asset: *asset, amount: *amount };
                self.of_stock(job, Purpose::Delivery, *network, to, value)
            }
            Effect::RefundCrypto { refund, network, asset, to, amount } => {
                let value = Value::Coin { asset: *asset, amount: *amount };
                let purpose = Purpose::Refund { refund: refund.clone() };
                self.of_stock(job, purpose, *network, to, value)
            }
            Effect::FundGas { network, to, units, .. } => {
                let value = Value::Native { units: *units };
                self.of_stock(job, Purpose::Gas, *network, to, value)
            }
            Effect::Sweep { network, asset, index, from, amount, .. } => Ok(Plan {
                key: job.key.clone(),
                order_id: job.order_id,
                purpose: Purpose::Sweep,
                network: *network,
                wallet: Wallet::Escrow(*index),
                from: from.clone(),
                to: self.chain(*network)?.sender.address(Wallet::Hot)?,
                value: Value::Coin { asset: *asset, amount: *amount },
            }),
            Effect::ReturnNative { arrival, index, from, to, units } => Ok(Plan {
                key: job.key.clone(),
                order_id: job.order_id,
                purpose: Purpose::Return { arrival: arrival.clone() },
                network: arrival.network,
                wallet: Wallet::Escrow(*index),
                from: from.clone(),
                to: to.clone(),
                value: Value::Native { units: *units },
            }),
            Effect::RequestCollection { .. }
            | Effect::PayOut { .. }
            | Effect::RefundFiat { .. }
            | Effect::OpenReview { .. } => {
                Err(StoreError::Corrupt(format!("job {} is not the treasurer's", job.key)).into())
            }
        }
    }

    fn of_stock(
        &self,
        job: &Job,
        purpose: Purpose,
        network: Network,
        to: &str,
        value: Value,
    ) -> Result<Plan, ServiceError> {
        Ok(Plan {
            key: job.key.clone(),
            order_id: job.order_id,
            purpose,
            network,
            wallet: Wallet::Hot,
            from: self.chain(network)?.sender.address(Wallet::Hot)?,
            to: to.to_owned(),
            value,
        })
    }
}

/// The question to the order's table before a transfer is signed; none where the order has no say.
pub(super) fn started(purpose: &Purpose) -> Option<OrderEvent> {
    match purpose {
        Purpose::Delivery => Some(OrderEvent::DeliveryStarted),
        Purpose::Refund { refund } => Some(OrderEvent::RefundStarted { refund: refund.clone() }),
        Purpose::Sweep | Purpose::Gas | Purpose::Return { .. } => None,
    }
}
