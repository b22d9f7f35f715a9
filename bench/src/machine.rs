//! What the operating system tells of processes and of itself.

use anyhow::{Context, Result};
use serde::Serialize;
use std::fs;
use std::time::Duration;

/// Linux counts processor time for its users in hundredths of a second.
const MICROS_PER_TICK: u64 = 10_000;

/// Processor time of a run, in microseconds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Cpu {
    pub(crate) service: u64,
    pub(crate) database: u64,
    pub(crate) generator: u64,
}

impl Cpu {
    /// What the service, the database and our finished children have used so far.
    pub(crate) fn read(service: u32, postmaster: u32) -> Result<Self> {
        Ok(Self {
            service: Stat::read(service)?.own * MICROS_PER_TICK,
            database: family_of(postmaster)? * MICROS_PER_TICK,
            generator: Stat::read(std::process::id())?.reaped * MICROS_PER_TICK,
        })
    }

    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            service: self.service.saturating_sub(before.service),
            database: self.database.saturating_sub(before.database),
            generator: self.generator.saturating_sub(before.generator),
        }
    }
}

/// Processor time of our own threads of this name, in microseconds.
pub(crate) fn threads(name: &str) -> Result<u64> {
    let mut ticks = 0;
    for entry in fs::read_dir("/proc/self/task")?.flatten() {
        // A thread may end while we look.
        let text = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        if text.contains(&format!("({name})")) {
            ticks += Stat::parse(&text).map_or(0, |stat| stat.own);
        }
    }
    Ok(ticks * MICROS_PER_TICK)
}

/// Of `/proc/PID/stat`: processor time in ticks, and the parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
    parent: u32,
    own: u64,
    /// Of children that have ended.
    reaped: u64,
}

impl Stat {
    fn read(pid: u32) -> Result<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        Self::parse(&text).with_context(|| format!("/proc/{pid}/stat"))
    }

    /// The fields behind the program's name, which may hold blanks and parentheses.
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |n: usize| fields.get(n)?.parse::<u64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: ticks(11)? + ticks(12)?,
            reaped: ticks(13)? + ticks(14)?,
        })
    }
}

/// The ticks of a process and of all its children, dead or alive. When one ends, its ticks go over
/// to the parent: looks again until nothing has moved meanwhile.
fn family_of(parent: u32) -> Result<u64> {
    loop {
        // Sessions whose client has gone need a moment to end.
        std::thread::sleep(Duration::from_millis(100));
        let before = Stat::read(parent)?;
        let children: u64 = children_of(parent)?.iter().map(|stat| stat.own).sum();
        let after = Stat::read(parent)?;
        if before.reaped == after.reaped {
            return Ok(after.own + after.reaped + children);
        }
    }
}

fn children_of(parent: u32) -> Result<Vec<Stat>> {
    let mut children = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
        // A process may end while we look.
        let stat = pid.and_then(|pid: u32| Stat::read(pid).ok());
        children.extend(stat.filter(|stat| stat.parent == parent));
    }
    Ok(children)
}

/// The most memory that a process has held, in KiB.
pub(crate) fn peak_memory_kib(pid: u32) -> Result<u64> {
    memory(pid, "VmHWM:")
}

/// The memory that a process holds, in KiB.
pub(crate) fn memory_kib(pid: u32) -> Result<u64> {
    memory(pid, "VmRSS:")
}

fn memory(pid: u32, field: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let value = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = value.and_then(|value| value.trim().trim_end_matches(" kB").parse().ok());
    kib.with_context(|| format!("{field} of {pid}"))
}

/// The machine, as far as it matters to the figures.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) processor: String,
    pub(crate) memory_mib: u64,
    pub(crate) load_before: String,
}

impl Machine {
    pub(crate) fn read() -> Self {
        let text = |path| fs::read_to_string(path).unwrap_or_default();
        let field = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name));
            let value = line.and_then(|line| line.split_once(':'));
            value.map_or("unknown".to_owned(), |(_, value)| value.trim().to_owned())
        };
        let memory = field(&text("/proc/meminfo"), "MemTotal");
        let kib: u64 = memory.trim_end_matches(" kB").parse().unwrap_or(0);
        let load: Vec<_> =
            text("/proc/loadavg").split(' ').take(3).map(ToOwned::to_owned).collect();
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor: field(&text("/proc/cpuinfo"), "model name"),
            memory_mib: kib / 1024,
            load_before: load.join(" "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_is_read_past_any_name() {
        let text = "42 (a (b) c) S 7 1 1 0 -1 4194560 1 2 3 4 100 20 30 5 20 0 1 0 99";
        let stat = Stat { parent: 7, own: 120, reaped: 35 };
        assert_eq!(Stat::parse(text), Some(stat));
    }
}
