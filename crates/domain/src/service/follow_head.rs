//! Orders as they are shown: deposits that are not final gain confirmations with every block, and
//! nobody writes each of those down.

use super::{Engine, ServiceError};
use crate::address::Network;
use crate::order::Order;

impl Engine {
    /// Brings the confirmations of deposits up to the heads of their chains. Costs nothing where no
    /// order waits for finality.
    ///
    /// # Errors
    /// The store's.
    pub async fn follow_heads(&self, orders: &mut [Order]) -> Result<(), ServiceError> {
        for network in Network::ALL {
            if !orders.iter().any(|order| order.evidence.gains_on(network)) {
                continue;
            }
            if let Some(cursor) = self.store.find_cursor(network).await? {
                for order in &mut *orders {
                    order.evidence.follow_head(network, cursor.head);
                }
            }
        }
        Ok(())
    }
}
