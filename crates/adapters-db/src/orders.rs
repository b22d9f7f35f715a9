//! Orders under lock, and their history.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::OrderId;
use domain::order::{HistoryEntry, Order};
use domain::ports::{OrderRepository, StoreError};
use time::OffsetDateTime;

use crate::error::from_diesel;
use crate::rows::{EventRow, OrderProgress, OrderRow};
use crate::schema::{order_events, orders};
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl OrderRepository for PgUnitOfWork {
    async fn lock_order(&mut self, id: OrderId) -> Result<Option<Order>, StoreError> {
        let row: Option<OrderRow> = orders::table
            .find(id.0)
            .select(OrderRow::as_select())
            .for_no_key_update()
            .first(self.connection())
            .await
            .optional()
            .map_err(from_diesel)?;
        row.map(Order::try_from).transpose()
    }

    async fn lock_overdue(
        &mut self,
        now: OffsetDateTime,
        limit: u16,
    ) -> Result<Vec<Order>, StoreError> {
        // The same words as the partial index's predicate, or it is not used.
        let waits = orders::state.eq_any(["awaiting_payment", "awaiting_deposit"]);
        let rows: Vec<OrderRow> = orders::table
            .filter(orders::expires_at.le(now))
            .filter(waits)
            .filter(orders::collection_id.is_null())
            .order(orders::expires_at)
            .limit(limit.into())
            .select(OrderRow::as_select())
            .for_no_key_update()
            .skip_locked()
            .load(self.connection())
            .await
            .map_err(from_diesel)?;
        rows.into_iter().map(Order::try_from).collect()
    }

    async fn save_order(&mut self, order: &Order, entry: &HistoryEntry) -> Result<(), StoreError> {
        let before = orders::version.eq(entry.seq - 1);
        let saved = diesel::update(orders::table.find(order.id.0).filter(before))
            .set(OrderProgress::try_from(order)?)
            .execute(self.connection())
            .await
            .map_err(from_diesel)?;
        if saved != 1 {
            return Err(StoreError::Conflict(order.id.to_string()));
        }
        diesel::insert_into(order_events::table)
            .values(EventRow::from(entry))
            .execute(self.connection())
            .await
            .map(drop)
            .map_err(from_diesel)
    }
}
