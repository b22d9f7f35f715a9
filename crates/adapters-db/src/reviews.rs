//! The operators' queue.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ports::StoreError;
use domain::rail::Review;

use crate::error::from_diesel;
use crate::prepared::Prepared;
use crate::rows::ReviewRow;
use crate::schema::reviews;

pub(crate) async fn open_review(
    connection: &mut AsyncPgConnection,
    review: &Review,
) -> Result<bool, StoreError> {
    let insert = diesel::insert_into(reviews::table)
        .values(ReviewRow::from(review))
        .on_conflict(reviews::cause)
        .do_nothing();
    let opened = Prepared(insert).execute(connection).await.map_err(from_diesel)?;
    Ok(opened == 1)
}

pub(crate) async fn open_reviews(
    connection: &mut AsyncPgConnection,
    limit: u16,
) -> Result<Vec<Review>, StoreError> {
    let rows: Vec<ReviewRow> = reviews::table
        .filter(reviews::closed_at.is_null())
        .order((reviews::opened_at, reviews::id))
        .limit(limit.into())
        .select(ReviewRow::as_select())
        .load(connection)
        .await
        .map_err(from_diesel)?;
    Ok(rows.into_iter().map(Review::from).collect())
}
