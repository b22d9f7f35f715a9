//! What is not finished, in batches: only what is needed to judge it, by indexes that hold only this.

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use domain::ids::OrderId;
use domain::ports::{StoreError, SupervisionQueries};
use domain::supervision::{OpenJob, OpenOrder};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::PgStore;
use crate::error::from_diesel;
use crate::prepared::Prepared;
use crate::rows::OpenOrderRow;
use crate::schema::{orders, outbox};

/// The predicate of `orders_open`, in its very words.
const IS_OPEN: &str = "orders.state NOT IN ('completed', 'cancelled', 'refunded')";
/// Somebody was called about it. The set is small, and hashed once for a batch.
const HAS_REVIEW: &str = "orders.id IN (SELECT reviews.order_id FROM reviews
    WHERE reviews.closed_at IS NULL AND reviews.order_id IS NOT NULL AND NOT reviews.is_condition)";

const FIRST: Uuid = Uuid::nil();
const LAST: Uuid = Uuid::max();

#[async_trait]
impl SupervisionQueries for PgStore {
    async fn open_jobs(
        &self,
        after: Option<(OrderId, i64)>,
        limit: u16,
    ) -> Result<Vec<OpenJob>, StoreError> {
        let (order, id) = after.map_or((FIRST, -1), |(order, id)| (order.0, id));
        let behind = outbox::order_id.gt(order).or(outbox::id.gt(id));
        let query = outbox::table
            .filter(outbox::done_at.is_null())
            // The first half finds the place in the index.
            .filter(outbox::order_id.ge(order))
            .filter(behind)
            .order((outbox::order_id, outbox::id))
            .limit(limit.into())
            .select(OpenJobRow::as_select());
        let mut connection = self.connection().await?;
        let rows: Vec<OpenJobRow> =
            Prepared(query).load(&mut connection).await.map_err(from_diesel)?;
        Ok(rows.into_iter().map(OpenJob::from).collect())
    }

    async fn open_orders(
        &self,
        after: Option<OrderId>,
        until: Option<OrderId>,
        limit: u16,
    ) -> Result<Vec<OpenOrder>, StoreError> {
        let query = orders::table
            .filter(sql::<Bool>(IS_OPEN))
            .filter(orders::id.gt(after.map_or(FIRST, |id| id.0)))
            .filter(orders::id.le(until.map_or(LAST, |id| id.0)))
            .order(orders::id)
            .limit(limit.into())
            .select((OpenOrderRow::as_select(), sql::<Bool>(HAS_REVIEW)));
        let mut connection = self.connection().await?;
        let rows: Vec<(OpenOrderRow, bool)> =
            Prepared(query).load(&mut connection).await.map_err(from_diesel)?;
        rows.into_iter().map(|(row, has_review)| row.open_order(has_review)).collect()
    }
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = outbox, check_for_backend(diesel::pg::Pg))]
struct OpenJobRow {
    id: i64,
    order_id: Uuid,
    kind: String,
    idempotency_key: String,
    attempts: i32,
    created_at: OffsetDateTime,
    available_at: OffsetDateTime,
    leased_until: Option<OffsetDateTime>,
    last_error: Option<String>,
}

impl From<OpenJobRow> for OpenJob {
    fn from(row: OpenJobRow) -> Self {
        Self {
            id: row.id,
            order_id: OrderId(row.order_id),
            kind: row.kind,
            key: row.idempotency_key,
            attempts: row.attempts,
            created_at: row.created_at,
            available_at: row.available_at,
            leased_until: row.leased_until,
            last_error: row.last_error,
        }
    }
}
