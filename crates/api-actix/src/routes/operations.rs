//! For operators and tools: liveness, readiness, metrics, the API's description.

use actix_web::{HttpRequest, HttpResponse, web};
use domain::address::Network;
use domain::chain::Cursor;
use domain::ports::{ReviewCount, StoreError};
use domain::rail::{CircuitState, RailReview};
use domain::service::Engine;
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::EngineData;
use crate::chains::Nodes;
use crate::dto::words;
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

/// How the service can be.
pub const READINESS: [&str; 2] = ["ok", "degraded"];

const OK: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

/// Whether the process lives.
#[utoipa::path(
    get, path = "/healthz", tag = "Operations", operation_id = "health", security(()),
    responses((status = 200, description = "It does", body = Health)),
)]
pub async fn health() -> HttpResponse {
    answer::ok(&OK)
}

/// How the chains are followed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// `ok`, or `degraded` when a chain is halted or cannot be read, no shillings go out, or something
    /// waits that nothing moves: requests are served, and callbacks taken.
    #[schema(value_type = words::ReadyStateWord)]
    status: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// Why it is degraded.
    reasons: Vec<String>,
    chains: Vec<ChainHealth>,
    /// Arrivals that an operator must look at: they hold up no other.
    quarantined: i64,
}

/// How far a chain has been read.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChainHealth {
    #[schema(value_type = words::NetworkWord)]
    network: &'static str,
    /// The last block that was read; null before the first.
    height: Option<u64>,
    /// Blocks that the chain is ahead.
    lag: Option<u64>,
    /// Seconds since a block was read.
    silent_s: Option<i64>,
    /// Why nothing is credited any more.
    halted: Option<String>,
}

impl ChainHealth {
    fn new(network: Network, cursor: Option<Cursor>, now: OffsetDateTime) -> Self {
        Self {
            network: network.as_str(),
            height: cursor.as_ref().map(|cursor| cursor.last.height),
            lag: cursor.as_ref().map(Cursor::lag),
            silent_s: cursor.as_ref().map(|cursor| (now - cursor.updated_at).whole_seconds()),
            halted: cursor.and_then(|cursor| cursor.halted),
        }
    }
}

/// What open reviews of a kind are about.
fn items_of(open: &[ReviewCount], kind: RailReview) -> i64 {
    let of_kind = open.iter().find(|count| count.kind == kind.as_str());
    of_kind.map_or(0, |count| count.items)
}

/// Why shillings do not go out.
async fn payouts(engine: &Engine) -> Result<Option<String>, StoreError> {
    let circuit = engine.store.find_circuit().await?;
    let open = circuit.filter(|circuit| circuit.state == CircuitState::Open);
    Ok(open.map(|circuit| {
        let why = circuit.reason.as_deref().unwrap_or("no reason given");
        format!("payouts: the breaker is open: {why}")
    }))
}

/// What the supervisor has called operators about.
fn stuck(open: &[ReviewCount]) -> Option<String> {
    let items = items_of(open, RailReview::Stuck);
    (items > 0).then(|| format!("supervisor: nothing moves {items} things that wait"))
}

impl ChainHealth {
    fn trouble(&self) -> Option<String> {
        let halted = self.halted.as_ref()?;
        Some(format!("{}: halted: {halted}", self.network))
    }
}

async fn chains(engine: &Engine) -> Result<Vec<ChainHealth>, StoreError> {
    let mut health = Vec::new();
    for network in engine.rules.watched.networks() {
        let cursor = engine.store.find_cursor(network).await?;
        health.push(ChainHealth::new(network, cursor, engine.clock.now()));
    }
    Ok(health)
}

async fn look(engine: &Engine, nodes: &Nodes) -> Result<Readiness, StoreError> {
    engine.store.ping().await?;
    let chains = chains(engine).await?;
    let open = engine.store.count_reviews().await?;
    let halted = chains.iter().filter_map(ChainHealth::trouble);
    let of_money = payouts(engine).await?.into_iter().chain(stuck(&open));
    let reasons: Vec<String> = halted.chain(nodes.troubles()).chain(of_money).collect();
    let status = READINESS[usize::from(!reasons.is_empty())];
    let quarantined = items_of(&open, RailReview::Quarantine);
    Ok(Readiness { status, version: OK.version, reasons, chains, quarantined })
}

/// Whether requests can be served: the database answers. A chain that is halted, or whose nodes do not
/// answer, stops crediting, not requests: callbacks of M-Pesa must still come in.
#[utoipa::path(
    get, path = "/readyz", tag = "Operations", operation_id = "readiness", security(()),
    responses(
        (status = 200, description = "They can", body = Readiness),
        (status = 503, description = "The database is away", body = Problem<'static>),
    ),
)]
pub async fn readiness(
    engine: EngineData,
    nodes: web::Data<Nodes>,
) -> Result<HttpResponse, ApiError> {
    match look(&engine, &nodes).await {
        Ok(readiness) => Ok(answer::ok(&readiness)),
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

/// The port that the API is on, for listeners that do not have it.
#[derive(Debug, Clone, Copy)]
pub struct ApiPort(pub u16);

/// Leads from the operators' listener to the page beside the API, on the same host.
pub async fn docs(request: HttpRequest, port: web::Data<ApiPort>) -> HttpResponse {
    let info = request.connection_info();
    let host = info.host().rsplit_once(':').map_or(info.host(), |(host, _)| host);
    answer::see(&format!("http://{host}:{}/docs/", port.0))
}

/// This document.
#[utoipa::path(
    get, path = "/openapi.json", tag = "Operations", operation_id = "openapi", security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = Object)),
)]
pub async fn openapi(description: web::Data<Description>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(description.0.clone())
}
