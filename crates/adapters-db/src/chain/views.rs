//! What the chain rail's workers begin with, outside units of work.

use std::collections::HashSet;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::address::Network;
use domain::chain::{Arrival, BlockRef, Cursor};
use domain::ids::OrderId;
use domain::ledger::Account;
use domain::money::Crypto;
use domain::offer::Asset;
use domain::order::{DepositId, Order};
use domain::ports::{
    ArrivalPage, ArrivalStart, ChainStore, HotBooks, Overdue, OverdueDeposit, Page, StoreError,
    Sweepable, WatchList,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::cursors;
use crate::PgStore;
use crate::error::{corrupt, from_diesel};
use crate::rows::{ArrivalRow, height_column, ordinal_column};
use crate::schema::{chain_deposits, escrow_addresses};
use crate::statement::{Bind, Statement};

const UNTOLD_DEPOSITS: &str = include_str!("../sql/untold_deposits.sql");
const OVERDUE_DEPOSITS: &str = include_str!("../sql/overdue_deposits.sql");
const SWEEPABLE: &str = include_str!("../sql/sweepable.sql");
const HOT_BOOKS: &str = include_str!("../sql/hot_books.sql");

/// Asked for more, the server would rather read all addresses that were ever given out.
const ASKED_AT_ONCE: usize = 1_000;

#[derive(Debug, Queryable)]
struct OverdueRow {
    order_id: Uuid,
    expires_at: OffsetDateTime,
    asset: String,
    address: String,
    held: i64,
}

#[derive(Debug, Queryable)]
struct SweepableRow {
    order_id: Uuid,
    index: i32,
    address: String,
    asset: String,
    amount: i64,
    rounds: i64,
}

fn untold(network: Network, row: (Uuid, String, i32)) -> Result<(OrderId, DepositId), StoreError> {
    let (order_id, tx_hash, ordinal) = row;
    let ordinal = u32::try_from(ordinal).map_err(|_| corrupt("ordinal", &tx_hash))?;
    Ok((OrderId(order_id), DepositId { network, tx_hash, ordinal }))
}

impl TryFrom<OverdueRow> for OverdueDeposit {
    type Error = StoreError;

    fn try_from(row: OverdueRow) -> Result<Self, StoreError> {
        let wrong = |what| corrupt(what, row.order_id);
        Ok(Self {
            order_id: OrderId(row.order_id),
            expires_at: row.expires_at,
            asset: Asset::parse(&row.asset).ok_or_else(|| wrong("asset"))?,
            address: row.address,
            held: Crypto::from_minor(row.held).ok_or_else(|| wrong("held"))?,
        })
    }
}

impl TryFrom<SweepableRow> for Sweepable {
    type Error = StoreError;

    fn try_from(row: SweepableRow) -> Result<Self, StoreError> {
        let wrong = |what| corrupt(what, row.order_id);
        Ok(Self {
            order_id: OrderId(row.order_id),
            index: u32::try_from(row.index).map_err(|_| wrong("index"))?,
            address: row.address,
            asset: Asset::parse(&row.asset).ok_or_else(|| wrong("asset"))?,
            amount: Crypto::from_minor(row.amount).ok_or_else(|| wrong("amount"))?,
            rounds: u32::try_from(row.rounds).map_err(|_| wrong("rounds"))?,
        })
    }
}

#[async_trait]
impl ChainStore for PgStore {
    async fn find_cursor(&self, network: Network) -> Result<Option<Cursor>, StoreError> {
        cursors::find_cursor(&mut *self.connection().await?, network).await
    }

    async fn blocks_down_from(
        &self,
        network: Network,
        height: u64,
        limit: u16,
    ) -> Result<Vec<BlockRef>, StoreError> {
        cursors::blocks_down_from(&mut *self.connection().await?, network, height, limit).await
    }

    async fn untold_arrivals(
        &self,
        network: Network,
        now: OffsetDateTime,
        limit: u16,
    ) -> Result<Vec<(OrderId, DepositId)>, StoreError> {
        let binds =
            vec![Bind::Text(Some(network.as_str())), Bind::Time(now), Bind::BigInt(limit.into())];
        let query = Statement { text: UNTOLD_DEPOSITS, binds };
        let query = query.returning::<(SqlUuid, Text, Integer)>();
        let mut connection = self.connection().await?;
        let rows: Vec<(Uuid, String, i32)> =
            query.load(&mut connection).await.map_err(from_diesel)?;
        rows.into_iter().map(|row| untold(network, row)).collect()
    }

    async fn arrivals_of(&self, order: &Order) -> Result<Vec<Arrival>, StoreError> {
        use chain_deposits::{block_height, order_id, ordinal, tx_hash};
        let mut connection = self.connection().await?;
        let rows: Vec<ArrivalRow> = chain_deposits::table
            .filter(order_id.eq(order.id.0))
            .order((block_height, tx_hash, ordinal))
            .select(ArrivalRow::as_select())
            .load(&mut connection)
            .await
            .map_err(from_diesel)?;
        rows.into_iter().map(Arrival::try_from).collect()
    }

    async fn list_arrivals(
        &self,
        order: &Order,
        page: &ArrivalPage,
    ) -> Result<Page<Arrival>, StoreError> {
        use chain_deposits::{block_height, order_id, ordinal, tx_hash};
        let mut query = chain_deposits::table
            .filter(order_id.eq(order.id.0))
            .order((block_height, tx_hash, ordinal))
            .select(ArrivalRow::as_select())
            .limit(i64::from(page.size).saturating_add(1))
            .into_boxed();
        match &page.start {
            ArrivalStart::Offset(rows) => query = query.offset(*rows),
            ArrivalStart::After(place) => {
                let height = height_column(place.height);
                let nth = ordinal_column(place.ordinal).unwrap_or(i32::MAX);
                let hash = &place.tx_hash;
                let is_later = tx_hash.gt(hash).or(tx_hash.eq(hash).and(ordinal.gt(nth)));
                query =
                    query.filter(block_height.gt(height).or(block_height.eq(height).and(is_later)));
            }
        }
        let mut connection = self.connection().await?;
        let rows: Vec<ArrivalRow> = query.load(&mut connection).await.map_err(from_diesel)?;
        let arrivals: Result<Vec<Arrival>, StoreError> =
            rows.into_iter().map(Arrival::try_from).collect();
        Ok(Page::cut(arrivals?, page.size))
    }

    async fn overdue_deposits(
        &self,
        network: Network,
        block_time: OffsetDateTime,
        after: Option<Overdue>,
        limit: u16,
    ) -> Result<Vec<OverdueDeposit>, StoreError> {
        // Nothing stands before the first moment and the first id.
        let nobody = Overdue { expires_at: OffsetDateTime::UNIX_EPOCH, id: OrderId(Uuid::nil()) };
        let after = after.unwrap_or(nobody);
        let binds = vec![
            Bind::Text(Some(network.as_str())),
            Bind::Time(block_time),
            Bind::Time(after.expires_at),
            Bind::Uuid(Some(after.id.0)),
            Bind::BigInt(limit.into()),
        ];
        let query = Statement { text: OVERDUE_DEPOSITS, binds };
        let query = query.returning::<(SqlUuid, Timestamptz, Text, Text, BigInt)>();
        let mut connection = self.connection().await?;
        let rows: Vec<OverdueRow> = query.load(&mut connection).await.map_err(from_diesel)?;
        rows.into_iter().map(OverdueDeposit::try_from).collect()
    }

    async fn sweepable(
        &self,
        network: Network,
        least: Crypto,
        limit: u16,
    ) -> Result<Vec<Sweepable>, StoreError> {
        let binds = vec![
            Bind::Text(Some(network.as_str())),
            Bind::BigInt(least.minor()),
            Bind::BigInt(limit.into()),
        ];
        let query = Statement { text: SWEEPABLE, binds };
        let query = query.returning::<(SqlUuid, Integer, Text, Text, BigInt, BigInt)>();
        let mut connection = self.connection().await?;
        let rows: Vec<SweepableRow> = query.load(&mut connection).await.map_err(from_diesel)?;
        rows.into_iter().map(Sweepable::try_from).collect()
    }

    async fn hot_books(
        &self,
        network: Network,
        asset: Asset,
        since: OffsetDateTime,
    ) -> Result<HotBooks, StoreError> {
        let opening = format!("opening:{}:{}", network.as_str(), asset.as_str());
        let binds = vec![
            Bind::Text(Some(Account::hot(network).as_str())),
            Bind::Text(Some(asset.as_str())),
            Bind::Text(Some(&opening)),
            Bind::Text(Some(network.as_str())),
            Bind::Time(since),
        ];
        let query = Statement { text: HOT_BOOKS, binds }.returning::<(BigInt, Bool, BigInt)>();
        let mut connection = self.connection().await?;
        let (minor, is_opened, moving) =
            query.get_result(&mut connection).await.map_err(from_diesel)?;
        Ok(HotBooks { minor, is_opened, moving })
    }
}

#[async_trait]
impl WatchList for PgStore {
    async fn ours(
        &self,
        network: Network,
        addresses: &[String],
    ) -> Result<HashSet<String>, StoreError> {
        let (mut connection, mut ours) = (self.connection().await?, HashSet::new());
        for asked in addresses.chunks(ASKED_AT_ONCE) {
            let found: Vec<String> = escrow_addresses::table
                .filter(escrow_addresses::network.eq(network.as_str()))
                .filter(escrow_addresses::address.eq_any(asked))
                .select(escrow_addresses::address)
                .load(&mut connection)
                .await
                .map_err(from_diesel)?;
            ours.extend(found);
        }
        Ok(ours)
    }
}
