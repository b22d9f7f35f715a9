//! The gate of `/api/v1/auth`: no valid token, no entry, whatever the route.

use std::net::IpAddr;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, ResponseError as _, web};
use domain::access::Caller;
use ipnet::IpNet;

use super::client_address::client_address;
use super::limits::Limits;
use crate::auth::Verifier;
use crate::error::ApiError;
use crate::rail::Door;

/// The caller that the gate has let in.
#[derive(Debug, Clone, Copy)]
pub struct Authenticated(pub Caller);

impl FromRequest for Authenticated {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = request.extensions().get::<Self>().copied();
        std::future::ready(caller.ok_or(ApiError::Token(crate::auth::TokenFault::Missing)))
    }
}

/// Verifies the token and counts the request against its caller's limit; whoever has no valid
/// token is counted by address, so that guessing is slow.
pub async fn authenticate<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match admit(&request).await {
        Ok(caller) => {
            request.extensions_mut().insert(Authenticated(caller));
            Ok(next.call(request).await?.map_into_boxed_body())
        }
        // Answered here, where the request's id is known, rather than on the way out.
        Err(refusal) => Ok(request.into_response(refusal.error_response())),
    }
}

async fn admit(request: &ServiceRequest) -> Result<Caller, ApiError> {
    let missing = || ApiError::Internal("the gate is not wired".into());
    let verifier = request.app_data::<web::Data<Verifier>>().ok_or_else(missing)?;
    let limits = request.app_data::<web::Data<Limits>>().ok_or_else(missing)?;
    let door = request.app_data::<web::Data<Door>>().ok_or_else(missing)?;
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    match verifier.verify(header).await {
        Ok(caller) => {
            limits.admit_caller(caller.id)?;
            Ok(caller)
        }
        Err(fault) => {
            if let Some(client) = counted_address(request.request(), &door.proxies) {
                limits.admit_address(client)?;
            }
            Err(fault.into())
        }
    }
}

/// Whose guesses these are: a proxy of ours speaks for many. Where it does not say for whom, they are its
/// own.
fn counted_address(request: &HttpRequest, proxies: &[IpNet]) -> Option<IpAddr> {
    let peer = || request.peer_addr().map(|peer| peer.ip());
    client_address(request, proxies).or_else(peer)
}
