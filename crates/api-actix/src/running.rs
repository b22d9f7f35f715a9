//! The note that a local service leaves in its data folder while it runs: how commands beside it find
//! its database, its twins and its URL. It holds nothing that is worth anything outside this machine,
//! and only its owner may read it.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::settings::{Environment, Settings, Stage, data_dir};

const FILE: &str = "running.json";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Running {
    pub pid: u32,
    /// Where the API is.
    pub url: String,
    /// Where the twin of M-Pesa is played.
    pub twin: Option<String>,
    /// What a command beside it needs in its environment.
    environment: Environment,
}

/// The note, for as long as the service runs.
#[derive(Debug)]
pub struct Note {
    /// Locked: a note that nobody holds is a dead service's.
    file: File,
}

impl Running {
    pub fn new(settings: &Settings, url: String, twin: Option<String>) -> Self {
        Self { pid: std::process::id(), url, twin, environment: environment(settings) }
    }

    /// Leaves the note; `None` where commands find everything by settings alone.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn leave(&self, settings: &Settings) -> Result<Option<Note>> {
        if settings.stage != Stage::Local {
            return Ok(None);
        }
        fs::create_dir_all(&settings.data_dir)?;
        let path = settings.data_dir.join(FILE);
        let mut options = OpenOptions::new();
        let file = options.create(true).write(true).truncate(false).mode(0o600).open(&path);
        let mut file = file.with_context(|| format!("{}", path.display()))?;
        // Another service on the same folder has its own database: the first one's note stays.
        if file.try_lock().is_err() {
            return Ok(None);
        }
        file.set_len(0)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        Ok(Some(Note { file }))
    }

    /// The service that runs on a data folder.
    pub fn find(folder: &Path) -> Option<Self> {
        let mut file = File::open(folder.join(FILE)).ok()?;
        if file.try_lock_shared().is_ok() {
            return None;
        }
        let mut text = String::new();
        file.read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        let _it_stays_unlocked = self.file.set_len(0);
    }
}

/// What the settings became when the twins and the database were there.
fn environment(settings: &Settings) -> Environment {
    let (mpesa, tron, ethereum) = (&settings.mpesa, &settings.tron, &settings.ethereum);
    let mut found: Vec<(&str, String)> = vec![("DATABASE_URL", settings.database.url.clone())];
    if mpesa.twin {
        found.extend([
            ("KIVUKO__MPESA__TWIN", "false".to_owned()),
            ("KIVUKO__MPESA__BASE_URL", mpesa.base_url.clone()),
            ("KIVUKO__MPESA__CONSUMER_KEY", mpesa.consumer_key.clone()),
            ("KIVUKO__MPESA__CONSUMER_SECRET", mpesa.consumer_secret.clone()),
            ("KIVUKO__MPESA__PASSKEY", mpesa.passkey.clone()),
            ("KIVUKO__MPESA__SHORT_CODE", mpesa.short_code.to_string()),
            ("KIVUKO__MPESA__B2C_SHORT_CODE", mpesa.b2c_short_code.to_string()),
            ("KIVUKO__MPESA__INITIATOR", mpesa.initiator.clone()),
            ("KIVUKO__MPESA__SECURITY_CREDENTIAL", mpesa.security_credential.clone()),
            ("KIVUKO__MPESA__CALLBACK_BASE", mpesa.callback_base.clone()),
        ]);
    }
    if tron.twin {
        found.extend([
            ("KIVUKO__TRON__TWIN", "false".to_owned()),
            ("KIVUKO__TRON__IS_TEST_NETWORK", "true".to_owned()),
            ("KIVUKO__TRON__NODES", tron.nodes.clone()),
            ("KIVUKO__TRON__CHAIN_ID", tron.chain_id.to_string()),
            ("KIVUKO__TRON__USDT", tron.usdt.clone()),
        ]);
    }
    if ethereum.anvil {
        found.extend([
            ("KIVUKO__ETHEREUM__ANVIL", "false".to_owned()),
            ("KIVUKO__ETHEREUM__IS_TEST_NETWORK", "true".to_owned()),
            ("KIVUKO__ETHEREUM__NODES", ethereum.nodes.clone()),
            ("KIVUKO__ETHEREUM__CHAIN_ID", ethereum.chain_id.to_string()),
            ("KIVUKO__ETHEREUM__USDT", ethereum.usdt.clone()),
            ("KIVUKO__ETHEREUM__USDC", ethereum.usdc.clone()),
        ]);
    }
    found.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The environment of a command: where it names no database, that of the local service that runs on its
/// data folder.
///
/// # Errors
/// When there is no folder to look into.
pub fn beside(environment: &Environment) -> Result<Environment> {
    let is_local = environment.get("KIVUKO_ENV").is_none_or(|name| name == "local");
    if !is_local || environment.contains_key("DATABASE_URL") {
        return Ok(environment.clone());
    }
    let mut found = environment.clone();
    if let Some(running) = Running::find(&data_dir(environment)?) {
        found.extend(running.environment);
    }
    Ok(found)
}
