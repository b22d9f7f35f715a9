//! What is not finished, as the supervisor walks over it.

use async_trait::async_trait;

use super::MemoryStore;
use crate::ids::OrderId;
use crate::order::Order;
use crate::ports::{StoreError, SupervisionQueries};
use crate::supervision::{OpenJob, OpenOrder};

#[async_trait]
impl SupervisionQueries for MemoryStore {
    async fn open_jobs(
        &self,
        after: Option<(OrderId, i64)>,
        limit: u16,
    ) -> Result<Vec<OpenJob>, StoreError> {
        let mut jobs = self.tables().open_jobs();
        jobs.retain(|job| after.is_none_or(|after| (job.order_id, job.id) > after));
        jobs.sort_by_key(|job| (job.order_id, job.id));
        jobs.truncate(limit.into());
        Ok(jobs)
    }

    async fn open_orders(
        &self,
        after: Option<OrderId>,
        until: Option<OrderId>,
        limit: u16,
    ) -> Result<Vec<OpenOrder>, StoreError> {
        let tables = self.tables();
        let wanted = |order: &&Order| {
            let in_span = after.is_none_or(|after| order.id > after)
                && until.is_none_or(|until| order.id <= until);
            in_span && !order.state.is_final()
        };
        let open = tables.orders.values().filter(wanted).take(limit.into());
        Ok(open.map(|order| seen(order, tables.is_called_about(order.id))).collect())
    }
}

fn seen(order: &Order, has_review: bool) -> OpenOrder {
    OpenOrder {
        id: order.id,
        state: Some(order.state.clone()),
        state_since: order.state_since,
        expires_at: order.expires_at,
        created_at: order.created_at,
        network: order.wallet.network(),
        has_review,
    }
}
