//! The operators' queue: one open review per subject, one item per cause, oldest first.

use super::stage::{WORKS, commit, place_sample, seed};
use crate::order::ReviewKind;
use crate::ports::{ReviewCount, Store};
use crate::rail::{OpenReview, RailReview, Review};
use crate::testing::rail_samples::after;
use crate::testing::samples;

fn review(kind: &'static str, cause: &str, second: i64) -> Review {
    let detail = format!("{kind}: what is known");
    let of_rail = Review::new(RailReview::Forged, cause, cause, detail, after(second));
    Review { kind, ..of_rail }
}

/// One of a group.
fn stray(receipt: &str, second: i64) -> Review {
    let subject = "payments:unmatched";
    Review::new(
        RailReview::Unmatched,
        subject,
        receipt,
        format!("receipt {receipt}"),
        after(second),
    )
}

async fn open(store: &dyn Store, review: &Review) -> bool {
    commit(store, async |uow| uow.open_review(review).await.expect(WORKS)).await
}

async fn close(store: &dyn Store, subject: &str) -> bool {
    commit(store, async |uow| uow.close_review(subject, "it is so", after(99)).await.expect(WORKS))
        .await
}

async fn queue(store: &dyn Store) -> Vec<OpenReview> {
    store.open_reviews(100).await.expect(WORKS)
}

/// A review as it was opened, without what the store adds.
fn as_opened(open: OpenReview) -> (Option<crate::ids::OrderId>, &'static str, String, String) {
    (open.order_id, open.kind, open.subject, open.detail)
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
    assert_eq!(queue(store).await, []);
    for review in &reviews {
        assert!(open(store, review).await);
    }
    let told = reviews.map(|it| (it.order_id, it.kind, it.subject, it.detail));
    let all: Vec<_> = queue(store).await.into_iter().map(as_opened).collect();
    assert_eq!(all, told);
    let two = store.open_reviews(2).await.expect(WORKS);
    assert_eq!(two.into_iter().map(as_opened).collect::<Vec<_>>(), told[..2]);
}

pub async fn a_cause_is_reviewed_once(store: &dyn Store) {
    let first = review(RailReview::Unmatched.as_str(), "receipt:A", 0);
    assert!(open(store, &first).await);
    assert!(!open(store, &first).await);
    assert!(!open(store, &review(RailReview::Forged.as_str(), "receipt:A", 5)).await);
    let other_subject = Review { subject: "another".into(), ..first.clone() };
    assert!(!open(store, &other_subject).await);
    let queue = queue(store).await;
    assert_eq!(queue.iter().map(|it| (it.kind, it.items)).collect::<Vec<_>>(), [(first.kind, 1)]);
}

pub async fn what_has_one_subject_is_one_review_with_a_count_and_a_list(store: &dyn Store) {
    for second in 0..100 {
        assert!(open(store, &stray(&format!("R{second:03}"), second)).await);
        assert!(!open(store, &stray("R000", second)).await);
    }
    let open = queue(store).await;
    let [review] = open.as_slice() else { panic!("one review: {open:?}") };
    assert_eq!((review.items, review.detail.as_str()), (100, "receipt R000"));
    assert_eq!((review.opened_at, review.last_at), (after(0), after(99)));
    let items = store.review_items(review.id, 1_000).await.expect(WORKS);
    assert_eq!(items.len(), 100);
    assert_eq!((items[99].cause.as_str(), items[99].at), ("R099", after(99)));
    let some = store.review_items(review.id, 3).await.expect(WORKS);
    assert_eq!(some, items[..3]);
    assert_eq!(
        store.count_reviews().await.expect(WORKS),
        [ReviewCount { kind: "unmatched", reviews: 1, items: 100 }]
    );
}

pub async fn a_closed_review_is_gone_and_the_next_of_its_subject_is_another(store: &dyn Store) {
    let first = stray("A", 0);
    assert!(!close(store, &first.subject).await, "there is none");
    assert!(open(store, &first).await);
    let before = queue(store).await;
    assert!(close(store, &first.subject).await);
    assert!(!close(store, &first.subject).await, "it is closed");
    assert_eq!(queue(store).await, []);
    assert_eq!(store.count_reviews().await.expect(WORKS), []);
    assert!(!open(store, &first).await, "what was looked at is not told again");
    assert_eq!(queue(store).await, []);
    assert!(open(store, &stray("B", 5)).await);
    let after_it = queue(store).await;
    assert_eq!((after_it.len(), after_it[0].items), (1, 1));
    assert_ne!(after_it[0].id, before[0].id);
}

pub async fn a_condition_opens_again_after_it_was_closed(store: &dyn Store) {
    let stands =
        |second| Review::condition(RailReview::Stuck, "chain:tron", "it stands", after(second));
    assert!(open(store, &stray("A", 0)).await);
    for second in [1, 5] {
        assert!(open(store, &stands(second)).await);
        let standing = store.open_conditions().await.expect(WORKS);
        let known: Vec<_> = standing.iter().map(|it| (it.subject.as_str(), it.opened_at)).collect();
        assert_eq!(known, [("chain:tron", after(second))]);
        assert!(close(store, "chain:tron").await);
    }
    assert_eq!(store.open_conditions().await.expect(WORKS), []);
    assert_eq!(queue(store).await.len(), 1);
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
        RailReview::DeepReorg,
        RailReview::Quarantine,
        RailReview::Stuck,
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
    assert_eq!(queue(store).await, []);
    assert!(open(store, &item).await);
}
