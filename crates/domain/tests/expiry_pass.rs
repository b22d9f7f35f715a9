//! A pass over overdue orders: all of them, in batches, and nothing keeps the others waiting.

use domain::address::Network;
use domain::order::{CancelReason, Deposit, DepositId, DepositStage, OrderEvent, OrderState};
use domain::placement::PlaceOrder;
use domain::testing::Scene;
use domain::testing::samples::{NOW, crypto, place_buy, place_sell};
use futures_executor::block_on;
use time::Duration;

const TTL: Duration = Duration::minutes(30);

/// How many orders each step of a pass in batches of two moves.
async fn steps(scene: &Scene) -> Vec<usize> {
    let (mut pass, mut steps) = (scene.engine.expiry_pass(2), Vec::new());
    while let Some(step) = pass.step().await.expect("memory is always there") {
        assert_eq!(step.failed, 0);
        steps.push(step.moved);
    }
    steps
}

fn seen(ordinal: u32) -> OrderEvent {
    let deposit = Deposit {
        id: DepositId { network: Network::Tron, tx_hash: "dead".into(), ordinal },
        amount: crypto("5"),
        block_time: NOW,
        detected_at: NOW,
        confirmations: 1,
        height: None,
        stage: DepositStage::Seen,
    };
    OrderEvent::DepositSeen { deposit }
}

#[test]
fn a_pass_goes_by_batches_oldest_deadline_first_and_may_be_given_up_between_them() {
    block_on(async {
        let scene = Scene::seeded().await;
        let mut placed = Vec::new();
        for minutes in [30, 10, 20] {
            let expires_at = Some(NOW + Duration::minutes(minutes));
            let command = PlaceOrder { expires_at, ..place_buy() };
            placed.push(scene.place(&command).await.id);
        }
        scene.clock.advance(TTL);
        let mut pass = scene.engine.expiry_pass(2);
        for (moved, open) in [(Some(2), &placed[..1]), (Some(1), &[]), (None, &[])] {
            let step = pass.step().await.expect("memory is always there");
            assert_eq!(step.map(|step| step.moved), moved);
            let orders = scene.orders().await.into_iter();
            let left = orders.filter(|order| !order.state.is_final());
            assert!(left.map(|order| order.id).eq(open.iter().copied()));
        }
    });
}

#[test]
fn a_pass_is_about_what_is_overdue_when_it_begins() {
    block_on(async {
        let scene = Scene::seeded().await;
        scene.place(&place_buy()).await;
        let mut pass = scene.engine.expiry_pass(2);
        scene.clock.advance(TTL);
        assert_eq!(pass.step().await.expect("memory is always there"), None);
        assert_eq!(steps(&scene).await, [1]);
    });
}

#[test]
fn orders_that_have_to_wait_keep_no_others_from_expiring() {
    block_on(async {
        let scene = Scene::seeded().await;
        let mut waiting = Vec::new();
        for ordinal in 0..5 {
            let order = scene.place(&place_sell()).await;
            scene.tell(order.id, &seen(ordinal)).await;
            waiting.push(order.id);
        }
        scene.clock.advance(Duration::MINUTE);
        let unpaid = scene.place(&place_buy()).await;
        scene.clock.advance(TTL);
        for moved in [1, 0] {
            assert_eq!(steps(&scene).await.iter().sum::<usize>(), moved);
            let reason = CancelReason::Expired;
            let unpaid = scene.order(unpaid.id).await.state;
            assert_eq!(unpaid, OrderState::Cancelled { reason });
            for id in &waiting {
                let state = scene.order(*id).await.state;
                assert_eq!(state, OrderState::AwaitingDeposit);
            }
        }
    });
}
