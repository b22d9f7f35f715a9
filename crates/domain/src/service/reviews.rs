//! Calling an operator, and calling off: the one place where reviews are opened, closed and logged.

use super::Engine;
use crate::ports::{StoreError, UnitOfWork};
use crate::rail::Review;

impl Engine {
    /// Puts something before an operator; told again, it is the same. Answers whether it is new.
    pub(super) async fn call_operator(
        &self,
        uow: &mut dyn UnitOfWork,
        review: &Review,
    ) -> Result<bool, StoreError> {
        let is_new = uow.open_review(review).await?;
        if is_new {
            let order = review.order_id.map(tracing::field::display);
            tracing::error!(
                order.id = order,
                kind = review.kind,
                subject = review.subject,
                detail = review.detail,
                "an operator must look"
            );
        }
        Ok(is_new)
    }

    /// Closes the review of what has settled by itself, if one is open.
    pub(super) async fn call_off(
        &self,
        uow: &mut dyn UnitOfWork,
        subject: &str,
        resolution: &str,
    ) -> Result<(), StoreError> {
        if uow.close_review(subject, resolution, self.clock.now()).await? {
            tracing::info!(subject, resolution, "a review has settled by itself");
        }
        Ok(())
    }
}
