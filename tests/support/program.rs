//! The real `kivuko` program, started the way people start it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::app::Stage;
use crate::cluster::Database;
use crate::wait::in_time;

/// From a cold start with a new cluster on a busy machine to the banner.
const START: Duration = Duration::from_mins(1);
/// Requests, and then loops, have ten seconds each.
const STOP: Duration = Duration::from_secs(40);

/// Where cargo puts the program; built first when it is missing or older than its sources, because
/// testing this package alone builds only the service's library.
static KIVUKO: LazyLock<PathBuf> = LazyLock::new(|| {
    let tests = std::env::current_exe().expect("this test's own program");
    let profile = tests.ancestors().nth(2).expect("…/{profile}/deps/{test}");
    let program = profile.join("kivuko");
    let built = program.metadata().and_then(|file| file.modified());
    if built.is_err() || built.is_ok_and(|built| built < newest_source()) {
        build(profile);
    }
    program
});

fn build(profile: &Path) {
    let mut cargo = std::process::Command::new(env!("CARGO"));
    cargo.args(["build", "--package", "api-actix", "--bin", "kivuko"]);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    let target = profile.parent().expect("the target folder");
    let built =
        cargo.arg("--target-dir").arg(target).current_dir(env!("CARGO_MANIFEST_DIR")).status();
    assert!(built.is_ok_and(|status| status.success()), "kivuko can be built");
}

fn newest_source() -> SystemTime {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut newest = SystemTime::UNIX_EPOCH;
    let mut folders: Vec<PathBuf> =
        ["crates", "config", "migrations"].map(|name| workspace.join(name)).into();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(found) if found.is_dir() => folders.push(entry.path()),
                Ok(found) => newest = newest.max(found.modified().unwrap_or(newest)),
                Err(_) => {}
            }
        }
    }
    newest
}

/// How to start the program: nothing of our own environment but what finding programs takes.
#[derive(Debug, Clone, Default)]
pub struct Program {
    environment: BTreeMap<String, String>,
}

impl Program {
    pub fn new() -> Self {
        Self::default()
    }

    /// With its data in `folder`, on any free port.
    pub fn in_folder(folder: &Path) -> Self {
        Self::new()
            .set("KIVUKO_DATA_DIR", folder.display())
            .set("KIVUKO__HTTP__PORT", 0)
            .set("KIVUKO__MPESA__TWIN_CONTROL_PORT", 0)
    }

    #[must_use]
    pub fn set(mut self, variable: &str, value: impl Display) -> Self {
        self.environment.insert(variable.to_owned(), value.to_string());
        self
    }

    #[must_use]
    pub fn unset(mut self, variable: &str) -> Self {
        self.environment.remove(variable);
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(KIVUKO.as_path());
        command.env_clear();
        let ours = std::env::vars().filter(|(name, _)| {
            ["PATH", "HOME", "LD_LIBRARY_PATH"].contains(&name.as_str())
                || name.starts_with("KIVUKO_PG_")
        });
        command.envs(ours).envs(&self.environment).args(arguments);
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// The command itself, for those who want to talk to it.
    pub fn prepare(&self, arguments: &[&str]) -> Command {
        self.command(arguments)
    }

    /// Runs it to its end.
    pub async fn output(&self, arguments: &[&str]) -> Said {
        let output = in_time("kivuko", START, self.command(arguments).output()).await;
        let output = output.expect("kivuko runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Said { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// With the environment of a stage, on a given database.
    pub fn of_stage(stage: &Stage, database: &Database) -> Self {
        let stage = stage.variables().iter();
        let program = stage.fold(Self::new(), |program, (name, value)| program.set(name, value));
        program.set("DATABASE_URL", &database.url)
    }

    /// Starts to serve, and waits for the line that says where.
    pub async fn serve(&self) -> Serving {
        self.serve_with(&[]).await
    }

    /// The same, with arguments.
    pub async fn serve_with(&self, arguments: &[&str]) -> Serving {
        self.serve_to(arguments, tempfile::tempfile().expect("a file for the log")).await
    }

    /// The same, for as long as it may take: what it logs goes into a file, which nobody has to read.
    pub async fn serve_into(&self, arguments: &[&str], log: &Path) -> Serving {
        let log = File::options().create(true).truncate(true).read(true).write(true).open(log);
        let log = log.expect("a file for the log");
        self.serve_to(arguments, log).await
    }

    /// Into a file, because a pipe that nobody reads is full some day, and then its writer stands still.
    async fn serve_to(&self, arguments: &[&str], log: File) -> Serving {
        let started = Instant::now();
        let mut command = self.command(arguments);
        let into = log.try_clone().expect("one more handle");
        let spawned = command.stdout(Stdio::piped()).stderr(into).spawn();
        let mut child = spawned.expect("kivuko starts");
        let stdout = child.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(stdout).lines();
        let line = in_time("starting", START, lines.next_line()).await;
        let Some(line) = line.expect("a pipe") else {
            let ended = child.wait().await;
            panic!("kivuko ended: {ended:?}: {}", logged(&log, u64::MAX))
        };
        let url = line.strip_prefix("listening on ");
        let url = url.unwrap_or_else(|| panic!("{line}")).to_owned();
        Serving { url, startup: started.elapsed(), child, lines, log }
    }
}

/// The last bytes of a log, `limit` at most.
fn logged(log: &File, limit: u64) -> String {
    let length = log.metadata().map_or(0, |file| file.len());
    let taken = length.min(limit);
    let mut bytes = vec![0; usize::try_from(taken).expect("it fits in memory")];
    let read = log.read_exact_at(&mut bytes, length.saturating_sub(taken));
    read.map_or_else(|error| error.to_string(), |()| String::from_utf8_lossy(&bytes).into_owned())
}

/// What a program that ran to its end has said.
#[derive(Debug)]
pub struct Said {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

/// The program while it serves.
#[derive(Debug)]
pub struct Serving {
    pub url: String,
    /// From the start of the process to the line that says where it listens.
    pub startup: Duration,
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    log: File,
}

/// Whoever looks for why a test has failed needs the program's own words.
impl Drop for Serving {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the end of what {} has logged:\n{}", self.url, logged(&self.log, 20_000));
        }
    }
}

impl Serving {
    /// The lines that follow, up to the banner's last one.
    pub async fn banner(&mut self) -> String {
        let mut banner = String::new();
        while !banner.contains("Ctrl-C") {
            let line = in_time("the banner", START, self.lines.next_line()).await;
            let line = line.expect("a pipe").expect("the banner's end");
            banner += &line;
            banner += "\n";
        }
        banner
    }

    /// The next line that it prints.
    pub async fn line(&mut self) -> String {
        let line = in_time("a line", START, self.lines.next_line()).await;
        line.expect("a pipe").expect("one more line")
    }

    fn pid(&self) -> String {
        self.child.id().expect("it runs").to_string()
    }

    /// Ctrl-C; answers how it ended.
    pub async fn interrupt(mut self) -> ExitStatus {
        let told = Command::new("kill").args(["-INT", &self.pid()]).status();
        assert!(told.await.is_ok_and(|status| status.success()));
        in_time("stopping", STOP, self.child.wait()).await.expect("it is ours")
    }

    /// Whether it has not ended.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What it has in memory, in KiB; `None` when it has ended.
    pub fn memory_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        resident.trim().trim_end_matches(" kB").parse().ok()
    }

    /// SIGTERM; answers how it ended.
    pub async fn terminate(mut self) -> ExitStatus {
        self.stop().await
    }

    /// The same, for whoever still wants to know of it.
    pub async fn stop(&mut self) -> ExitStatus {
        let told = Command::new("kill").args(["-TERM", &self.pid()]).status();
        assert!(told.await.is_ok_and(|status| status.success()));
        let ended = in_time("stopping", STOP, self.child.wait()).await;
        ended.expect("it is ours")
    }

    /// SIGTERM; answers everything that it has logged.
    pub async fn logs(mut self) -> String {
        self.stop().await;
        logged(&self.log, u64::MAX)
    }

    /// SIGKILL: it has no chance to tidy up.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it runs");
    }
}
