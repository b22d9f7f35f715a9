//! Cancelling: by whom, until when, and that what was held is given back once.

use domain::access::Caller;
use domain::address::Network;
use domain::ids::{CollectionId, OrderId, PartyId};
use domain::order::{
    Actor, CancelReason, Deposit, DepositId, DepositStage, Order, OrderEvent, OrderState, Payment,
    Refusal,
};
use domain::party::{Msisdn, Role};
use domain::service::{Recorded, ServiceError};
use domain::testing::Scene;
use domain::testing::samples::{
    self, ADMIN, BUYING_VENDOR, CUSTOMER, NOW, SELL_OFFER, SELLER, VENDOR, crypto, place_buy,
    place_sell,
};
use futures_executor::block_on;

const COLLECTION: CollectionId = CollectionId(uuid::Uuid::from_u128(7));

fn customer() -> Caller {
    samples::caller(CUSTOMER, Role::Customer)
}

fn admin() -> Caller {
    samples::caller(ADMIN, Role::Admin)
}

fn pay() -> OrderEvent {
    let phone = samples::phone();
    OrderEvent::StartPayment { collection: COLLECTION, phone, at: NOW, account_reference: None }
}

fn paid(order: &Order) -> OrderEvent {
    let phone = Msisdn::parse("254700000001").expect("a phone");
    let payment = Payment { receipt: "NLJ7RT61SV".into(), amount: order.collection_due(), phone };
    OrderEvent::PaymentConfirmed { payment, doubt: None }
}

fn seen() -> OrderEvent {
    let id = DepositId { network: Network::Tron, tx_hash: "dead".into(), ordinal: 0 };
    let deposit = Deposit {
        id,
        amount: crypto("1"),
        block_time: NOW,
        detected_at: NOW,
        confirmations: 1,
        height: None,
        stage: DepositStage::Seen,
    };
    OrderEvent::DepositSeen { deposit }
}

async fn assert_refused(scene: &Scene, caller: Caller, id: OrderId, refusal: Refusal) {
    let before = scene.order(id).await;
    let cancelled = scene.engine.cancel_order(caller, id, None).await;
    let Err(ServiceError::Refused(refused)) = cancelled else { panic!("{cancelled:?}") };
    assert_eq!((refused.refusal, refused.status), (refusal, before.status()));
    assert_eq!(scene.order(id).await, before);
}

#[test]
fn either_party_and_an_admin_cancel_and_the_hold_is_given_back() {
    block_on(async {
        let scene = Scene::seeded().await;
        let vendor = samples::caller(VENDOR, Role::Vendor);
        let cases = [
            (customer(), CancelReason::ByCustomer, Actor::Customer(CUSTOMER)),
            (vendor, CancelReason::ByVendor, Actor::Vendor(VENDOR)),
            (admin(), CancelReason::ByOperator, Actor::Operator(ADMIN)),
        ];
        for (caller, reason, actor) in cases {
            let order = scene.place(&place_buy()).await;
            scene.clock.advance(time::Duration::MINUTE);
            let cancelled =
                scene.engine.cancel_order(caller, order.id, None).await.expect("they may");
            assert_eq!(cancelled.state, OrderState::Cancelled { reason });
            assert_eq!(cancelled.state_since, cancelled.updated_at);
            assert_eq!(cancelled.updated_at - order.updated_at, time::Duration::MINUTE);
            assert_eq!(cancelled, scene.order(order.id).await, "answered as it is stored");
            let entry = scene.history(order.id).await.pop().expect("history");
            assert_eq!((entry.actor, entry.seq, entry.kind.as_str()), (actor, 2, "cancel"));
            assert_eq!(scene.offer(SELL_OFFER).await.free(), crypto("5000"));
        }
    });
}

#[test]
fn what_the_canceller_says_is_kept_in_the_history() {
    block_on(async {
        let scene = Scene::seeded().await;
        let cases = [
            (
                Some("changed my mind"),
                r#"{"event":"cancel","by":"customer","note":"changed my mind"}"#,
            ),
            (None, r#"{"event":"cancel","by":"customer"}"#),
        ];
        for (note, payload) in cases {
            let order = scene.place(&place_buy()).await;
            let note = note.map(str::to_owned);
            let cancelled = scene.engine.cancel_order(customer(), order.id, note).await;
            cancelled.expect("they may");
            let entry = scene.history(order.id).await.pop().expect("history");
            assert_eq!(entry.payload, payload);
            let event: OrderEvent = serde_json::from_str(payload).expect("it is read again");
            assert_eq!(serde_json::to_string(&event).expect("JSON"), payload);
        }
    });
}

#[test]
fn a_foreign_order_is_not_found_as_if_it_were_not_there() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = scene.place(&place_buy()).await;
        let unknown = OrderId(uuid::Uuid::from_u128(404));
        let stranger = PartyId(uuid::Uuid::from_u128(404));
        let cases = [
            (samples::caller(SELLER, Role::Customer), order.id),
            (samples::caller(VENDOR, Role::Customer), order.id),
            (samples::caller(BUYING_VENDOR, Role::Vendor), order.id),
            (samples::caller(stranger, Role::Vendor), order.id),
            (customer(), unknown),
            (admin(), unknown),
        ];
        for (caller, id) in cases {
            let cancelled = scene.engine.cancel_order(caller, id, None).await;
            assert!(matches!(cancelled, Err(ServiceError::NotFound)), "{caller:?}");
        }
        assert_eq!(scene.order(order.id).await, order);
    });
}

#[test]
fn cancelling_again_answers_the_order_as_it_is() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = scene.place(&place_sell()).await;
        let by_customer = samples::caller(SELLER, Role::Customer);
        let first = scene.engine.cancel_order(by_customer, order.id, None).await.expect("they may");
        scene.clock.advance(time::Duration::MINUTE);
        for caller in [by_customer, admin()] {
            let again = scene.engine.cancel_order(caller, order.id, None).await;
            assert_eq!(again.expect("it is cancelled"), first, "the first reason stays");
        }
        assert_eq!(scene.history(order.id).await.len(), 2);
    });
}

#[test]
fn while_a_payment_is_in_flight_nobody_cancels() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = scene.place(&place_buy()).await;
        scene.tell(order.id, &pay()).await;
        for caller in [customer(), admin()] {
            assert_refused(&scene, caller, order.id, Refusal::PaymentInFlight).await;
        }
        scene
            .tell(order.id, &OrderEvent::CollectionFailed { collection: COLLECTION, error: None })
            .await;
        let cancelled = scene.engine.cancel_order(customer(), order.id, None).await;
        assert!(cancelled.is_ok(), "{cancelled:?}");
    });
}

#[test]
fn once_a_deposit_has_been_seen_nobody_cancels() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = scene.place(&place_sell()).await;
        scene.tell(order.id, &seen()).await;
        let seller = samples::caller(SELLER, Role::Customer);
        assert_refused(&scene, seller, order.id, Refusal::DepositSeen).await;
    });
}

#[test]
fn what_has_moved_on_is_not_cancelled() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = scene.place(&place_buy()).await;
        scene.tell(order.id, &pay()).await;
        scene.tell(order.id, &paid(&order)).await;
        assert_refused(&scene, customer(), order.id, Refusal::NotCancellable).await;
        scene.tell(order.id, &OrderEvent::Hold).await;
        assert_refused(&scene, customer(), order.id, Refusal::UnderReview).await;
        scene.tell(order.id, &OrderEvent::Resume).await;
        scene.tell(order.id, &OrderEvent::DeliveryFinal { tx_hash: "0xde11".into() }).await;
        assert_refused(&scene, customer(), order.id, Refusal::NotCancellable).await;
    });
}

#[test]
fn a_payment_after_the_cancellation_is_refunded_to_who_paid() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = scene.place(&place_buy()).await;
        scene.engine.cancel_order(customer(), order.id, None).await.expect("they may");
        for _ in 0..2 {
            scene.tell(order.id, &paid(&order)).await;
        }
        let late = scene.order(order.id).await;
        assert_eq!(late.state, OrderState::Cancelled { reason: CancelReason::LatePayment });
        let effects = scene.effects(order.id).await;
        let [refund] = &effects[..] else { panic!("one refund: {effects:?}") };
        assert_eq!(refund.idempotency_key, format!("{}:refund:NLJ7RT61SV", order.id));
        assert_eq!(scene.offer(SELL_OFFER).await.free(), crypto("5000"), "given back once");
    });
}

#[test]
fn a_completed_order_spends_its_hold_once() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = scene.place(&place_buy()).await;
        scene.tell(order.id, &pay()).await;
        scene.tell(order.id, &paid(&order)).await;
        scene.clock.advance(time::Duration::MINUTE);
        let delivered = OrderEvent::DeliveryFinal { tx_hash: "0xde11".into() };
        for _ in 0..2 {
            scene.tell(order.id, &delivered).await;
        }
        let last = scene.tell(order.id, &delivered).await;
        let completed = scene.order(order.id).await;
        assert_eq!(last, Recorded::AlreadyApplied(completed.clone()));
        assert_eq!(completed.completed_at, Some(NOW + time::Duration::MINUTE));
        let offer = scene.offer(SELL_OFFER).await;
        assert_eq!((offer.available, offer.held), (crypto("3800"), crypto("0")));
    });
}
