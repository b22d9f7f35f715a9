//! A cluster is started, used, stopped and started again.

mod support;

use private_pg::{Options, PrivatePg, SUPERUSER};
use std::fs;
use std::time::{Duration, Instant};
use support::{Scratch, run, sql};

#[test]
fn rows_survive_a_restart() {
    let scratch = Scratch::new();
    let options = Options::lasting(&scratch.0);
    let mut pg = PrivatePg::start(&options).unwrap();
    run(&pg, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)");
    pg.stop().unwrap();
    pg.stop().unwrap();
    let again = PrivatePg::start(&options).unwrap(); // the first one is stopped, not yet dropped
    assert_eq!(run(&again, "SELECT n FROM kept"), ["7"]);
    assert_eq!(again.root(), scratch.0);
    assert!(again.bin_dir().join("postgres").is_file());
}

#[test]
fn starts_are_quick() {
    let scratch = Scratch::new();
    let options = Options::lasting(&scratch.0);
    let timed = || {
        let begun = Instant::now();
        drop(PrivatePg::start(&options).unwrap());
        begun.elapsed()
    };
    let (first, second) = (timed(), timed());
    println!("first start and stop {first:?}, second {second:?}");
    // Generous: the tests share two cores. What matters is that no wait runs into its limit.
    assert!(first < Duration::from_secs(10) && second < Duration::from_secs(5));
}

#[test]
fn a_lasting_cluster_is_durable_and_a_throwaway_is_not() {
    let (lasting, throwaway) = (Scratch::new(), Scratch::new());
    let fsync = |options| run(&PrivatePg::start(&options).unwrap(), "SHOW fsync");
    assert_eq!(fsync(Options::lasting(&lasting.0)), ["on"]);
    assert_eq!(fsync(Options::throwaway(&throwaway.0)), ["off"]);
}

#[test]
fn settings_reach_the_server_and_the_callers_win() {
    let scratch = Scratch::new();
    let mut options = Options::throwaway(&scratch.0);
    options.max_connections = 17;
    options.settings.push(("shared_buffers".into(), "16MB".into()));
    options.settings.push(("fsync".into(), "on".into()));
    let pg = PrivatePg::start(&options).unwrap();
    let shown = ["max_connections", "shared_buffers", "fsync", "timezone", "server_encoding"]
        .map(|name| run(&pg, &format!("SHOW {name}")).concat());
    assert_eq!(shown, ["17", "16MB", "on", "UTC", "UTF8"]);
}

#[test]
fn an_impossible_setting_is_reported_with_the_servers_own_words() {
    let scratch = Scratch::new();
    let mut options = Options::throwaway(&scratch.0);
    options.settings.push(("no_such_setting".into(), "1".into()));
    let error = PrivatePg::start(&options).unwrap_err().to_string();
    assert!(error.contains("unrecognized configuration parameter"), "{error}");
    assert!(!scratch.0.exists(), "a failed start must not leave a temporary folder behind");
}

#[test]
fn any_role_reaches_any_database() {
    let scratch = Scratch::new();
    let pg = PrivatePg::start(&Options::throwaway(&scratch.0)).unwrap();
    run(&pg, r#"CREATE ROLE "o@b" LOGIN"#);
    run(&pg, r#"CREATE DATABASE "a b/c""#);
    let answer = sql(&pg.url("o@b", "a b/c"), "SELECT current_user || '|' || current_database()");
    assert_eq!(answer.unwrap(), ["o@b|a b/c"]);
    assert!(sql(&pg.url(SUPERUSER, "absent"), "SELECT 1").is_err());
}

#[test]
fn a_stopped_temporary_cluster_leaves_nothing() {
    let scratch = Scratch::new();
    let mut pg = PrivatePg::start(&Options::throwaway(&scratch.0)).unwrap();
    assert!(scratch.0.join("server.log").exists());
    pg.stop().unwrap();
    assert!(!scratch.0.exists());
}

#[test]
fn the_cluster_is_named_by_its_major() {
    let scratch = Scratch::new();
    let pg = PrivatePg::start(&Options::throwaway(&scratch.0)).unwrap();
    let version = run(&pg, "SELECT current_setting('server_version_num')::int / 10000").concat();
    assert!(scratch.0.join(format!("data-{version}")).is_dir());
}

#[test]
fn an_interrupted_first_start_is_redone() {
    let scratch = Scratch::new();
    let half_made = scratch.0.join("unfinished-1");
    fs::create_dir_all(&half_made).unwrap();
    fs::write(half_made.join("PG_VERSION"), "15").unwrap();
    fs::write(scratch.0.join("lock"), "").unwrap();
    let pg = PrivatePg::start(&Options::throwaway(&scratch.0)).unwrap();
    assert_eq!(run(&pg, "SELECT 1"), ["1"]);
    assert!(!half_made.exists());
}
