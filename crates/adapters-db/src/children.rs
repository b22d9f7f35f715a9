//! Child numbers of key accounts, taken from the database some at a time: a number costs no statement of
//! its own, and the account's row is locked rarely. Numbers that a process takes and does not use are
//! nobody's for ever.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::address::KeyAccount;
use domain::ports::StoreError;

use crate::error::{corrupt, from_diesel};
use crate::schema::escrow_accounts;

const FIRST_CHILDREN: &str = include_str!("sql/first_children.sql");
/// Numbers that are taken at once.
const AT_ONCE: i32 = 16;

/// Those that this process may still give out. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Children(Arc<Mutex<HashMap<KeyAccount, Range<u32>>>>);

#[derive(QueryableByName)]
struct First {
    #[diesel(sql_type = Integer)]
    first: i32,
}

impl Children {
    /// One that was taken before.
    pub(crate) fn at_hand(&self, account: &KeyAccount) -> Option<u32> {
        self.lock().get_mut(account)?.next()
    }

    /// Takes more of them; answers the first.
    pub(crate) async fn take(
        &self,
        account: &KeyAccount,
        connection: &mut AsyncPgConnection,
    ) -> Result<u32, StoreError> {
        let first = match more(account, connection).await? {
            Some(first) => first,
            None => begin(account, connection).await?,
        };
        let wrong = || corrupt("escrow index", first);
        let end = first.checked_add(AT_ONCE).and_then(|end| u32::try_from(end).ok());
        let mut taken = u32::try_from(first).map_err(|_| wrong())?..end.ok_or_else(wrong)?;
        let index = taken.next().ok_or_else(wrong)?;
        // What somebody else has taken meanwhile is as good: the rest of these is nobody's then.
        self.lock().insert(account.clone(), taken);
        Ok(index)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<KeyAccount, Range<u32>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn more(
    account: &KeyAccount,
    connection: &mut AsyncPgConnection,
) -> Result<Option<i32>, StoreError> {
    let row = escrow_accounts::table.find(account.as_str());
    let next = diesel::update(row)
        .set(escrow_accounts::next_index.eq(escrow_accounts::next_index + AT_ONCE))
        .returning(escrow_accounts::next_index - AT_ONCE)
        .get_result(connection);
    next.await.optional().map_err(from_diesel)
}

async fn begin(
    account: &KeyAccount,
    connection: &mut AsyncPgConnection,
) -> Result<i32, StoreError> {
    let query = diesel::sql_query(FIRST_CHILDREN)
        .bind::<Text, _>(account.as_str())
        .bind::<Integer, _>(AT_ONCE);
    let First { first } = query.get_result(connection).await.map_err(from_diesel)?;
    Ok(first)
}
