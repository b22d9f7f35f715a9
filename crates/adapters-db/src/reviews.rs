//! The operators' queue.

use async_trait::async_trait;
use diesel::dsl::{count_star, sum};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use domain::ports::{ReviewCount, ReviewQueries, Reviews, StoreError};
use domain::rail::{OpenReview, Review, ReviewItem};
use time::OffsetDateTime;

use crate::PgStore;
use crate::error::from_diesel;
use crate::prepared::Prepared;
use crate::rows::{ItemRow, ReviewRow, kind_of_review, words};
use crate::schema::{review_items, reviews};
use crate::statement::{Bind, Statement};
use crate::unit_of_work::PgUnitOfWork;

const OPEN_REVIEW: &str = include_str!("sql/open_review.sql");
const ADD_REVIEW_ITEM: &str = include_str!("sql/add_review_item.sql");

/// What an operator reads at most of one item.
const DETAIL: usize = 2000;

#[async_trait]
impl Reviews for PgUnitOfWork {
    async fn open_review(&mut self, review: &Review) -> Result<bool, StoreError> {
        let detail = words(&review.detail, DETAIL);
        let order = review.order_id.map(|id| id.0);
        let binds = vec![
            Bind::Uuid(order),
            Bind::Text(Some(review.kind)),
            Bind::Text(Some(&review.subject)),
            Bind::Text(Some(&detail)),
            Bind::Time(review.opened_at),
            Bind::Integer(Some(i32::from(review.is_condition))),
            Bind::Text(Some(&review.cause)),
        ];
        let open = Statement { text: OPEN_REVIEW, binds }.returning::<BigInt>();
        let ids: Vec<i64> = open.load(self.connection()).await.map_err(from_diesel)?;
        let Some(id) = ids.into_iter().next() else {
            return Ok(false);
        };
        let binds = vec![
            Bind::Text(Some(&review.cause)),
            Bind::BigInt(id),
            Bind::Uuid(order),
            Bind::Text(Some(&detail)),
            Bind::Time(review.opened_at),
        ];
        let add = Statement { text: ADD_REVIEW_ITEM, binds };
        let added = add.execute(self.connection()).await.map_err(from_diesel)?;
        Ok(added == 1)
    }

    async fn close_review(
        &mut self,
        subject: &str,
        resolution: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let open = reviews::table
            .filter(reviews::subject.eq(subject))
            .filter(reviews::closed_at.is_null());
        let update = diesel::update(open)
            .set((reviews::closed_at.eq(at), reviews::resolution.eq(words(resolution, DETAIL))));
        let closed = Prepared(update).execute(self.connection()).await.map_err(from_diesel)?;
        Ok(closed > 0)
    }
}

#[async_trait]
impl ReviewQueries for PgStore {
    async fn open_reviews(&self, limit: u16) -> Result<Vec<OpenReview>, StoreError> {
        let rows: Vec<ReviewRow> = reviews::table
            .filter(reviews::closed_at.is_null())
            .order((reviews::opened_at, reviews::id))
            .limit(limit.into())
            .select(ReviewRow::as_select())
            .load(&mut *self.connection().await?)
            .await
            .map_err(from_diesel)?;
        Ok(rows.into_iter().map(OpenReview::from).collect())
    }

    async fn open_conditions(&self) -> Result<Vec<OpenReview>, StoreError> {
        let rows: Vec<ReviewRow> = reviews::table
            .filter(reviews::closed_at.is_null())
            .filter(reviews::is_condition)
            .order((reviews::opened_at, reviews::id))
            .select(ReviewRow::as_select())
            .load(&mut *self.connection().await?)
            .await
            .map_err(from_diesel)?;
        Ok(rows.into_iter().map(OpenReview::from).collect())
    }

    async fn review_items(&self, review: i64, limit: u16) -> Result<Vec<ReviewItem>, StoreError> {
        let rows: Vec<ItemRow> = review_items::table
            .filter(review_items::review_id.eq(review))
            .order((review_items::at, review_items::cause))
            .limit(limit.into())
            .select(ItemRow::as_select())
            .load(&mut *self.connection().await?)
            .await
            .map_err(from_diesel)?;
        Ok(rows.into_iter().map(ReviewItem::from).collect())
    }

    async fn count_reviews(&self) -> Result<Vec<ReviewCount>, StoreError> {
        let rows: Vec<(String, i64, Option<i64>)> = reviews::table
            .filter(reviews::closed_at.is_null())
            .group_by(reviews::kind)
            .order(reviews::kind)
            .select((reviews::kind, count_star(), sum(reviews::items)))
            .load(&mut *self.connection().await?)
            .await
            .map_err(from_diesel)?;
        let count = |(kind, reviews, items): (String, i64, Option<i64>)| ReviewCount {
            kind: kind_of_review(kind),
            reviews,
            items: items.unwrap_or(0),
        };
        Ok(rows.into_iter().map(count).collect())
    }
}
