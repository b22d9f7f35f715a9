//! What the launcher takes from the environment, read once, so that a test can make up its own.
//! Nothing else in this crate asks the environment for a setting.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    /// `KIVUKO_PG_BIN`: the folder of the server's programs.
    pub(crate) configured_bin: Option<PathBuf>,
    /// `KIVUKO_PG_OS_USER`: the account to run the server as when we are root.
    pub(crate) configured_account: Option<String>,
    pub(crate) path: Option<OsString>,
    pub(crate) cache_home: Option<PathBuf>,
    pub(crate) home: Option<PathBuf>,
    /// Folders with one sub-folder for each major version, and how those begin.
    pub(crate) distributions: &'static [(&'static str, &'static str)],
}

impl Surroundings {
    pub(crate) fn read() -> Self {
        // An empty variable counts as unset, as in most shells' `${NAME:-}`.
        let set = |name| env::var_os(name).filter(|value| !value.is_empty());
        Self {
            configured_bin: set("KIVUKO_PG_BIN").map(PathBuf::from),
            configured_account: set("KIVUKO_PG_OS_USER")
                .map(|name| name.to_string_lossy().into_owned()),
            path: set("PATH"),
            cache_home: set("XDG_CACHE_HOME").map(PathBuf::from).filter(|p| p.is_absolute()),
            home: set("HOME").map(PathBuf::from).filter(|p| p.is_absolute()),
            distributions: &[
                ("/usr/lib/postgresql", ""),
                ("/usr", "pgsql-"),
                ("/opt/homebrew/opt", "postgresql@"),
                ("/usr/local/opt", "postgresql@"),
            ],
        }
    }
}
