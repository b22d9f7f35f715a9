//! Which database to use: the configured one, or a private PostgreSQL that lives as long as we do.

use anyhow::{Context, Result, ensure};
use private_pg::{Options, PrivatePg, SUPERUSER};

use crate::settings::{Settings, Stage};

/// Sees to it that `settings.database.url` leads to a migrated database. The private cluster, if
/// there is one, must be kept until the end.
pub async fn prepare(settings: &mut Settings) -> Result<Option<PrivatePg>> {
    if !settings.database.url.is_empty() {
        bring_up_to_date(settings).await?;
        return Ok(None);
    }
    let cluster = start_private(settings).await?;
    settings.database.url = cluster.url(SUPERUSER, "postgres");
    adapters_db::migrate(&settings.database.url).await?;
    Ok(Some(cluster))
}

/// In production migrating is a step of its own, by a login that may; elsewhere it is done at once.
async fn bring_up_to_date(settings: &Settings) -> Result<()> {
    let url = &settings.database.url;
    if settings.stage != Stage::Production {
        adapters_db::migrate(url).await?;
        return Ok(());
    }
    let pending = adapters_db::pending_migrations(url).await?;
    ensure!(
        pending.is_empty(),
        "the database lacks {} migrations: run `kivuko migrate` first",
        pending.len()
    );
    Ok(())
}

async fn start_private(settings: &Settings) -> Result<PrivatePg> {
    let options = Options::lasting(settings.data_dir.join("pg"));
    let started = tokio::task::spawn_blocking(move || {
        let parent = options.root.parent().map(std::fs::create_dir_all);
        parent.transpose().with_context(|| format!("cannot make {}", options.root.display()))?;
        PrivatePg::start(&options)
    });
    let cluster = started.await?.context("cannot start the private PostgreSQL")?;
    if let Some(wanted) = cluster.relocated_from() {
        eprintln!(
            "the database lies in {}, because {} is closed to the account that must run it",
            cluster.root().display(),
            wanted.display()
        );
    }
    tracing::info!(folder = %cluster.root().display(), "private PostgreSQL is up");
    Ok(cluster)
}
