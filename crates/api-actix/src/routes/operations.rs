//! For operators and tools: liveness, readiness, metrics, the API's description.

use actix_web::{HttpResponse, web};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use utoipa::ToSchema;

use super::EngineData;
use crate::error::{ApiError, Problem};
use crate::http::answer;

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    status: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
}

const OK: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

/// Whether the process lives.
#[utoipa::path(
    get, path = "/healthz", tag = "Operations", operation_id = "health", security(()),
    responses((status = 200, description = "It does", body = Health)),
)]
pub async fn health() -> HttpResponse {
    answer::ok(&OK)
}

/// Whether requests can be served: the database answers.
#[utoipa::path(
    get, path = "/readyz", tag = "Operations", operation_id = "readiness", security(()),
    responses(
        (status = 200, description = "They can", body = Health),
        (status = 503, description = "The database is away", body = Problem<'static>),
    ),
)]
pub async fn readiness(engine: EngineData) -> Result<HttpResponse, ApiError> {
    match engine.store.ping().await {
        Ok(()) => Ok(answer::ok(&OK)),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err(ApiError::NotReady("the database is away"))
        }
    }
}

/// Metrics for Prometheus.
#[utoipa::path(
    get, path = "/metrics", tag = "Operations", operation_id = "metrics", security(()),
    responses((status = 200, description = "Metrics", body = String, content_type = "text/plain")),
)]
pub async fn metrics(handle: web::Data<PrometheusHandle>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(handle.render())
}

/// The API's description, as JSON text.
#[derive(Debug)]
pub struct Description(pub String);

/// This document.
#[utoipa::path(
    get, path = "/openapi.json", tag = "Operations", operation_id = "openapi", security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = Object)),
)]
pub async fn openapi(description: web::Data<Description>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(description.0.clone())
}
