//! What the store does for the rail outside units of work: claims, and what sweeps read.

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use domain::ledger::AccountKey;
use domain::ports::{Callback, Job, RailStore, Received, StoreError};
use domain::rail::{Circuit, Collection};
use time::{Duration, OffsetDateTime};

use crate::error::from_diesel;
use crate::prepared::Prepared;
use crate::rows::{CircuitRow, CollectionRow};
use crate::schema::{collections, rail_circuit, rail_turns};
use crate::{PgStore, callbacks, jobs, ledger};

/// The predicate of `collections_undecided`, in its very words.
const IS_UNDECIDED: &str = "collections.state NOT IN ('created', 'refused', 'paid', 'not_paid')";

#[async_trait]
impl RailStore for PgStore {
    async fn claim_jobs(
        &self,
        kinds: &[&str],
        limit: u16,
        now: OffsetDateTime,
        lease: Duration,
    ) -> Result<Vec<Job>, StoreError> {
        jobs::claim_jobs(&mut *self.connection().await?, kinds, limit, now, lease).await
    }

    async fn store_callback(&self, received: &Received) -> Result<(), StoreError> {
        callbacks::store_callback(&mut *self.connection().await?, received).await
    }

    async fn claim_callbacks(
        &self,
        limit: u16,
        _now: OffsetDateTime,
        lease: Duration,
    ) -> Result<Vec<Callback>, StoreError> {
        callbacks::claim_callbacks(&mut *self.connection().await?, limit, lease).await
    }

    async fn claim_turn(
        &self,
        name: &str,
        every: Duration,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        use diesel::query_dsl::methods::FilterDsl as _;
        use rail_turns::last_at;
        let upsert = diesel::insert_into(rail_turns::table)
            .values((rail_turns::name.eq(name), last_at.eq(now)))
            .on_conflict(rail_turns::name)
            .do_update()
            .set(last_at.eq(excluded(last_at)))
            .filter(last_at.le(now.saturating_sub(every)));
        let mut connection = self.connection().await?;
        let claimed = Prepared(upsert).execute(&mut connection).await.map_err(from_diesel)?;
        Ok(claimed == 1)
    }

    async fn undecided_collections(
        &self,
        sent_before: OffsetDateTime,
        limit: u16,
    ) -> Result<Vec<Collection>, StoreError> {
        let query = collections::table
            .filter(sql::<Bool>(IS_UNDECIDED))
            .filter(collections::sent_at.lt(sent_before))
            .order((collections::sent_at, collections::id))
            .limit(limit.into())
            .select(CollectionRow::as_select());
        let mut connection = self.connection().await?;
        let rows: Vec<CollectionRow> =
            Prepared(query).load(&mut connection).await.map_err(from_diesel)?;
        rows.into_iter().map(Collection::try_from).collect()
    }

    async fn find_circuit(&self) -> Result<Option<Circuit>, StoreError> {
        let query = rail_circuit::table.select(CircuitRow::as_select());
        let mut connection = self.connection().await?;
        let row: CircuitRow = query.first(&mut connection).await.map_err(from_diesel)?;
        Circuit::try_from(row).map(Some)
    }

    async fn balances(&self) -> Result<Vec<(AccountKey, i128)>, StoreError> {
        ledger::balances(&mut *self.connection().await?).await
    }
}
