//! The database's own limit: pgbench executes what the service sends, on the same data.
//!
//! Of the captured statements nothing changes but the values. A value that must differ from one
//! run to the next becomes an expression over pgbench's variables, so that ids are picked and made
//! as the load generator and the service do: random existing offers, customers and orders, new
//! order ids that sort by time, times of now. The others stay parameters with the captured value;
//! NULL is written out, because pgbench has no such value. Hashes and payloads of the history are
//! therefore the captured ones: pgbench's orders have the right shape, not the right seal.

use crate::statements::Sent;
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How captured values become expressions.
#[derive(Debug, Default)]
pub(crate) struct Swaps {
    /// pgbench's own commands before the statements.
    pub(crate) prelude: String,
    /// Captured values and the SQL that stands for them.
    pub(crate) exact: Vec<(String, String)>,
    /// Whether captured times become those of the transaction: for what writes them.
    pub(crate) fresh_times: bool,
}

/// A script with the variables that it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) text: String,
    pub(crate) variables: Vec<(String, String)>,
}

impl Script {
    pub(crate) fn new(sent: &[Sent], swaps: &Swaps) -> Result<Self> {
        let mut script = Self { text: swaps.prelude.clone(), variables: Vec::new() };
        let times = sent.iter().flat_map(|sent| sent.values.iter().flatten());
        let earliest = times.filter(|value| is_time(value)).min();
        for (number, sent) in sent.iter().enumerate() {
            let mut pieces = sent.sql.split('$');
            script.text += pieces.next().unwrap_or_default();
            for piece in pieces {
                let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
                let (place, rest) = piece.split_at(digits);
                let index: usize = place.parse().context("a parameter without a number")?;
                let value = sent.values.get(index - 1);
                let value = value.with_context(|| format!("no value for ${index}"))?;
                match value.as_deref() {
                    None => script.text += "NULL",
                    Some(value) => script.place(number, index, value, swaps, earliest),
                }
                script.text += rest;
            }
            script.text += ";\n";
        }
        Ok(script)
    }

    fn place(
        &mut self,
        statement: usize,
        index: usize,
        value: &str,
        swaps: &Swaps,
        earliest: Option<&String>,
    ) {
        let swap = swaps.exact.iter().find(|(captured, _)| captured == value);
        if let Some((_, sql)) = swap {
            self.text += sql;
        } else if swaps.fresh_times && is_time(value) {
            let is_now = earliest.is_some_and(|earliest| earliest == value);
            self.text += if is_now { "now()" } else { "(now() + interval '30 minutes')" };
        } else {
            let name = format!("v{statement}_{index}");
            let _strings_take_everything = write!(self.text, ":{name}");
            let variable = (name, value.to_owned());
            if !self.variables.contains(&variable) {
                self.variables.push(variable);
            }
        }
    }
}

/// `2026-11-21 12:00:00…`, as the server writes times.
fn is_time(value: &str) -> bool {
    let pattern = "dddd-dd-dd dd:dd:dd";
    let fits = |(byte, wanted): (u8, u8)| match wanted {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    };
    value.len() >= pattern.len() && value.bytes().zip(pattern.bytes()).all(fits)
}

/// What pgbench measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Limit {
    pub(crate) per_second: f64,
    pub(crate) transactions: u64,
    pub(crate) mean_ms: f64,
}

/// A pgbench that can be run.
#[derive(Debug)]
pub(crate) struct Pgbench {
    program: PathBuf,
    url: String,
    folder: PathBuf,
}

/// The sessions that the service opens.
const SESSION: &str = "-c role=kivuko_app -c statement_timeout=5000 -c lock_timeout=2000 \
                       -c idle_in_transaction_session_timeout=10000";

impl Pgbench {
    /// Takes the program that belongs to the server, else the one that is installed.
    pub(crate) fn find(server_programs: &Path, url: String, folder: &Path) -> Result<Self> {
        let own = server_programs.join("pgbench");
        let program = if own.exists() { own } else { "pgbench".into() };
        let tried = Command::new(&program).arg("--version").output();
        tried.context("pgbench is missing: install PostgreSQL's client programs (apt-get install postgresql-contrib)")?;
        Ok(Self { program, url, folder: folder.to_owned() })
    }

    pub(crate) fn run(&self, script: &Script, connections: u32, seconds: u32) -> Result<Limit> {
        let file = self.folder.join("pgbench.sql");
        std::fs::write(&file, &script.text)?;
        let mut command = Command::new(&self.program);
        command
            .args(["-n", "-M", "prepared", "-j", "2"])
            .args(["-c", &connections.to_string()])
            .args(["-T", &seconds.to_string()])
            .arg("-f")
            .arg(&file)
            .env("PGOPTIONS", SESSION);
        for (name, value) in &script.variables {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        let output = command.arg(&self.url).output().context("pgbench")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "pgbench: {complaint}");
        let told = String::from_utf8_lossy(&output.stdout);
        let limit = parse(&told).with_context(|| format!("pgbench said: {told}"))?;
        ensure!(limit.transactions > 0, "pgbench did nothing: {complaint}");
        Ok(limit)
    }
}

fn parse(told: &str) -> Option<Limit> {
    let number = |label: &str| {
        let value = told.lines().find_map(|line| line.strip_prefix(label))?;
        value.split_whitespace().next()
    };
    if number("number of failed transactions: ").is_some_and(|failed| failed != "0") {
        return None;
    }
    let done = number("number of transactions actually processed: ")?;
    Some(Limit {
        per_second: number("tps = ")?.parse().ok()?,
        transactions: done.split('/').next()?.parse().ok()?,
        mean_ms: number("latency average = ")?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(sql: &str, values: &[Option<&str>]) -> Sent {
        Sent {
            name: None,
            sql: sql.to_owned(),
            values: values.iter().map(|v| v.map(ToOwned::to_owned)).collect(),
        }
    }

    #[test]
    fn only_values_change() {
        let now = "2026-11-21 12:00:00.123+00";
        let sent = [
            sent("BEGIN", &[]),
            sent(
                "UPDATE t SET a = $1, b = $2 WHERE id = $3 AND $4 IS NULL AND at < $5 AND $10 = $1",
                &[
                    Some("7"),
                    Some("2026-11-21 12:30:00.123+00"),
                    Some("the-id"),
                    None,
                    Some(now),
                    None,
                    None,
                    None,
                    None,
                    Some("x"),
                ],
            ),
        ];
        let swaps = Swaps {
            prelude: "\\set n 1\n".to_owned(),
            exact: vec![("the-id".to_owned(), "f(:n)".to_owned())],
            fresh_times: true,
        };
        let script = Script::new(&sent, &swaps).expect("a script");
        assert_eq!(
            script.text,
            "\\set n 1\nBEGIN;\nUPDATE t SET a = :v1_1, b = (now() + interval '30 minutes') \
             WHERE id = f(:n) AND NULL IS NULL AND at < now() AND :v1_10 = :v1_1;\n"
        );
        let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(script.variables, [variable("v1_1", "7"), variable("v1_10", "x")]);
    }

    #[test]
    fn a_result_is_read() {
        let told = "number of transactions actually processed: 4200\n\
                    number of failed transactions: 0 (0.000%)\n\
                    latency average = 1.234 ms\n\
                    initial connection time = 9.876 ms\n\
                    tps = 987.654321 (without initial connection time)\n";
        let limit = Limit { per_second: 987.654_321, transactions: 4_200, mean_ms: 1.234 };
        assert_eq!(parse(told), Some(limit));
        assert_eq!(parse(&told.replace("failed transactions: 0", "failed transactions: 3")), None);
    }
}
