//! Which database this is, and whether anything has happened in it: for whoever keeps something beside
//! it that must not be mixed up with another database's.

use diesel::sql_types::{Bool, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;

use crate::connection::open;
use crate::migrations::MigrateError;

const ASKED: &str = "SELECT system.system_identifier || '-' || database.oid AS name, \
     EXISTS (SELECT FROM orders) AS has_orders, \
     EXISTS (SELECT FROM collections) OR EXISTS (SELECT FROM disbursements) AS has_shillings, \
     EXISTS (SELECT FROM chain_cursors WHERE network = 'tron') AS has_tron, \
     EXISTS (SELECT FROM chain_cursors WHERE network = 'ethereum') AS has_ethereum \
     FROM pg_control_system() AS system, pg_database AS database \
     WHERE database.datname = current_database()";

/// A database, and what it has seen.
#[expect(clippy::struct_excessive_bools, reason = "four independent facts, each a column")]
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct DatabaseIdentity {
    /// No other database has it, not even one of the same name made later.
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Bool)]
    pub has_orders: bool,
    /// A prompt or a payout was asked for.
    #[diesel(sql_type = Bool)]
    pub has_shillings: bool,
    /// Tron was read.
    #[diesel(sql_type = Bool)]
    pub has_tron: bool,
    /// Ethereum was read.
    #[diesel(sql_type = Bool)]
    pub has_ethereum: bool,
}

/// Asks a migrated database who it is.
///
/// # Errors
/// When it is away, or does not say.
pub async fn identity(url: &str) -> Result<DatabaseIdentity, MigrateError> {
    let opened = open(url, "").await;
    let mut connection = opened.map_err(|error| MigrateError::Connect(error.to_string()))?;
    let found = sql_query(ASKED).get_result(&mut connection).await;
    found.map_err(|error| MigrateError::Failed(error.to_string()))
}
