//! Rows of `orders` as the supervisor reads them: a state that cannot be read hides no other order.

use diesel::prelude::*;
use domain::address::Network;
use domain::ids::OrderId;
use domain::ports::StoreError;
use domain::supervision::OpenOrder;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::order::state_from;
use crate::error::corrupt;
use crate::schema::orders;

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = orders, check_for_backend(diesel::pg::Pg))]
pub(crate) struct OpenOrderRow {
    id: Uuid,
    network: String,
    state: String,
    state_reason: Option<String>,
    collection_id: Option<Uuid>,
    held_state: Option<Value>,
    state_since: OffsetDateTime,
    expires_at: OffsetDateTime,
    created_at: OffsetDateTime,
}

impl OpenOrderRow {
    pub(crate) fn open_order(self, has_review: bool) -> Result<OpenOrder, StoreError> {
        let network = Network::parse(&self.network).ok_or_else(|| corrupt("network", self.id))?;
        let reason = self.state_reason.as_deref();
        let state = state_from(&self.state, reason, self.collection_id, self.held_state.as_ref());
        Ok(OpenOrder {
            id: OrderId(self.id),
            state,
            state_since: self.state_since,
            expires_at: self.expires_at,
            created_at: self.created_at,
            network,
            has_review,
        })
    }
}
