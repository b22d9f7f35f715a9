//! From a request to its answer: one call or a batch of them, each with its faults.

use std::sync::Arc;

use serde_json::Value;

use super::Shared;
use super::plan::{Plan, refusal, whole};
use crate::http::{Answer, Call};

pub(super) async fn answer(shared: Arc<Shared>, call: Call) -> Answer {
    let Ok(asked) = serde_json::from_str::<Value>(&call.body) else {
        return whole(refusal(&Value::Null, -32700, "Parse error").to_string());
    };
    let (calls, is_batch) = match asked {
        Value::Array(calls) => (calls, true),
        one => (vec![one], false),
    };
    let mut replies = Vec::new();
    let mut plans = Vec::new();
    for call in &calls {
        let (reply, plan) = relay(&shared, call, calls.len()).await;
        replies.push(reply);
        plans.push(plan);
    }
    let text = match replies.first() {
        Some(only) if !is_batch => only.to_string(),
        _ => Value::Array(replies).to_string(),
    };
    // What spoils one call's answer spoils the batch's.
    plans.iter().find_map(|plan| plan.spoilt(&text)).unwrap_or_else(|| whole(text))
}

async fn relay(shared: &Shared, call: &Value, at_once: usize) -> (Value, Plan) {
    let method = call.get("method").and_then(Value::as_str).unwrap_or_default();
    let params = call.get("params").unwrap_or(&Value::Null);
    let plan = Plan::new(shared.strike(method, params, at_once));
    // Nothing ever comes of it: a pause.
    let _ = tokio::time::timeout(plan.delay, std::future::pending::<()>()).await;
    let id = call.get("id").unwrap_or(&Value::Null);
    let said = if plan.is_done() {
        let said = plan.view.ask(&shared.node, call).await;
        said.unwrap_or_else(|error| refusal(id, -32603, &error.to_string()))
    } else {
        Value::Null
    };
    (plan.reply(id, method, said), plan)
}
