//! Where a cluster lives when the wanted folder is closed to the account that root's server runs
//! as: a place that follows from the wanted path alone, so that the next start finds it again.

use crate::account::Runner;
use crate::folder::{holds_cluster, nearest_existing, own_folder, resolved};
use anyhow::{Result, bail};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where the cluster wanted in `wanted` lives when the account may not go there. A cluster once
/// relocated stays so, even when the way to the wanted folder is opened later.
pub(crate) fn place_for(wanted: &Path, runner: &Runner) -> Result<Option<PathBuf>> {
    let places = places_for(wanted);
    let earlier = places.iter().find(|place| holds_cluster(place));
    let way = wanted.parent().and_then(nearest_existing);
    let open = way.is_none_or(|folder| runner.can_enter(folder));
    if open && (earlier.is_none() || holds_cluster(wanted)) {
        return Ok(None);
    }
    if let Some(place) = earlier {
        return own_folder(place, runner).map(Some);
    }
    let mut refusals = Vec::new();
    for place in &places {
        match own_folder(place, runner) {
            Ok(root) if runner.can_enter(&root) => return Ok(Some(root)),
            Ok(_) => refusals.push(format!("{} is closed too", place.display())),
            Err(error) => refusals.push(format!("{error:#}")),
        }
    }
    bail!(
        "{} is closed to {}, which runs PostgreSQL because we are root ({}); choose another \
         folder, or set DATABASE_URL",
        wanted.display(),
        runner.name(),
        refusals.join("; ")
    )
}

/// Where a cluster wanted in a closed folder may live, best first.
fn places_for(wanted: &Path) -> [PathBuf; 2] {
    let name = fingerprint(wanted);
    [format!("/var/lib/kivuko/{name}"), format!("/var/tmp/kivuko-{name}")].map(PathBuf::from)
}

/// The uid that has the cluster wanted in `wanted`, or at least the folder, from an earlier start.
pub(crate) fn owner(wanted: &Path) -> Result<Option<u32>> {
    let wanted = resolved(wanted)?;
    let [first, second] = places_for(&wanted);
    let holding = [&wanted, &first, &second].into_iter().find(|place| holds_cluster(place));
    Ok(fs::metadata(holding.unwrap_or(&wanted)).ok().map(|found| found.uid()))
}

/// Every folder that holds the cluster wanted in `wanted`.
pub(crate) fn holding(wanted: &Path) -> Result<Vec<PathBuf>> {
    let wanted = resolved(wanted)?;
    let [first, second] = places_for(&wanted);
    Ok([wanted, first, second].into_iter().filter(|place| holds_cluster(place)).collect())
}

/// A name for `path` that stays the same from start to start and from release to release, which
/// std's hasher does not promise (FNV-1a).
pub(crate) fn fingerprint(path: &Path) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in path.as_os_str().as_bytes() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_never_changes() {
        // A different value here would orphan every relocated cluster.
        assert_eq!(fingerprint(Path::new("/srv/clone/.kivuko/pg")), "dc09c8f39b6e0719");
    }
}
