//! Somebody beside the twin who answers on its control port what the twin cannot know: whose orders its
//! prompts belong to, and what goes on on a chain.

use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

use futures_util::future::BoxFuture;

use super::call::{Call, JSON};
use crate::http::{Answer, Manner};

/// A route's answer: its status and JSON; `None` where there is no such route.
pub type Said = Option<(u16, String)>;

pub trait Companion: Debug + Send + Sync {
    fn answer<'a>(&'a self, method: &'a str, path: &'a str, body: &'a str) -> BoxFuture<'a, Said>;
}

/// The place of one, taken once.
pub(super) type Beside = Arc<OnceLock<Arc<dyn Companion>>>;

/// What the companion says to a call, where there is one who knows.
pub(super) async fn ask(beside: &Beside, call: &Call) -> Option<Answer> {
    let said = beside.get()?.answer(&call.method, &call.path, &call.body).await;
    let (status, body) = said?;
    Some(Answer { status, content_type: JSON, body, manner: Manner::Plain })
}
