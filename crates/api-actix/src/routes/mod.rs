//! The routes: read the request, ask the engine, write the answer. Handlers decide nothing.

pub mod entry;
pub mod hooks;
pub mod offers;
pub mod operations;
pub mod order;
pub mod orders;
pub mod payment;
pub mod requests;
pub mod users;

use actix_web::{HttpRequest, web};
use domain::service::Engine;
use uuid::Uuid;

use crate::error::ApiError;

/// The engine of this worker.
pub type EngineData = web::Data<Engine>;

/// The UUID in the path; anything else cannot name a thing.
fn path_id(request: &HttpRequest) -> Result<Uuid, ApiError> {
    let text = request.match_info().get("id").unwrap_or_default();
    let id = Uuid::try_parse(text).ok().filter(|_| text.len() == 36);
    id.ok_or_else(|| {
        ApiError::Fields(vec![crate::error::FieldError {
            field: "id".into(),
            code: "invalid_uuid",
            message: "must be a UUID such as b523ed51-a7e0-4c53-8ac2-3c0b7e1c9cd5".into(),
            malformed: true,
        }])
    })
}
