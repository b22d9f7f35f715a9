//! Orders under lock, and their history.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::OrderId;
use domain::order::{HistoryEntry, Order};
use domain::ports::{OrderRepository, StoreError};

use crate::error::from_diesel;
use crate::prepared::Prepared;
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
        let order = row.map(Order::try_from).transpose()?;
        if let Some(order) = &order {
            self.changes.note_locked(order);
        }
        Ok(order)
    }

    async fn lock_free_orders(&mut self, ids: &[OrderId]) -> Result<Vec<Order>, StoreError> {
        let rows: Vec<OrderRow> = orders::table
            .filter(orders::id.eq_any(ids.iter().map(|id| id.0)))
            .select(OrderRow::as_select())
            .for_no_key_update()
            .skip_locked()
            .load(self.connection())
            .await
            .map_err(from_diesel)?;
        let orders: Vec<_> =
            rows.into_iter().map(Order::try_from).collect::<Result<_, StoreError>>()?;
        for order in &orders {
            self.changes.note_locked(order);
        }
        Ok(orders)
    }

    async fn save_order(&mut self, order: &Order, entry: &HistoryEntry) -> Result<(), StoreError> {
        let before = orders::version.eq(entry.seq - 1);
        let update = diesel::update(orders::table.find(order.id.0).filter(before));
        let saved = Prepared(update.set(OrderProgress::try_from(order)?))
            .execute(self.connection())
            .await
            .map_err(from_diesel)?;
        if saved != 1 {
            return Err(StoreError::Conflict(format!("order {}", order.id)));
        }
        self.changes.note_saved(order, entry);
        Prepared(diesel::insert_into(order_events::table).values(EventRow::from(entry)))
            .execute(self.connection())
            .await
            .map(drop)
            .map_err(from_diesel)
    }
}
