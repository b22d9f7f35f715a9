//! What the faults that hit one call come to together.

use std::time::Duration;

use serde_json::{Value, json};

use super::fault::GateFaultKind;
use super::view::View;
use crate::http::{Answer, Manner};

const JSON: &str = "application/json";
const HTML: &str = "<html><head><title>Just a moment...</title></head><body></body></html>";

#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) delay: Duration,
    pub(super) view: View,
    /// The fault that decides the answer.
    decisive: Option<GateFaultKind>,
}

impl Plan {
    pub(super) fn new(faults: Vec<GateFaultKind>) -> Self {
        let mut plan = Self::default();
        for fault in faults {
            match fault {
                GateFaultKind::Slow(time) => plan.delay += time,
                GateFaultKind::Lag(blocks) => plan.view.lag = plan.view.lag.max(blocks),
                GateFaultKind::FinalizedAt(height) => plan.view.finalized = Some(height),
                decisive => {
                    plan.decisive.get_or_insert(decisive);
                }
            }
        }
        plan
    }

    pub(super) fn is_done(&self) -> bool {
        match &self.decisive {
            Some(
                GateFaultKind::Drop { done }
                | GateFaultKind::Hang { done }
                | GateFaultKind::Status { done, .. }
                | GateFaultKind::Refuse { done, .. },
            ) => *done,
            Some(
                GateFaultKind::Html | GateFaultKind::RefuseWhole { .. } | GateFaultKind::Answer(_),
            ) => false,
            _ => true,
        }
    }

    /// The reply to the one call, in place of what the node said.
    pub(super) fn reply(&self, id: &Value, method: &str, said: Value) -> Value {
        match &self.decisive {
            Some(GateFaultKind::Refuse { code, message, .. }) => refusal(id, *code, message),
            Some(GateFaultKind::Answer(result)) => result_of(id, result),
            Some(GateFaultKind::EmptyLogs) if method == "eth_getLogs" => result_of(id, &json!([])),
            _ => said,
        }
    }

    /// The whole answer, when it is not one of JSON-RPC.
    pub(super) fn spoilt(&self, replies: &str) -> Option<Answer> {
        let given = |status, content_type, body: &str, manner| {
            Some(Answer { status, content_type, body: body.to_owned(), manner })
        };
        match &self.decisive {
            Some(GateFaultKind::Drop { .. }) => given(200, JSON, "", Manner::Drop),
            Some(GateFaultKind::Hang { .. }) => given(200, JSON, "", Manner::Hang),
            Some(GateFaultKind::Status { status, .. }) => {
                given(*status, "text/plain", "try again later", Manner::Plain)
            }
            Some(GateFaultKind::RefuseWhole { status, code, message }) => {
                let whole = refusal(&Value::Null, *code, message).to_string();
                given(*status, JSON, &whole, Manner::Plain)
            }
            Some(GateFaultKind::Html) => given(200, "text/html", HTML, Manner::Plain),
            Some(GateFaultKind::Truncated) => given(200, JSON, replies, Manner::Truncated),
            _ => None,
        }
    }
}

pub(super) fn whole(replies: String) -> Answer {
    Answer { status: 200, content_type: JSON, body: replies, manner: Manner::Plain }
}

pub(super) fn result_of(id: &Value, result: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

pub(super) fn refusal(id: &Value, code: i64, message: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
}
