//! The schema's history, embedded in the binary, and how a database is brought up to date.

use diesel::migration::{Migration, MigrationSource as _, MigrationVersion};
use diesel::pg::Pg;
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::connection::open;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// "kivuko" in hexadecimal: whoever migrates holds this lock, so that replicas may start together.
const LOCK: &str = "SELECT pg_advisory_lock(x'6b6976756b6f'::bigint)";

/// Why a database could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("cannot connect to the database: {0}")]
    Connect(String),
    #[error(
        "the database has migration {0}, which this binary does not know: deploy a newer kivuko"
    )]
    DatabaseIsNewer(String),
    #[error("migration failed: {0}")]
    Failed(String),
}

/// Brings the database at `url` up to date; answers the migrations that were run.
///
/// # Errors
/// When the database is away, is newer than this binary, or refuses a migration.
pub async fn migrate(url: &str) -> Result<Vec<String>, MigrateError> {
    let mut connection = open(url, "-c lock_timeout=60000")
        .await
        .map_err(|error| MigrateError::Connect(error.to_string()))?;
    diesel::sql_query(LOCK)
        .execute(&mut connection)
        .await
        .map_err(failed)?;
    // The harness blocks; a thread of its own keeps every kind of runtime going.
    let (send, receive) = tokio::sync::oneshot::channel();
    let handle = tokio::runtime::Handle::current();
    std::thread::spawn(move || {
        let _entered = handle.enter();
        let _ = send.send(run(connection));
    });
    receive.await.map_err(failed)?
}

fn run(connection: AsyncPgConnection) -> Result<Vec<String>, MigrateError> {
    let mut harness = AsyncMigrationHarness::new(connection);
    refuse_newer(&mut harness)?;
    let ran = harness.run_pending_migrations(MIGRATIONS).map_err(failed)?;
    Ok(ran.iter().map(ToString::to_string).collect())
}

fn refuse_newer(harness: &mut impl MigrationHarness<Pg>) -> Result<(), MigrateError> {
    let applied = harness.applied_migrations().map_err(failed)?;
    let known: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations().map_err(failed)?;
    let known: Vec<MigrationVersion<'_>> = known.iter().map(|m| m.name().version()).collect();
    match applied.iter().find(|version| !known.contains(version)) {
        Some(newer) => Err(MigrateError::DatabaseIsNewer(newer.to_string())),
        None => Ok(()),
    }
}

fn failed(error: impl std::fmt::Display) -> MigrateError {
    MigrateError::Failed(error.to_string())
}
