//! The two ports: which of them answers what, and what an answer waits for.

use std::sync::Arc;
use std::time::Duration;

use super::companion::{self, Beside};
use super::control_http;
use super::shared::Shared;
use crate::http::{Answer, Call};

/// How long an answer waits for a callback to be answered first, in real time.
const PATIENCE: Duration = Duration::from_secs(15);

/// Which of the two ports a connection came in at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Port {
    Api,
    Control,
}

pub(super) async fn answer(shared: Arc<Shared>, beside: Beside, port: Port, call: Call) -> Answer {
    if let Port::Control = port
        && let Some(answer) = companion::ask(&beside, &call).await
    {
        return answer;
    }
    let reply = match port {
        Port::Api => shared.answer(&call),
        Port::Control => control_http::answer(&shared, &call),
    };
    if let Some(wait) = &reply.wait {
        shared.wait(wait, PATIENCE).await;
    }
    reply.into_answer()
}
