//! Chunked bodies that never end. When a handler drops one, actix waits for its end before it closes
//! the connection, however long that takes; one that is still held makes it close after the answer.
//! So the unread rest of a chunked body is held until the connection is gone.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpMessage as _;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::TRANSFER_ENCODING;
use actix_web::web::Bytes;
use futures_util::Stream;

/// Longer than actix lets a client linger (1 s) after the answer.
const HELD_FOR: Duration = Duration::from_secs(3);

/// A payload that its reader and this module hold together.
#[derive(Clone)]
pub struct Held {
    payload: Rc<RefCell<Payload>>,
    is_finished: Rc<Cell<bool>>,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").field("is_finished", &self.is_finished).finish_non_exhaustive()
    }
}

impl Stream for Held {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut *self.payload.borrow_mut()).poll_next(cx);
        self.is_finished.set(matches!(polled, Poll::Ready(None)));
        polled
    }
}

/// Shares the payload of a chunked request.
pub fn hold(request: &mut ServiceRequest) -> Option<Held> {
    request.headers().get(TRANSFER_ENCODING)?;
    let payload = Rc::new(RefCell::new(request.take_payload()));
    let held = Held { payload, is_finished: Rc::new(Cell::new(false)) };
    request.set_payload(Payload::Stream { payload: Box::pin(held.clone()) });
    Some(held)
}

/// After the answer: lets go of a body that was read, keeps the rest of any other for a while.
pub fn release(held: Option<Held>) {
    let Some(held) = held.filter(|held| !held.is_finished.get()) else {
        return;
    };
    actix_web::rt::spawn(async move {
        let _ = tokio::time::timeout(HELD_FOR, std::future::pending::<()>()).await;
        drop(held);
    });
}
