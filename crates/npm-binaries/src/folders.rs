//! Making, flushing and removing folders, for this crate and for those who start its programs.

use anyhow::{Context, Result};
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Open to all, unlike what is put into it: another account may have to pass through.
pub fn make_parents(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_parents(parent)?;
    }
    let made = DirBuilder::new().create(folder);
    match made {
        // The caller's umask may have closed what was meant to be open.
        Ok(()) => fs::set_permissions(folder, Permissions::from_mode(0o755))?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => {
            return Err(error).with_context(|| format!("making {}", folder.display()));
        }
    }
    Ok(())
}

/// Writes out what was written below `path`: one call for the whole file system, where flushing
/// file by file takes seconds on a slow disk.
pub fn flush(path: &Path) -> Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let flushed = File::open(path).and_then(|folder| Ok(rustix::fs::syncfs(folder)?));
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let flushed: std::io::Result<()> = {
        rustix::fs::sync();
        Ok(())
    };
    flushed.with_context(|| format!("flushing {}", path.display()))
}

pub(crate) fn remove_if_there(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", folder.display()))
        }
        _ => Ok(()),
    }
}
