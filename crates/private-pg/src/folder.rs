//! The folder a cluster lives in: which one, whose, and that nobody else uses it. Nothing here
//! looks into the cluster itself.

use crate::account::Runner;
use crate::relocation;
use crate::sockets;
use crate::watchdog::Tidying;
use anyhow::{Context, Result, ensure};
use npm_binaries::folders::make_parents;
use rustix::fs::OFlags;
use rustix::process::geteuid;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The mark of a folder of ours, held locked while a server may run in it.
const LOCK: &str = "lock";
const CLUSTER_PREFIX: &str = "data-";

#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    relocated_from: Option<PathBuf>,
    sockets: PathBuf,
    sockets_apart: bool,
    lock: File,
}

impl Folder {
    /// Finds or makes the folder for `wanted`, and locks it.
    pub(crate) fn settle(wanted: &Path, runner: &Runner) -> Result<Self> {
        let wanted = resolved(wanted)?;
        let relocated =
            if runner.steps_down() { relocation::place_for(&wanted, runner)? } else { None };
        let root = match &relocated {
            Some(elsewhere) => elsewhere.clone(),
            None => own_folder(&wanted, runner)?,
        };
        let lock = lock(&root, runner)?;
        let relocated_from = relocated.is_some().then_some(wanted);
        if let Some(wanted) = &relocated_from {
            // For whoever comes across a folder named by a fingerprint.
            let mut note = open_own(&root.join("stands-in-for"), runner)?;
            note.set_len(0)?;
            note.write_all(wanted.as_os_str().as_bytes())?;
        }
        let (sockets, sockets_apart) = sockets::folder_for(&root, runner)?;
        Ok(Self { root, relocated_from, sockets, sockets_apart, lock })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn relocated_from(&self) -> Option<&Path> {
        self.relocated_from.as_deref()
    }

    pub(crate) fn sockets(&self) -> &Path {
        &self.sockets
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.root.join("server.log")
    }

    /// A cluster can only be read by the major version that made it, so that names its folder.
    pub(crate) fn cluster(&self, major: u32) -> PathBuf {
        self.root.join(format!("{CLUSTER_PREFIX}{major}"))
    }

    /// The major version of the newest cluster in here.
    pub(crate) fn existing_major(&self) -> Result<Option<u32>> {
        Ok(clusters_in(&self.root)?.into_iter().max())
    }

    pub(crate) fn to_tidy(&self, temporary: bool) -> Tidying<'_> {
        let root = temporary.then(|| self.root.clone());
        let sockets = self.sockets_apart.then(|| self.sockets.clone());
        Tidying { root: &self.root, remove: root.into_iter().chain(sockets).collect() }
    }

    /// Lets others use the folder.
    pub(crate) fn release(&self) {
        let _never_locked = self.lock.unlock();
    }
}

/// The folder itself, private to the account. Refuses any that may hold something else: its mode
/// is changed, and a temporary one is removed at the end.
pub(crate) fn own_folder(path: &Path, runner: &Runner) -> Result<PathBuf> {
    let shown = path.display();
    if let Some(parent) = path.parent() {
        make_parents(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(error).with_context(|| format!("making {shown}"));
        }
        _ => {}
    }
    let found = fs::symlink_metadata(path).with_context(|| format!("looking at {shown}"))?;
    ensure!(found.is_dir(), "{shown} is not a folder");
    ensure!(
        found.uid() == runner.uid() || found.uid() == geteuid().as_raw(),
        "{shown} belongs to uid {}, but the server runs as {}; start the service as the owner, \
         or name it with KIVUKO_PG_OS_USER when root does, or choose another folder",
        found.uid(),
        runner.name()
    );
    ensure!(
        path.join(LOCK).exists() || is_vacant(path)?,
        "{shown} holds other files; choose a new or empty folder for the cluster"
    );
    fs::set_permissions(path, Permissions::from_mode(0o700))
        .with_context(|| format!("making {shown} private"))?;
    runner.give(path)?;
    path.canonicalize().with_context(|| format!("resolving {shown}"))
}

/// Sockets of a server that was killed do not count, nor what `mkfs` leaves in a volume.
fn is_vacant(folder: &Path) -> Result<bool> {
    let entries = fs::read_dir(folder);
    let mut entries = entries.with_context(|| format!("reading {}", folder.display()))?;
    let counts = |name: &[u8]| !name.starts_with(b".s.PGSQL") && name != b"lost+found";
    Ok(!entries.any(|entry| entry.is_ok_and(|entry| counts(entry.file_name().as_bytes()))))
}

pub(crate) fn holds_cluster(root: &Path) -> bool {
    clusters_in(root).is_ok_and(|majors| !majors.is_empty())
}

/// The majors of the clusters in `root`.
fn clusters_in(root: &Path) -> Result<Vec<u32>> {
    let entries = fs::read_dir(root).with_context(|| format!("reading {}", root.display()))?;
    let major_of = |name: &str| name.strip_prefix(CLUSTER_PREFIX)?.parse().ok();
    Ok(entries.flatten().filter_map(|entry| major_of(entry.file_name().to_str()?)).collect())
}

/// Absolute and without links as far as it exists: the same folder must get the same fingerprint.
pub(crate) fn resolved(wanted: &Path) -> Result<PathBuf> {
    let wanted = std::path::absolute(wanted).context("the cluster's folder has no name")?;
    let Some(existing) = nearest_existing(&wanted) else {
        return Ok(wanted);
    };
    let canonical =
        existing.canonicalize().with_context(|| format!("resolving {}", existing.display()))?;
    let rest = wanted.strip_prefix(existing).unwrap_or(Path::new(""));
    Ok(canonical.components().chain(rest.components()).collect())
}

/// The closest folder on the way to `path` that is there, `path` itself included.
pub(crate) fn nearest_existing(path: &Path) -> Option<&Path> {
    path.ancestors().find(|ancestor| ancestor.exists())
}

/// Removes a cluster's folder that no server uses.
pub(crate) fn remove(root: &Path) -> Result<()> {
    let lock = File::open(root.join(LOCK));
    let lock = lock.with_context(|| format!("{} is no cluster of ours", root.display()))?;
    lock.try_lock().with_context(|| {
        format!("{} is in use: another service runs its database there", root.display())
    })?;
    fs::remove_dir_all(root).with_context(|| format!("removing {}", root.display()))
}

fn lock(root: &Path, runner: &Runner) -> Result<File> {
    let lock = open_own(&root.join(LOCK), runner)?;
    lock.try_lock().with_context(|| {
        format!("{} is in use: another service runs its database there", root.display())
    })?;
    Ok(lock)
}

/// A file in a folder that is the account's: root must not be led elsewhere by a link, and the
/// account must be able to open it without root the next time.
pub(crate) fn open_own(path: &Path, runner: &Runner) -> Result<File> {
    let no_links = OFlags::NOFOLLOW.bits().cast_signed();
    let file = OpenOptions::new().create(true).append(true).custom_flags(no_links).open(path);
    let file = file.with_context(|| format!("opening {}", path.display()))?;
    runner.give_file(&file).with_context(|| format!("giving away {}", path.display()))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_resolved_as_far_as_it_exists() {
        assert_eq!(resolved(Path::new("/proc/absent/x")).unwrap(), Path::new("/proc/absent/x"));
        assert_eq!(resolved(Path::new("/proc/../absent")).unwrap(), Path::new("/absent"));
    }
}
