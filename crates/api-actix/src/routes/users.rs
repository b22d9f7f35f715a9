//! `/api/v1/auth/users`: admins provision the parties.

use actix_web::{HttpRequest, HttpResponse};
use domain::party::Party;

use super::{EngineData, requests};
use crate::dto::party::PartyBody;
use crate::error::{ApiError, Problem};
use crate::http::authenticate::Authenticated;
use crate::http::body::JsonBody;
use crate::http::query::Query;
use crate::http::{answer, idempotency};

/// Provisions a party: nobody else can be a side of an order.
#[utoipa::path(
    post, path = "/api/v1/auth/users/provision", tag = "Users", operation_id = "provision_user",
    request_body = requests::ProvisionUser,
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 128 visible ASCII characters.", max_length = 128, pattern = "^[!-~]+$"),
    ),
    responses(
        (status = 201, description = "The party", body = PartyBody<'static>, headers(("Idempotent-Replayed" = String, description = "`true` when this was answered before"))),
        (status = 409, description = "`party_exists`, `email_taken`, or `busy`", body = Problem<'static>),
        (status = 422, description = "Against a rule", body = Problem<'static>),
    ),
)]
pub async fn provision(
    http: HttpRequest,
    engine: EngineData,
    Authenticated(caller): Authenticated,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&http).finish(())?;
    let (request, command) = idempotency::read(&http, caller, &body, requests::provision_party)?;
    let render = |party: &Party| answer::created(&PartyBody::from(party));
    Ok(answer::stored(engine.provision_party(&request, command, &render).await?))
}
