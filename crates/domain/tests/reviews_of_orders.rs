//! What the order's table calls operators for, in a process that knows no rail.

use domain::order::{Effect, OrderEvent, ReviewKind};
use domain::ports::{ReviewQueries as _, Store as _};
use domain::testing::Scene;
use domain::testing::samples::{self, NOW};
use futures_executor::block_on;

#[test]
fn a_review_is_opened_with_the_event_that_calls_for_it_and_needs_no_job() {
    block_on(async {
        let scene = Scene::seeded().await;
        let (store, engine) = (&scene.store, &scene.engine);
        let order = scene.place(&samples::place_buy()).await;
        scene.tell(order.id, &OrderEvent::Hold).await;
        let open = store.open_reviews(10).await.expect("it works");
        let [review] = open.as_slice() else { panic!("one review: {open:?}") };
        assert_eq!((review.order_id, review.kind), (Some(order.id), "held"));
        let items = store.review_items(review.id, 10).await.expect("it works");
        let [item] = items.as_slice() else { panic!("one item: {items:?}") };
        assert!(item.cause.starts_with(&format!("{}:hold@", order.id)), "{}", item.cause);
        assert_eq!(scene.effects(order.id).await, []);
        assert_eq!(engine.open_asked_reviews(10).await.expect("it works"), 0);
    });
}

#[test]
fn what_older_versions_left_in_the_outbox_is_opened_once() {
    block_on(async {
        let scene = Scene::seeded().await;
        let (store, engine) = (&scene.store, &scene.engine);
        let order = scene.place(&samples::place_buy()).await;
        let call = |cause: &str| Effect::OpenReview {
            kind: ReviewKind::Contradiction,
            cause: cause.to_owned(),
        };
        let mut uow = store.begin().await.expect("it works");
        let calls = ["one@1", "two@2", "three@3"].map(call);
        uow.enqueue(order.id, &calls, NOW).await.expect("it works");
        uow.commit().await.expect("it works");
        assert_eq!(engine.open_asked_reviews(2).await.expect("it works"), 2);
        assert_eq!(engine.open_asked_reviews(2).await.expect("it works"), 1);
        assert_eq!(engine.open_asked_reviews(2).await.expect("it works"), 0);
        let open = store.open_reviews(10).await.expect("it works");
        let [review] = open.as_slice() else { panic!("one review of its kind: {open:?}") };
        let items = store.review_items(review.id, 10).await.expect("it works");
        let mut causes: Vec<_> = items.into_iter().map(|item| item.cause).collect();
        causes.sort();
        let expected = ["one@1", "three@3", "two@2"].map(|cause| format!("{}:{cause}", order.id));
        assert_eq!(causes, expected);
    });
}
