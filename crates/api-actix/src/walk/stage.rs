//! The demo's own settings: everything local, on free ports, and quick; in the folder that the reader
//! names, or in one that goes with it.

use std::path::PathBuf;

use anyhow::{Context, Result};
use domain::address::Network;
use uuid::Uuid;

use crate::settings::{Environment, Settings};

/// Settings, and the folder that they live in.
pub(super) struct Stage {
    pub(super) settings: Settings,
    /// What goes with the demo.
    folder: Option<PathBuf>,
}

/// What makes a minute of waiting a few seconds.
const QUICK: [(&str, &str); 15] = [
    ("KIVUKO_ENV", "local"),
    ("KIVUKO__HTTP__PORT", "0"),
    ("KIVUKO__LOG__LEVEL", "error"),
    ("KIVUKO__MPESA__TWIN_CONTROL_PORT", "0"),
    ("KIVUKO__MPESA__TWIN_SPEED", "10"),
    ("KIVUKO__MPESA__SECOND_MS", "100"),
    ("KIVUKO__MPESA__SWEEP_INTERVAL_MS", "500"),
    ("KIVUKO__TRON__TWIN", "false"),
    ("KIVUKO__TRON__TWIN_SLOT_MS", "150"),
    ("KIVUKO__TRON__REQUESTS_PER_SECOND", "1000"),
    ("KIVUKO__ETHEREUM__ANVIL_BLOCK_MS", "250"),
    ("KIVUKO__ETHEREUM__REQUESTS_PER_SECOND", "1000"),
    ("KIVUKO__TREASURY__SECOND_MS", "100"),
    ("KIVUKO__TREASURY__JOB_INTERVAL_MS", "100"),
    ("KIVUKO__TREASURY__WATCH_INTERVAL_MS", "150"),
];

impl Stage {
    pub(super) fn set(network: Network, environment: &Environment) -> Result<Self> {
        let passing = || std::env::temp_dir().join(format!("kivuko-demo-{}", Uuid::now_v7()));
        let named = environment.get("KIVUKO_DATA_DIR").map(PathBuf::from);
        let folder = if named.is_none() { Some(passing()) } else { None };
        let mut own: Environment = QUICK.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let chain = match network {
            Network::Tron => "KIVUKO__TRON__TWIN",
            Network::Ethereum => "KIVUKO__ETHEREUM__ANVIL",
        };
        own.insert(chain.to_owned(), "true".to_owned());
        if let Some(data) = folder.as_ref().or(named.as_ref()) {
            own.insert("KIVUKO_DATA_DIR".to_owned(), data.display().to_string());
        }
        // What the reader sets wins, but for what would make it no demo.
        for (key, value) in environment {
            let is_ours = own.contains_key(key) && key != "KIVUKO__LOG__LEVEL";
            if !is_ours && key != "DATABASE_URL" {
                own.insert(key.clone(), value.clone());
            }
        }
        let settings = Settings::load(&own).context("the demo's settings")?;
        Ok(Self { settings, folder })
    }
}

/// Nothing of a demo is worth keeping, unless the reader said where.
impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _not_there = std::fs::remove_dir_all(folder);
        }
    }
}
