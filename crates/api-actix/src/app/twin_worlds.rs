//! Where the twins' worlds are kept: beside the database that they belong to, under its own name, so that
//! both come back together. A database that knows of money which its twin has forgotten is refused: that
//! money would never be settled.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use adapters_db::{DatabaseIdentity, identity};
use anyhow::{Context, Result, bail};
use twins::anvil::Anvil;
use twins::daraja::DarajaTwin;
use twins::tron::TronTwin;

use crate::settings::{Settings, Stage};

/// What begins anew with the database, and how.
pub const RESET: &str = "`kivuko reset` begins the database and the twins anew";

/// The folder of this database's twins, held while they run.
#[derive(Debug)]
pub(super) struct TwinWorlds {
    folder: PathBuf,
    /// Locked until the end: one world is played by one program.
    _lock: File,
}

impl TwinWorlds {
    /// `None` where no twin runs, or where nothing of it is to be kept.
    ///
    /// # Errors
    /// When another program plays these worlds, or the database remembers what they have forgotten.
    pub(super) async fn open(settings: &Settings, is_ours: bool) -> Result<Option<Self>> {
        let has_twins = settings.mpesa.twin || settings.tron.twin || settings.ethereum.anvil;
        if settings.stage != Stage::Local || !has_twins {
            return Ok(None);
        }
        let database = identity(&settings.database.url).await?;
        let folder = settings.data_dir.join("twins").join(&database.name);
        std::fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
        let lock = OpenOptions::new().create(true).append(true).open(folder.join("lock"))?;
        lock.try_lock().with_context(|| {
            format!("another kivuko plays the twins in {}: stop it first", folder.display())
        })?;
        let worlds = Self { folder, _lock: lock };
        for forgotten in worlds.forgotten(settings, &database) {
            let (name, folder) = (&database.name, worlds.folder.display());
            let why = format!(
                "the database {name} knows of money that {forgotten} does not: its world is not in {folder}"
            );
            if is_ours {
                bail!("{why}. Put it back, or begin anew: {RESET}");
            }
            tracing::warn!("{why}; orders that wait for it will not be settled");
        }
        Ok(Some(worlds))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The twins whose world is gone while the database still counts on it.
    fn forgotten(&self, settings: &Settings, database: &DatabaseIdentity) -> Vec<&'static str> {
        let (folder, has_orders) = (&self.folder, database.has_orders);
        let twins = [
            (
                "M-Pesa's twin",
                settings.mpesa.twin && database.has_shillings,
                DarajaTwin::is_kept_in(folder),
            ),
            (
                "Tron's twin",
                settings.tron.twin && database.has_tron && has_orders,
                TronTwin::is_kept_in(folder),
            ),
            (
                "the private EVM node",
                settings.ethereum.anvil && database.has_ethereum && has_orders,
                Anvil::is_kept_in(folder),
            ),
        ];
        let forgotten = twins.into_iter().filter(|(_, is_needed, is_kept)| *is_needed && !is_kept);
        forgotten.map(|(name, ..)| name).collect()
    }
}

/// What the start says of the twins: each goes on, or begins anew.
pub(super) fn story(twins: &[(&str, Option<bool>)]) -> Option<String> {
    let named = |wanted: bool| {
        let of = twins.iter().filter(|(_, is_continued)| *is_continued == Some(wanted));
        of.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    };
    let said = [(named(true), "on where they stopped"), (named(false), "anew")];
    let said = said.into_iter().filter(|(names, _)| !names.is_empty());
    let said: Vec<String> = said.map(|(names, how)| format!("{how}: {names}")).collect();
    (!said.is_empty()).then(|| format!("twins begin {}", said.join("; ")))
}
