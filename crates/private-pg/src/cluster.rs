//! Making the cluster's files with `initdb`. Running a server on them is not done here.

use crate::account::Runner;
use crate::binaries::Binaries;
use crate::folder::Folder;
use crate::watchdog::Watchdog;
use anyhow::{Context, Result, ensure};
use npm_binaries::folders::flush;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What an interrupted `initdb` leaves behind begins with this.
const UNFINISHED: &str = "unfinished-";

/// The cluster's folder, filled if it was not yet.
pub(crate) fn ensure(
    folder: &Folder,
    binaries: &Binaries,
    runner: &Runner,
    durable: bool,
    watchdog: &mut Watchdog,
) -> Result<PathBuf> {
    let cluster = folder.cluster(binaries.major());
    if let Ok(found) = fs::metadata(&cluster) {
        ensure!(
            found.uid() == runner.uid(),
            "{} belongs to uid {}, but the server runs as {}; start the service as the owner, or \
             name the owner with KIVUKO_PG_OS_USER when it is started by root",
            cluster.display(),
            found.uid(),
            runner.name()
        );
        return Ok(cluster);
    }
    sweep(folder.root())?;
    // The id keeps us apart from an initdb that outlived its owner by a moment.
    let unfinished = folder.root().join(format!("{UNFINISHED}{}", std::process::id()));
    let mut initdb = runner.command(&binaries.program("initdb"));
    initdb.args(["-U", crate::SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C"]);
    initdb.arg("--no-sync").arg("-D").arg(&unfinished);
    run(initdb, runner, watchdog)?;
    if durable {
        flush(&unfinished)?; // a second faster on a slow disk than initdb's file by file
    }
    fs::rename(&unfinished, &cluster).context("putting the new cluster in its place")?;
    if durable {
        File::open(folder.root())
            .and_then(|root| root.sync_all())
            .context("flushing the folder")?;
    }
    Ok(cluster)
}

fn run(mut initdb: Command, runner: &Runner, watchdog: &mut Watchdog) -> Result<()> {
    let child = initdb.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let child = child.context("starting initdb")?;
    let guarded = watchdog.guard(&child);
    let output = child.wait_with_output().context("waiting for initdb")?;
    watchdog.guard_nothing();
    guarded?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "initdb failed: {}{}", said.trim(), remedy(&said, runner));
    Ok(())
}

/// Containers are often started with a uid that has no name, which `initdb` insists on.
fn remedy(said: &str, runner: &Runner) -> String {
    if !said.contains("could not look up effective user ID") {
        return String::new();
    }
    format!(
        ". PostgreSQL needs a name for {}: add a line for it to /etc/passwd, start the container \
         as a listed user or as root, or set DATABASE_URL",
        runner.name()
    )
}

fn sweep(root: &Path) -> Result<()> {
    let entries = fs::read_dir(root).with_context(|| format!("reading {}", root.display()))?;
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let _still_written_to = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}
