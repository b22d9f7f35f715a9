//! An answer, with the manner in which it is to be given and what it waits for.

use time::OffsetDateTime;

use super::wire::{Wire, object, text};
use crate::http::Answer;
pub(super) use crate::http::{Call, Manner};

pub(super) const JSON: &str = "application/json;charset=UTF-8";
pub(super) const HTML: &str = "text/html; charset=utf-8";

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) body: String,
    pub(super) manner: Manner,
    pub(super) wait: Option<Wait>,
}

/// What an answer waits for.
#[derive(Debug, Clone)]
pub(super) enum Wait {
    Until(OffsetDateTime),
    /// Until something about this key has reached the adapter.
    Delivered(String),
}

impl Reply {
    pub(super) fn new(status: u16, content_type: &'static str, body: impl Into<String>) -> Self {
        Self { status, content_type, body: body.into(), manner: Manner::Plain, wait: None }
    }

    pub(super) fn json(status: u16, body: &Wire) -> Self {
        Self::new(status, JSON, body.to_string())
    }

    pub(super) fn into_answer(self) -> Answer {
        let Self { status, content_type, body, manner, wait: _ } = self;
        Answer { status, content_type, body, manner }
    }
}

/// A refusal in Daraja's envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(super) fn invalid(field: &str) -> Self {
        Self::new(400, "400.002.02", format!("Bad Request - Invalid {field}"))
    }

    /// 500.001.1001, whose message is all that it says.
    pub(super) fn overloaded(message: &str) -> Self {
        Self::new(500, "500.001.1001", message)
    }

    pub(super) fn reply(&self, request_id: &str) -> Reply {
        let body = object([
            ("requestId", text(request_id)),
            ("errorCode", text(self.code)),
            ("errorMessage", text(self.message.as_str())),
        ]);
        Reply::json(self.status, &body)
    }
}
