//! What a whole answer to a request proves. The one rule above all: what is not known to be undone
//! may have been done.

use domain::rail::collection::PushRefs;
use domain::rail::{Doubt, NotDone, Submission, WhyNot};
use serde_json::Value;

use crate::endpoint::Endpoint;
use crate::gateway::{Meaning, gateway_error};
use crate::redact;
use crate::wire::reading::{code, id, words};

/// An answer, with its whole body. Does not print the body: tokens and phones are in some.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status; what it proves depends on the body.
    pub status: u16,
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

impl Answer {
    /// The body, where it has a response code and is no error. One that is both is neither.
    pub(crate) fn acknowledgement(&self) -> Option<Value> {
        let json: Value = serde_json::from_slice(&self.body).ok()?;
        let is_error = json.get("errorCode").is_some() || json.get("fault").is_some();
        let has_code = code(&json, CODE).or_else(|| code(&json, STATUS)).is_some();
        (!is_error && has_code).then_some(json)
    }

    pub(crate) fn is_acknowledgement(&self) -> bool {
        self.acknowledgement().is_some()
    }
}

const CODE: &str = "ResponseCode";
/// Where statements are registered, and nowhere else.
const STATUS: &str = "ResponseStatus";

fn response_code(endpoint: Endpoint, json: &Value) -> Option<String> {
    let by_status = || code(json, STATUS).filter(|_| endpoint == Endpoint::RegisterStatements);
    code(json, CODE).or_else(by_status)
}

/// The answer to a prompt: accepted with code 0 and both ids, never paid.
pub fn classify_push(answer: &Answer) -> Submission<PushRefs> {
    classify(Endpoint::Push, answer, &["0"], |json| {
        Some(PushRefs {
            merchant_request_id: id(json, "MerchantRequestID")?,
            checkout_request_id: id(json, "CheckoutRequestID")?,
            response_code: response_code(Endpoint::Push, json)?,
            response_description: words(json, "ResponseDescription"),
            customer_message: words(json, "CustomerMessage"),
        })
    })
}

/// The answer to a payout, a reversal or a question that is answered by callback: the id of its
/// conversation.
pub fn classify_payout(endpoint: Endpoint, answer: &Answer) -> Submission<String> {
    classify(endpoint, answer, &["0"], |json| id(json, "ConversationID"))
}

/// The answer to a registration.
pub(crate) fn classify_registration(endpoint: Endpoint, answer: &Answer) -> Submission<()> {
    // 1000: registered; 1001: registered before.
    let codes: &[&str] =
        if endpoint == Endpoint::RegisterStatements { &["0", "1000", "1001"] } else { &["0"] };
    classify(endpoint, answer, codes, |_| Some(()))
}

fn classify<T>(
    endpoint: Endpoint,
    answer: &Answer,
    accepted_codes: &[&str],
    accept: impl FnOnce(&Value) -> Option<T>,
) -> Submission<T> {
    let Some(json) = answer.acknowledgement() else {
        return classify_error(endpoint, answer.status, &answer.body);
    };
    let code = response_code(endpoint, &json).unwrap_or_default();
    let description = words(&json, "ResponseDescription");
    if accepted_codes.contains(&code.as_str()) {
        let missing = || unclear("accepted without ids".to_owned());
        return accept(&json).map_or_else(missing, Submission::Accepted);
    }
    // Some stand-ins answer a known reference with 200 and these words.
    let duplicate = "duplicate originatorconversationid";
    if endpoint != Endpoint::Push && description.to_ascii_lowercase().contains(duplicate) {
        return Submission::Unknown(Doubt::Duplicate);
    }
    unclear(redact::message(&format!("response code {code}: {description}")))
}

/// What an answer proves that is no acknowledgement. Takes any bytes and never panics.
pub fn classify_error<T>(endpoint: Endpoint, status: u16, body: &[u8]) -> Submission<T> {
    let error = gateway_error(status, body);
    let not_done = |why| Submission::NotDone(NotDone { why, detail: error.detail() });
    match error.meaning(endpoint) {
        // A second refusal of a new token: our keys or our products are wrong.
        Meaning::Token | Meaning::Credentials => not_done(WhyNot::Credentials),
        Meaning::Rejected => not_done(WhyNot::Rejected),
        Meaning::PhoneBusy => not_done(WhyNot::PhoneBusy),
        Meaning::Throttled if is_sure(endpoint) => not_done(WhyNot::Throttled),
        Meaning::Duplicate => Submission::Unknown(Doubt::Duplicate),
        Meaning::Throttled | Meaning::Unclear => unclear(error.detail()),
    }
}

/// That a throttled request was not queued is very probable. Where the rail would pay twice if it
/// was, only its refusal of what the request says counts.
fn is_sure(endpoint: Endpoint) -> bool {
    endpoint != Endpoint::PayoutV1
}

fn unclear<T>(detail: String) -> Submission<T> {
    Submission::Unknown(Doubt::Unclear(detail))
}
