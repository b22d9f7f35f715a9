//! What the gateway's error bodies say, in all four shapes: Daraja's envelope, a raw Apigee fault,
//! nothing, and a page of the firewall in front. The body counts first, the HTTP status second: the
//! same code comes with several statuses.

use serde_json::Value;

use crate::endpoint::Endpoint;
use crate::redact;
use crate::wire::reading::{code, text};

/// How an error body is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `{"requestId", "errorCode", "errorMessage"}`
    Daraja,
    /// `{"fault": {"faultstring", "detail": {"errorcode"}}}`
    Apigee,
    Empty,
    Html,
    /// JSON that is no error as we know them.
    Json,
    /// Cut short, or no JSON at all.
    Other,
}

/// An answer that is no acceptance, read. Its texts hold no token, no key and no phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayError {
    pub status: u16,
    pub shape: Shape,
    /// For Safaricom's support, who ask for it.
    pub request_id: Option<String>,
    /// Daraja's or Apigee's; empty when the body names none.
    pub code: String,
    pub message: String,
}

/// What an error proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Turned away before M-Pesa saw it, for its token alone.
    Token,
    /// Turned away for who we are.
    Credentials,
    /// Turned away for what it says.
    Rejected,
    /// Turned away for our rate, for maintenance, or by the firewall.
    Throttled,
    /// The phone has a prompt already.
    PhoneBusy,
    /// The rail has had this reference before.
    Duplicate,
    /// Proves nothing.
    Unclear,
}

/// Reads any bytes; never fails and never panics.
pub fn gateway_error(status: u16, body: &[u8]) -> GatewayError {
    let opaque = |shape| GatewayError {
        status,
        shape,
        request_id: None,
        code: String::new(),
        message: String::new(),
    };
    let Ok(json) = serde_json::from_slice::<Value>(body) else {
        return opaque(shape_of(body));
    };
    // A body that refuses and accepts at once proves neither.
    if !json.is_object() || json.get("ResponseCode").is_some() {
        return opaque(Shape::Json);
    }
    let (shape, code, message) = if let Some(found) = code(&json, "errorCode") {
        (Shape::Daraja, found, text(&json, "errorMessage"))
    } else if let Some(fault) = json.get("fault") {
        let found = fault.get("detail").and_then(|detail| code(detail, "errorcode"));
        (Shape::Apigee, found.unwrap_or_default(), text(fault, "faultstring"))
    } else {
        (Shape::Json, String::new(), text(&json, "errorMessage"))
    };
    GatewayError {
        status,
        shape,
        request_id: text(&json, "requestId").map(|id| redact::identifier(&id)),
        code: redact::identifier(&code),
        message: redact::message(&message.unwrap_or_default()),
    }
}

fn shape_of(body: &[u8]) -> Shape {
    let start = body.trim_ascii_start();
    if start.is_empty() {
        Shape::Empty
    } else if start.starts_with(b"<") {
        Shape::Html
    } else {
        Shape::Other
    }
}

impl GatewayError {
    /// What this proves, as the answer to a call of `endpoint`.
    pub fn meaning(&self, endpoint: Endpoint) -> Meaning {
        let by_body = match self.shape {
            Shape::Daraja => self.daraja_meaning(endpoint),
            Shape::Apigee => self.apigee_meaning(),
            Shape::Html if self.status == 403 => Meaning::Throttled,
            _ => Meaning::Unclear,
        };
        match (by_body, self.status) {
            (Meaning::Unclear, 429) => Meaning::Throttled,
            (Meaning::Unclear, 401) if self.shape != Shape::Daraja => Meaning::Token,
            (by_body, _) => by_body,
        }
    }

    fn daraja_meaning(&self, endpoint: Endpoint) -> Meaning {
        match self.code.as_str() {
            "400.003.01" | "404.001.03" => Meaning::Token,
            "400.008.01" | "400.008.02" => Meaning::Credentials,
            // "Urls are already registered." answers our own question only.
            "500.003.1001" if endpoint == Endpoint::RegisterBills && self.says("already") => {
                Meaning::Rejected
            }
            "500.001.1001" if endpoint == Endpoint::Push => self.push_meaning(),
            "500.002.1001" if endpoint != Endpoint::Push => Meaning::Duplicate,
            "500.003.02" | "500.003.03" | "00.002.1001" => Meaning::Throttled,
            code if code.starts_with("401.") => Meaning::Token,
            code if code.starts_with("403.") => Meaning::Credentials,
            code if ["400.", "404.", "405."].iter().any(|start| code.starts_with(start)) => {
                Meaning::Rejected
            }
            _ if self.says("no apiproduct match") => Meaning::Token,
            _ => Meaning::Unclear,
        }
    }

    /// One code for everything that can go wrong with a prompt: only its words tell.
    fn push_meaning(&self) -> Meaning {
        if self.says("unable to lock subscriber") {
            Meaning::PhoneBusy
        } else if self.says("wrong credentials") || self.says("merchant does not exist") {
            Meaning::Credentials
        } else {
            Meaning::Unclear
        }
    }

    /// Faults of the gateway itself. One about the service behind it (a time-out) comes after
    /// the request was passed on, and proves nothing.
    fn apigee_meaning(&self) -> Meaning {
        let code = self.code.to_ascii_lowercase();
        let about = |starts: &[&str]| starts.iter().any(|start| code.starts_with(start));
        if about(&["policies.ratelimit."]) || self.says("spike arrest") || self.says("quota") {
            Meaning::Throttled
        } else if about(&["oauth.", "keymanagement."])
            || self.says("invalid access token")
            || self.says("no apiproduct match")
        {
            Meaning::Token
        } else {
            Meaning::Unclear
        }
    }

    fn says(&self, words: &str) -> bool {
        self.message.to_ascii_lowercase().contains(words)
    }

    /// For logs and operators.
    pub fn detail(&self) -> String {
        let shape = match self.shape {
            Shape::Daraja | Shape::Apigee => "",
            Shape::Empty => " with an empty body",
            Shape::Html => " with a page",
            Shape::Json => " with other JSON",
            Shape::Other => " with an unreadable body",
        };
        let words = [self.code.as_str(), self.message.as_str()];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let colon = if words.is_empty() { "" } else { ": " };
        format!("http {}{shape}{colon}{}", self.status, words.join(" "))
    }
}
