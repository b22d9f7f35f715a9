//! The load generator: wrk, with scripts that pick among prepared requests. It counts what was
//! refused by itself, so that no hook slows it down at every answer.

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What every script begins with. `number` tells wrk's threads apart.
const HEAD: &str = r#"
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end
function init(args)
  math.randomseed(os.time() * 2 + number)
  prepare()
end
function prepare() end
function get(path, token)
  return "GET " .. path .. " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " .. token .. "\r\n\r\n"
end
function send(method, path, token, body)
  return method .. " " .. path .. " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " .. token
    .. "\r\nContent-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    'kivuko-bench {"requests":%d,"micros":%d,"p50_us":%d,"p99_us":%d,"max_us":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    e.status, e.connect + e.read + e.write + e.timeout))
end
"#;

const THREADS: &str = "2";

/// What wrk measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Load {
    pub(crate) requests: u64,
    pub(crate) micros: u64,
    pub(crate) p50_us: u64,
    pub(crate) p99_us: u64,
    pub(crate) max_us: u64,
    /// Answers with a status of 400 or more.
    pub(crate) refused: u64,
    /// Requests without an answer.
    pub(crate) broken: u64,
}

impl Load {
    pub(crate) fn per_second(&self) -> f64 {
        crate::report::float(self.requests) * 1e6 / crate::report::float(self.micros.max(1))
    }
}

/// Says what to do when wrk is not there.
pub(crate) fn check() -> Result<()> {
    let tried = Command::new("wrk").arg("-v").output();
    tried.context("wrk, the load generator, is missing: apt-get install wrk")?;
    Ok(())
}

/// Drives the service at `address` with `script` behind the common head.
pub(crate) fn run(
    folder: &Path,
    address: &str,
    script: &str,
    connections: u32,
    seconds: u32,
) -> Result<Load> {
    let file: PathBuf = folder.join("wrk.lua");
    std::fs::write(&file, format!("{HEAD}{script}"))?;
    let output = Command::new("wrk")
        .args(["-t", THREADS, "--latency", "--timeout", "10s"])
        .args(["-c", &connections.to_string()])
        .args(["-d", &format!("{seconds}s")])
        .arg("-s")
        .arg(&file)
        .arg(format!("http://{address}"))
        .output()
        .context("wrk")?;
    let (told, complaint) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "wrk: {told}{complaint}");
    parse(&told).with_context(|| format!("wrk said: {told}{complaint}"))
}

fn parse(told: &str) -> Option<Load> {
    let line = told.lines().find_map(|line| line.strip_prefix("kivuko-bench "))?;
    serde_json::from_str(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_is_found_among_what_wrk_says() {
        let told = "Running 10s test @ http://127.0.0.1:1\n  2 threads and 16 connections\n\
            Requests/sec:  10.00\n\
            kivuko-bench {\"requests\":2000,\"micros\":500000,\"p50_us\":700,\"p99_us\":2100,\
            \"max_us\":9000,\"refused\":0,\"broken\":1}\n";
        let load = parse(told).expect("a summary");
        assert_eq!((load.requests, load.p99_us, load.broken), (2_000, 2_100, 1));
        assert!((load.per_second() - 4_000.0).abs() < 1e-9);
        assert_eq!(parse("unable to connect"), None);
    }
}
