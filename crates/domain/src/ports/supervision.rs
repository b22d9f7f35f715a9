//! What the supervisor reads: everything that is not finished, in batches, by keys.

use async_trait::async_trait;

use super::store::StoreError;
use crate::ids::OrderId;
use crate::supervision::{OpenJob, OpenOrder};

/// A walk over what is not finished.
#[async_trait]
pub trait SupervisionQueries: Send + Sync {
    /// Effects that are not done, sorted by their orders and ids, behind `after`.
    async fn open_jobs(
        &self,
        after: Option<(OrderId, i64)>,
        limit: u16,
    ) -> Result<Vec<OpenJob>, StoreError>;

    /// Orders that are not final, sorted by their ids, behind `after` and up to `until`.
    async fn open_orders(
        &self,
        after: Option<OrderId>,
        until: Option<OrderId>,
        limit: u16,
    ) -> Result<Vec<OpenOrder>, StoreError>;
}
