//! Cursors, and the blocks that they stand on.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::address::Network;
use domain::chain::{Block, BlockRef, Cursor};
use domain::ports::{Cursors, StoreError};

use super::sequences::be_alone;
use crate::error::{corrupt, from_diesel};
use crate::prepared::Prepared;
use crate::rows::{CursorRow, height_column, height_from};
use crate::schema::{chain_blocks, chain_cursors};
use crate::statement::{Bind, Statement};
use crate::unit_of_work::PgUnitOfWork;

const ADD_BLOCKS: &str = include_str!("../sql/add_blocks.sql");

pub(crate) async fn find_cursor(
    connection: &mut AsyncPgConnection,
    network: Network,
) -> Result<Option<Cursor>, StoreError> {
    let row: Option<CursorRow> = chain_cursors::table
        .find(network.as_str())
        .select(CursorRow::as_select())
        .first(connection)
        .await
        .optional()
        .map_err(from_diesel)?;
    row.map(Cursor::try_from).transpose()
}

pub(crate) async fn blocks_down_from(
    connection: &mut AsyncPgConnection,
    network: Network,
    height: u64,
    limit: u16,
) -> Result<Vec<BlockRef>, StoreError> {
    let rows: Vec<(i64, String)> = chain_blocks::table
        .filter(chain_blocks::network.eq(network.as_str()))
        .filter(chain_blocks::height.le(height_column(height)))
        .order(chain_blocks::height.desc())
        .limit(limit.into())
        .select((chain_blocks::height, chain_blocks::hash))
        .load(connection)
        .await
        .map_err(from_diesel)?;
    let block = |(height, hash)| {
        let height = height_from(height).ok_or_else(|| corrupt("height", "a block"))?;
        Ok(BlockRef { height, hash })
    };
    rows.into_iter().map(block).collect()
}

#[async_trait]
impl Cursors for PgUnitOfWork {
    /// Before there is a row to lock, its network's name is locked.
    async fn lock_cursor(&mut self, network: Network) -> Result<Option<Cursor>, StoreError> {
        be_alone(self.connection(), &format!("cursor:{}", network.as_str())).await?;
        find_cursor(self.connection(), network).await
    }

    async fn save_cursor(&mut self, cursor: &Cursor) -> Result<(), StoreError> {
        let row = CursorRow::from(cursor);
        let upsert = diesel::insert_into(chain_cursors::table)
            .values(&row)
            .on_conflict(chain_cursors::network)
            .do_update()
            .set(&row.progress);
        Prepared(upsert).execute(self.connection()).await.map(drop).map_err(from_diesel)
    }

    async fn add_blocks(&mut self, network: Network, blocks: &[Block]) -> Result<(), StoreError> {
        let refs = || blocks.iter().map(|block| &block.at);
        let binds = vec![
            Bind::Text(Some(network.as_str())),
            Bind::BigInts(refs().map(|at| height_column(at.height)).collect()),
            Bind::Texts(refs().map(|at| at.hash.as_str()).collect()),
            Bind::Times(blocks.iter().map(|block| block.time).collect()),
        ];
        let insert = Statement { text: ADD_BLOCKS, binds };
        let added = insert.execute(self.connection()).await.map_err(from_diesel)?;
        if added != blocks.len() {
            return Err(StoreError::Conflict(format!("a block of {}", network.as_str())));
        }
        Ok(())
    }

    async fn drop_blocks_above(&mut self, network: Network, height: u64) -> Result<(), StoreError> {
        let above = chain_blocks::table
            .filter(chain_blocks::network.eq(network.as_str()))
            .filter(chain_blocks::height.gt(height_column(height)));
        let delete = Prepared(diesel::delete(above));
        delete.execute(self.connection()).await.map(drop).map_err(from_diesel)
    }

    async fn drop_blocks_below(&mut self, network: Network, height: u64) -> Result<(), StoreError> {
        let below = chain_blocks::table
            .filter(chain_blocks::network.eq(network.as_str()))
            .filter(chain_blocks::height.lt(height_column(height)));
        let delete = Prepared(diesel::delete(below));
        delete.execute(self.connection()).await.map(drop).map_err(from_diesel)
    }
}
