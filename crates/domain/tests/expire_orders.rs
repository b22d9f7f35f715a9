//! Expiry: what is overdue ends, unless money is on its way.

use domain::address::Network;
use domain::ids::{CollectionId, OrderId};
use domain::order::{
    Actor, CancelReason, Deposit, DepositId, DepositStage, OrderEvent, OrderState, Payment,
    RefundOf, RefundReason,
};
use domain::testing::Scene;
use domain::testing::samples::{self, BUY_OFFER, NOW, SELL_OFFER, crypto, place_buy, place_sell};
use futures_executor::block_on;
use time::Duration;

const TTL: Duration = Duration::minutes(30);
const COLLECTION: CollectionId = CollectionId(uuid::Uuid::from_u128(7));

/// A whole pass, in batches of two; answers how many orders moved.
async fn expire(scene: &Scene) -> usize {
    let mut pass = scene.engine.expiry_pass(2);
    let mut moved = 0;
    while let Some(step) = pass.step().await.expect("memory is always there") {
        assert_eq!(step.failed, 0);
        moved += step.moved;
    }
    moved
}

async fn state(scene: &Scene, id: OrderId) -> OrderState {
    scene.order(id).await.state
}

fn expired() -> OrderState {
    OrderState::Cancelled { reason: CancelReason::Expired }
}

fn deposit(amount: &str, stage: DepositStage) -> Deposit {
    Deposit {
        id: DepositId { network: Network::Tron, tx_hash: "dead".into(), ordinal: 0 },
        amount: crypto(amount),
        block_time: NOW,
        detected_at: NOW,
        confirmations: 1,
        height: None,
        stage,
    }
}

fn seen(amount: &str) -> OrderEvent {
    OrderEvent::DepositSeen { deposit: deposit(amount, DepositStage::Seen) }
}

fn arrived(amount: &str) -> OrderEvent {
    OrderEvent::DepositFinal { deposit: deposit(amount, DepositStage::Final) }
}

#[test]
fn orders_that_nobody_paid_end_at_their_deadline_and_give_back_what_they_held() {
    block_on(async {
        let scene = Scene::seeded().await;
        let (buy, sell) = (scene.place(&place_buy()).await, scene.place(&place_sell()).await);
        scene.clock.advance(TTL - Duration::MICROSECOND);
        assert_eq!(expire(&scene).await, 0, "a microsecond early");
        scene.clock.advance(Duration::MICROSECOND);
        assert_eq!(expire(&scene).await, 2);
        for (order, offer) in [(buy, SELL_OFFER), (sell, BUY_OFFER)] {
            assert_eq!(state(&scene, order.id).await, expired());
            assert_eq!(scene.offer(offer).await.free(), crypto("5000"));
            let entry = scene.history(order.id).await.pop().expect("history");
            assert_eq!((entry.actor, entry.kind.as_str()), (Actor::System, "deadline_passed"));
            assert_eq!(entry.at, NOW + TTL);
        }
        assert_eq!(expire(&scene).await, 0, "once");
    });
}

#[test]
fn each_order_has_its_own_deadline() {
    block_on(async {
        let scene = Scene::seeded().await;
        let first = scene.place(&place_buy()).await;
        scene.clock.advance(TTL);
        let second = scene.place(&place_buy()).await;
        assert_eq!(expire(&scene).await, 1);
        assert_eq!(state(&scene, first.id).await, expired());
        assert_eq!(scene.order(second.id).await, second);
    });
}

#[test]
fn a_payment_in_flight_is_waited_for() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = scene.place(&place_buy()).await;
        let (phone, at) = (samples::phone(), NOW);
        let account_reference = None;
        let asked =
            OrderEvent::StartPayment { collection: COLLECTION, phone, at, account_reference };
        scene.tell(order.id, &asked).await;
        scene.clock.advance(TTL);
        assert_eq!(expire(&scene).await, 0);
        assert_eq!(scene.offer(SELL_OFFER).await.held, crypto("1200"), "still held");
        let failed = OrderEvent::CollectionFailed { collection: COLLECTION, error: None };
        scene.tell(order.id, &failed).await;
        assert_eq!(expire(&scene).await, 1, "its outcome is known");
        assert_eq!(state(&scene, order.id).await, expired());
    });
}

#[test]
fn a_payment_confirmed_after_the_deadline_is_accepted_while_it_is_awaited() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = scene.place(&place_buy()).await;
        scene.clock.advance(TTL + TTL);
        let amount = order.collection_due();
        let payment = Payment { receipt: "NLJ7RT61SV".into(), amount, phone: samples::phone() };
        scene.tell(order.id, &OrderEvent::PaymentConfirmed { payment, doubt: None }).await;
        assert_eq!(expire(&scene).await, 0);
        assert_eq!(state(&scene, order.id).await, OrderState::Delivering);
    });
}

#[test]
fn a_deposit_that_was_seen_in_time_is_waited_for() {
    block_on(async {
        for amount in ["799.99", "5"] {
            let scene = Scene::seeded().await;
            let order = scene.place(&place_sell()).await;
            scene.tell(order.id, &seen(amount)).await;
            scene.clock.advance(TTL);
            assert_eq!(expire(&scene).await, 0, "{amount}");
            assert_eq!(scene.offer(BUY_OFFER).await.held, crypto("799.99"), "still held");
            let id = deposit(amount, DepositStage::Seen).id;
            scene.tell(order.id, &OrderEvent::DepositOrphaned { id }).await;
            assert_eq!(expire(&scene).await, 1, "{amount}: it is gone");
            assert_eq!(state(&scene, order.id).await, expired());
        }
    });
}

#[test]
fn a_deposit_in_time_counts_although_it_becomes_final_late() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = scene.place(&place_sell()).await;
        scene.tell(order.id, &seen("799.99")).await;
        scene.clock.advance(TTL + TTL);
        assert_eq!(expire(&scene).await, 0);
        scene.tell(order.id, &arrived("799.99")).await;
        assert_eq!(expire(&scene).await, 0);
        assert_eq!(state(&scene, order.id).await, OrderState::PayingOut);
    });
}

#[test]
fn too_little_is_refunded_and_held_until_it_is_back() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = scene.place(&place_sell()).await;
        scene.tell(order.id, &arrived("700")).await;
        scene.clock.advance(TTL);
        assert_eq!(expire(&scene).await, 1);
        let reason = RefundReason::Underpaid;
        assert_eq!(state(&scene, order.id).await, OrderState::Refunding { reason });
        assert_eq!(scene.offer(BUY_OFFER).await.held, crypto("799.99"));
        let effects = scene.effects(order.id).await;
        assert!(effects.iter().map(|row| row.effect.kind()).eq(["refund_crypto"]), "{effects:?}");
        assert_eq!(expire(&scene).await, 0, "once");
        let reference = "0xbacc".to_owned();
        let back = OrderEvent::RefundConfirmed { refund: RefundOf::Order, reference };
        scene.tell(order.id, &back).await;
        assert_eq!(state(&scene, order.id).await, OrderState::Refunded { reason });
        assert_eq!(scene.offer(BUY_OFFER).await.free(), crypto("5000"));
    });
}

#[test]
fn an_order_on_hold_does_not_expire_until_it_is_resumed() {
    block_on(async {
        let scene = Scene::seeded().await;
        let order = scene.place(&place_buy()).await;
        scene.tell(order.id, &OrderEvent::Hold).await;
        scene.clock.advance(TTL);
        assert_eq!(expire(&scene).await, 0);
        scene.tell(order.id, &OrderEvent::Resume).await;
        assert_eq!(expire(&scene).await, 1);
    });
}
