//! A private `PostgreSQL` cluster, owned by the program that starts it: the default when no
//! `DATABASE_URL` is set, and what every test runs on.
//!
//! This room holds the cluster's public face. It knows nothing of orders, schemas or migrations;
//! whoever starts a cluster gets a URL and does the rest. `start` and `stop` block: call them from
//! a blocking thread.

mod account;
mod binaries;
mod cluster;
mod folder;
mod npm;
mod relocation;
mod server;
mod sockets;
mod surroundings;
mod watchdog;

use account::Runner;
use anyhow::Result;
use binaries::Binaries;
use folder::Folder;
use server::Server;
use std::path::{Path, PathBuf};
use surroundings::Surroundings;
use watchdog::Watchdog;

/// The cluster's superuser, made by `initdb`; any role the caller creates may log in as well.
pub const SUPERUSER: &str = "kivuko";

/// How a cluster is to be run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder that holds the cluster, its lock and its log. New, empty, or one of ours.
    pub root: PathBuf,
    /// Whether an acknowledged commit survives a power cut; `false` is for tests.
    pub durable: bool,
    /// Whether `root` is removed once the server has stopped, however this program ends.
    pub temporary: bool,
    pub max_connections: u32,
    /// Further `name`, `value` settings of the server; they win over the launcher's own.
    pub settings: Vec<(String, String)>,
}

impl Options {
    /// A cluster whose rows are to be kept.
    pub fn lasting(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            durable: true,
            temporary: false,
            max_connections: 100,
            settings: Vec::new(),
        }
    }

    /// A fast cluster that leaves nothing behind, for tests.
    pub fn throwaway(root: impl Into<PathBuf>) -> Self {
        Self { durable: false, temporary: true, ..Self::lasting(root) }
    }
}

/// The folders that hold the cluster wanted in `root`: itself, or those that stand in for it.
///
/// # Errors
/// When the path cannot be resolved.
pub fn places_of(root: &Path) -> Result<Vec<PathBuf>> {
    relocation::holding(root)
}

/// Removes the cluster wanted in `root`, wherever it lives. Everything in it is lost.
///
/// # Errors
/// When a server runs in it, or the operating system refuses.
pub fn remove(root: &Path) -> Result<()> {
    relocation::holding(root)?.iter().try_for_each(|place| folder::remove(place))
}

/// A running cluster. Dropping it stops the server, and so does the end of this program, `kill -9`
/// included.
#[derive(Debug)]
pub struct PrivatePg {
    server: Server,
    watchdog: Watchdog,
    folder: Folder,
    binaries: Binaries,
}

impl PrivatePg {
    /// Starts the cluster in `options.root`, making it first where there is none, and returns when
    /// it accepts connections.
    ///
    /// # Errors
    /// When the folder is in use or not ours, when no usable server binaries are found, or when
    /// the server does not come up; the text names the remedy.
    pub fn start(options: &Options) -> Result<Self> {
        let surroundings = Surroundings::read();
        let runner = Runner::choose(&surroundings, relocation::owner(&options.root)?)?;
        let folder = Folder::settle(&options.root, &runner)?;
        let mut watchdog = Watchdog::start(folder.to_tidy(options.temporary))?;
        let binaries = binaries::find(&surroundings, &runner, folder.existing_major()?)?;
        let cluster = cluster::ensure(&folder, &binaries, &runner, options.durable, &mut watchdog)?;
        let launch = server::Launch {
            cluster: &cluster,
            folder: &folder,
            binaries: &binaries,
            runner: &runner,
            options,
        };
        let server = launch.start(&mut watchdog)?;
        Ok(Self { server, watchdog, folder, binaries })
    }

    /// Where `user` reaches `database`, through the cluster's Unix socket and without a password.
    pub fn url(&self, user: &str, database: &str) -> String {
        sockets::url(self.folder.sockets(), user, database)
    }

    /// The server's process id.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// The folder the cluster really lives in.
    pub fn root(&self) -> &Path {
        self.folder.root()
    }

    /// The folder that was asked for, when the account that runs the server may not enter it and
    /// the cluster lives in `root` instead. Only for a program run by root.
    pub fn relocated_from(&self) -> Option<&Path> {
        self.folder.relocated_from()
    }

    /// Where the server's programs are.
    pub fn bin_dir(&self) -> &Path {
        self.binaries.dir()
    }

    /// Ends the server: open units of work are rolled back, everything committed is kept. Calling
    /// it again does nothing.
    ///
    /// # Errors
    /// When the operating system refuses to signal or to wait for the server.
    pub fn stop(&mut self) -> Result<()> {
        self.server.stop()?;
        self.watchdog.dismiss();
        self.folder.release();
        Ok(())
    }
}

impl Drop for PrivatePg {
    fn drop(&mut self) {
        let _the_watchdog_remains = self.stop();
    }
}
