//! HTTP itself, before any route: ids, limits, callers, bodies, pages. No rule of the trade is here.

pub mod answer;
pub mod authenticate;
pub mod body;
pub mod client_address;
pub mod cors;
pub mod fields;
pub mod idempotency;
pub mod limits;
pub mod observe;
pub mod paging;
pub mod query;
pub mod read;
pub mod request_id;
pub mod unread;
