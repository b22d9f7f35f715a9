//! The outbox: effects beside the change that decided them.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use domain::ids::OrderId;
use domain::order::Effect;
use domain::ports::{Outbox, OutboxRow, StoreError};
use serde_json::Value;
use time::OffsetDateTime;

use crate::error::{corrupt, from_diesel};
use crate::prepared::Prepared;
use crate::schema::outbox;
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl Outbox for PgUnitOfWork {
    async fn enqueue(
        &mut self,
        order: OrderId,
        effects: &[Effect],
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        use diesel::query_dsl::methods::FilterDsl as _;
        for effect in effects {
            let payload = serde_json::to_value(effect).map_err(|_| corrupt("effect", order))?;
            let insert = diesel::insert_into(outbox::table)
                .values((
                    outbox::order_id.eq(order.0),
                    outbox::kind.eq(effect.kind()),
                    outbox::payload.eq(payload),
                    outbox::idempotency_key.eq(effect.idempotency_key(order)),
                    outbox::available_at.eq(at),
                    outbox::created_at.eq(at),
                ))
                .on_conflict(outbox::idempotency_key)
                .do_update()
                .set((
                    outbox::done_at.eq(None::<OffsetDateTime>),
                    outbox::available_at.eq(excluded(outbox::available_at)),
                ))
                .filter(outbox::done_at.is_not_null());
            Prepared(insert).execute(self.connection()).await.map_err(from_diesel)?;
        }
        Ok(())
    }

    async fn pending_effects(&mut self, order: OrderId) -> Result<Vec<OutboxRow>, StoreError> {
        let rows: Vec<(Value, String)> = outbox::table
            .filter(outbox::order_id.eq(order.0))
            .filter(outbox::done_at.is_null())
            .order(outbox::id)
            .select((outbox::payload, outbox::idempotency_key))
            .load(self.connection())
            .await
            .map_err(from_diesel)?;
        let row = |(payload, idempotency_key)| {
            let effect = serde_json::from_value(payload).map_err(|_| corrupt("effect", order))?;
            Ok(OutboxRow { order_id: order, effect, idempotency_key })
        };
        rows.into_iter().map(row).collect()
    }
}
