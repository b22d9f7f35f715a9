//! What browsers may do from other origins (the Fetch standard's CORS): those of the settings, and
//! nothing without them. Tokens are sent by hand, so that no cookie or other credential is let through.

use actix_cors::Cors;
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, LINK, RETRY_AFTER};

use super::request_id;
use crate::settings::HttpSettings;

/// How long a browser may remember the answer to its preflight.
const REMEMBERED_S: usize = 3_600;

/// Answers preflights before the gate, for they carry no token.
pub fn cors(settings: &HttpSettings) -> Cors {
    let custom = HeaderName::from_static;
    let methods = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH];
    let cors = Cors::default()
        .allowed_methods(methods)
        .allowed_headers([AUTHORIZATION, CONTENT_TYPE])
        .allowed_headers([custom("idempotency-key"), custom(request_id::HEADER)])
        .expose_headers([LINK, RETRY_AFTER])
        .expose_headers([custom("idempotent-replayed"), custom(request_id::HEADER)])
        .max_age(REMEMBERED_S);
    settings.origins().into_iter().fold(cors, Cors::allowed_origin)
}
