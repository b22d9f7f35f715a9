//! The operators' queue: opened and closed inside units of work, read outside.

use async_trait::async_trait;
use time::OffsetDateTime;

use super::store::StoreError;
use crate::rail::{OpenReview, Review, ReviewItem};

/// The operators' queue inside a unit of work.
#[async_trait]
pub trait Reviews {
    /// Adds an item to the open review of its subject, and opens one if there is none; `false` when
    /// the item was there already, in whatever review.
    async fn open_review(&mut self, review: &Review) -> Result<bool, StoreError>;

    /// Closes the open review of a subject, because what it was about has settled; `false` when there
    /// is none.
    async fn close_review(
        &mut self,
        subject: &str,
        resolution: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
}

/// How many open reviews of a kind there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewCount {
    pub kind: &'static str,
    pub reviews: i64,
    pub items: i64,
}

/// What is in the operators' queue.
#[async_trait]
pub trait ReviewQueries: Send + Sync {
    /// Open reviews, oldest first.
    async fn open_reviews(&self, limit: u16) -> Result<Vec<OpenReview>, StoreError>;

    /// Every open review of something that is so until it is not.
    async fn open_conditions(&self) -> Result<Vec<OpenReview>, StoreError>;

    /// What was told of a review, oldest first.
    async fn review_items(&self, review: i64, limit: u16) -> Result<Vec<ReviewItem>, StoreError>;

    /// Open reviews by kind, in the kinds' alphabetical order.
    async fn count_reviews(&self) -> Result<Vec<ReviewCount>, StoreError>;
}
