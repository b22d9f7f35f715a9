//! The owner of a cluster dies without a word. Its server must end, and its rows must stay.

mod support;

use private_pg::{Options, PrivatePg};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use support::{Scratch, run, sql};

/// The crate's own program, as the owner that can be killed.
struct Owner {
    child: Child,
    url: String,
    server: u32,
}

impl Owner {
    fn start(root: &Path, flags: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_private-pg"));
        command.arg(root).args(flags).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the owner");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut next = || lines.next().expect("a line").expect("a readable line");
        let (url, server) = (next(), next().parse().expect("a process id"));
        Self { child, url, server }
    }

    fn kill(&mut self) {
        self.child.kill().expect("kill -9");
        self.child.wait().expect("its end");
    }
}

/// Waits until `condition` holds, and says whether it did in time.
fn eventually(condition: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        if condition() {
            return true;
        }
        thread::sleep(Duration::from_millis(5));
    }
    condition()
}

/// A zombie that nobody reaps has ended too.
fn has_ended(pid: u32) -> bool {
    let status = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output();
    let status = String::from_utf8(status.expect("ps").stdout).expect("text");
    status.trim().is_empty() || status.starts_with('Z')
}

fn signal(name: &str, pid: u32) {
    let killed = Command::new("/bin/kill").args([name, &pid.to_string()]).status();
    assert!(killed.expect("kill").success());
}

#[test]
fn the_server_follows_its_killed_owner_and_the_rows_stay() {
    let scratch = Scratch::new();
    let mut owner = Owner::start(&scratch.0, &[]);
    sql(&owner.url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)").unwrap();
    owner.kill();
    assert!(eventually(|| has_ended(owner.server)));
    let pg = PrivatePg::start(&Options::lasting(&scratch.0)).unwrap();
    assert_eq!(run(&pg, "SELECT n FROM kept"), ["7"]);
}

#[test]
fn a_successor_need_not_wait() {
    let scratch = Scratch::new();
    let mut owner = Owner::start(&scratch.0, &[]);
    sql(&owner.url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)").unwrap();
    owner.kill();
    let pg = PrivatePg::start(&Options::lasting(&scratch.0)).unwrap();
    assert_eq!(run(&pg, "SELECT n FROM kept"), ["7"]);
}

#[test]
fn a_killed_server_is_recovered() {
    let scratch = Scratch::new();
    let mut owner = Owner::start(&scratch.0, &[]);
    sql(&owner.url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)").unwrap();
    signal("-KILL", owner.server);
    owner.kill();
    let pg = PrivatePg::start(&Options::lasting(&scratch.0)).unwrap();
    assert_eq!(run(&pg, "SELECT n FROM kept"), ["7"]);
}

#[test]
fn a_server_that_lost_its_watchdog_too_is_ended_by_the_successor() {
    let scratch = Scratch::new();
    let mut owner = Owner::start(&scratch.0, &[]);
    sql(&owner.url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)").unwrap();
    let owner_pid = owner.child.id().to_string();
    let shells = Command::new("ps").args(["-o", "pid=,comm=", "--ppid", &owner_pid]).output();
    let shells = String::from_utf8(shells.unwrap().stdout).unwrap();
    let watchdog = shells.lines().find(|line| line.trim().ends_with("sh")).unwrap();
    signal("-KILL", watchdog.split_whitespace().next().unwrap().parse().unwrap());
    owner.kill();
    assert!(!has_ended(owner.server));
    let pg = PrivatePg::start(&Options::lasting(&scratch.0)).unwrap();
    assert_eq!(run(&pg, "SELECT n FROM kept"), ["7"]);
    assert!(has_ended(owner.server));
}

#[test]
fn a_temporary_folder_goes_with_its_killed_owner() {
    let scratch = Scratch::new();
    let mut owner = Owner::start(&scratch.0, &["--throwaway"]);
    assert!(scratch.0.exists());
    owner.kill();
    assert!(eventually(|| has_ended(owner.server) && !scratch.0.exists()));
}

#[test]
fn the_end_of_the_owners_input_is_an_orderly_stop() {
    let scratch = Scratch::new();
    let mut owner = Owner::start(&scratch.0, &["--throwaway"]);
    drop(owner.child.stdin.take());
    assert!(owner.child.wait().unwrap().success());
    assert!(has_ended(owner.server) && !scratch.0.exists());
}
