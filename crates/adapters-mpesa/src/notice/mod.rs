//! Reading what the rail calls back with. Pure, and made for any bytes: everybody who knows a URL
//! may have written them. What a notice is worth is the domain's to judge.

mod balance;
mod bill;
mod collection;
mod outcome;
mod status;

use domain::ports::Unreadable;
use domain::rail::{Hook, Notice};
use serde_json::Value;

/// Reads a callback's body; `is_balance` tells apart the two answers that share a door.
///
/// # Errors
/// When the body is no JSON of the shape that `hook` expects, or is a success that lacks its amount
/// or its receipt. The error repeats nothing of the body.
pub fn read_notice(hook: Hook, is_balance: bool, body: &[u8]) -> Result<Notice, Unreadable> {
    // Some say that its body is an echo of our request, credential included: it is not even looked
    // at.
    if hook == Hook::QueueTimeout {
        return Ok(Notice::QueueTimeout);
    }
    let json: Value = serde_json::from_slice(body).map_err(|error| not_json(&error))?;
    match hook {
        Hook::Collection => collection::read(&json).map(Notice::Collection),
        Hook::Payout => outcome::read(&json).map(Notice::Outcome),
        Hook::Status if is_balance => balance::read(&json),
        Hook::Status => status::read(&json).map(Notice::Status),
        Hook::Bill => bill::read(&json).map(Notice::Bill),
        Hook::QueueTimeout => Ok(Notice::QueueTimeout),
    }
}

/// The parser's own words may repeat the body.
fn not_json(error: &serde_json::Error) -> Unreadable {
    Unreadable(format!("not JSON, line {} column {}", error.line(), error.column()))
}

fn lacking(what: &str) -> Unreadable {
    Unreadable(format!("no {what}"))
}
