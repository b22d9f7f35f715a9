//! `/api/v1/auth/order/id/{id}/…`: one order's details, history and cancellation.

use actix_web::{HttpRequest, HttpResponse};
use domain::ids::OrderId;
use domain::ports::ArrivalPlace;
use domain::service::ServiceError;

use super::{EngineData, path_id, requests};
use crate::dto::deposit::DepositBody;
use crate::dto::event::EventBody;
use crate::dto::nulls::Nulls;
use crate::dto::order::OrderBody;
use crate::dto::words;
use crate::error::{ApiError, Problem};
use crate::http::answer;
use crate::http::authenticate::Authenticated;
use crate::http::body::JsonBody;
use crate::http::paging;
use crate::http::query::Query;

/// Shows an order with its parties and its offer.
#[utoipa::path(
    get, path = "/api/v1/auth/order/id/{id}/details", tag = "Orders", operation_id = "order_details",
    params(
        ("id" = uuid::Uuid, Path),
        ("nulls" = inline(Option<words::PlainWord>), Query, description = "`plain` writes values and nulls instead of wrapped ones."),
    ),
    responses(
        (status = 200, description = "Order details", body = OrderBody<'static>),
        (status = 404, description = "No such order, or somebody else's", body = Problem<'static>),
    ),
)]
pub async fn details(
    http: HttpRequest,
    engine: EngineData,
    Authenticated(caller): Authenticated,
) -> Result<HttpResponse, ApiError> {
    let id = OrderId(path_id(&http)?);
    let nulls = Nulls::asked_by(&http)?;
    let view = engine.store.find_details(caller.sees(), id).await?;
    let mut view = view.ok_or(ServiceError::NotFound)?;
    engine.follow_heads(std::slice::from_mut(&mut view.order)).await?;
    let circuit = engine.circuit_of(std::slice::from_ref(&view.order)).await?;
    let body = OrderBody::with_details(&view, nulls).held_by(&view.order, circuit.as_ref());
    Ok(answer::ok(&body))
}

/// Tells an order's history, oldest first.
#[utoipa::path(
    get, path = "/api/v1/auth/order/id/{id}/events", tag = "Orders", operation_id = "order_events",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "The order's history", body = Vec<EventBody<'static>>),
        (status = 404, description = "No such order, or somebody else's", body = Problem<'static>),
    ),
)]
pub async fn events(
    http: HttpRequest,
    engine: EngineData,
    Authenticated(caller): Authenticated,
) -> Result<HttpResponse, ApiError> {
    let id = OrderId(path_id(&http)?);
    Query::of(&http).finish(())?;
    let history = engine.store.find_history(caller.sees(), id).await?;
    let history = history.ok_or(ServiceError::NotFound)?;
    let events: Vec<_> = history.iter().map(EventBody::from).collect();
    Ok(answer::ok(&events))
}

/// Explains every transfer to the order's escrow address: where it stands and what becomes of it.
///
/// In the order of the chain, the first twenty unless asked otherwise. Empty for orders that expect no
/// deposit.
#[utoipa::path(
    get, path = "/api/v1/auth/order/id/{id}/deposits", tag = "Orders", operation_id = "order_deposits",
    params(
        ("id" = uuid::Uuid, Path),
        ("page_id" = Option<i64>, Query, minimum = 1, description = "The page's number, from 1."),
        ("page_size" = Option<i64>, Query, minimum = 1, maximum = 100, description = "20 unless sent."),
        ("cursor" = Option<String>, Query, description = "From the `Link` header."),
    ),
    responses(
        (status = 200, description = "What arrived for the order", body = Vec<DepositBody<'static>>, headers(("Link" = String, description = "`rel=\"next\"`, when something follows"))),
        (status = 404, description = "No such order, or somebody else's", body = Problem<'static>),
        (status = 422, description = "A parameter is out of range", body = Problem<'static>),
    ),
)]
pub async fn deposits(
    http: HttpRequest,
    engine: EngineData,
    Authenticated(caller): Authenticated,
) -> Result<HttpResponse, ApiError> {
    let id = OrderId(path_id(&http)?);
    let mut query = Query::of(&http);
    let page = paging::arrivals(&mut query);
    let page = query.finish(page)?;
    let view = engine.store.find_details(caller.sees(), id).await?;
    let order = view.ok_or(ServiceError::NotFound)?.order;
    let cursor = engine.store.find_cursor(order.wallet.network()).await?;
    let head = cursor.map_or(0, |cursor| cursor.head);
    let arrivals = engine.store.list_arrivals(&order, &page).await?;
    let deposits: Vec<_> =
        arrivals.rows.iter().map(|arrival| DepositBody::new(&order, arrival, head)).collect();
    let last = arrivals.rows.last().filter(|_| arrivals.has_more).map(ArrivalPlace::of);
    let next = last.map(|last| paging::arrival_cursor(&last));
    Ok(answer::page(&http, &deposits, next))
}

/// Cancels an order for which no money has arrived and none can be on its way.
///
/// Cancelling a cancelled order answers it as it is.
#[utoipa::path(
    put, path = "/api/v1/auth/order/id/{id}/cancel", tag = "Orders", operation_id = "cancel_order",
    params(
        ("id" = uuid::Uuid, Path),
        ("nulls" = inline(Option<words::PlainWord>), Query, description = "`plain` writes values and nulls instead of wrapped ones."),
    ),
    request_body(content = Option<requests::CancelOrder>, description = "Not needed."),
    responses(
        (status = 200, description = "Order cancelled", body = OrderBody<'static>),
        (status = 404, description = "No such order, or somebody else's", body = Problem<'static>),
        (status = 409, description = "`payment_in_flight`, `deposit_seen`, `under_review`, `order_not_cancellable`, or `busy`", body = Problem<'static>),
        (status = 422, description = "Against a rule", body = Problem<'static>),
    ),
)]
pub async fn cancel(
    http: HttpRequest,
    engine: EngineData,
    Authenticated(caller): Authenticated,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let id = OrderId(path_id(&http)?);
    let nulls = Nulls::asked_by(&http)?;
    let note = requests::cancel_reason(&body.0)?;
    let order = engine.cancel_order(caller, id, note).await?;
    Ok(answer::ok(&OrderBody::new(&order, nulls)))
}
