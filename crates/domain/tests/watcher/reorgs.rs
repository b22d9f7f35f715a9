//! Re-orgs above what is final: nothing is credited twice, and nothing is lost.

use domain::address::Network;
use domain::chain::Disposition as D;
use domain::order::{Order, OrderState, Refusal};
use domain::party::Role;
use domain::service::ServiceError;
use domain::testing::memory_chain::{Call, ChainScene, Fault, Keep};
use domain::testing::samples;
use futures_executor::block_on;

use crate::watcher::stage::{NETWORKS, assert_end, dispositions, state, times_told};

/// A deposit in a block, `above` blocks on top of it, all read.
async fn deposited(network: Network, above: u64) -> (ChainScene, Order) {
    let scene = ChainScene::on(network).await;
    let order = scene.sell().await;
    scene.deposit(&order, "799.99");
    scene.chain.mine_many(above + 1);
    scene.watch().await;
    (scene, order)
}

async fn assert_paid_once(scene: &ChainScene, order: &Order) {
    scene.settle().await;
    assert_end(scene, order, &[D::Applied]).await;
    assert_eq!(state(scene, order).await, OrderState::PayingOut);
    assert_eq!(times_told(scene, order, "deposit_final").await, 1);
}

#[test]
fn a_deposit_that_stays_in_the_chain_is_credited_once_however_deep_the_reorg() {
    for network in NETWORKS {
        for keep in [Keep::Moved, Keep::Shifted] {
            for above in 0..3 {
                for depth in 1..=3 {
                    block_on(async {
                        let (scene, order) = deposited(network, above).await;
                        scene.chain.reorg(depth, &keep);
                        scene.watch().await;
                        assert_paid_once(&scene, &order).await;
                    });
                }
            }
        }
    }
}

#[test]
fn a_deposit_counts_as_seen_from_its_block_on_and_gains_confirmations_with_the_head() {
    for network in NETWORKS {
        block_on(async {
            let (scene, order) = deposited(network, 0).await;
            for above in 1..4 {
                let mut told = [scene.order(order.id).await];
                assert_eq!(told[0].state, OrderState::DepositConfirming);
                scene.engine.follow_heads(&mut told).await.expect("memory is always there");
                let [deposit] = told[0].evidence.deposits.as_slice() else { panic!("one deposit") };
                assert_eq!(deposit.confirmations, above);
                let caller = samples::caller(samples::SELLER, Role::Customer);
                let cancel = scene.engine.cancel_order(caller, order.id, None).await;
                let Err(ServiceError::Refused(refused)) = cancel else { panic!("{cancel:?}") };
                assert_eq!(refused.refusal, Refusal::DepositSeen);
                scene.chain.mine();
                scene.watch().await;
            }
            assert_eq!(times_told(&scene, &order, "deposit_seen").await, 1, "once");
            assert_paid_once(&scene, &order).await;
        });
    }
}

#[test]
fn reorgs_up_to_what_is_final_are_followed() {
    for network in NETWORKS {
        let most = block_on(ChainScene::on(network)).chain.depth();
        for (depth, above) in (1..=most).flat_map(|depth| (0..most).map(move |it| (depth, it))) {
            block_on(async {
                let (scene, order) = deposited(network, above).await;
                scene.chain.reorg(depth, &Keep::Gone);
                scene.watch().await;
                let is_gone = depth > above;
                let end = if is_gone { D::Orphaned } else { D::Confirming };
                assert_eq!(dispositions(&scene, &order).await, [end], "{depth} of {above}");
                let stage = state(&scene, &order).await;
                let gone = OrderState::AwaitingDeposit;
                assert_eq!(stage == gone, is_gone, "{stage:?}");
                scene.chain.bring_back();
                assert_paid_once(&scene, &order).await;
            });
        }
    }
}

#[test]
fn reorgs_that_nobody_saw_happen_are_followed_too() {
    for keep in [Keep::Gone, Keep::Moved, Keep::Shifted] {
        for network in NETWORKS {
            block_on(async {
                let (scene, order) = deposited(network, 1).await;
                let depth = scene.chain.depth().min(4);
                for _ in 0..3 {
                    scene.chain.reorg(depth, &keep);
                    scene.chain.mine();
                    scene.chain.reorg(1, &keep);
                }
                scene.watch().await;
                scene.chain.bring_back();
                assert_paid_once(&scene, &order).await;
            });
        }
    }
}

#[test]
fn what_stands_in_a_deposits_place_is_another_deposit() {
    for network in NETWORKS {
        block_on(async {
            let (scene, order) = deposited(network, 0).await;
            let coin = domain::testing::memory_chain::Token::Known(order.asset);
            let instead = scene.chain.one(coin, &scene.escrow(&order), 100_000_000);
            scene.chain.reorg(1, &Keep::ReplacedBy(vec![instead]));
            scene.settle().await;
            let mut ends = dispositions(&scene, &order).await;
            ends.sort_by_key(|end| end.as_str());
            assert_eq!(ends, [D::Counted, D::Orphaned]);
            scene.assert_escrow().await;
            assert_eq!(state(&scene, &order).await, OrderState::AwaitingDeposit);
        });
    }
}

#[test]
fn a_moved_deposit_is_known_by_its_place_in_its_transaction() {
    let all = NETWORKS.map(|network| [(network, Keep::Moved), (network, Keep::Shifted)]);
    for (network, keep) in all.into_iter().flatten() {
        block_on(async {
            let (scene, order) = deposited(network, 1).await;
            let before = scene.arrivals(&order).await.remove(0).sighting;
            scene.chain.reorg(2, &keep);
            scene.settle().await;
            let after = scene.arrivals(&order).await;
            assert_eq!(after.len(), 1);
            let after = after[0].sighting.clone();
            assert_eq!(after.id, before.id);
            assert_ne!(after.block, before.block);
        });
    }
}

#[test]
fn a_node_far_behind_is_no_chain_that_took_back_what_was_final() {
    for network in NETWORKS {
        block_on(async {
            let (scene, order) = deposited(network, 1).await;
            scene.chain.reorg(3, &Keep::Moved);
            for _ in 0..40 {
                scene.chain.fail(Call::BlockAt, Fault::Lagging(30));
            }
            scene.chain.mine();
            for _ in 0..3 {
                let step = scene.watcher().step().await;
                let is_halted = step.is_ok_and(|step| step.is_halted);
                assert!(!is_halted, "nothing is known of what was final");
            }
            scene.chain.answer();
            scene.watch().await;
            assert_paid_once(&scene, &order).await;
        });
    }
}
