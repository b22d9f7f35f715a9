//! What the service really sends: read from the server's log while one request is answered.

use crate::db::Db;
use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A statement as it was sent: its text with `$1…`, and what they stood for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    /// What it was prepared as; `None` when it was sent as plain text.
    pub(crate) name: Option<String>,
    pub(crate) sql: String,
    pub(crate) values: Vec<Option<String>>,
}

/// Starts every entry of the log while we read it; lines without it continue an entry.
const PREFIX: &str = "kivuko-bench ";

/// A log in which the server writes down every statement of new sessions, until it is dropped.
#[derive(Debug)]
pub(crate) struct Ear<'a> {
    db: &'a Db,
    log: PathBuf,
}

impl<'a> Ear<'a> {
    pub(crate) fn open(db: &'a Db, log: &Path) -> Result<Self> {
        let ear = Self { db, log: log.to_owned() };
        db.run("ALTER SYSTEM SET log_statement = 'all'")?;
        db.run(&format!("ALTER SYSTEM SET log_line_prefix = '{PREFIX}'"))?;
        db.run("ALTER SYSTEM SET log_parameter_max_length = -1")?;
        db.run("SELECT pg_reload_conf()")?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while db.text("SHOW log_statement")? != "all" {
            ensure!(Instant::now() < deadline, "the server does not reload");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(ear)
    }

    /// The statements that the server executes while `act` runs. Our own are not among them.
    pub(crate) fn during(&self, act: impl FnOnce() -> Result<()>) -> Result<Vec<Sent>> {
        let mut log = File::open(&self.log).context("the server's log")?;
        log.seek(SeekFrom::End(0))?;
        act()?;
        let mut text = String::new();
        log.read_to_string(&mut text)?;
        let sent = parse(&text)?;
        ensure!(!sent.is_empty(), "the server's log holds no statement");
        Ok(sent)
    }
}

impl Drop for Ear<'_> {
    fn drop(&mut self) {
        for name in ["log_statement", "log_line_prefix", "log_parameter_max_length"] {
            let _the_cluster_is_ours_alone = self.db.run(&format!("ALTER SYSTEM RESET {name}"));
        }
        let _the_cluster_is_ours_alone = self.db.run("SELECT pg_reload_conf()");
    }
}

/// The statements of a log, in order.
fn parse(log: &str) -> Result<Vec<Sent>> {
    let mut sent: Vec<Sent> = Vec::new();
    for entry in entries(log) {
        if let Some(values) = entry.strip_prefix("DETAIL:  ").and_then(parameters) {
            let last = sent.last_mut().context("parameters of no statement")?;
            last.values = values;
        } else if let Some((name, sql)) = entry.strip_prefix("LOG:  ").and_then(statement) {
            sent.push(Sent {
                name: name.map(ToOwned::to_owned),
                sql: sql.to_owned(),
                values: Vec::new(),
            });
        }
    }
    Ok(sent)
}

/// Entries without their prefix; the server puts a tab before lines that continue one.
fn entries(log: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for line in log.lines() {
        match (line.strip_prefix(PREFIX), entries.last_mut()) {
            (Some(begun), _) => entries.push(begun.to_owned()),
            (None, Some(entry)) => {
                entry.push('\n');
                entry.push_str(line.strip_prefix('\t').unwrap_or(line));
            }
            (None, None) => {}
        }
    }
    entries
}

/// `execute s0: SELECT …` or `statement: BEGIN`.
fn statement(entry: &str) -> Option<(Option<&str>, &str)> {
    let (kind, sql) = entry.split_once(": ")?;
    match kind.strip_prefix("execute ") {
        Some(name) => Some((Some(name), sql)),
        None => (kind == "statement").then_some((None, sql)),
    }
}

/// Those of `later` that were prepared anew, although `earlier` had prepared the same text.
pub(crate) fn prepared_anew(earlier: &[Sent], later: &[Sent]) -> Vec<String> {
    let known = |sent: &&Sent| {
        let same = earlier.iter().find(|other| other.sql == sent.sql);
        same.is_some_and(|other| other.name != sent.name)
    };
    later.iter().filter(known).map(|sent| sent.sql.clone()).collect()
}

/// `parameters: $1 = 'it''s', $2 = NULL`.
fn parameters(detail: &str) -> Option<Vec<Option<String>>> {
    let (name, mut rest) = detail.split_once(": ")?;
    if !name.eq_ignore_ascii_case("parameters") {
        return None;
    }
    let mut values = Vec::new();
    while !rest.is_empty() {
        let (_, value) = rest.split_once(" = ")?;
        if let Some(after) = value.strip_prefix("NULL") {
            values.push(None);
            rest = after;
        } else {
            let (text, after) = quoted(value)?;
            values.push(Some(text));
            rest = after;
        }
        rest = rest.strip_prefix(", ").unwrap_or(rest);
    }
    Some(values)
}

/// Takes a text in quotes, where two quotes mean one; answers it and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('\'')?;
    let mut value = String::new();
    loop {
        let (part, after) = rest.split_once('\'')?;
        value.push_str(part);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_come_with_their_values() {
        let log = "kivuko-bench LOG:  connection received\n\
                   kivuko-bench LOG:  statement: BEGIN\n\
                   kivuko-bench LOG:  execute s0: -- Why.\n\tSELECT $1,\n\t\t$2\n\
                   kivuko-bench DETAIL:  parameters: $1 = 'it''s, $2 = 1', $2 = NULL, $3 = ''\n\
                   kivuko-bench LOG:  execute <unnamed>: COMMIT\n";
        let sent = |name: Option<&str>, sql: &str, values: &[Option<&str>]| Sent {
            name: name.map(ToOwned::to_owned),
            sql: sql.to_owned(),
            values: values.iter().map(|v| v.map(ToOwned::to_owned)).collect(),
        };
        assert_eq!(
            parse(log).expect("a log"),
            [
                sent(None, "BEGIN", &[]),
                sent(
                    Some("s0"),
                    "-- Why.\nSELECT $1,\n\t$2",
                    &[Some("it's, $2 = 1"), None, Some("")]
                ),
                sent(Some("<unnamed>"), "COMMIT", &[]),
            ]
        );
    }

    #[test]
    fn a_statement_that_is_kept_keeps_its_name() {
        let sent = |name: &str, sql: &str| Sent {
            name: Some(name.to_owned()),
            sql: sql.to_owned(),
            values: Vec::new(),
        };
        let earlier = [sent("s0", "A"), sent("s1", "B")];
        let later = [sent("s0", "A"), sent("s2", "B"), sent("s3", "C")];
        assert_eq!(prepared_anew(&earlier, &later), ["B"]);
    }

    #[test]
    fn newer_servers_spell_it_with_a_capital() {
        assert_eq!(parameters("Parameters: $1 = '7'"), Some(vec![Some("7".to_owned())]));
        assert_eq!(parameters("Key (id)=(1) already exists."), None);
    }
}
