//! The shelf for the rail's token: one row, which processes take turns to fill.

use async_trait::async_trait;
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::{Interval, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::ports::{SharedToken, StoreError, TokenShelf};
use time::OffsetDateTime;

use crate::error::from_diesel;
use crate::prepared::Prepared;
use crate::schema::rail_token;
use crate::store::PgStore;

/// A claim ends by itself: whoever has it may die.
const CLAIM_SECONDS: i64 = 20;

#[async_trait]
impl TokenShelf for PgStore {
    async fn read(&self) -> Result<Option<SharedToken>, StoreError> {
        let row: (Option<String>, Option<OffsetDateTime>) = rail_token::table
            .select((rail_token::secret, rail_token::expires_at))
            .first(&mut self.connection().await?)
            .await
            .map_err(from_diesel)?;
        Ok(row.0.zip(row.1).map(|(secret, expires_at)| SharedToken { secret, expires_at }))
    }

    async fn claim(&self) -> Result<bool, StoreError> {
        let pause =
            diesel::pg::data_types::PgInterval::from_microseconds(CLAIM_SECONDS * 1_000_000);
        let until = now.into_sql::<Timestamptz>() + pause.into_sql::<Interval>();
        let free = rail_token::claimed_until
            .is_null()
            .or(rail_token::claimed_until.lt(now.into_sql::<Timestamptz>().nullable()));
        let update = diesel::update(rail_token::table.filter(free))
            .set(rail_token::claimed_until.eq(until.nullable()));
        let claimed = Prepared(update).execute(&mut self.connection().await?).await;
        claimed.map(|rows| rows == 1).map_err(from_diesel)
    }

    async fn put(&self, token: Option<&SharedToken>) -> Result<(), StoreError> {
        let connection = &mut self.connection().await?;
        let free = rail_token::claimed_until.eq(None::<OffsetDateTime>);
        let put = match token {
            Some(token) => {
                let values = (
                    rail_token::secret.eq(&token.secret),
                    rail_token::expires_at.eq(token.expires_at),
                    free,
                );
                Prepared(diesel::update(rail_token::table).set(values)).execute(connection).await
            }
            None => Prepared(diesel::update(rail_token::table).set(free)).execute(connection).await,
        };
        put.map(drop).map_err(from_diesel)
    }
}
