//! How large things may get. Clippy holds functions and parameters; files and traits are held here.

use super::source::{Source, all, assert_none};

const FILE_LINES: usize = 400;
const TRAIT_METHODS: usize = 8;
/// Written once from the tables; grows with them.
const GENERATED: [&str; 1] = ["crates/adapters-db/src/schema.rs"];

#[test]
fn no_production_file_is_longer_than_400_lines() {
    let is_held = |source: &Source| !source.is_test() && !GENERATED.contains(&source.path.as_str());
    let broken: Vec<String> = all()
        .into_iter()
        .filter(is_held)
        .map(|source| (source.production().lines().count(), source.path))
        .filter(|(lines, _)| *lines > FILE_LINES)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    assert_none("files longer than 400 lines", &broken);
}

#[test]
fn no_port_has_more_than_eight_methods() {
    let mut broken = Vec::new();
    for source in all().iter().filter(|source| source.path.contains("/ports/")) {
        let mut port = String::new();
        let mut methods = 0;
        for (_, line) in source.lines() {
            if let Some(name) = line.strip_prefix("pub trait ") {
                (port, methods) = (name.to_owned(), 0);
            }
            let line = line.trim_start();
            methods += usize::from(line.starts_with("fn ") || line.starts_with("async fn "));
            if line == "}" && methods > TRAIT_METHODS {
                broken.push(format!("{}: {port} has {methods}", source.path));
            }
        }
    }
    assert_none("ports with more than eight methods", &broken);
}
