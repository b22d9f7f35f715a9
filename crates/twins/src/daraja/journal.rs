//! Everything that was said, in order, without what must not be written down.

use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

const SECRETS: [&str; 3] = ["Password", "SecurityCredential", "access_token"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalKind {
    Request,
    Answer,
    Callback,
    /// What the receiver of a callback answered, or why it could not be reached.
    CallbackAnswer,
}

/// One thing that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JournalEntry {
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub kind: JournalKind,
    /// The path of a request, or the kind of a callback and where it went.
    pub what: String,
    pub status: Option<u16>,
    pub body: String,
}

/// `text` with passwords, credentials, tokens and the secret parts of URLs struck out.
pub(super) fn redacted(text: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    if strike(&mut value) { value.to_string() } else { text.to_owned() }
}

/// Strikes out secrets; whether there were any. A body without any stays as it was sent.
fn strike(value: &mut Value) -> bool {
    let mut is_struck = false;
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                is_struck |= match value {
                    Value::String(text) => strike_field(name, text),
                    other => strike(other),
                };
            }
        }
        Value::Array(items) => {
            for item in items {
                is_struck |= strike(item);
            }
        }
        _ => {}
    }
    is_struck
}

fn strike_field(name: &str, text: &mut String) -> bool {
    if SECRETS.contains(&name) {
        "[redacted]".clone_into(text);
        return true;
    }
    let is_url = text.starts_with("http://") || text.starts_with("https://");
    if is_url {
        *text = redacted_url(text);
    }
    is_url
}

/// The URL without its last path segment and without long ones: adapters keep their tokens there.
pub(super) fn redacted_url(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let last = rest.split('/').count().saturating_sub(1);
    let shown = |(index, segment)| match index {
        0 => segment,
        _ if index == last || is_long(segment) => "[redacted]",
        _ => segment,
    };
    let segments: Vec<&str> = rest.split('/').enumerate().map(shown).collect();
    format!("{scheme}://{}", segments.join("/"))
}

fn is_long(segment: &str) -> bool {
    segment.len() >= 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_path_tokens_are_struck_out() {
        let text =
            redacted(r#"{"Password":"p","CallBackURL":"http://127.0.0.1/cb/abc","Amount":1}"#);
        assert!(!text.contains("abc") && !text.contains(r#""p""#), "{text}");
        assert!(text.contains(r#""Amount":1"#), "{text}");
    }

    #[test]
    fn a_token_is_struck_out_wherever_it_stands_in_a_path() {
        let url = format!("http://127.0.0.1:80/cb/{}/x", "a".repeat(32));
        assert_eq!(redacted_url(&url), "http://127.0.0.1:80/cb/[redacted]/[redacted]");
        assert_eq!(redacted_url("http://127.0.0.1"), "http://127.0.0.1");
    }

    #[test]
    fn what_holds_no_secret_stays_as_it_was_sent() {
        assert_eq!(redacted(r#"{"b": 1.00}"#), r#"{"b": 1.00}"#);
        assert_eq!(redacted("not json"), "not json");
    }
}
