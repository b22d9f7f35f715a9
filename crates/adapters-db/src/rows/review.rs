//! Rows of `reviews`.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use diesel::prelude::*;
use domain::ids::OrderId;
use domain::rail::Review;
use time::OffsetDateTime;
use uuid::Uuid;

use super::words;
use crate::schema::reviews;

/// What an operator reads at most of one item.
const DETAIL: usize = 2000;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = reviews, check_for_backend(diesel::pg::Pg))]
pub(crate) struct ReviewRow {
    order_id: Option<Uuid>,
    kind: String,
    cause: String,
    detail: String,
    opened_at: OffsetDateTime,
}

impl From<&Review> for ReviewRow {
    fn from(review: &Review) -> Self {
        Self {
            order_id: review.order_id.map(|id| id.0),
            kind: review.kind.to_owned(),
            cause: review.cause.clone(),
            detail: words(&review.detail, DETAIL),
            opened_at: review.opened_at,
        }
    }
}

impl From<ReviewRow> for Review {
    fn from(row: ReviewRow) -> Self {
        Self {
            order_id: row.order_id.map(OrderId),
            kind: kind(row.kind),
            cause: row.cause,
            detail: row.detail,
            opened_at: row.opened_at,
        }
    }
}

/// The kind's name for as long as the program runs. Kinds are words of the code, of this version or
/// of another, so there are few of them; and one that is not known here must not hide the queue.
fn kind(name: String) -> &'static str {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kind) = known.get(name.as_str()) {
        return kind;
    }
    let kind: &'static str = name.leak();
    known.insert(kind);
    kind
}
