//! Dead ends that have been, built in the store without what mends them: the supervisor finds each, says
//! so once, and calls off when it moves again.

use domain::address::Network;
use domain::chain::Cursor;
use domain::ids::{CollectionId, OrderId};
use domain::order::{Actor, Order, OrderEvent, OrderState, Payment};
use domain::party::Role;
use domain::ports::{Clock, JobEnd, RailStore, ReviewQueries, Store};
use domain::rail::OpenReview;
use domain::service::{COIN_JOBS, Supervisor};
use domain::supervision::SupervisionSchedule;
use domain::testing::Scene;
use domain::testing::contract::chain_samples;
use domain::testing::memory_chain::ChainScene;
use domain::testing::samples::{caller, phone, place_buy};
use futures_executor::block_on;
use time::Duration;
use uuid::Uuid;

const REMEMBERS: &str = "memory is always there";

fn supervisor(scene: &Scene) -> Supervisor {
    Supervisor { engine: scene.engine.clone(), schedule: SupervisionSchedule::default() }
}

/// What is open after two rounds: the second tells nothing new.
async fn found(scene: &Scene) -> Vec<OpenReview> {
    supervisor(scene).round().await.expect(REMEMBERS);
    let open = scene.store.open_conditions().await.expect(REMEMBERS);
    let again = supervisor(scene).round().await.expect(REMEMBERS);
    assert_eq!((again.opened, again.closed), (0, 0));
    assert!(open.iter().all(|review| review.items == 1), "{open:?}");
    open
}

fn subjects(open: &[OpenReview]) -> Vec<&str> {
    open.iter().map(|review| review.subject.as_str()).collect()
}

/// Takes every job of the order, as a worker would that never comes to an end.
async fn take_all(scene: &Scene, kinds: &[&str]) -> usize {
    let now = scene.clock.now();
    scene.store.claim_jobs(kinds, 100, now, Duration::days(9)).await.expect(REMEMBERS).len()
}

/// Ends every job of these kinds although nothing was done.
async fn drop_all(scene: &Scene, kinds: &[&str]) {
    let now = scene.clock.now();
    for job in scene.store.claim_jobs(kinds, 100, now, Duration::DAY).await.expect(REMEMBERS) {
        let mut uow = scene.store.begin().await.expect(REMEMBERS);
        assert!(uow.end_job(&job, JobEnd::Done, None, now).await.expect(REMEMBERS));
        uow.commit().await.expect(REMEMBERS);
    }
}

async fn close_all(scene: &Scene) {
    let mut uow = scene.store.begin().await.expect(REMEMBERS);
    for review in scene.store.open_reviews(100).await.expect(REMEMBERS) {
        let now = scene.clock.now();
        uow.close_review(&review.subject, "looked at", now).await.expect(REMEMBERS);
    }
    uow.commit().await.expect(REMEMBERS);
}

async fn asked_to_pay(scene: &Scene) -> Order {
    let order = scene.place(&place_buy()).await;
    let collection = CollectionId(Uuid::from_u128(1));
    let at = scene.clock.now();
    let asked =
        OrderEvent::StartPayment { collection, phone: phone(), at, account_reference: None };
    scene.tell(order.id, &asked).await;
    scene.order(order.id).await
}

fn names(review: &OpenReview, order: OrderId) -> bool {
    review.detail.contains(&order.to_string())
}

#[test]
fn a_delivery_on_a_network_that_nobody_watches_is_found_until_somebody_does() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = asked_to_pay(&scene).await;
        drop_all(&scene, &["request_collection"]).await;
        let receipt = "NLJ7RT61SV".to_owned();
        let payment = Payment { receipt, amount: order.collection_due(), phone: phone() };
        scene.tell(order.id, &OrderEvent::PaymentConfirmed { payment, doubt: None }).await;
        assert_eq!(take_all(&scene, &COIN_JOBS).await, 1);
        assert_eq!(found(&scene).await, [], "it has only just been paid for");
        scene.clock.advance(Duration::minutes(6));
        let open = found(&scene).await;
        assert_eq!(subjects(&open), ["chain:tron"]);
        assert!(names(&open[0], order.id), "{}", open[0].detail);
        let mut uow = scene.store.begin().await.expect(REMEMBERS);
        let cursor = chain_samples::cursor(Network::Tron, 5);
        let cursor = Cursor { updated_at: scene.clock.now(), ..cursor };
        uow.save_cursor(&cursor).await.expect(REMEMBERS);
        uow.commit().await.expect(REMEMBERS);
        let round = supervisor(&scene).round().await.expect(REMEMBERS);
        assert_eq!((round.findings, round.closed), (0, 1));
    });
}

#[test]
fn a_delivery_that_the_chain_has_forgotten_is_found() {
    block_on(async {
        let scene = ChainScene::on(Network::Tron).await;
        scene.chain.finalise();
        scene.watch().await;
        let order = scene.buy(1).await;
        let sent = OrderEvent::DeliveryBroadcast { tx_hash: "forgotten".to_owned() };
        scene.scene.tell(order.id, &OrderEvent::DeliveryStarted).await;
        scene.scene.tell(order.id, &sent).await;
        assert_eq!(scene.order(order.id).await.state, OrderState::DeliveryConfirming);
        assert_eq!(take_all(&scene.scene, &COIN_JOBS).await, 1);
        scene.scene.clock.advance(Duration::minutes(119));
        let chain_only = found(&scene.scene).await;
        assert!(!subjects(&chain_only).iter().any(|it| it.starts_with("job:")), "{chain_only:?}");
        scene.scene.clock.advance(Duration::minutes(2));
        let open = found(&scene.scene).await;
        let late = open.iter().find(|it| it.subject.starts_with("job:")).expect("it is found");
        assert_eq!(late.order_id, Some(order.id));
        assert!(names(late, order.id), "{}", late.detail);
    });
}

#[test]
fn an_order_that_awaits_its_payment_past_its_expiry_with_its_review_closed_is_found() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = asked_to_pay(&scene).await;
        drop_all(&scene, &["request_collection"]).await;
        scene.clock.advance(Duration::hours(1));
        let open = found(&scene).await;
        assert_eq!(subjects(&open), [format!("order:{}", order.id)]);
        assert_eq!((open[0].order_id, open[0].kind), (Some(order.id), "stuck"));
        // Whoever closes it without a mend sees it again.
        close_all(&scene).await;
        scene.clock.advance(Duration::SECOND);
        assert_eq!(found(&scene).await.len(), 1);
        // Its job is taken up again: it moves.
        let key = format!("{}:request_collection:{}", order.id, CollectionId(Uuid::from_u128(1)));
        let mut uow = scene.store.begin().await.expect(REMEMBERS);
        uow.wake_job(&key, scene.clock.now()).await.expect(REMEMBERS);
        uow.commit().await.expect(REMEMBERS);
        let round = supervisor(&scene).round().await.expect(REMEMBERS);
        assert_eq!((round.findings, round.closed), (0, 1));
    });
}

#[test]
fn a_breaker_that_probes_for_ever_is_found_until_it_is_closed() {
    block_on(async {
        let scene = Scene::seeded().await;
        scene.engine.open_circuit("wrong credentials").await.expect(REMEMBERS);
        scene.engine.close_circuit().await.expect(REMEMBERS);
        assert_eq!(found(&scene).await, [], "one payout at a time, for a while");
        scene.clock.advance(Duration::minutes(11));
        let open = found(&scene).await;
        assert_eq!(subjects(&open), ["circuit"]);
        assert!(open[0].detail.contains("probing"), "{}", open[0].detail);
        let mut uow = scene.store.begin().await.expect(REMEMBERS);
        let mut circuit = uow.lock_circuit(scene.clock.now()).await.expect(REMEMBERS);
        assert!(circuit.prove(scene.clock.now()));
        uow.save_circuit(&circuit).await.expect(REMEMBERS);
        uow.commit().await.expect(REMEMBERS);
        assert_eq!(supervisor(&scene).round().await.expect(REMEMBERS).closed, 1);
    });
}

#[test]
fn an_order_on_hold_that_no_operator_was_called_about_is_found() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = scene.place(&place_buy()).await;
        let operator = Actor::Operator(caller(order.customer_id, Role::Admin).id);
        scene.engine.record_event(order.id, operator, &OrderEvent::Hold).await.expect("it may");
        scene.clock.advance(Duration::minutes(1));
        assert_eq!(found(&scene).await, [], "somebody is called");
        drop_all(&scene, &["open_review"]).await;
        close_all(&scene).await;
        let open = found(&scene).await;
        assert_eq!(subjects(&open), [format!("order:{}", order.id)]);
        assert!(open[0].detail.contains("on_hold"), "{}", open[0].detail);
    });
}

#[test]
fn jobs_of_a_kind_that_nobody_carries_out_are_one_finding_with_a_count() {
    block_on(async {
        let scene = Scene::seeded().await;
        asked_to_pay(&scene).await;
        scene.clock.advance(Duration::minutes(6));
        let open = found(&scene).await;
        assert_eq!(subjects(&open), ["jobs:request_collection"]);
        assert!(open[0].detail.starts_with("1 jobs of the kind"), "{}", open[0].detail);
        assert_eq!(take_all(&scene, &["request_collection"]).await, 1);
        assert_eq!(supervisor(&scene).round().await.expect(REMEMBERS).closed, 1);
    });
}
