//! `x-request-id`: taken from the caller or made, and known to everything that a request causes.

use actix_web::HttpRequest;
use uuid::Uuid;

pub const HEADER: &str = "x-request-id";

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that is being served; empty outside of one.
pub fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// The caller's id when it is short and visible, else a new one.
pub fn of(request: &HttpRequest) -> String {
    let given = request.headers().get(HEADER).and_then(|value| value.to_str().ok());
    let fit = given.filter(|id| {
        (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
    });
    fit.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// Serves `future` under the id.
pub async fn scope<F: Future>(id: String, future: F) -> F::Output {
    CURRENT.scope(id, future).await
}
