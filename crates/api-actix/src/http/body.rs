//! Request bodies: bounded in size and time, JSON only.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;

use crate::error::ApiError;

/// How much of a body is read, and for how long. The time is needed because actix's own ends with
/// the headers: a body that never ends would hold the connection.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    pub bytes: usize,
    pub time: Duration,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self { bytes: 16 * 1024, time: Duration::from_secs(8) }
    }
}

/// A JSON body, unparsed. Empty when none was sent.
#[derive(Debug)]
pub struct JsonBody(pub web::BytesMut);

impl FromRequest for JsonBody {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limits = request.app_data::<web::Data<BodyLimits>>();
        let limits = limits.map_or_else(BodyLimits::default, |limits| ***limits);
        let (is_json, is_plain) = (is_json(request), is_plain(request));
        let payload = payload.take();
        Box::pin(async move {
            let collected = tokio::time::timeout(limits.time, collect(payload, limits.bytes));
            let bytes = collected.await.map_err(|_| ApiError::RequestTimeout)??;
            match (bytes.is_empty(), is_plain, is_json) {
                (true, ..) | (false, true, true) => Ok(Self(bytes)),
                (false, false, _) => Err(ApiError::UnsupportedCoding),
                (false, true, false) => Err(ApiError::UnsupportedMediaType),
            }
        })
    }
}

/// A callback's body, whatever it is: to be kept, not understood.
#[derive(Debug)]
pub struct RawBody(pub web::BytesMut);

/// The rail's bodies are a few hundred bytes.
const CALLBACK_LIMIT: usize = 64 * 1024;

impl FromRequest for RawBody {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        Box::pin(async move {
            let time = Duration::from_secs(5);
            let collected = tokio::time::timeout(time, collect(payload, CALLBACK_LIMIT)).await;
            collected.map_err(|_| ApiError::RequestTimeout)?.map(Self)
        })
    }
}

fn is_json(request: &HttpRequest) -> bool {
    let value = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
}

/// Whether a body comes as it is, and not compressed.
fn is_plain(request: &HttpRequest) -> bool {
    let mut codings = request.headers().get_all(CONTENT_ENCODING);
    codings.all(|coding| coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity"))
}

async fn collect(mut payload: Payload, limit: usize) -> Result<web::BytesMut, ApiError> {
    let mut bytes = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Overflow => ApiError::BodyTooLarge(limit),
            _ => ApiError::InvalidJson("the body could not be read".into()),
        })?;
        if bytes.len() + chunk.len() > limit {
            return Err(ApiError::BodyTooLarge(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
