//! What stands before a node's calls: routing, the journal, and what faults make of answers.

use std::time::Duration;

use serde_json::json;

use super::endpoint::Endpoint;
use super::endpoints::{Asked, serve};
use super::fault::FaultKind;
use super::journal::{JournalEntry, MOST, beginning};
use super::request::Misread;
use super::world::World;
use crate::http::{Answer, Call, Manner};

const JSON: &str = "application/json";
/// What a provider says to a key that asks too often.
const LIMITED: &str = include_str!("limited.json");
const HTML: &str = "text/html; charset=utf-8";
const API_KEY: &str = "tron-pro-api-key";
const PAGE: &str = "<html><head><title>Just a moment...</title></head><body></body></html>";

/// An answer, and how much later it is given.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) pause: Duration,
}

/// Answers a request at one of the nodes, and notes both.
pub(super) fn answer(world: &mut World, node: usize, call: &Call) -> Reply {
    let (endpoint, is_solid) = Endpoint::of(&call.path);
    *world.requests.entry(endpoint).or_default() += 1;
    let mut faults = Vec::new();
    for rule in &mut world.faults {
        faults.extend(rule.strike(endpoint, node, is_solid));
    }
    let answer = routed(world, node, call, &faults);
    note(world, node, endpoint, call, &answer);
    let pauses = faults.iter().filter_map(|fault| match fault {
        FaultKind::Delay(pause) => Some(*pause),
        _ => None,
    });
    Reply { pause: pauses.sum(), answer }
}

fn routed(world: &mut World, node: usize, call: &Call, faults: &[FaultKind]) -> Answer {
    if world.api_key.as_deref().is_some_and(|key| call.header(API_KEY) != Some(key)) {
        return limited(403);
    }
    if let Some(refusal) = faults.iter().find_map(refusal) {
        return refusal;
    }
    let is_undone = |fault: &FaultKind| {
        matches!(
            fault,
            FaultKind::Hang { done: false }
                | FaultKind::Drop { done: false }
                | FaultKind::Truncated { done: false }
                | FaultKind::Html { done: false }
        )
    };
    let answer = if faults.iter().any(is_undone) {
        plain(200, JSON, json!({ "result": true, "code": "SUCCESS" }).to_string())
    } else {
        served(world, node, call, faults)
    };
    faults.iter().fold(answer, spoilt)
}

fn served(world: &mut World, node: usize, call: &Call, faults: &[FaultKind]) -> Answer {
    let asked = match Asked::read(world, node, call, faults) {
        Ok(asked) if asked.endpoint == Endpoint::Unknown => {
            return plain(404, HTML, "<html><body>Error 404 Not Found</body></html>".to_owned());
        }
        asked => asked,
    };
    let body = asked.and_then(|asked| serve(world, &asked));
    let body = body.unwrap_or_else(|Misread(words)| json!({ "Error": words }));
    plain(200, JSON, body.to_string())
}

/// Faults that keep a request from the node.
fn refusal(fault: &FaultKind) -> Option<Answer> {
    match fault {
        FaultKind::Forbidden => Some(limited(403)),
        FaultKind::Unavailable => Some(limited(503)),
        FaultKind::Error(words) => Some(plain(200, JSON, json!({ "Error": words }).to_string())),
        _ => None,
    }
}

/// As a provider says it.
fn limited(status: u16) -> Answer {
    plain(status, JSON, LIMITED.trim_end().replace("403", &status.to_string()))
}

fn spoilt(answer: Answer, fault: &FaultKind) -> Answer {
    match fault {
        FaultKind::Hang { .. } => Answer { manner: Manner::Hang, ..answer },
        FaultKind::Drop { .. } => Answer { manner: Manner::Drop, ..answer },
        FaultKind::Truncated { .. } => Answer { manner: Manner::Truncated, ..answer },
        FaultKind::Html { .. } => plain(200, HTML, PAGE.to_owned()),
        _ => answer,
    }
}

fn plain(status: u16, content_type: &'static str, body: String) -> Answer {
    Answer { status, content_type, body, manner: Manner::Plain }
}

fn note(world: &mut World, node: usize, endpoint: Endpoint, call: &Call, answer: &Answer) {
    let is_lost = matches!(answer.manner, Manner::Drop | Manner::Hang);
    let request = if call.body.is_empty() { &call.query } else { &call.body };
    let entry = JournalEntry {
        at_ms: world.now_ms(),
        node,
        endpoint,
        path: call.path.clone(),
        request: beginning(request),
        status: (!is_lost).then_some(answer.status),
        answer: if is_lost { String::new() } else { beginning(&answer.body) },
    };
    if world.journal.len() >= MOST {
        world.journal.pop_front();
    }
    world.journal.push_back(entry);
}
