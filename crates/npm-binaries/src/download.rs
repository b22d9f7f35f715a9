//! The two programs that do the work: npm brings the archive, tar opens it.

use crate::Package;
use anyhow::{Context, Result, ensure};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) fn download(package: &Package, npm: &Path, into: &Path) -> Result<PathBuf> {
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

/// A package lists no folders, so tar makes them by the umask, which may be too closed.
pub(crate) fn unpack(archive: &Path, folder: &str, into: &Path) -> Result<()> {
    let output = Command::new("/bin/sh")
        .args(["-c", r#"umask 022; exec tar -xzof "$1" "package/$2""#, "unpack"])
        .arg(archive)
        .arg(folder)
        .current_dir(into)
        .stdin(Stdio::null())
        .output()
        .context("starting tar")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "tar failed: {}", said.trim());
    Ok(())
}
