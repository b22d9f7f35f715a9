//! Answers that went well: their statuses, and their bodies as JSON text.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, LINK, LOCATION};
use actix_web::{HttpRequest, HttpResponse};
use domain::placement::StoredAnswer;
use domain::service::Answer;
use serde::Serialize;
use uuid::Uuid;

use super::paging;

/// 200 with a JSON body.
pub fn ok(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).body(json(body))
}

/// 201 with a JSON body, to be stored and given.
pub fn created(body: &impl Serialize) -> StoredAnswer {
    StoredAnswer { status: StatusCode::CREATED.as_u16(), body: json(body) }
}

/// 200 with a JSON body, to be stored and given.
pub fn done(body: &impl Serialize) -> StoredAnswer {
    StoredAnswer { status: StatusCode::OK.as_u16(), body: json(body) }
}

/// 202 with a JSON body, to be stored and given: what was asked for may or may not be under way.
pub fn not_known_yet(body: &impl Serialize) -> StoredAnswer {
    StoredAnswer { status: StatusCode::ACCEPTED.as_u16(), body: json(body) }
}

/// 307: what was asked for is elsewhere.
pub fn see(address: &str) -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header((LOCATION, address)).finish()
}

/// What every callback is answered.
pub fn accepted_callback() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .body(r#"{"ResultCode":0,"ResultDesc":"Accepted"}"#)
}

/// 200 with a bare array; `next` is the last row's id when something follows.
pub fn list<T: Serialize>(request: &HttpRequest, rows: &[T], next: Option<Uuid>) -> HttpResponse {
    page(request, rows, next.map(paging::cursor))
}

/// The same, of rows that have cursors of their own.
pub fn page<T: Serialize>(request: &HttpRequest, rows: &[T], next: Option<String>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, "application/json"));
    if let Some(cursor) = next {
        response.insert_header((LINK, paging::next_link(request, &cursor)));
    }
    response.body(sized_json(rows, rows.len().saturating_mul(ROW_BYTES)))
}

/// The answer, first or again, byte for byte.
pub fn stored(answer: Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.stored.status).unwrap_or_default();
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, "application/json"));
    if answer.replayed {
        response.insert_header(("Idempotent-Replayed", "true"));
    }
    response.body(answer.stored.body)
}

/// About the size of an order's text.
const ROW_BYTES: usize = 2048;

fn json(body: &impl Serialize) -> String {
    sized_json(body, ROW_BYTES)
}

/// Our bodies are strings, numbers and maps with text keys: writing them cannot fail. Room for all of
/// it at once saves copying what has been written whenever the buffer grows.
fn sized_json(body: &(impl Serialize + ?Sized), size: usize) -> String {
    let mut text = Vec::with_capacity(size);
    match serde_json::to_writer(&mut text, body) {
        Ok(()) => String::from_utf8(text).unwrap_or_default(),
        Err(_) => String::new(),
    }
}
