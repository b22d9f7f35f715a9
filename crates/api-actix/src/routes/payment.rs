//! `/api/v1/auth/orders/payment`: asks the customer's phone to pay an on-ramp order.

use actix_web::{HttpRequest, HttpResponse, web};
use domain::rail::collection::CollectionState;
use domain::service::{Cashier, PaymentStarted};

use super::requests;
use crate::dto::payment::PaymentBody;
use crate::error::{ApiError, Problem};
use crate::http::authenticate::Authenticated;
use crate::http::body::JsonBody;
use crate::http::query::Query;
use crate::http::{answer, idempotency};

/// Pays an on-ramp order by M-Pesa.
///
/// The phone is asked for the customer's PIN; the order moves when M-Pesa has confirmed the payment.
/// 202 when M-Pesa's answer was lost: the prompt may be on the phone, and the order tells the truth
/// when it is known.
#[utoipa::path(
    post, path = "/api/v1/auth/orders/payment", tag = "Orders", operation_id = "start_payment",
    request_body = requests::PayOrder,
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 128 visible ASCII characters: the same key gets the same answer.", max_length = 128, pattern = "^[!-~]+$"),
    ),
    responses(
        (status = 200, description = "The phone is asked", body = PaymentBody, headers(("Idempotent-Replayed" = String, description = "`true` when this was answered before"))),
        (status = 202, description = "M-Pesa's answer was lost: whether the phone is asked is not known yet", body = PaymentBody),
        (status = 404, description = "No such order, or somebody else's", body = Problem<'static>),
        (status = 409, description = "`payment_in_flight`, `order_not_payable`, `order_expired`, `under_review`, `phone_busy`, or `busy`", body = Problem<'static>),
        (status = 429, description = "`phone_asked_recently`: the same phone within two minutes", body = Problem<'static>),
        (status = 503, description = "`rail_unavailable`: M-Pesa does not take requests; nothing was sent", body = Problem<'static>),
    ),
)]
pub async fn pay(
    http: HttpRequest,
    cashier: Option<web::Data<Cashier>>,
    Authenticated(caller): Authenticated,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&http).finish(())?;
    let (request, command) = idempotency::read(&http, caller, &body, requests::pay_order)?;
    let cashier = cashier.ok_or(ApiError::NoRail)?;
    // A task of its own: a client that goes away must not stop a payment half way.
    let paying = actix_web::rt::spawn(async move {
        let render = |started: &PaymentStarted| {
            let body = PaymentBody::from(started);
            match started.collection.state {
                CollectionState::SubmitUnknown | CollectionState::Sending => {
                    answer::not_known_yet(&body)
                }
                _ => answer::done(&body),
            }
        };
        cashier.start_payment(&request, &command, &render).await
    });
    let paid = paying.await.map_err(|error| ApiError::Internal(error.to_string()))?;
    Ok(answer::stored(paid?))
}
