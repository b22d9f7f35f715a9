//! The service under test: its release build, the running process, and a plain way to ask it.

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Builds `kivuko` as it is shipped, and answers where it lies.
pub(crate) fn build() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--release", "-p", "api-actix", "--bin", "kivuko"])
        .args(["--message-format", "json-render-diagnostics"])
        .stdout(Stdio::piped());
    let output = command.spawn().context("cargo")?.wait_with_output()?;
    ensure!(output.status.success(), "the release build failed");
    let messages = String::from_utf8_lossy(&output.stdout);
    let binary = messages.lines().filter_map(executable).next_back();
    binary.context("cargo named no executable")
}

fn executable(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    Some(PathBuf::from(message.get("executable")?.as_str()?))
}

/// The environment that the service is started with: nothing of ours that it would read.
fn command(binary: &Path, settings: &[(&str, String)]) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("KIVUKO")) {
        command.env_remove(name);
    }
    command
        .env_remove("DATABASE_URL")
        .env("KIVUKO_ENV", "local")
        .env("KIVUKO__HTTP__PORT", "0")
        .env("KIVUKO__LOG__LEVEL", "warn")
        // The limiter works as always, only later.
        .env("KIVUKO__HTTP__RATE_PER_SECOND", "1000000")
        .env("KIVUKO__HTTP__RATE_BURST", "1000000")
        // No shillings move where they are not measured.
        .env("KIVUKO__MPESA__TWIN", "false")
        // Nor coin.
        .env("KIVUKO__TRON__TWIN", "false")
        .env("KIVUKO__CHAIN__NETWORKS", "tron, ethereum")
        .envs(settings.iter().map(|(name, value)| (*name, value)));
    command
}

/// A bearer token, made by the service's own command.
pub(crate) fn token(binary: &Path, role: &str, sub: &str) -> Result<String> {
    Ok(output(binary, &[], &["token", "--role", role, "--sub", sub])?.trim().to_owned())
}

/// What one of the service's own commands says; it must go well.
pub(crate) fn output(
    binary: &Path,
    settings: &[(&str, String)],
    arguments: &[&str],
) -> Result<String> {
    let output = command(binary, settings).args(arguments).output().context("kivuko")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "kivuko {}: {complaint}", arguments.join(" "));
    Ok(String::from_utf8(output.stdout)?)
}

/// A running service; ended when dropped.
#[derive(Debug)]
pub(crate) struct Service {
    child: Child,
    address: String,
    started_in: Duration,
}

impl Service {
    /// Starts the service and waits until it listens. What it complains about goes to `log`.
    pub(crate) fn start(binary: &Path, settings: &[(&str, String)], log: &Path) -> Result<Self> {
        let begun = Instant::now();
        let mut child = command(binary, settings)
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(log)?)
            .spawn()
            .context("starting the service")?;
        let mut told = BufReader::new(child.stdout.take().context("no standard output")?);
        let mut service = Self { child, address: String::new(), started_in: Duration::ZERO };
        let mut line = String::new();
        while told.read_line(&mut line)? > 0 {
            if let Some(address) = line.trim().strip_prefix("listening on http://") {
                address.clone_into(&mut service.address);
                service.started_in = begun.elapsed();
                // The banner follows; nobody may block on it.
                std::thread::spawn(move || std::io::copy(&mut told, &mut std::io::sink()));
                return Ok(service);
            }
            line.clear();
        }
        let complaint = std::fs::read_to_string(log).unwrap_or_default();
        bail!("the service does not start: {complaint}")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn started_in(&self) -> Duration {
        self.started_in
    }

    /// Asks for something; answers the status and the body.
    pub(crate) fn ask(&self, head: &str, token: &str, body: &str) -> Result<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        write!(
            stream,
            "{head} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body);
        let (status, body) = status.zip(body).context("no HTTP answer")?;
        Ok((status, body.to_owned()))
    }

    /// Like [`Service::ask`], for answers that must be good.
    pub(crate) fn must(&self, head: &str, token: &str, body: &str) -> Result<String> {
        let (status, answer) = self.ask(head, token, body)?;
        ensure!((200..300).contains(&status), "{head}: {status} {answer}");
        Ok(answer)
    }

    /// Ends the service as an operator would, and waits for it.
    pub(crate) fn stop(mut self) -> Result<()> {
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped_already = self.child.wait();
    }
}
