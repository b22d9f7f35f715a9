//! Callbacks: stored as they came, each once, and leased to whoever reads them.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ports::{Callback, Received, StoreError};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::error::from_diesel;
use crate::prepared::Prepared;
use crate::rows::{CallbackRow, CallbackTypes, readable, words};
use crate::schema::callbacks;
use crate::statement::{Bind, Statement};

const CLAIM_CALLBACKS: &str = include_str!("sql/claim_callbacks.sql");

/// What is kept of a reader's words.
const OUTCOME: usize = 500;

/// The same for the same words through the same door, whoever sends them. Hooks and hashes have
/// their lengths, so that no two callbacks run together to the same bytes.
fn dedupe(received: &Received) -> Vec<u8> {
    let parts = Sha256::new()
        .chain_update(received.hook.letter())
        .chain_update(received.token_hash)
        .chain_update(&received.body);
    parts.finalize().to_vec()
}

pub(crate) async fn store_callback(
    connection: &mut AsyncPgConnection,
    received: &Received,
) -> Result<(), StoreError> {
    let insert = diesel::insert_into(callbacks::table)
        .values((
            callbacks::hook.eq(received.hook.letter()),
            callbacks::token_hash.eq(received.token_hash.as_slice()),
            callbacks::source.eq(&received.source),
            callbacks::from_rail.eq(received.from_rail),
            callbacks::body.eq(&received.body),
            callbacks::dedupe.eq(dedupe(received)),
            callbacks::received_at.eq(received.at),
        ))
        .on_conflict(callbacks::dedupe)
        .do_nothing();
    Prepared(insert).execute(connection).await.map(drop).map_err(from_diesel)
}

/// Leases callbacks that nobody has read, oldest first.
pub(crate) async fn claim_callbacks(
    connection: &mut AsyncPgConnection,
    limit: u16,
    lease: Duration,
) -> Result<Vec<Callback>, StoreError> {
    let binds = vec![Bind::micros(lease), Bind::BigInt(limit.into())];
    let statement = Statement { text: CLAIM_CALLBACKS, binds }.returning::<CallbackTypes>();
    let mut rows: Vec<CallbackRow> = statement.load(connection).await.map_err(from_diesel)?;
    // An update answers in no order.
    rows.sort_unstable_by_key(|row| (row.received_at, row.id));
    readable(rows.into_iter().map(Callback::try_from).collect())
}

/// Settles a callback; `false` when the lease is somebody else's by now, or has ended.
pub(crate) async fn settle_callback(
    connection: &mut AsyncPgConnection,
    callback: &Callback,
    outcome: &str,
    at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let ours = callbacks::table
        .find(callback.id)
        .filter(callbacks::fence.eq(callback.fence))
        .filter(callbacks::settled_at.is_null());
    let update = diesel::update(ours).set((
        callbacks::settled_at.eq(at),
        callbacks::outcome.eq(words(outcome, OUTCOME)),
        callbacks::leased_until.eq(None::<OffsetDateTime>),
    ));
    let settled = Prepared(update).execute(connection).await.map_err(from_diesel)?;
    Ok(settled == 1)
}
