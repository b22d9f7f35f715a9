//! Which crate may know which, and under which licences.

use std::collections::{BTreeSet, HashMap};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

use super::source::{assert_none, root};

fn metadata() -> Metadata {
    // Crates for other machines are in the lock file and were never fetched.
    let platform = "--filter-platform=x86_64-unknown-linux-gnu".to_owned();
    let options = ["--locked".to_owned(), "--offline".to_owned(), platform];
    let metadata = MetadataCommand::new().current_dir(root()).other_options(options).exec();
    metadata.expect("cargo metadata of a workspace that has been built")
}

/// Everything that `name` links into a program, directly or not.
fn linked<'a>(metadata: &'a Metadata, name: &str) -> BTreeSet<&'a str> {
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let packages: HashMap<&PackageId, &Package> =
        metadata.packages.iter().map(|p| (&p.id, p)).collect();
    let start = metadata.workspace_packages().into_iter().find(|p| p.name.as_str() == name);
    let mut queue = vec![&start.unwrap_or_else(|| panic!("no crate {name}")).id];
    let mut seen = BTreeSet::new();
    while let Some(id) = queue.pop() {
        let node = resolve.nodes.iter().find(|node| node.id == *id).expect("a node");
        for dependency in &node.deps {
            let is_linked =
                dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            let known = packages[&dependency.pkg].name.as_str();
            if is_linked && seen.insert(known) {
                queue.push(&dependency.pkg);
            }
        }
    }
    seen
}

#[test]
fn the_domain_knows_no_adapter_no_database_no_http_and_no_runtime() {
    let metadata = metadata();
    let known = linked(&metadata, "domain");
    let forbidden =
        ["adapters-", "api-actix", "private-pg", "diesel", "actix-web", "tokio", "reqwest"];
    let broken: Vec<String> = known
        .iter()
        .filter(|name| forbidden.iter().any(|start| name.starts_with(start)))
        .map(|name| (*name).to_owned())
        .collect();
    // futures-util, of the tests' support, brings a few small crates; none of them is a runtime.
    assert_none("domain must not depend on", &broken);
}

#[test]
fn adapters_do_not_know_each_other_or_http() {
    let metadata = metadata();
    let crates = metadata.workspace_packages();
    let adapters: Vec<&str> = crates
        .iter()
        .map(|p| p.name.as_str())
        .filter(|name| name.starts_with("adapters-"))
        .collect();
    assert!(adapters.contains(&"adapters-db"), "{adapters:?}");
    let mut broken = Vec::new();
    for adapter in &adapters {
        for known in linked(&metadata, adapter) {
            let is_foreign = known.starts_with("adapters-")
                || known.starts_with("actix-")
                || known == "api-actix";
            if is_foreign {
                broken.push(format!("{adapter} knows {known}"));
            }
        }
    }
    assert_none("adapters know the domain and their own technology only", &broken);
}

#[test]
fn every_licence_is_one_that_deny_toml_allows() {
    let text = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml");
    let rules: toml::Table = text.parse().expect("deny.toml is TOML");
    let allowed: Vec<spdx::Licensee> = words(&rules, "licenses", "allow")
        .iter()
        .map(|word| spdx::Licensee::parse(word).unwrap_or_else(|error| panic!("{word}: {error}")))
        .collect();
    let accepts = |licence: &str| {
        let expression = spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX);
        expression.is_ok_and(|e| e.evaluate(|wanted| allowed.iter().any(|l| l.satisfies(wanted))))
    };
    let built = licences();
    assert!(built.len() > 200, "only {} crates: is this the tree?", built.len());
    let broken: Vec<String> = built
        .into_iter()
        .filter(|(_, licence)| !accepts(licence))
        .map(|(package, licence)| format!("{package}: {licence:?}"))
        .collect();
    assert_none("licences outside deny.toml's list", &broken);
}

/// Every crate that is built, and its licence. The lock file, and `cargo metadata` with it, names crates
/// of features that nobody switches on; `cargo tree` does not.
fn licences() -> BTreeSet<(String, String)> {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--workspace", "--edges", "normal,build,dev", "--prefix", "none"]);
    tree.args(["--format", "{p}|{l}", "--locked", "--offline"]).current_dir(root());
    let output = tree.output().expect("cargo tree runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let rows = text.lines().map(|line| line.trim_end_matches(" (*)"));
    rows.filter_map(|line| line.split_once('|'))
        .map(|(package, licence)| (package.to_owned(), licence.to_owned()))
        .collect()
}

#[test]
fn no_banned_crate_is_in_the_tree() {
    let text = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml");
    let rules: toml::Table = text.parse().expect("deny.toml is TOML");
    let banned = rules["bans"]["deny"].as_array().expect("a list").iter();
    let banned: Vec<&str> = banned.filter_map(|entry| entry["name"].as_str()).collect();
    assert!(banned.contains(&"pq-sys"), "{banned:?}");
    let metadata = metadata();
    let names = metadata.packages.iter().map(|package| package.name.as_str());
    let broken: Vec<String> =
        names.filter(|name| banned.contains(name)).map(str::to_owned).collect();
    assert_none("banned crates", &broken);
}

fn words(rules: &toml::Table, section: &str, key: &str) -> Vec<String> {
    let list = rules[section][key].as_array().expect("a list");
    list.iter().filter_map(|word| word.as_str()).map(str::to_owned).collect()
}
