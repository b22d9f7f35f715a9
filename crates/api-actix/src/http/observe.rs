//! Around every request: its id, a log line, metrics. Never a phone, a token or a body.

use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError};
use tracing::Instrument;

use super::{request_id, unread};
use crate::error::ApiError;

/// The outermost middleware.
pub async fn observe<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let unread = unread::hold(&mut request);
    let id = request_id::of(request.request());
    let method = request.method().to_string();
    // HEAD is GET, less the body: that is left out where the answer is written, by the first line.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let span = tracing::info_span!("http", request_id = %id, %method);
    let header = HeaderValue::from_str(&id);
    let started = Instant::now();
    let served = request_id::scope(id, next.call(request).instrument(span.clone())).await?;
    let mut response = served.map_into_boxed_body();
    unread::release(unread);
    if let Ok(value) = header {
        response.headers_mut().insert(HeaderName::from_static(request_id::HEADER), value);
    }
    span.in_scope(|| record(&response, method, started.elapsed()));
    Ok(response)
}

/// One log line and two metrics; the route is the pattern, so that ids stay out of both.
fn record(response: &ServiceResponse<BoxBody>, method: String, took: Duration) {
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status().as_u16();
    let ms = took.as_secs_f64() * 1_000.0;
    if status >= 500 {
        tracing::warn!(route, status, ms, "request");
    } else {
        tracing::info!(route, status, ms, "request");
    }
    let labels = [("method", method), ("route", route), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_seconds", &labels).record(took.as_secs_f64());
}

/// For routes that do not exist.
pub async fn no_such_route() -> actix_web::HttpResponse {
    ApiError::NoSuchRoute.error_response()
}
