//! The operators' queue: reviews by subject, and the items of each.

use std::collections::BTreeMap;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::MemoryStore;
use super::tables::{Tables, rejected};
use super::unit_of_work::MemoryUnitOfWork;
use crate::ids::OrderId;
use crate::ports::{ReviewCount, ReviewQueries, Reviews, StoreError};
use crate::rail::{OpenReview, Review, ReviewItem};

#[derive(Debug, Clone)]
pub(super) struct StoredReview {
    review: OpenReview,
    is_closed: bool,
}

#[derive(Debug, Clone)]
pub(super) struct StoredItem {
    review: i64,
    item: ReviewItem,
}

fn number(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}

impl Tables {
    fn open_review_of(&mut self, subject: &str) -> Option<&mut StoredReview> {
        self.reviews.iter_mut().find(|it| !it.is_closed && it.review.subject == subject)
    }

    fn add_item(&mut self, told: &Review) -> bool {
        if self.review_items.iter().any(|known| known.item.cause == told.cause) {
            return false;
        }
        let id = number(self.reviews.len()).saturating_add(1);
        let review = if let Some(open) = self.open_review_of(&told.subject) {
            open.review.items = open.review.items.saturating_add(1);
            open.review.last_at = open.review.last_at.max(told.opened_at);
            open.review.id
        } else {
            self.reviews.push(StoredReview { review: opened(id, told), is_closed: false });
            id
        };
        let Review { cause, order_id, detail, opened_at: at, .. } = told.clone();
        self.review_items
            .push(StoredItem { review, item: ReviewItem { cause, order_id, detail, at } });
        true
    }

    /// Whether an operator was called about an order, and not by the supervisor.
    pub(super) fn is_called_about(&self, order: OrderId) -> bool {
        let about = |it: &OpenReview| it.order_id == Some(order) && !it.is_condition;
        self.reviews.iter().any(|it| !it.is_closed && about(&it.review))
    }

    fn all_open(&self) -> Vec<OpenReview> {
        let open = self.reviews.iter().filter(|it| !it.is_closed);
        let mut open: Vec<_> = open.map(|it| it.review.clone()).collect();
        open.sort_by_key(|review| (review.opened_at, review.id));
        open
    }
}

fn opened(id: i64, told: &Review) -> OpenReview {
    OpenReview {
        id,
        order_id: told.order_id,
        kind: told.kind,
        subject: told.subject.clone(),
        detail: told.detail.clone(),
        opened_at: told.opened_at,
        last_at: told.opened_at,
        items: 1,
        is_condition: told.is_condition,
    }
}

#[async_trait]
impl Reviews for MemoryUnitOfWork {
    async fn open_review(&mut self, review: &Review) -> Result<bool, StoreError> {
        if review.order_id.is_some_and(|id| !self.tables.orders.contains_key(&id)) {
            return Err(rejected("a review of an order needs its order"));
        }
        Ok(self.tables.add_item(review))
    }

    async fn close_review(
        &mut self,
        subject: &str,
        _resolution: &str,
        _at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let open = self.tables.open_review_of(subject);
        Ok(open.map(|review| review.is_closed = true).is_some())
    }
}

#[async_trait]
impl ReviewQueries for MemoryStore {
    async fn open_reviews(&self, limit: u16) -> Result<Vec<OpenReview>, StoreError> {
        Ok(self.tables().all_open().into_iter().take(limit.into()).collect())
    }

    async fn open_conditions(&self) -> Result<Vec<OpenReview>, StoreError> {
        Ok(self.tables().all_open().into_iter().filter(|it| it.is_condition).collect())
    }

    async fn review_items(&self, review: i64, limit: u16) -> Result<Vec<ReviewItem>, StoreError> {
        let tables = self.tables();
        let of_it = tables.review_items.iter().filter(|it| it.review == review);
        let mut items: Vec<_> = of_it.map(|it| it.item.clone()).collect();
        items.sort_by(|one, other| (one.at, &one.cause).cmp(&(other.at, &other.cause)));
        items.truncate(limit.into());
        Ok(items)
    }

    async fn count_reviews(&self) -> Result<Vec<ReviewCount>, StoreError> {
        let mut counts = BTreeMap::<&'static str, (i64, i64)>::new();
        for review in self.tables().all_open() {
            let (reviews, items) = counts.entry(review.kind).or_default();
            *reviews = reviews.saturating_add(1);
            *items = items.saturating_add(review.items.into());
        }
        let count = |(kind, (reviews, items))| ReviewCount { kind, reviews, items };
        Ok(counts.into_iter().map(count).collect())
    }
}
