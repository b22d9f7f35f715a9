//! The ledger: entries with their postings, in one statement, and what they sum to.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ledger::{Entry, LedgerAsset};
use domain::ports::{FloatBooks, StoreError};
use time::OffsetDateTime;

use crate::error::from_diesel;
use crate::statement::{Bind, Statement};

const POST_ENTRY: &str = include_str!("sql/post_entry.sql");
const FLOAT_BOOKS: &str = include_str!("sql/float_books.sql");

/// Posts an entry, unless its cause is posted.
pub(crate) async fn post(
    connection: &mut AsyncPgConnection,
    entry: &Entry,
) -> Result<bool, StoreError> {
    // The database says so too, but only at the commit.
    if !is_balanced(entry) {
        return Err(StoreError::Rejected("an entry has postings that sum to zero".into()));
    }
    let keys = || entry.postings.keys();
    let binds = vec![
        Bind::Uuid(entry.order_id.map(|id| id.0)),
        Bind::Text(Some(&entry.cause)),
        Bind::Time(entry.at),
        Bind::Texts(keys().map(|key| key.account.as_str()).collect()),
        Bind::Texts(keys().map(|key| key.asset.as_str()).collect()),
        Bind::Uuids(keys().map(|key| key.party.map(|id| id.0)).collect()),
        Bind::BigInts(entry.postings.values().copied().collect()),
    ];
    let posted = Statement { text: POST_ENTRY, binds }.execute(connection).await;
    posted.map(|postings| postings > 0).map_err(from_diesel)
}

fn is_balanced(entry: &Entry) -> bool {
    let mut sums = BTreeMap::<LedgerAsset, i128>::new();
    for (key, amount) in &entry.postings {
        *sums.entry(key.asset).or_default() += i128::from(*amount);
    }
    !sums.is_empty() && sums.values().all(|sum| *sum == 0)
}

#[derive(Debug, Queryable)]
struct BooksRow {
    utility: i64,
    is_opened: bool,
    under_way: i64,
    recent: i64,
    uncharged: i64,
}

pub(crate) async fn float_books(
    connection: &mut AsyncPgConnection,
    since: OffsetDateTime,
) -> Result<FloatBooks, StoreError> {
    let statement = Statement { text: FLOAT_BOOKS, binds: vec![Bind::Time(since)] };
    let statement = statement.returning::<(BigInt, Bool, BigInt, BigInt, BigInt)>();
    let row: BooksRow = statement.get_result(connection).await.map_err(from_diesel)?;
    let BooksRow { utility, is_opened, under_way, recent, uncharged } = row;
    Ok(FloatBooks { utility, is_opened, under_way, recent, uncharged })
}
