//! The operators' queue: one item per cause, oldest first.

use super::stage::{WORKS, commit, place_sample, seed};
use crate::order::ReviewKind;
use crate::ports::Store;
use crate::rail::{RailReview, Review};
use crate::testing::rail_samples::after;
use crate::testing::samples;

fn review(kind: &'static str, cause: &str, second: i64) -> Review {
    Review {
        order_id: None,
        kind,
        cause: cause.into(),
        detail: format!("{kind}: what is known"),
        opened_at: after(second),
    }
}

async fn open(store: &dyn Store, review: &Review) -> bool {
    commit(store, async |uow| uow.open_review(review).await.expect(WORKS)).await
}

pub async fn reviews_come_back_oldest_first(store: &dyn Store) {
    seed(store).await;
    let order = place_sample(store, &samples::place_buy(), 1).await;
    let of_order =
        Review::of_order(order.id, ReviewKind::WrongAmount, "payment_confirmed:X@3", after(2));
    let reviews = [
        review(RailReview::Unmatched.as_str(), "receipt:A", 0),
        review(RailReview::Forged.as_str(), "callback:7", 1),
        of_order,
    ];
    assert_eq!(store.open_reviews(10).await.expect(WORKS), []);
    for review in &reviews {
        assert!(open(store, review).await);
    }
    assert_eq!(store.open_reviews(10).await.expect(WORKS), reviews);
    assert_eq!(store.open_reviews(2).await.expect(WORKS), reviews[..2]);
}

pub async fn a_cause_is_reviewed_once(store: &dyn Store) {
    let first = review(RailReview::Unmatched.as_str(), "receipt:A", 0);
    assert!(open(store, &first).await);
    assert!(!open(store, &first).await);
    assert!(!open(store, &review(RailReview::Forged.as_str(), "receipt:A", 5)).await);
    assert_eq!(store.open_reviews(10).await.expect(WORKS), [first]);
}

pub async fn every_kind_of_review_comes_back(store: &dyn Store) {
    let of_rail = [
        RailReview::Forged,
        RailReview::WrongPhone,
        RailReview::Contradiction,
        RailReview::UnknownExpired,
        RailReview::Unmatched,
        RailReview::ReconDelta,
        RailReview::Blocked,
        RailReview::Unreadable,
    ];
    let of_orders = [
        ReviewKind::WrongAmount,
        ReviewKind::Contradiction,
        ReviewKind::DeepReorg,
        ReviewKind::PayoutBlocked,
        ReviewKind::RefundFailed,
        ReviewKind::Held,
        ReviewKind::FactOnHold,
    ];
    let kinds =
        of_rail.map(RailReview::as_str).into_iter().chain(of_orders.map(ReviewKind::as_str));
    let kinds: Vec<_> = kinds.collect();
    for (second, kind) in kinds.iter().enumerate() {
        let second = i64::try_from(second).expect("small");
        assert!(open(store, &review(kind, kind, second)).await);
    }
    let opened = store.open_reviews(100).await.expect(WORKS);
    assert_eq!(opened.iter().map(|review| review.kind).collect::<Vec<_>>(), kinds);
}

pub async fn an_uncommitted_review_is_not_open(store: &dyn Store) {
    let mut uow = store.begin().await.expect(WORKS);
    let item = review(RailReview::Unmatched.as_str(), "receipt:A", 0);
    assert!(uow.open_review(&item).await.expect(WORKS));
    uow.rollback().await.expect(WORKS);
    assert_eq!(store.open_reviews(10).await.expect(WORKS), []);
    assert!(open(store, &item).await);
}
