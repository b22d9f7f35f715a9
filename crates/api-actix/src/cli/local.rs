//! `kivuko status` and `kivuko reset`: how the local service is, and how to begin again.

use std::fs;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::running::Running;
use crate::settings::{Environment, Settings, Stage, data_dir};

/// What a local service keeps beside its database.
const KEPT: [&str; 4] = ["twins", "spool", "signer.journal", "running.json"];

pub(super) async fn status(environment: &Environment) -> Result<()> {
    let folder = data_dir(environment)?;
    println!("data      {}", folder.display());
    let Some(running) = Running::find(&folder) else {
        println!("service   does not run here: `kivuko` starts it");
        return Ok(());
    };
    println!("service   {} (process {})", running.url, running.pid);
    println!("docs      {}/docs/", running.url);
    if let Some(twin) = &running.twin {
        println!("twin      {twin}");
    }
    let http = reqwest::Client::builder().no_proxy().build()?;
    let answer = http.get(format!("{}/readyz", running.url)).send().await;
    let health: Value = answer.context("it does not answer")?.json().await?;
    println!("health    {}", health["status"].as_str().unwrap_or("unknown"));
    for chain in health["chains"].as_array().into_iter().flatten() {
        let network = chain["network"].as_str().unwrap_or_default();
        println!("{network:<9} read up to block {}, {} behind", chain["height"], chain["lag"]);
    }
    Ok(())
}

/// Removes the local database and everything that belongs to it.
pub(super) fn reset(settings: &Settings, is_agreed: bool) -> Result<()> {
    ensure!(
        settings.stage == Stage::Local && settings.database.url.is_empty(),
        "`kivuko reset` is for the private database of local work; another one is its owner's to empty"
    );
    let folder = &settings.data_dir;
    if let Some(running) = Running::find(folder) {
        bail!("the service runs on {} (process {}): stop it first", folder.display(), running.pid);
    }
    let cluster = private_pg::places_of(&folder.join("pg"))?;
    let kept = KEPT.iter().map(|name| folder.join(name)).filter(|path| path.exists());
    let gone: Vec<PathBuf> = cluster.into_iter().chain(kept).collect();
    if gone.is_empty() {
        println!("there is nothing in {}", folder.display());
        return Ok(());
    }
    println!("every order, payment and coin of these is forgotten:");
    for path in &gone {
        println!("  {}", path.display());
    }
    if !is_agreed && !is_yes()? {
        bail!("nothing was removed; --yes agrees beforehand");
    }
    private_pg::remove(&folder.join("pg"))?;
    gone.iter().try_for_each(|path| remove(path))?;
    println!("the next start begins anew");
    Ok(())
}

fn is_yes() -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    print!("remove them? (yes) ");
    std::io::stdout().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim() == "yes")
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{}", path.display()))
        }
        _ => Ok(()),
    }
}
