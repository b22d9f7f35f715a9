//! Rows of `chain_cursors`.

use diesel::prelude::*;
use domain::address::Network;
use domain::chain::{BlockRef, Cursor};
use domain::ports::StoreError;
use time::OffsetDateTime;

use super::chain::{height_column, height_from};
use crate::error::corrupt;
use crate::schema::chain_cursors;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = chain_cursors, check_for_backend(diesel::pg::Pg))]
pub(crate) struct CursorRow {
    network: String,
    #[diesel(embed)]
    pub(crate) progress: CursorProgress,
}

/// What of a cursor changes: everything but whose it is.
#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = chain_cursors, treat_none_as_null = true, check_for_backend(diesel::pg::Pg))]
pub(crate) struct CursorProgress {
    last_height: i64,
    last_hash: String,
    last_time: OffsetDateTime,
    final_height: i64,
    final_hash: String,
    final_time: OffsetDateTime,
    head: i64,
    halted: Option<String>,
    updated_at: OffsetDateTime,
}

impl From<&Cursor> for CursorRow {
    fn from(cursor: &Cursor) -> Self {
        let progress = CursorProgress {
            last_height: height_column(cursor.last.height),
            last_hash: cursor.last.hash.clone(),
            last_time: cursor.last_time,
            final_height: height_column(cursor.finality.height),
            final_hash: cursor.finality.hash.clone(),
            final_time: cursor.final_time,
            head: height_column(cursor.head),
            halted: cursor.halted.clone(),
            updated_at: cursor.updated_at,
        };
        Self { network: cursor.network.as_str().to_owned(), progress }
    }
}

impl TryFrom<CursorRow> for Cursor {
    type Error = StoreError;

    fn try_from(row: CursorRow) -> Result<Self, StoreError> {
        let wrong = |what| corrupt(what, format!("the cursor of {}", row.network));
        let height = |column| height_from(column).ok_or_else(|| wrong("height"));
        let it = row.progress;
        Ok(Self {
            network: Network::parse(&row.network).ok_or_else(|| wrong("network"))?,
            last: BlockRef { height: height(it.last_height)?, hash: it.last_hash },
            last_time: it.last_time,
            finality: BlockRef { height: height(it.final_height)?, hash: it.final_hash },
            final_time: it.final_time,
            head: height(it.head)?,
            halted: it.halted,
            updated_at: it.updated_at,
        })
    }
}
