//! What calls for an operator reaches operators, in a service that knows no rail.

use domain::order::{Actor, Effect, OrderEvent, ReviewKind};
use e2e::{ADMIN, TestApp, buy, eventually};

use crate::lifecycle::order_id;

async fn reviews(app: &TestApp, kind: &str) -> i64 {
    app.sql.number(&format!("SELECT count(*) FROM reviews WHERE kind = '{kind}'")).await
}

#[tokio::test]
async fn reviews_of_orders_reach_operators_without_m_pesa() {
    let app = TestApp::start().await;
    let id = order_id(app.place(&app.customer, &buy()).await.id());
    let engine = e2e::engine(&app.settings);
    let operator = Actor::Operator(ADMIN);
    engine.record_event(id, operator, &OrderEvent::Hold).await.expect("it is held");
    assert_eq!(reviews(&app, "held").await, 1, "in the same unit of work");
    let waiting = "SELECT count(*) FROM outbox WHERE kind = 'open_review' AND done_at IS NULL";
    assert_eq!(app.sql.number(waiting).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn reviews_that_older_versions_asked_for_are_opened() {
    let app = TestApp::start().await;
    let id = order_id(app.place(&app.customer, &buy()).await.id());
    let engine = e2e::engine(&app.settings);
    let call = Effect::OpenReview { kind: ReviewKind::Contradiction, cause: "a fact@3".to_owned() };
    let mut uow = engine.store.begin().await.expect("a database");
    uow.enqueue(id, &[call], engine.clock.now()).await.expect("a database");
    uow.commit().await.expect("a database");
    eventually("it is opened", async || reviews(&app, "contradiction").await == 1).await;
    let waiting = "SELECT count(*) FROM outbox WHERE kind = 'open_review' AND done_at IS NULL";
    eventually("its job is done", async || app.sql.number(waiting).await == 0).await;
    app.finish().await;
}
