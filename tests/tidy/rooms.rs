//! What stays in its room.

use super::source::{Source, all, assert_none};

/// Where in production code a word stands outside the rooms that it belongs to.
fn outside(words: &[&str], rooms: &[&str]) -> Vec<String> {
    let strangers = |source: &Source| {
        !source.is_test() && !rooms.iter().any(|room| source.path.starts_with(room))
    };
    let mut found = Vec::new();
    for source in all().into_iter().filter(strangers) {
        for (number, line) in source.production().lines().enumerate() {
            let is_comment = line.trim_start().starts_with("//");
            if !is_comment && words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}: {}", source.path, number + 1, line.trim()));
            }
        }
    }
    found
}

#[test]
fn http_statuses_are_decided_in_two_files() {
    let words = [
        "StatusCode",
        "HttpResponse::Created",
        "HttpResponse::BadRequest",
        "HttpResponse::NotFound",
    ];
    let rooms = ["crates/api-actix/src/error.rs", "crates/api-actix/src/http/answer.rs", "bench/"];
    assert_none("HTTP statuses outside error.rs and http/answer.rs", &outside(&words, &rooms));
}

#[test]
fn diesel_is_in_the_database_adapter_only() {
    let rooms = ["crates/adapters-db/"];
    assert_none("diesel outside adapters-db", &outside(&["diesel::", "diesel_async::"], &rooms));
}

#[test]
fn wrapped_nulls_are_in_one_file() {
    let rooms = ["crates/api-actix/src/dto/nulls.rs"];
    assert_none("wrapped nulls outside dto/nulls.rs", &outside(&["\"Valid\""], &rooms));
}

#[test]
fn adapters_are_named_in_the_composition_root_only() {
    let words =
        ["PgStore", "XpubBook", "adapters_mpesa", "LocalSigner", "TronConfig", "EthereumConfig"];
    // What a rail's settings mean to its adapter has a room of its own, and so has its command line.
    let rooms = [
        "crates/adapters-",
        "crates/api-actix/src/app/",
        "crates/api-actix/src/rail.rs",
        "crates/api-actix/src/chains/",
        "crates/api-actix/src/cli/mpesa.rs",
        "bench/",
    ];
    assert_none("adapters named outside app/", &outside(&words, &rooms));
}

#[test]
fn lints_are_expected_with_a_reason_and_never_switched_off() {
    let mut broken = Vec::new();
    for source in all() {
        let is_this_rule = source.path == "tests/tidy/rooms.rs";
        for (number, line) in source.lines().filter(|_| !is_this_rule) {
            if line.contains("#[allow(") || line.contains("#![allow(") {
                broken.push(format!("{}:{number}", source.path));
            }
        }
    }
    assert_none("#[allow] instead of #[expect(.., reason = ..)]", &broken);
}

#[test]
fn every_file_opens_with_what_lives_in_it() {
    let silent = |source: &Source| !source.text.starts_with("//!");
    let broken: Vec<String> = all().into_iter().filter(silent).map(|source| source.path).collect();
    assert_none("files without a //! at their door", &broken);
}

#[test]
fn no_test_is_skipped_and_none_sleeps_but_between_looks_at_a_condition() {
    let mut broken = Vec::new();
    for source in all().into_iter().filter(|s| s.is_test() && s.path != "tests/tidy/rooms.rs") {
        let lines: Vec<(usize, &str)> = source.lines().collect();
        for (number, line) in &lines {
            let before = &lines[number.saturating_sub(8)..*number];
            let is_polling =
                before.iter().any(|(_, line)| line.contains("while ") || line.contains("loop {"));
            let sleeps = line.contains("thread::sleep") || line.contains("time::sleep(");
            if line.contains("#[ignore") || (sleeps && !is_polling) {
                broken.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    assert_none("skipped tests, or sleeps in place of conditions", &broken);
}
