//! Problems (RFC 9457): the one place where an outcome becomes an HTTP status. 4xx bodies help,
//! 5xx bodies tell nothing of the inside; what is behind them is logged once, here.

use std::borrow::Cow;
use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_ENCODING, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use domain::offer::OfferError;
use domain::order::Refusal;
use domain::placement::Breach;
use domain::ports::StoreError;
use domain::rail::{NotDone, WhyNot};
use domain::service::ServiceError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::TokenFault;
use crate::dto::words;
use crate::http::request_id;

/// Codes of this room; those of rules come from the domain.
const OWN_CODES: [&str; 43] = [
    "amounts_differ",
    "body_too_large",
    "busy",
    "duplicate_field",
    "duplicate_parameter",
    "email_taken",
    "forbidden",
    "idempotency_key_reused",
    "internal",
    "invalid_address",
    "invalid_amount",
    "invalid_cursor",
    "invalid_email",
    "invalid_idempotency_key",
    "invalid_json",
    "invalid_name",
    "invalid_phone",
    "invalid_reference",
    "invalid_request",
    "invalid_text",
    "invalid_time",
    "invalid_uuid",
    "invalid_value",
    "method_not_allowed",
    "missing_field",
    "not_found",
    "out_of_range",
    "party_exists",
    "phone_asked_recently",
    "phone_busy",
    "rail_unavailable",
    "rate_limited",
    "request_timeout",
    "token_expired",
    "token_invalid",
    "token_missing",
    "unavailable",
    "unknown_field",
    "unknown_parameter",
    "unsupported_content_encoding",
    "unsupported_media_type",
    "vendor_not_provisioned",
    "wrong_type",
];

/// Every code that a problem or one of its errors can have, sorted.
pub fn problem_codes() -> BTreeSet<&'static str> {
    let breaches = Breach::CODES.into_iter();
    let refusals = Refusal::ALL.into_iter().map(Refusal::code);
    let offers = OfferError::ALL.into_iter().map(OfferError::code);
    breaches.chain(refusals).chain(offers).chain(OWN_CODES).collect()
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    pub field: String,
    #[schema(value_type = words::ProblemCodeWord)]
    pub code: &'static str,
    pub message: String,
    /// Whether the request is malformed (400) rather than against a rule (422).
    #[serde(skip)]
    pub malformed: bool,
}

/// A problem as it goes over the wire.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem<'a> {
    /// Names the kind of problem; `code` again, as a URI.
    #[schema(example = "urn:kivuko:problem:insufficient_liquidity")]
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    /// Stable; for programs.
    #[schema(value_type = words::ProblemCodeWord)]
    code: &'a str,
    errors: &'a [FieldError],
    correlation_id: String,
    /// `detail` again, for clients that look only here.
    error: &'a str,
}

/// Everything that a handler can answer instead of what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// One or more fields; 400 when one is malformed, else 422.
    #[error("{}", .0.first().map_or("invalid request", |error| error.message.as_str()))]
    Fields(Vec<FieldError>),
    /// The body is no JSON object.
    #[error("{0}")]
    InvalidJson(String),
    #[error(transparent)]
    Token(#[from] TokenFault),
    #[error("there is nothing at this address")]
    NoSuchRoute,
    #[error("this address does not know that method")]
    MethodNotAllowed(&'static str),
    #[error("the body must be application/json")]
    UnsupportedMediaType,
    #[error("the body must be sent as it is: no content coding is understood")]
    UnsupportedCoding,
    #[error("the body is larger than {0} bytes")]
    BodyTooLarge(usize),
    #[error("the request did not arrive in time")]
    RequestTimeout,
    #[error("too many requests; try again in {0} s")]
    RateLimited(u64),
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error("the service is not ready: {0}")]
    NotReady(&'static str),
    #[error("M-Pesa is not configured here")]
    NoRail,
    #[error("internal error")]
    Internal(String),
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Service(ServiceError::Store(error))
    }
}

/// Status, stable code and title of an error: THE table of HTTP statuses.
struct Verdict(StatusCode, Cow<'static, str>);

fn verdict(error: &ApiError) -> Verdict {
    use ApiError as E;
    use ServiceError as S;
    let v = |status, code: &'static str| Verdict(status, Cow::Borrowed(code));
    match error {
        E::Fields(errors) => {
            let first = errors.first();
            let code = first.map_or("invalid_request", |error| error.code);
            let malformed = first.is_some_and(|error| error.malformed);
            let status =
                if malformed { StatusCode::BAD_REQUEST } else { StatusCode::UNPROCESSABLE_ENTITY };
            v(status, code)
        }
        E::InvalidJson(_) => v(StatusCode::BAD_REQUEST, "invalid_json"),
        E::Token(TokenFault::Missing) => v(StatusCode::UNAUTHORIZED, "token_missing"),
        E::Token(TokenFault::Expired) => v(StatusCode::UNAUTHORIZED, "token_expired"),
        E::Token(TokenFault::Invalid | TokenFault::UnknownKey) => {
            v(StatusCode::UNAUTHORIZED, "token_invalid")
        }
        E::NoSuchRoute | E::Service(S::NotFound) => v(StatusCode::NOT_FOUND, "not_found"),
        E::MethodNotAllowed(_) => v(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
        E::UnsupportedMediaType => v(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
        E::UnsupportedCoding => {
            v(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_content_encoding")
        }
        E::BodyTooLarge(_) => v(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
        E::RequestTimeout => v(StatusCode::REQUEST_TIMEOUT, "request_timeout"),
        E::RateLimited(_) => v(StatusCode::TOO_MANY_REQUESTS, "rate_limited"),
        E::Service(S::Forbidden(_)) => v(StatusCode::FORBIDDEN, "forbidden"),
        E::Service(S::Refused(refused)) => v(StatusCode::CONFLICT, refused.refusal.code()),
        E::Service(S::Breaches(breaches)) => match breaches.as_slice() {
            [only @ Breach::InsufficientLiquidity(_)] => v(StatusCode::CONFLICT, only.code()),
            [first, ..] => v(StatusCode::UNPROCESSABLE_ENTITY, first.code()),
            [] => v(StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        },
        E::Service(S::Offer(fault)) => v(StatusCode::UNPROCESSABLE_ENTITY, fault.code()),
        E::Service(S::VendorUnknown) => {
            v(StatusCode::UNPROCESSABLE_ENTITY, "vendor_not_provisioned")
        }
        E::Service(S::PartyExists) => v(StatusCode::CONFLICT, "party_exists"),
        E::Service(S::EmailTaken) => v(StatusCode::CONFLICT, "email_taken"),
        E::Service(S::PhoneAskedRecently(_)) => {
            v(StatusCode::TOO_MANY_REQUESTS, "phone_asked_recently")
        }
        E::Service(S::PromptNotSent(NotDone { why: WhyNot::PhoneBusy, .. })) => {
            v(StatusCode::CONFLICT, "phone_busy")
        }
        E::Service(S::PromptNotSent(_)) | E::NoRail => {
            v(StatusCode::SERVICE_UNAVAILABLE, "rail_unavailable")
        }
        E::Service(S::KeyReused) => v(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused"),
        E::Service(S::Store(StoreError::Busy)) => v(StatusCode::CONFLICT, "busy"),
        E::Service(S::Store(StoreError::Unavailable(_))) | E::NotReady(_) => {
            v(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
        }
        E::Service(S::Chain(_)) => v(StatusCode::SERVICE_UNAVAILABLE, "rail_unavailable"),
        E::Service(S::Store(_) | S::Signer(_)) | E::Internal(_) => {
            v(StatusCode::INTERNAL_SERVER_ERROR, "internal")
        }
    }
}

impl ApiError {
    /// Problems with fields. The first one gives the whole its code and detail: what is malformed, and
    /// so makes it a 400, goes before what is only against a rule.
    pub fn of_fields(mut errors: Vec<FieldError>) -> Self {
        errors.sort_by_key(|error| !error.malformed);
        Self::Fields(errors)
    }

    /// What the caller is told.
    fn detail(&self) -> Cow<'static, str> {
        match self {
            Self::Service(ServiceError::Store(StoreError::Busy)) => {
                "somebody else is working on this: try again".into()
            }
            Self::Service(ServiceError::Store(StoreError::Unavailable(_))) => {
                "the service cannot reach its database: try again".into()
            }
            Self::Service(ServiceError::Chain(_)) => {
                "a chain cannot be asked now: try again".into()
            }
            Self::Service(ServiceError::Store(_) | ServiceError::Signer(_)) | Self::Internal(_) => {
                "something went wrong on our side; quote the correlation_id when you ask about it"
                    .into()
            }
            Self::Service(ServiceError::PromptNotSent(NotDone {
                why: WhyNot::PhoneBusy, ..
            })) => {
                "the phone is busy with another M-Pesa request: finish it, then try again".into()
            }
            Self::Service(ServiceError::PromptNotSent(_)) => {
                "M-Pesa does not take requests now; nothing was sent: try again".into()
            }
            Self::Service(ServiceError::Breaches(breaches)) => match breaches.first() {
                Some(first) => format!("{} {first}", first.field()).into(),
                None => "invalid request".into(),
            },
            Self::Fields(errors) => match errors.first() {
                Some(first) => format!("{} {}", first.field, first.message).into(),
                None => "invalid request".into(),
            },
            other => other.to_string().into(),
        }
    }

    /// Every field with what is wrong with it.
    fn fields(&self) -> Vec<FieldError> {
        let rule = |field: &str, code, message| FieldError {
            field: field.to_owned(),
            code,
            message,
            malformed: false,
        };
        match self {
            Self::Fields(errors) => errors.clone(),
            Self::Service(ServiceError::Breaches(breaches)) => {
                breaches.iter().map(|b| rule(b.field(), b.code(), b.to_string())).collect()
            }
            Self::Service(ServiceError::Offer(fault)) => {
                vec![rule(fault.field(), fault.code(), fault.to_string())]
            }
            Self::Service(ServiceError::VendorUnknown) => {
                vec![rule("vendor_id", "vendor_not_provisioned", self.to_string())]
            }
            _ => vec![],
        }
    }

    /// Seconds after which to try again.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited(seconds) => Some(*seconds),
            Self::Service(ServiceError::PhoneAskedRecently(seconds)) => {
                u64::try_from(*seconds).ok()
            }
            Self::Service(ServiceError::Refused(refused))
                if refused.refusal == Refusal::PaymentInFlight =>
            {
                Some(20)
            }
            Self::Service(ServiceError::PromptNotSent(NotDone { why, .. })) => Some(match why {
                WhyNot::NotSent | WhyNot::Throttled => 5,
                WhyNot::PhoneBusy | WhyNot::Credentials | WhyNot::Rejected => 60,
            }),
            Self::NotReady(_)
            | Self::Service(ServiceError::Store(StoreError::Unavailable(_) | StoreError::Busy)) => {
                Some(1)
            }
            _ => None,
        }
    }

    /// 5xx are ours: the whole chain of causes goes to the log, once, and nowhere else.
    fn log(&self, status: StatusCode) {
        if !status.is_server_error() {
            return;
        }
        let causes = std::iter::successors(std::error::Error::source(self), |cause| cause.source());
        let causes: Vec<String> = causes.map(ToString::to_string).collect();
        let what = match self {
            Self::Internal(what) => what.as_str(),
            Self::Service(ServiceError::PromptNotSent(not_done)) => not_done.detail.as_str(),
            _ => "",
        };
        tracing::error!(%status, error = %self, what, ?causes, "request failed");
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        verdict(self).0
    }

    fn error_response(&self) -> HttpResponse {
        let Verdict(status, code) = verdict(self);
        self.log(status);
        let (detail, errors) = (self.detail(), self.fields());
        let problem = Problem {
            r#type: format!("urn:kivuko:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: &detail,
            code: &code,
            errors: &errors,
            correlation_id: request_id::current(),
            error: &detail,
        };
        let mut response = HttpResponse::build(status);
        response.content_type("application/problem+json");
        if let Some(seconds) = self.retry_after() {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        match self {
            Self::Token(_) => drop(response.insert_header((WWW_AUTHENTICATE, "Bearer"))),
            Self::MethodNotAllowed(allowed) => {
                response.insert_header(("allow", HeaderValue::from_static(allowed)));
            }
            Self::UnsupportedCoding => {
                response.insert_header((ACCEPT_ENCODING, "identity"));
            }
            // What is left of a request that was given up cannot be told from the next one.
            Self::RequestTimeout | Self::BodyTooLarge(_) => drop(response.force_close()),
            _ => {}
        }
        let body = serde_json::to_string(&problem).unwrap_or_default();
        response.body(body)
    }
}
