//! What an answer proves: little, unless it says so itself.

use adapters_mpesa::{
    Answer, Endpoint, classify_error, classify_payout, classify_push, gateway_error,
};
use domain::rail::{Doubt, Submission};
use serde_json::Value;

use crate::told::{
    LONGEST_CODE, LONGEST_ID, LONGEST_WORDS, check_filled, check_no_phone, check_text, says,
};

/// The status line of [`GatewayError::detail`](adapters_mpesa::GatewayError::detail), with a code
/// and a message behind it.
const LONGEST_DETAIL: usize = LONGEST_WORDS + LONGEST_CODE + 64;

/// Reads an answer as every endpoint's, and checks what it is taken to prove. The first line of
/// `data` is the HTTP status, so that a corpus can be read; without one it is 500.
pub fn check(data: &[u8]) {
    let (status, body) = split(data);
    let error = gateway_error(status, body);
    check_text("a code", &error.code, LONGEST_CODE);
    check_text("a message", &error.message, LONGEST_WORDS);
    check_text("a request id", error.request_id.as_deref().unwrap_or_default(), LONGEST_CODE);
    check_text("a detail", &error.detail(), LONGEST_DETAIL);
    for text in [&error.code, &error.message, error.request_id.as_ref().unwrap_or(&error.code)] {
        check_no_phone("an error", text);
    }
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let answer = Answer { status, body: body.to_vec() };
    for endpoint in Endpoint::ALL {
        let proven: Submission<()> = classify_error(endpoint, status, body);
        check_doubts(&proven);
        assert!(!matches!(proven, Submission::Accepted(())), "an error is accepted: {json}");
        let payout = classify_payout(endpoint, &answer);
        check_doubts(&payout);
        if let Submission::Accepted(id) = payout {
            check_accepted(endpoint, &json, &["ConversationID"]);
            check_filled("a conversation id", &id, LONGEST_ID);
        }
    }
    let push = classify_push(&answer);
    check_doubts(&push);
    if let Submission::Accepted(refs) = push {
        check_accepted(Endpoint::Push, &json, &["MerchantRequestID", "CheckoutRequestID"]);
        check_filled("a merchant request id", &refs.merchant_request_id, LONGEST_ID);
        check_filled("a checkout request id", &refs.checkout_request_id, LONGEST_ID);
        assert_eq!(refs.response_code, "0");
        check_text("a description", &refs.response_description, LONGEST_WORDS);
        check_text("a message", &refs.customer_message, LONGEST_WORDS);
    }
}

fn split(data: &[u8]) -> (u16, &[u8]) {
    let end = data.iter().position(|b| *b == b'\n').unwrap_or(data.len());
    let line = std::str::from_utf8(&data[..end]).ok().and_then(|line| line.trim().parse().ok());
    match line {
        Some(status) => (status, data.get(end + 1..).unwrap_or_default()),
        None => (500, data),
    }
}

/// Only what says so, and says whose, is accepted.
fn check_accepted(endpoint: Endpoint, json: &Value, ids: &[&str]) {
    let registers = endpoint == Endpoint::RegisterStatements;
    let by_status = registers && says(json.get("ResponseStatus"), "0");
    assert!(by_status || says(json.get("ResponseCode"), "0"), "accepted by another code: {json}");
    let is_told = |id: &&str| json.get(*id).is_some_and(|id| id.is_string() || id.is_number());
    assert!(ids.iter().all(is_told), "accepted without ids: {json}");
    let is_error = json.get("errorCode").is_some() || json.get("fault").is_some();
    assert!(!is_error, "accepted in spite of an error: {json}");
}

fn check_doubts<T>(proven: &Submission<T>) {
    let detail = match proven {
        Submission::NotDone(told) => &told.detail,
        Submission::Unknown(Doubt::Unclear(detail)) => detail,
        _ => return,
    };
    check_text("a detail", detail, LONGEST_DETAIL);
}
