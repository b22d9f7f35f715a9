//! Sequences of our addresses, and names that one unit of work at a time may hold.

use bigdecimal::BigDecimal;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::address::Network;
use domain::ports::StoreError;

use crate::error::{corrupt, from_diesel};
use crate::rows::uint64_from;
use crate::schema::chain_sequences;
use crate::statement::{Bind, Statement};

const SAVE_SEQUENCE: &str = include_str!("../sql/save_sequence.sql");

/// Waits until no other unit of work holds `name`, and holds it until this one ends: also where there
/// is no row yet to lock.
pub(super) async fn be_alone(
    connection: &mut AsyncPgConnection,
    name: &str,
) -> Result<(), StoreError> {
    // Idempotency keys are locked under another seed.
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))")
        .bind::<Text, _>(name)
        .execute(connection)
        .await
        .map(drop)
        .map_err(from_diesel)
}

pub(super) async fn lock_sequence(
    connection: &mut AsyncPgConnection,
    network: Network,
    address: &str,
) -> Result<Option<u64>, StoreError> {
    be_alone(connection, &format!("sequence:{}:{address}", network.as_str())).await?;
    let last: Option<BigDecimal> = chain_sequences::table
        .find((network.as_str(), address))
        .select(chain_sequences::last)
        .for_no_key_update()
        .first(connection)
        .await
        .optional()
        .map_err(from_diesel)?;
    let read = |last| uint64_from(&last).ok_or_else(|| corrupt("sequence", address));
    last.map(read).transpose()
}

pub(super) async fn save_sequence(
    connection: &mut AsyncPgConnection,
    network: Network,
    address: &str,
    last: u64,
) -> Result<(), StoreError> {
    let binds = vec![
        Bind::Text(Some(network.as_str())),
        Bind::Text(Some(address)),
        Bind::Numeric(BigDecimal::from(last)),
    ];
    let upsert = Statement { text: SAVE_SEQUENCE, binds };
    if upsert.execute(connection).await.map_err(from_diesel)? != 1 {
        return Err(StoreError::Conflict(format!("the sequence of {address}")));
    }
    Ok(())
}
