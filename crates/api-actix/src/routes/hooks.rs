//! `/hooks/{door}/{token}`: the rail calls back. The body is safe, in the database or on disk, before
//! it is acknowledged; reading it is a job. The answer is always the same, so that it tells nothing.

use actix_web::{HttpRequest, HttpResponse, web};
use domain::ports::Received;
use domain::rail::{CallbackToken, Hook};
use domain::service::Cashier;

use crate::error::{ApiError, Problem};
use crate::http::answer;
use crate::http::body::RawBody;
use crate::http::client_address::client_address;
use crate::rail::Door;

/// Takes a callback in.
///
/// For Daraja, not for clients. Every URL is minted for one purpose and known to nobody else.
#[utoipa::path(
    post, path = "/hooks/{door}/{token}", tag = "Callbacks", operation_id = "callback", security(()),
    params(
        ("door" = String, Path, description = "`c` collection, `p` payout, `q` queue timeout, `s` status, `b` bill payment", pattern = "^[cpqsb]$"),
        ("token" = String, Path, description = "What makes the URL unguessable", pattern = "^[0-9a-f]{40}$"),
    ),
    responses(
        (status = 200, description = "Always the same"),
        (status = 404, description = "No such door", body = Problem<'static>),
    ),
)]
pub async fn callback(
    http: HttpRequest,
    cashier: Option<web::Data<Cashier>>,
    door: web::Data<Door>,
    body: RawBody,
) -> Result<HttpResponse, ApiError> {
    let part = |name| http.match_info().get(name).unwrap_or_default();
    let hook = Hook::parse(part("door")).ok_or(ApiError::NoSuchRoute)?;
    let (Some(cashier), Some(token)) = (cashier, CallbackToken::parse(part("token"))) else {
        return Ok(answer::accepted_callback());
    };
    let address = client_address(&http, &door.proxies);
    let received = Received {
        hook,
        token_hash: token.hash(),
        source: address.map_or_else(|| "unknown".to_owned(), |address| address.to_string()),
        from_rail: address.is_some_and(|ip| door.sources.iter().any(|net| net.contains(&ip))),
        body: body.0.to_vec(),
        at: cashier.engine.clock.now(),
    };
    keep(&cashier, &door, received).await?;
    door.callbacks.notify_one();
    Ok(answer::accepted_callback())
}

/// Into the database, or onto the disk; only when neither takes it is the rail told so.
async fn keep(cashier: &Cashier, door: &Door, received: Received) -> Result<(), ApiError> {
    let Err(error) = cashier.receive(&received).await else {
        return Ok(());
    };
    tracing::error!(%error, "a callback goes to the spool");
    metrics::counter!("callbacks_spooled_total").increment(1);
    let spool = door.spool.clone();
    let kept = web::block(move || spool.keep(&received)).await;
    match kept {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(ApiError::Internal(format!("a callback is lost: {error}"))),
        Err(error) => Err(ApiError::Internal(format!("a callback is lost: {error}"))),
    }
}
