//! The ledger: entries with their postings, in one statement, and what they sum to.

use std::collections::BTreeMap;

use bigdecimal::{BigDecimal, ToPrimitive as _, Zero as _};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Numeric};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::PartyId;
use domain::ledger::{Account, AccountKey, Entry, LedgerAsset};
use domain::ports::{FloatBooks, StoreError};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::{corrupt, from_diesel};
use crate::schema::ledger_postings;
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

/// What every account holds. Wei sum up to more than 64 bits, so the sums come as decimals.
pub(crate) async fn balances(
    connection: &mut AsyncPgConnection,
) -> Result<Vec<(AccountKey, i128)>, StoreError> {
    let sum = diesel::dsl::sql::<Numeric>("sum(amount)");
    let query = ledger_postings::table
        .group_by((ledger_postings::account, ledger_postings::asset, ledger_postings::party_id))
        .select((ledger_postings::account, ledger_postings::asset, ledger_postings::party_id, sum));
    let rows: Vec<(String, String, Option<Uuid>, BigDecimal)> =
        query.load(connection).await.map_err(from_diesel)?;
    let rows = rows.into_iter().filter(|(.., sum)| !sum.is_zero());
    rows.map(|(account, asset, party, sum)| balance(&account, &asset, party, &sum)).collect()
}

fn balance(
    account: &str,
    asset: &str,
    party: Option<Uuid>,
    sum: &BigDecimal,
) -> Result<(AccountKey, i128), StoreError> {
    let wrong = |what: &str| corrupt("ledger", what);
    let key = AccountKey {
        account: Account::parse(account).ok_or_else(|| wrong(account))?,
        asset: LedgerAsset::parse(asset).ok_or_else(|| wrong(asset))?,
        party: party.map(PartyId),
    };
    Ok((key, sum.to_i128().ok_or_else(|| wrong("sum"))?))
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
