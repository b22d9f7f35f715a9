//! What stops a transfer before it is signed.

use domain::order::{OrderEvent, OrderState};
use domain::testing::memory_chain::{ChainScene, Move, Token};
use futures_executor::block_on;
use time::Duration;

use crate::treasurer::stage::{
    NETWORKS, assert_delivered, delivery_key, go_on, open_jobs, review_kinds, run, to_customer,
    turn, underpaid,
};

#[test]
fn nothing_is_signed_for_an_order_on_hold() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.buy(1).await;
            scene.scene.tell(order.id, &OrderEvent::Hold).await;
            go_on(&scene, 30).await;
            assert_eq!(scene.signer.signed(&delivery_key(&order)), Vec::<String>::new());
            scene.scene.tell(order.id, &OrderEvent::Resume).await;
            run(&scene, order.id).await;
            assert_delivered(&scene, network, &order).await;
        });
    }
}

#[test]
fn what_was_signed_before_a_hold_ends_as_the_chain_has_it() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.buy(1).await;
            turn(&scene).await;
            scene.scene.tell(order.id, &OrderEvent::Hold).await;
            run(&scene, order.id).await;
            assert_eq!(to_customer(&scene, &order).len(), 1);
            scene.scene.tell(order.id, &OrderEvent::Resume).await;
            run(&scene, order.id).await;
            assert_delivered(&scene, network, &order).await;
        });
    }
}

#[test]
fn a_token_that_is_paused_is_waited_for() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            scene.chain.pause(true);
            let order = scene.buy(1).await;
            go_on(&scene, 20).await;
            assert_eq!(review_kinds(&scene).await, ["blocked"]);
            assert_eq!(scene.order(order.id).await.state, OrderState::Delivering);
            scene.chain.pause(false);
            run(&scene, order.id).await;
            assert_delivered(&scene, network, &order).await;
        });
    }
}

#[test]
fn a_signers_limit_is_an_operators() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            scene.signer.limit(Some(1));
            let order = scene.buy(1).await;
            go_on(&scene, 20).await;
            assert_eq!(review_kinds(&scene).await, ["blocked"]);
            scene.signer.limit(None);
            run(&scene, order.id).await;
            assert_delivered(&scene, network, &order).await;
        });
    }
}

#[test]
fn coin_that_is_not_there_is_not_sent_back() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = underpaid(&scene).await;
            let theft = Move {
                token: Token::Known(order.asset),
                from: scene.escrow(&order),
                to: "somebody".into(),
                units: 1,
            };
            scene.chain.batch(vec![theft]);
            scene.chain.finalise();
            for _ in 0..40 {
                scene.scene.clock.advance(Duration::minutes(6));
                turn(&scene).await;
            }
            assert_eq!(to_customer(&scene, &order), []);
            assert_eq!(open_jobs(&scene, order.id).await, 1, "it is put off");
            assert_eq!(review_kinds(&scene).await, ["blocked"]);
        });
    }
}

#[test]
fn a_refund_waits_for_the_sweep_of_its_address() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = underpaid(&scene).await;
            run(&scene, order.id).await;
            scene.scene.clock.advance(Duration::minutes(5));
            assert_eq!(scene.treasurer().gather().await.expect("it answers"), 1);
            scene.deposit(&order, "50");
            scene.settle().await;
            run(&scene, order.id).await;
            let back: u128 =
                to_customer(&scene, &order).iter().map(|moved| moved.transfer.units).sum();
            assert_eq!(back, 350_000_000);
            scene.assert_escrow().await;
            assert_eq!(review_kinds(&scene).await, Vec::<&str>::new());
        });
    }
}
