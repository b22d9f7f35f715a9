//! A treasurer that stops at any call, and another that carries on: one transfer, posted once.

use std::future::Future;

use domain::address::Network;
use domain::order::{Order, OrderState};
use domain::testing::memory_chain::ChainScene;
use domain::testing::memory_chain::stepping::{Polled, interleave, poll_for};
use futures_executor::block_on;
use time::Duration;

use crate::treasurer::stage::{
    NETWORKS, assert_books, assert_delivered, delivery_key, run, to_customer, turn, underpaid,
};

type Stage = (ChainScene, Order);

/// Leaves `life` after each number of polls, up to its end; `check` sees what is left.
fn kill_everywhere(
    stage: impl Fn() -> Stage,
    life: &impl AsyncFn(&Stage),
    check: &impl AsyncFn(&Stage),
) {
    let mut polls = 0;
    loop {
        let scene = stage();
        let left = poll_for(life(&scene), polls);
        block_on(check(&scene));
        if left == Polled::Done(()) {
            break;
        }
        polls += 1;
    }
    assert!(polls > 50, "it was left at {polls} points only");
}

fn paid(network: Network) -> Stage {
    block_on(async {
        let scene = ChainScene::on(network).await;
        let order = scene.buy(1).await;
        (scene, order)
    })
}

#[test]
fn a_delivery_that_is_left_anywhere_is_made_once() {
    for network in NETWORKS {
        kill_everywhere(
            || paid(network),
            &async |(scene, order): &Stage| run(scene, order.id).await,
            &async |(scene, order): &Stage| {
                run(scene, order.id).await;
                assert_delivered(scene, network, order).await;
                assert_eq!(scene.chain.executed_of_ours().len(), 1);
            },
        );
    }
}

#[test]
fn a_refund_that_is_left_anywhere_is_made_once() {
    for network in NETWORKS {
        kill_everywhere(
            || {
                block_on(async {
                    let scene = ChainScene::on(network).await;
                    let order = underpaid(&scene).await;
                    (scene, order)
                })
            },
            &async |(scene, order): &Stage| run(scene, order.id).await,
            &async |(scene, order): &Stage| {
                run(scene, order.id).await;
                assert_eq!(to_customer(scene, order).len(), 1);
                let state = scene.order(order.id).await.state;
                assert!(matches!(state, OrderState::Refunded { .. }), "{state:?}");
                assert_books(scene, network);
            },
        );
    }
}

#[test]
fn a_sweep_that_is_left_anywhere_is_made_once() {
    for network in NETWORKS {
        kill_everywhere(
            || {
                block_on(async {
                    let scene = ChainScene::on(network).await;
                    let order = underpaid(&scene).await;
                    run(&scene, order.id).await;
                    scene.scene.clock.advance(Duration::minutes(5));
                    (scene, order)
                })
            },
            &async |(scene, order): &Stage| {
                scene.treasurer().gather().await.expect("nothing stands against it");
                run(scene, order.id).await;
            },
            &async |(scene, order): &Stage| {
                scene.scene.clock.advance(Duration::minutes(5));
                scene.treasurer().gather().await.expect("nothing stands against it");
                run(scene, order.id).await;
                assert_eq!(scene.chain.balance(order.asset, &scene.escrow(order)), 0);
                assert_eq!(scene.chain.executed_of_ours().len(), 3, "refund, gas and sweep");
                scene.assert_escrow().await;
                assert_books(scene, network);
            },
        );
    }
}

#[test]
fn two_treasurers_that_meet_anywhere_make_one_transfer() {
    for network in NETWORKS {
        let mut polls = 0;
        loop {
            let (scene, order) = paid(network);
            let mut was_left = true;
            let one = async {
                turn(&scene).await;
                was_left = false;
            };
            let other = async {
                // The lease of the first is over while it still works.
                scene.scene.clock.advance(Duration::minutes(4));
                turn(&scene).await;
            };
            meet(one, polls, other);
            block_on(async {
                run(&scene, order.id).await;
                assert_delivered(&scene, network, &order).await;
                assert_eq!(scene.chain.executed_of_ours().len(), 1);
            });
            assert!(!was_left);
            if polls > 60 {
                break;
            }
            polls += 1;
        }
    }
}

/// Whoever has asked the chain for terms and finds the transfer signed by another signs nothing: on Tron
/// two signatures could both execute.
#[test]
fn a_transfer_that_somebody_else_has_signed_meanwhile_is_not_signed_again() {
    for network in NETWORKS {
        for polls in 0..60 {
            let (scene, order) = paid(network);
            let key = delivery_key(&order);
            let mut is_taken_over = false;
            let other = async {
                is_taken_over = scene.signer.signed(&key).is_empty();
                scene.scene.clock.advance(Duration::minutes(4));
                // Other terms than those that the first has been given.
                scene.chain.mine();
                turn(&scene).await;
            };
            meet(turn(&scene), polls, other);
            // What the first has signed itself may be bumped by the other.
            if is_taken_over {
                let signed = scene.signer.signed(&key).len();
                assert_eq!(signed, 1, "{network:?}, met after {polls} polls");
            }
        }
    }
}

fn meet(one: impl Future<Output = ()>, polls: usize, other: impl Future<Output = ()>) {
    interleave(one, polls, other);
}
