//! Metrics: what the code sets is in the one list, what is in the list is set, and dashboards and alert
//! rules name nothing else.

use std::collections::BTreeSet;
use std::fs;

use api_actix::signals::SIGNALS;

use super::source::{self, assert_none};

/// The names in `metrics::gauge!("…"` and its like, in production code.
fn set_in_code() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in source::all().iter().filter(|source| !source.is_test()) {
        for kind in ["gauge!(", "counter!(", "histogram!("] {
            for rest in source.production().split(kind).skip(1) {
                let literal = rest.trim_start().strip_prefix('"');
                names.extend(literal.and_then(|text| text.split('"').next()).map(str::to_owned));
            }
        }
    }
    // Set in a loop over the kinds that are gone.
    names.extend(["jobs_open", "jobs_due_seconds", "jobs_attempts_most"].map(str::to_owned));
    names
}

fn listed() -> BTreeSet<String> {
    SIGNALS.iter().map(|(name, ..)| (*name).to_owned()).collect()
}

/// The words of an expression that look like metrics: all of ours have an underscore.
fn named_in(text: &str) -> BTreeSet<String> {
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    let words = text.split(|letter| !is_part(letter)).filter(|word| word.contains('_'));
    let functions = ["histogram_quantile"];
    let words = words.filter(|word| !functions.contains(word));
    words.map(|word| word.trim_end_matches("_bucket").to_owned()).collect()
}

fn expressions(file: &str) -> Vec<String> {
    let text = fs::read_to_string(source::root().join(file)).expect("a readable file");
    let json = text.lines().filter_map(|line| line.trim().strip_prefix("\"expr\": "));
    let yaml = text.lines().filter_map(|line| line.trim().strip_prefix("expr: "));
    let found: Vec<String> = json.chain(yaml).map(str::to_owned).collect();
    assert!(found.len() > 10, "{file} has expressions");
    found
}

#[test]
fn every_metric_is_in_the_list_and_everything_in_the_list_is_a_metric() {
    assert_eq!(set_in_code(), listed());
    assert_eq!(listed().len(), SIGNALS.len(), "each once");
}

#[test]
fn the_dashboard_and_the_alerts_name_only_metrics_that_exist() {
    let listed = listed();
    let mut broken = Vec::new();
    let mut shown = BTreeSet::new();
    for file in ["ops/grafana/kivuko.json", "ops/prometheus/alerts.yml"] {
        for expression in expressions(file) {
            let named = named_in(&expression);
            assert!(!named.is_empty(), "{file}: {expression}");
            broken.extend(named.difference(&listed).map(|name| format!("{file}: {name}")));
            shown.extend(named);
        }
    }
    assert_none("no such metric", &broken);
    let unseen: Vec<String> = listed.difference(&shown).cloned().collect();
    assert_none("shown nowhere", &unseen);
}
