//! `Idempotency-Key`: optional on every POST, the caller's own, bound to what was sent with it.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;
use domain::access::Caller;
use domain::placement::IdempotencyClaim;
use domain::service::Request;
use sha2::{Digest, Sha256};

use super::body::JsonBody;
use super::fields::Fields;
use crate::error::{ApiError, FieldError};

const HEADER: &str = "idempotency-key";

/// Reads the body of a POST, and binds the caller's key, if it sent one, to what it says.
///
/// # Errors
/// Everything that is wrong with the body, all at once, or with the key.
pub fn read<T>(
    http: &HttpRequest,
    caller: Caller,
    body: &JsonBody,
    reader: impl FnOnce(&mut Fields) -> Option<T>,
) -> Result<(Request, T), ApiError> {
    let mut fields = Fields::parse(&body.0)?;
    let canonical = fields.canonical();
    let command = reader(&mut fields);
    let command = fields.finish(command)?;
    Ok((request(http, caller, &canonical)?, command))
}

/// The caller's request with its key, if it sent one; `canonical` is the body as the key binds it.
fn request(http: &HttpRequest, caller: Caller, canonical: &str) -> Result<Request, ApiError> {
    let Some(key) = http.headers().get(HEADER) else {
        return Ok(Request { caller, claim: None });
    };
    let key = visible(key).ok_or_else(|| {
        let message = "must be 1 to 128 visible ASCII characters".to_owned();
        let field = "Idempotency-Key".to_owned();
        ApiError::Fields(vec![FieldError {
            field,
            code: "invalid_idempotency_key",
            message,
            malformed: true,
        }])
    })?;
    let mut digest = Sha256::new();
    digest.update(http.method().as_str());
    digest.update(http.path());
    digest.update([0]);
    digest.update(canonical);
    let claim =
        IdempotencyClaim { principal: caller.id, key, fingerprint: digest.finalize().into() };
    Ok(Request { caller, claim: Some(claim) })
}

fn visible(key: &HeaderValue) -> Option<String> {
    let text = key.to_str().ok()?;
    let fit = (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    fit.then(|| text.to_owned())
}
