//! Answers that went well: their statuses, and their bodies as JSON text.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, LINK};
use actix_web::{HttpRequest, HttpResponse};
use domain::placement::StoredAnswer;
use domain::service::Answer;
use serde::Serialize;
use uuid::Uuid;

use super::paging::next_link;

/// 200 with a JSON body.
pub fn ok(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).body(json(body))
}

/// 201 with a JSON body, to be stored and given.
pub fn created(body: &impl Serialize) -> StoredAnswer {
    StoredAnswer { status: StatusCode::CREATED.as_u16(), body: json(body) }
}

/// 200 with a bare array; `next` is the last row's id when something follows.
pub fn list(request: &HttpRequest, rows: &impl Serialize, next: Option<Uuid>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, "application/json"));
    if let Some(last) = next {
        response.insert_header((LINK, next_link(request, last)));
    }
    response.body(json(rows))
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

/// Our bodies are strings, numbers and maps with text keys: writing them cannot fail.
fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}
