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
    let mut connection = connect(url).await?;
    diesel::sql_query(LOCK).execute(&mut connection).await.map_err(failed)?;
    blocking(connection, |harness| {
        let pending = pending(harness)?;
        harness.run_pending_migrations(MIGRATIONS).map_err(failed)?;
        Ok(pending)
    })
    .await
}

/// The migrations that the database at `url` lacks.
///
/// # Errors
/// When the database is away, or is newer than this binary.
pub async fn pending_migrations(url: &str) -> Result<Vec<String>, MigrateError> {
    let connection = connect(url).await?;
    blocking(connection, pending).await
}

async fn connect(url: &str) -> Result<AsyncPgConnection, MigrateError> {
    let opened = open(url, "-c lock_timeout=60000").await;
    opened.map_err(|error| MigrateError::Connect(error.to_string()))
}

type Harness = AsyncMigrationHarness<AsyncPgConnection>;

/// The harness blocks its thread: it gets one of its own, so that every kind of runtime goes on.
async fn blocking(
    connection: AsyncPgConnection,
    work: fn(&mut Harness) -> Result<Vec<String>, MigrateError>,
) -> Result<Vec<String>, MigrateError> {
    let work = move || work(&mut AsyncMigrationHarness::new(connection));
    tokio::task::spawn_blocking(work).await.map_err(failed)?
}

/// The names of what is to be run, on a database that is not newer than this binary.
fn pending(harness: &mut Harness) -> Result<Vec<String>, MigrateError> {
    refuse_newer(harness)?;
    let pending = harness.pending_migrations(MIGRATIONS).map_err(failed)?;
    let names = pending.iter().map(|migration| migration.name().to_string());
    Ok(names.collect())
}

fn refuse_newer(harness: &mut Harness) -> Result<(), MigrateError> {
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
