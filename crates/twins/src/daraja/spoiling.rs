//! What faults make of answers: refusals at the gateway, and good answers that are lost or broken.

use super::call::{Call, HTML, JSON, Manner, Refusal, Reply};
use super::endpoint::Endpoint;
use super::fault::FaultKind;
use super::gateway::{Stopped, maintenance, refused_token};
use super::wire::{object, text};

const FORBIDDEN: &str = "<html><head><title>Request unsuccessful</title></head><body>Request \
     unsuccessful. Incapsula incident ID: 0-0</body></html>";
const BAD_GATEWAY: &str = "<html><body><h1>The server returned an error</h1></body></html>";

/// Faults that keep a request from the product behind the gateway.
pub(super) fn stopped(endpoint: Endpoint, call: &Call, fault: &FaultKind) -> Option<Stopped> {
    let refused =
        |status, code, message: &str| Some(Stopped::Refused(Refusal::new(status, code, message)));
    match fault {
        FaultKind::SpikeArrest => Some(Stopped::With(spike_arrest())),
        FaultKind::WafHtml => Some(Stopped::With(Reply::new(403, HTML, FORBIDDEN))),
        FaultKind::SystemBusy => {
            refused(500, "500.003.02", "System is busy. Please try again in few minutes.")
        }
        FaultKind::QuotaViolation => refused(500, "500.003.03", "Quota Violation"),
        FaultKind::Maintenance => Some(maintenance().into()),
        FaultKind::InvalidToken => Some(refused_token(endpoint, call).into()),
        FaultKind::ProductMissing => {
            let message = "Invalid API call as no apiproduct match found";
            refused(401, "401.002.01", message)
        }
        FaultKind::NotAuthorised => {
            refused(403, "403.002.1001", "You are not authorized to initiate this transaction")
        }
        FaultKind::Hang { accepted: false }
        | FaultKind::Drop { accepted: false }
        | FaultKind::Status { accepted: false, .. }
        | FaultKind::Empty { accepted: false }
        | FaultKind::Truncated { accepted: false }
        | FaultKind::ResponseCodeOne { accepted: false } => {
            Some(Stopped::With(spoilt(Reply::new(200, JSON, "{\"ResponseCode\":\"0\"}"), fault)))
        }
        _ => None,
    }
}

fn spike_arrest() -> Reply {
    let detail = object([("errorcode", text("policies.ratelimit.SpikeArrestViolation"))]);
    let fault = object([
        ("faultstring", text("Spike arrest violation. Allowed rate : 5ps")),
        ("detail", detail),
    ]);
    Reply::json(429, &object([("fault", fault)]))
}

/// What a fault makes of the answer to a request that was accepted.
pub(super) fn accepted(reply: Reply, faults: &[FaultKind]) -> Reply {
    faults.iter().fold(reply, spoilt)
}

fn spoilt(reply: Reply, fault: &FaultKind) -> Reply {
    match fault {
        FaultKind::Hang { .. } => Reply { manner: Manner::Hang, ..reply },
        FaultKind::Drop { .. } => Reply { manner: Manner::Drop, ..reply },
        FaultKind::Truncated { .. } => Reply { manner: Manner::Truncated, ..reply },
        FaultKind::SlowDrip { byte_ms } => Reply { manner: Manner::Drip(*byte_ms), ..reply },
        FaultKind::Empty { .. } => Reply { body: String::new(), ..reply },
        FaultKind::Status { status: 500, .. } => Reply { status: 500, body: failure(), ..reply },
        FaultKind::Status { status, .. } => {
            Reply { status: *status, content_type: HTML, body: BAD_GATEWAY.to_owned(), ..reply }
        }
        FaultKind::ResponseCodeOne { .. } => Reply { body: response_code_one(), ..reply },
        _ => reply,
    }
}

fn failure() -> String {
    let body = object([
        ("requestId", text("")),
        ("errorCode", text("500.003.1001")),
        ("errorMessage", text("Internal Server Error")),
    ]);
    body.to_string()
}

fn response_code_one() -> String {
    let words = "The service request has failed";
    object([("ResponseCode", text("1")), ("ResponseDescription", text(words))]).to_string()
}
