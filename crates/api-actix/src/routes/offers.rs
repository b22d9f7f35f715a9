//! `/api/v1/auth/offers`: vendors publish and amend, everyone reads.

use actix_web::{HttpRequest, HttpResponse};
use domain::ids::OfferId;
use domain::offer::{Offer, OfferType};
use domain::ports::{OfferFilter, PageRequest};
use domain::service::ServiceError;

use super::{EngineData, path_id, requests};
use crate::dto::nulls::Nulls;
use crate::dto::offer::OfferBody;
use crate::dto::words;
use crate::error::{ApiError, Problem};
use crate::http::authenticate::Authenticated;
use crate::http::body::JsonBody;
use crate::http::fields::Fields;
use crate::http::query::Query;
use crate::http::{answer, idempotency, paging, read};

/// Publishes an offer.
#[utoipa::path(
    post, path = "/api/v1/auth/offers", tag = "Offers", operation_id = "create_offer",
    request_body = requests::CreateOffer,
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 128 visible ASCII characters.", max_length = 128, pattern = "^[!-~]+$"),
        ("nulls" = inline(Option<words::PlainWord>), Query, description = "`plain` writes values and nulls instead of wrapped ones."),
    ),
    responses(
        (status = 201, description = "Offer published", body = OfferBody<'static>, headers(("Idempotent-Replayed" = String, description = "`true` when this was answered before"))),
        (status = 409, description = "`busy`: the same key is being worked on", body = Problem<'static>),
        (status = 422, description = "Against a rule", body = Problem<'static>),
    ),
)]
pub async fn create(
    http: HttpRequest,
    engine: EngineData,
    Authenticated(caller): Authenticated,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let nulls = Nulls::asked_by(&http)?;
    let (request, command) = idempotency::read(&http, caller, &body, requests::publish_offer)?;
    let render = move |offer: &Offer| answer::created(&OfferBody::new(offer, nulls));
    Ok(answer::stored(engine.publish_offer(&request, command, &render).await?))
}

/// Lists offers, newest first.
#[utoipa::path(
    get, path = "/api/v1/auth/offers", tag = "Offers", operation_id = "list_offers",
    params(
        ("page_id" = Option<i64>, Query, minimum = 1, description = "The page's number; the first unless it is sent.", example = 1),
        ("page_size" = Option<i64>, Query, minimum = 1, maximum = 100, description = "20 unless it is sent.", example = 20),
        ("cursor" = Option<String>, Query, description = "From the `Link` header."),
        ("status" = inline(Option<words::OfferStatusWord>), Query),
        ("vendor_id" = Option<uuid::Uuid>, Query),
        ("nulls" = inline(Option<words::PlainWord>), Query, description = "`plain` writes values and nulls instead of wrapped ones."),
    ),
    responses(
        (status = 200, description = "A page of offers", body = Vec<OfferBody<'static>>, headers(("Link" = String, description = "`rel=\"next\"`, when something follows"))),
        (status = 422, description = "A parameter is out of range", body = Problem<'static>),
    ),
)]
pub async fn list(http: HttpRequest, engine: EngineData) -> Result<HttpResponse, ApiError> {
    answer_page(&http, &engine, None).await
}

/// Lists offers of one side, newest first.
#[utoipa::path(
    get, path = "/api/v1/auth/offers/type/{offer_type}", tag = "Offers", operation_id = "list_offers_by_type",
    params(
        ("offer_type" = inline(words::OfferTypeWord), Path),
        ("page_id" = Option<i64>, Query, minimum = 1, description = "The page's number; the first unless it is sent.", example = 1),
        ("page_size" = Option<i64>, Query, minimum = 1, maximum = 100, description = "20 unless it is sent.", example = 20),
        ("cursor" = Option<String>, Query, description = "From the `Link` header."),
        ("status" = inline(Option<words::OfferStatusWord>), Query),
        ("vendor_id" = Option<uuid::Uuid>, Query),
        ("nulls" = inline(Option<words::PlainWord>), Query, description = "`plain` writes values and nulls instead of wrapped ones."),
    ),
    responses(
        (status = 200, description = "A page of offers", body = Vec<OfferBody<'static>>, headers(("Link" = String, description = "`rel=\"next\"`, when something follows"))),
        (status = 404, description = "There are only `SELL` and `BUY`", body = Problem<'static>),
        (status = 422, description = "A parameter is out of range", body = Problem<'static>),
    ),
)]
pub async fn list_by_type(http: HttpRequest, engine: EngineData) -> Result<HttpResponse, ApiError> {
    let text = http.match_info().get("offer_type").unwrap_or_default();
    let offer_type = OfferType::parse(text).ok_or(ApiError::NoSuchRoute)?;
    answer_page(&http, &engine, Some(offer_type)).await
}

/// Shows an offer.
#[utoipa::path(
    get, path = "/api/v1/auth/offers/{id}", tag = "Offers", operation_id = "show_offer",
    params(
        ("id" = uuid::Uuid, Path),
        ("nulls" = inline(Option<words::PlainWord>), Query, description = "`plain` writes values and nulls instead of wrapped ones."),
    ),
    responses(
        (status = 200, description = "The offer", body = OfferBody<'static>),
        (status = 404, description = "No such offer", body = Problem<'static>),
    ),
)]
pub async fn show(http: HttpRequest, engine: EngineData) -> Result<HttpResponse, ApiError> {
    let id = OfferId(path_id(&http)?);
    let nulls = Nulls::asked_by(&http)?;
    let offer = engine.store.find_offer(id).await?.ok_or(ServiceError::NotFound)?;
    Ok(answer::ok(&OfferBody::new(&offer, nulls)))
}

/// Changes an offer's terms. Orders keep the rate that they were made at.
#[utoipa::path(
    patch, path = "/api/v1/auth/offers/{id}", tag = "Offers", operation_id = "amend_offer",
    params(
        ("id" = uuid::Uuid, Path),
        ("nulls" = inline(Option<words::PlainWord>), Query, description = "`plain` writes values and nulls instead of wrapped ones."),
    ),
    request_body = requests::AmendOffer,
    responses(
        (status = 200, description = "The offer as it is now", body = OfferBody<'static>),
        (status = 404, description = "No such offer", body = Problem<'static>),
        (status = 409, description = "`busy`", body = Problem<'static>),
        (status = 422, description = "Against a rule, such as less available than is held", body = Problem<'static>),
    ),
)]
pub async fn amend(
    http: HttpRequest,
    engine: EngineData,
    Authenticated(caller): Authenticated,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let id = OfferId(path_id(&http)?);
    let nulls = Nulls::asked_by(&http)?;
    let mut fields = Fields::parse(&body.0)?;
    let change = requests::amend_offer(&mut fields);
    let change = fields.finish(Some(change))?;
    let offer = engine.amend_offer(caller, id, change).await?;
    Ok(answer::ok(&OfferBody::new(&offer, nulls)))
}

async fn answer_page(
    http: &HttpRequest,
    engine: &EngineData,
    offer_type: Option<OfferType>,
) -> Result<HttpResponse, ApiError> {
    let mut query = Query::of(http);
    let page: PageRequest = paging::page(&mut query);
    let filter = OfferFilter {
        offer_type,
        status: query.optional("status", |text| read::offer_status(&text.into())),
        vendor_id: query.optional("vendor_id", |text| read::party(&text.into())),
    };
    let nulls = Nulls::read(&mut query, http);
    let (page, filter) = query.finish((page, filter))?;
    let offers = engine.store.list_offers(filter, page).await?;
    let rows: Vec<_> = offers.rows.iter().map(|offer| OfferBody::new(offer, nulls)).collect();
    let last = offers.rows.last().filter(|_| offers.has_more);
    Ok(answer::list(http, &rows, last.map(|offer| offer.id.0)))
}
