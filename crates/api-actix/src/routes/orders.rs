//! `/api/v1/auth/orders`: place, list, and what is pending.

use actix_web::{HttpRequest, HttpResponse};
use domain::order::{Order, OrderStatus};
use domain::ports::{OrderFilter, Page, PageRequest};

use super::{EngineData, requests};
use crate::dto::nulls::Nulls;
use crate::dto::order::OrderBody;
use crate::dto::words;
use crate::error::{ApiError, Problem};
use crate::http::authenticate::Authenticated;
use crate::http::body::JsonBody;
use crate::http::query::Query;
use crate::http::{answer, idempotency, paging, read};

/// Places an order.
///
/// A customer buys USDT with shillings (`ON_RAMP_BUY`) or sells it (`OFF_RAMP_SELL`) on a vendor's
/// offer. The amount is held on the offer until the order ends.
#[utoipa::path(
    post, path = "/api/v1/auth/orders", tag = "Orders", operation_id = "create_order",
    request_body = requests::CreateOrder,
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 128 visible ASCII characters: the same key gets the same answer.", max_length = 128, pattern = "^[!-~]+$"),
        ("nulls" = inline(Option<words::PlainWord>), Query, description = "`plain` writes values and nulls instead of wrapped ones."),
    ),
    responses(
        (status = 201, description = "Order created", body = OrderBody<'static>, headers(("Idempotent-Replayed" = String, description = "`true` when this was answered before"))),
        (status = 409, description = "`insufficient_liquidity`: the offer has too little left. `busy`: the same key is being worked on", body = Problem<'static>),
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
    let (request, command) = idempotency::read(&http, caller, &body, |fields| {
        requests::place_order(fields, &*engine.addresses)
    })?;
    let render = move |order: &Order| answer::created(&OrderBody::new(order, nulls));
    Ok(answer::stored(engine.place_order(&request, &command, &render).await?))
}

/// Lists the caller's orders, newest first.
#[utoipa::path(
    get, path = "/api/v1/auth/orders", tag = "Orders", operation_id = "list_orders",
    params(
        ("page_id" = Option<i64>, Query, minimum = 1, description = "The page's number, from 1. Required unless `cursor` is sent.", example = 1),
        ("page_size" = i64, Query, minimum = 1, maximum = 100, example = 20),
        ("cursor" = Option<String>, Query, description = "From the `Link` header: walks any depth at the same cost."),
        ("order_type" = inline(Option<words::OrderTypeWord>), Query),
        ("order_subtype" = inline(Option<words::OrderSubtypeWord>), Query),
        ("status" = inline(Option<Vec<words::OrderStatusWord>>), Query, description = "One or several, separated by commas."),
        ("customer_id" = Option<uuid::Uuid>, Query),
        ("vendor_id" = Option<uuid::Uuid>, Query),
        ("created_from" = Option<String>, Query, format = DateTime, description = "Created at or after."),
        ("created_to" = Option<String>, Query, format = DateTime, description = "Created before."),
        ("updated_since" = Option<String>, Query, format = DateTime, description = "Changed at or after."),
        ("account_reference" = Option<String>, Query, description = "What stands on the customer's M-Pesa message, of the last attempt to pay or of an earlier one.", example = "K7Q2M9X4A1B3"),
        ("nulls" = inline(Option<words::PlainWord>), Query, description = "`plain` writes values and nulls instead of wrapped ones."),
    ),
    responses(
        (status = 200, description = "A page of orders", body = Vec<OrderBody<'static>>, headers(("Link" = String, description = "`rel=\"next\"`, when something follows"))),
        (status = 422, description = "A parameter is out of range, or `unknown_parameter`", body = Problem<'static>),
    ),
)]
pub async fn list(
    http: HttpRequest,
    engine: EngineData,
    Authenticated(caller): Authenticated,
) -> Result<HttpResponse, ApiError> {
    let mut query = Query::of(&http);
    let page = paging::required_page(&mut query);
    let (filter, nulls) = (filter(&mut query), Nulls::read(&mut query, &http));
    let (page, filter, nulls) = query.finish((page, filter, nulls))?;
    let mut orders = engine.store.list_orders(caller.sees(), &filter, page).await?;
    engine.follow_heads(&mut orders.rows).await?;
    let circuit = engine.circuit_of(&orders.rows).await?;
    Ok(answer_page(&http, &orders, |order| {
        OrderBody::new(order, nulls).held_by(order, circuit.as_ref())
    }))
}

/// Lists orders that await their payment and have not expired, newest first.
#[utoipa::path(
    get, path = "/api/v1/auth/orders/pending", tag = "Orders", operation_id = "list_pending_orders",
    params(
        ("page_id" = Option<i64>, Query, minimum = 1, description = "The page's number, from 1. Required unless `cursor` is sent.", example = 1),
        ("page_size" = i64, Query, minimum = 1, maximum = 100, example = 20),
        ("cursor" = Option<String>, Query, description = "From the `Link` header."),
        ("include" = inline(Option<words::AwaitingCryptoWord>), Query, description = "`awaiting_crypto` adds off-ramp orders that await their deposit."),
        ("nulls" = inline(Option<words::PlainWord>), Query, description = "`plain` writes values and nulls instead of wrapped ones."),
    ),
    responses(
        (status = 200, description = "A page of pending orders, each with its `rate`", body = Vec<OrderBody<'static>>, headers(("Link" = String, description = "`rel=\"next\"`, when something follows"))),
        (status = 422, description = "A parameter is out of range", body = Problem<'static>),
    ),
)]
pub async fn pending(
    http: HttpRequest,
    engine: EngineData,
    Authenticated(caller): Authenticated,
) -> Result<HttpResponse, ApiError> {
    let mut query = Query::of(&http);
    let page: PageRequest = paging::required_page(&mut query);
    let include = query.optional("include", |text| {
        read::one_of(text, |text| (text == "awaiting_crypto").then_some(()), &["awaiting_crypto"])
    });
    let mut statuses = vec![OrderStatus::Pending];
    statuses.extend(include.map(|()| OrderStatus::AwaitingCrypto));
    let unexpired_at = Some(engine.clock.now());
    let filter = OrderFilter { statuses, unexpired_at, ..OrderFilter::default() };
    let nulls = Nulls::read(&mut query, &http);
    let (page, filter) = query.finish((page, filter))?;
    let mut orders = engine.store.list_orders(caller.sees(), &filter, page).await?;
    engine.follow_heads(&mut orders.rows).await?;
    Ok(answer_page(&http, &orders, |order| OrderBody::with_rate(order, nulls)))
}

fn filter(query: &mut Query) -> OrderFilter {
    let party = |text: &str| read::party(&text.into());
    OrderFilter {
        order_type: query.optional("order_type", |text| read::order_type(&text.into())),
        order_subtype: query.optional("order_subtype", read::order_subtype),
        statuses: query.several("status", |text| read::order_status(&text.into())),
        customer_id: query.optional("customer_id", party),
        vendor_id: query.optional("vendor_id", party),
        created_from: query.optional("created_from", read::instant),
        created_to: query.optional("created_to", read::instant),
        updated_since: query.optional("updated_since", read::instant),
        unexpired_at: None,
        account_reference: query.optional("account_reference", read::account_reference),
    }
}

fn answer_page<'a>(
    http: &HttpRequest,
    page: &'a Page<Order>,
    body: impl Fn(&'a Order) -> OrderBody<'a>,
) -> HttpResponse {
    let rows: Vec<_> = page.rows.iter().map(body).collect();
    let last = page.rows.last().filter(|_| page.has_more);
    answer::list(http, &rows, last.map(|order| order.id.0))
}
