//! Starting the server on a cluster, knowing when it is ready, and ending it.

use crate::Options;
use crate::account::Runner;
use crate::binaries::Binaries;
use crate::folder::{Folder, open_own};
use crate::watchdog::Watchdog;
use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

/// Long enough to replay the log of a busy server that was killed.
const READY_WITHIN: Duration = Duration::from_mins(5);
/// How long a predecessor's server may take to go down.
const PREDECESSOR_GONE_WITHIN: Duration = Duration::from_secs(30);
/// After this a shutdown is forced; what was committed is then replayed at the next start.
const DOWN_WITHIN: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(5);
const RETRY_EVERY: Duration = Duration::from_millis(50);
const LONGEST_LOG: u64 = 16 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Server {
    postmaster: Child,
}

/// All that a server is started from.
#[derive(Debug)]
pub(crate) struct Launch<'a> {
    pub(crate) cluster: &'a Path,
    pub(crate) folder: &'a Folder,
    pub(crate) binaries: &'a Binaries,
    pub(crate) runner: &'a Runner,
    pub(crate) options: &'a Options,
}

impl Launch<'_> {
    pub(crate) fn start(&self, watchdog: &mut Watchdog) -> Result<Server> {
        let begun = Instant::now();
        loop {
            let left_behind = self.pid_file().exists();
            let mut server = Server { postmaster: self.spawn()? };
            let outcome =
                watchdog.guard(&server.postmaster).and_then(|()| self.await_ready(&mut server));
            let ended = match outcome {
                Ok(None) => return Ok(server),
                Ok(Some(status)) => status,
                Err(error) => {
                    server.stop()?;
                    watchdog.guard_nothing();
                    return Err(error);
                }
            };
            watchdog.guard_nothing();
            // The pid file of a server that is still going down, or a zombie by now, blocks ours
            // for a moment, and may be gone when we look. It is never removed here: only
            // PostgreSQL knows when that is safe.
            let blocked = left_behind || self.pid_file().exists();
            let try_again = blocked && begun.elapsed() < PREDECESSOR_GONE_WITHIN;
            ensure!(try_again, "the server ended with {ended}; {}", self.last_words());
            self.end_orphan();
            thread::sleep(RETRY_EVERY);
        }
    }

    fn spawn(&self) -> Result<Child> {
        let log = self.open_log()?;
        let mut command = self.runner.command(&self.binaries.program("postgres"));
        command.arg("-D").arg(self.cluster).arg("-k").arg(self.folder.sockets());
        for (name, value) in self.settings() {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command.stdout(log.try_clone()?).stderr(log);
        command.spawn().context("starting the server")
    }

    /// The last of two equal names wins, so the caller's come at the end.
    fn settings(&self) -> Vec<(&str, String)> {
        let mut settings = vec![
            ("port", "5432".to_owned()), // part of the socket's name
            ("listen_addresses", String::new()),
            ("timezone", "UTC".to_owned()),
            ("log_timezone", "UTC".to_owned()),
            ("max_connections", self.options.max_connections.to_string()),
        ];
        if !self.options.durable {
            let risky = ["fsync", "synchronous_commit", "full_page_writes"];
            settings.extend(risky.map(|name| (name, "off".to_owned())));
        }
        let further = self.options.settings.iter();
        settings.extend(further.map(|(name, value)| (name.as_str(), value.clone())));
        settings
    }

    /// The status the server ended with, or none when it is ready.
    fn await_ready(&self, server: &mut Server) -> Result<Option<ExitStatus>> {
        let deadline = Instant::now() + READY_WITHIN;
        while Instant::now() < deadline {
            if let Some(status) = server.postmaster.try_wait()? {
                return Ok(Some(status));
            }
            let text = fs::read_to_string(self.pid_file()).unwrap_or_default();
            if says_ready(&text, server.pid()) {
                return Ok(None);
            }
            thread::sleep(LOOK_EVERY);
        }
        bail!("the server is not ready after {READY_WITHIN:?}; {}", self.last_words())
    }

    fn pid_file(&self) -> PathBuf {
        self.cluster.join("postmaster.pid")
    }

    /// We hold the folder's lock, so a server that still works in the cluster lost its owner and
    /// its watchdog. Its working folder proves that the pid is not somebody else's by now.
    fn end_orphan(&self) {
        let text = fs::read_to_string(self.pid_file()).unwrap_or_default();
        let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
        let Some(pid) = pid.and_then(Pid::from_raw) else {
            return;
        };
        let place = fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero()));
        if place.is_ok_and(|place| place == self.cluster) {
            let _ended_meanwhile = kill_process(pid, Signal::INT);
        }
    }

    fn open_log(&self) -> Result<File> {
        let path = self.folder.log();
        if fs::metadata(&path).is_ok_and(|found| found.len() > LONGEST_LOG) {
            fs::rename(&path, path.with_extension("log.1")).context("setting the log aside")?;
        }
        open_own(&path, self.runner)
    }

    fn last_words(&self) -> String {
        let path = self.folder.log();
        let log = fs::read(&path).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
        let tail = lines.get(lines.len().saturating_sub(5)..).unwrap_or_default();
        format!("{} ends with:\n{}", path.display(), tail.join("\n"))
    }
}

impl Server {
    pub(crate) fn pid(&self) -> u32 {
        self.postmaster.id()
    }

    /// A fast shutdown: clients are cut off, everything committed is written out.
    pub(crate) fn stop(&mut self) -> Result<()> {
        if self.ends_within(Duration::ZERO)? {
            return Ok(());
        }
        self.signal(Signal::INT)?;
        if !self.ends_within(DOWN_WITHIN)? {
            self.signal(Signal::QUIT)?;
            self.postmaster.wait().context("waiting for the server")?;
        }
        Ok(())
    }

    fn ends_within(&mut self, limit: Duration) -> Result<bool> {
        let begun = Instant::now();
        loop {
            if self.postmaster.try_wait().context("waiting for the server")?.is_some() {
                return Ok(true);
            }
            if begun.elapsed() >= limit {
                return Ok(false);
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        kill_process(Pid::from_child(&self.postmaster), signal).context("signalling the server")
    }
}

/// `pg_ctl`'s own test: line 1 of `postmaster.pid` is the pid, line 8 the status.
fn says_ready(pid_file: &str, pid: u32) -> bool {
    let mut lines = pid_file.lines().map(str::trim);
    lines.next() == Some(pid.to_string().as_str()) && lines.nth(6) == Some("ready")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_is_line_eight_of_our_own_pid_file() {
        let file = |status| format!("42\n/d\n1\n5432\n/s\n\n 1 2\n{status}\n");
        assert!(says_ready(&file("ready   "), 42));
        assert!(!says_ready(&file("starting"), 42));
        assert!(!says_ready(&file("ready   "), 43));
        assert!(!says_ready("42\n/d\n", 42));
    }
}
