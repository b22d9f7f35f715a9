//! Where the server's programs are: as configured, else on the path, else where distributions put
//! them, else from npm. Only programs that the server's account can really run are taken.

use crate::account::Runner;
use crate::npm;
use crate::surroundings::Surroundings;
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::{env, fs};

#[derive(Debug)]
pub(crate) struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn major(&self) -> u32 {
        self.major
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Asks the server for its version, as the account that will run it.
    fn probe(dir: &Path, runner: &Runner) -> Result<Self> {
        ensure!(holds_server(dir), "{} has no postgres and initdb", dir.display());
        let dir = real_dir(dir);
        let server = dir.join("postgres");
        let output =
            runner.command(&server).arg("--version").output().with_context(|| {
                format!("{} cannot be run by {}", server.display(), runner.name())
            })?;
        ensure!(
            output.status.success(),
            "{} does not run here: {}",
            server.display(),
            String::from_utf8_lossy(&output.stderr).trim()
        );
        let version = String::from_utf8_lossy(&output.stdout);
        let major = major_in(&version)
            .with_context(|| format!("{} calls itself {:?}", server.display(), version.trim()))?;
        Ok(Self { dir, major })
    }

    /// A cluster of another major is not to be left aside for a new and empty one.
    fn suited_to(self, existing: Option<u32>) -> Result<Self> {
        let (dir, major) = (self.dir.display(), self.major);
        ensure!(
            existing.is_none_or(|wanted| wanted == major),
            "{dir} is PostgreSQL {major}, but the cluster was made by {}",
            existing.unwrap_or_default()
        );
        Ok(self)
    }
}

/// The programs to run, of the major that made the `existing` cluster if there is one.
pub(crate) fn find(
    surroundings: &Surroundings,
    runner: &Runner,
    existing: Option<u32>,
) -> Result<Binaries> {
    let suitable =
        |dir: &Path| Binaries::probe(dir, runner).and_then(|found| found.suited_to(existing));
    if let Some(dir) = &surroundings.configured_bin {
        return suitable(dir).context("KIVUKO_PG_BIN is of no use");
    }
    let mut refusals = Vec::new();
    for dir in candidates(surroundings) {
        match suitable(&dir) {
            Ok(found) => return Ok(found),
            Err(error) => refusals.push(format!("{error:#}")),
        }
    }
    if existing.is_none_or(|major| major == npm::MAJOR) {
        match npm::fetch(surroundings, runner).and_then(|dir| suitable(&dir)) {
            Ok(found) => return Ok(found),
            Err(error) => refusals.push(format!("{error:#}")),
        }
    }
    let package = existing.map_or("postgresql".to_owned(), |major| format!("postgresql-{major}"));
    bail!(
        "no PostgreSQL server to run. Either install one (`apt-get install {package}`), or name \
         the folder of its programs with KIVUKO_PG_BIN, or set DATABASE_URL to a server of your \
         own. Tried: {}",
        refusals.join("; ")
    )
}

/// The path first, then the distributions' folders, newest major first.
fn candidates(surroundings: &Surroundings) -> Vec<PathBuf> {
    let on_path = surroundings.path.iter().flat_map(env::split_paths);
    let mut dirs: Vec<_> = on_path.filter(|dir| dir.is_absolute() && holds_server(dir)).collect();
    let mut versions = Vec::new();
    for (base, prefix) in surroundings.distributions {
        for entry in fs::read_dir(base).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let suffix = name.to_str().and_then(|name| name.strip_prefix(prefix));
            let dir = entry.path().join("bin");
            if let Some(major) = suffix.and_then(|text| text.parse::<u32>().ok())
                && holds_server(&dir)
            {
                versions.push((major, dir));
            }
        }
    }
    versions.sort_by(|one, other| other.cmp(one));
    dirs.extend(versions.into_iter().map(|(_, dir)| dir));
    dirs
}

fn holds_server(dir: &Path) -> bool {
    dir.join("postgres").is_file() && dir.join("initdb").is_file()
}

/// The folder the programs were installed in, where `dir` has links to them.
fn real_dir(dir: &Path) -> PathBuf {
    let real = dir.join("postgres").canonicalize().ok();
    let real = real.as_deref().and_then(Path::parent).filter(|real| holds_server(real));
    real.unwrap_or(dir).to_owned()
}

/// The major in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`; a beta is `18beta1`.
fn major_in(version: &str) -> Option<u32> {
    let number = version.split_whitespace().nth(2)?;
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npm::tests::{scratch, write_program};

    fn pretend_server(base: &Path, version: &str) -> PathBuf {
        let dir = base.join(version).join("bin");
        fs::create_dir_all(&dir).unwrap();
        for name in ["postgres", "initdb"] {
            let script = format!("#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n");
            write_program(&dir.join(name), &script);
        }
        dir.canonicalize().unwrap()
    }

    fn runner() -> Runner {
        Runner::choose(&Surroundings::default(), None).unwrap()
    }

    #[test]
    fn the_major_is_read_from_every_kind_of_version() {
        assert_eq!(major_in("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_in("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major_in("postgres (EnterpriseDB)"), None);
    }

    #[test]
    fn the_major_of_the_existing_cluster_is_preferred() {
        let base = scratch("majors");
        let (older, newer) = (pretend_server(&base, "14.3"), pretend_server(&base, "17.1"));
        let path = env::join_paths([&newer, &older]).unwrap();
        let surroundings = Surroundings { path: Some(path), ..Surroundings::default() };
        let found = |existing| find(&surroundings, &runner(), existing);
        assert_eq!(found(None).unwrap().dir(), newer);
        assert_eq!(found(Some(14)).unwrap().dir(), older);
        let error = found(Some(16)).unwrap_err().to_string();
        assert!(error.contains("made by 16") && error.contains("postgresql-16"), "{error}");
        fs::remove_dir_all(base).unwrap();
    }

    #[test]
    fn a_configured_folder_is_taken_or_refused_but_never_replaced() {
        let base = scratch("configured");
        let dir = pretend_server(&base, "16.2");
        let configured = |dir: &Path| Surroundings {
            configured_bin: Some(dir.to_owned()),
            ..Surroundings::read()
        };
        assert_eq!(find(&configured(&dir), &runner(), None).unwrap().major(), 16);
        let error = find(&configured(&base), &runner(), None).unwrap_err();
        assert!(format!("{error:#}").contains("KIVUKO_PG_BIN"), "{error:#}");
        let error = find(&configured(&dir), &runner(), Some(15)).unwrap_err();
        assert!(format!("{error:#}").contains("made by 15"), "{error:#}");
        fs::remove_dir_all(base).unwrap();
    }

    #[test]
    fn without_server_and_npm_the_ways_out_are_named() {
        let nothing = Surroundings::default();
        // A major that npm has no package of: one of its own may be in the cache already.
        let error = find(&nothing, &runner(), Some(npm::MAJOR - 1)).unwrap_err().to_string();
        for way_out in ["apt-get install postgresql", "KIVUKO_PG_BIN", "DATABASE_URL"] {
            assert!(error.contains(way_out), "{error}");
        }
    }
}
