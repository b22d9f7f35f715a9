//! Rows of `reviews` and `review_items`.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use diesel::prelude::*;
use domain::ids::OrderId;
use domain::rail::{OpenReview, ReviewItem};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::schema::{review_items, reviews};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = reviews, check_for_backend(diesel::pg::Pg))]
pub(crate) struct ReviewRow {
    id: i64,
    order_id: Option<Uuid>,
    kind: String,
    subject: String,
    detail: String,
    opened_at: OffsetDateTime,
    last_at: OffsetDateTime,
    items: i32,
    is_condition: bool,
}

impl From<ReviewRow> for OpenReview {
    fn from(row: ReviewRow) -> Self {
        Self {
            id: row.id,
            order_id: row.order_id.map(OrderId),
            kind: kind_of_review(row.kind),
            subject: row.subject,
            detail: row.detail,
            opened_at: row.opened_at,
            last_at: row.last_at,
            items: row.items,
            is_condition: row.is_condition,
        }
    }
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = review_items, check_for_backend(diesel::pg::Pg))]
pub(crate) struct ItemRow {
    cause: String,
    order_id: Option<Uuid>,
    detail: String,
    at: OffsetDateTime,
}

impl From<ItemRow> for ReviewItem {
    fn from(row: ItemRow) -> Self {
        let ItemRow { cause, order_id, detail, at } = row;
        Self { cause, order_id: order_id.map(OrderId), detail, at }
    }
}

/// The kind's name for as long as the program runs. Kinds are words of the code, of this version or
/// of another, so there are few of them; and one that is not known here must not hide the queue.
pub(crate) fn kind_of_review(name: String) -> &'static str {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kind) = known.get(name.as_str()) {
        return kind;
    }
    let kind: &'static str = name.leak();
    known.insert(kind);
    kind
}
