//! Calls that fail, answers that are lost, and prices that rise: one transfer all the same.

use domain::address::Network;
use domain::chain::transfer::Wallet;
use domain::order::OrderState;
use domain::testing::memory_chain::{Call, ChainScene, Fault};
use futures_executor::block_on;
use time::Duration;

use crate::treasurer::stage::{
    NETWORKS, assert_delivered, delivery_key, go_on, review_kinds, run, transfer, turn,
};

const FAULTS: [Fault; 4] = [Fault::Away, Fault::LostReply, Fault::Contradiction, Fault::Lagging(2)];

#[test]
fn every_call_to_the_chain_may_fail_again_and_again() {
    let calls = [Call::Prepare, Call::Broadcast, Call::Observe, Call::FindDeath];
    for network in NETWORKS {
        for fault in FAULTS {
            for call in calls {
                block_on(async {
                    let scene = ChainScene::on(network).await;
                    let order = scene.buy(1).await;
                    for _ in 0..4 {
                        scene.chain.fail(call, fault);
                    }
                    run(&scene, order.id).await;
                    assert_delivered(&scene, network, &order).await;
                    assert_eq!(review_kinds(&scene).await, Vec::<&str>::new());
                });
            }
        }
    }
}

#[test]
fn a_signer_that_fails_signs_once() {
    for network in NETWORKS {
        for fault in [Fault::Away, Fault::LostReply] {
            block_on(async {
                let scene = ChainScene::on(network).await;
                let order = scene.buy(1).await;
                for _ in 0..3 {
                    scene.signer.fail(fault);
                }
                run(&scene, order.id).await;
                assert_delivered(&scene, network, &order).await;
                assert_eq!(scene.signer.signed(&delivery_key(&order)).len(), 1);
            });
        }
    }
}

#[test]
fn every_call_to_the_store_may_fail() {
    let methods = [
        "begin",
        "lock_order",
        "lock_transfer",
        "insert_transfer",
        "lock_sequence",
        "save_sequence",
        "save_transfer",
        "save_order",
        "post",
        "end_job",
        "commit",
    ];
    for network in NETWORKS {
        for method in methods {
            for after in 0..3 {
                block_on(async {
                    let scene = ChainScene::on(network).await;
                    let order = scene.buy(1).await;
                    go_on(&scene, after).await;
                    scene.store.refuse(method);
                    run(&scene, order.id).await;
                    assert_delivered(&scene, network, &order).await;
                });
            }
        }
    }
}

#[test]
fn what_the_pool_has_forgotten_is_sent_again_as_it_was() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.buy(1).await;
            turn(&scene).await;
            scene.chain.drop_pool();
            run(&scene, order.id).await;
            assert_delivered(&scene, network, &order).await;
            assert_eq!(scene.signer.signed(&delivery_key(&order)).len(), 1);
        });
    }
}

#[test]
fn a_reorg_takes_a_delivery_back_and_it_is_sent_again_as_it_was() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.buy(1).await;
            turn(&scene).await;
            scene.chain.mine();
            scene.scene.clock.advance(Duration::seconds(3));
            turn(&scene).await;
            scene.chain.reorg(1, &domain::testing::memory_chain::Keep::Gone);
            assert_eq!(scene.chain.executed_of_ours(), Vec::<String>::new());
            run(&scene, order.id).await;
            assert_delivered(&scene, network, &order).await;
            assert_eq!(scene.signer.signed(&delivery_key(&order)).len(), 1);
        });
    }
}

#[test]
fn a_stuck_nonce_is_bumped_and_one_of_its_variants_executes() {
    block_on(async {
        let scene = ChainScene::on(Network::Ethereum).await;
        let order = scene.buy(1).await;
        turn(&scene).await;
        scene.chain.set_base_fee(40);
        run(&scene, order.id).await;
        assert_delivered(&scene, Network::Ethereum, &order).await;
        let stored = transfer(&scene, &delivery_key(&order)).await.expect("it was signed");
        assert!(stored.attempts.len() > 1);
        assert!(stored.attempts.iter().all(|it| it.signed.sequence == 0 && it.generation == 1));
        assert_eq!(review_kinds(&scene).await, Vec::<&str>::new());
    });
}

#[test]
fn an_older_variant_may_be_the_one_that_executes() {
    block_on(async {
        let scene = ChainScene::on(Network::Ethereum).await;
        let order = scene.buy(1).await;
        turn(&scene).await;
        let stored = transfer(&scene, &delivery_key(&order)).await.expect("it was signed");
        let first = stored.attempts[0].signed.clone();
        scene.chain.set_base_fee(40);
        go_on(&scene, 9).await;
        assert_eq!(scene.signer.signed(&delivery_key(&order)).len(), 2);
        let gone = domain::testing::memory_chain::Keep::Gone;
        scene.chain.reorg(1, &gone);
        scene.chain.drop_pool();
        scene.chain.set_base_fee(10);
        let sender: &dyn domain::ports::ChainSender = &scene.chain;
        sender.broadcast(&first, 0).await;
        scene.chain.mine();
        assert_eq!(scene.chain.executed_of_ours(), std::slice::from_ref(&first.tx_hash));
        run(&scene, order.id).await;
        assert_delivered(&scene, Network::Ethereum, &order).await;
    });
}

#[test]
fn a_nonce_that_may_cost_no_more_is_still_sent_again() {
    block_on(async {
        let scene = ChainScene::on(Network::Ethereum).await;
        let order = scene.buy(1).await;
        turn(&scene).await;
        scene.chain.set_fee_ceiling(20);
        scene.chain.set_base_fee(40);
        go_on(&scene, 12).await;
        scene.chain.drop_pool();
        go_on(&scene, 12).await;
        let signed = scene.signer.signed(&delivery_key(&order));
        assert_eq!(signed.len(), 1, "no dearer one");
        assert!(scene.chain.is_pending(&signed[0]), "the nodes have it again");
        scene.chain.set_base_fee(10);
        run(&scene, order.id).await;
        assert_delivered(&scene, Network::Ethereum, &order).await;
    });
}

#[test]
fn a_long_wait_for_finality_is_no_trouble_of_its_own() {
    block_on(async {
        let scene = ChainScene::on(Network::Ethereum).await;
        let order = scene.buy(1).await;
        turn(&scene).await;
        scene.chain.mine();
        for _ in 0..60 {
            scene.scene.clock.advance(Duration::seconds(4));
            turn(&scene).await;
        }
        scene.chain.fail(Call::Observe, Fault::Away);
        scene.scene.clock.advance(Duration::seconds(30));
        turn(&scene).await;
        assert_eq!(review_kinds(&scene).await, Vec::<&str>::new(), "one fault is none");
        scene.chain.finalise();
        scene.scene.clock.advance(Duration::seconds(40));
        turn(&scene).await;
        assert_delivered(&scene, Network::Ethereum, &order).await;
    });
}

/// One item for all that wait, and all of them go once it is filled.
#[test]
fn a_hot_wallet_that_is_short_calls_one_operator_for_all_that_wait() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let hot = scene.chain.wallet(Wallet::Hot);
            scene.chain.endow_gas(&hot, 0);
            let orders = [scene.buy(1).await, scene.buy(2).await, scene.buy(3).await];
            go_on(&scene, 20).await;
            assert_eq!(review_kinds(&scene).await, ["blocked"]);
            let subject = format!("stock:short:{}:gas", network.as_str());
            assert_eq!(scene.reviews().await[0].subject, subject, "what it is short of");
            scene.chain.endow_gas(&hot, 1_000_000_000);
            for order in &orders {
                run(&scene, order.id).await;
                assert_eq!(scene.order(order.id).await.state, OrderState::Completed);
            }
            assert!(scene.reviews().await.is_empty(), "it has settled by itself");
        });
    }
}

#[test]
fn a_hot_wallet_without_gas_is_an_operators() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            scene.chain.endow_gas(&scene.chain.wallet(Wallet::Hot), 0);
            let order = scene.buy(1).await;
            go_on(&scene, 5).await;
            assert_eq!(review_kinds(&scene).await, ["blocked"]);
            let open = crate::treasurer::stage::open_jobs(&scene, order.id).await;
            assert_eq!(open, 1, "it does not ask itself for gas");
            scene.chain.endow_gas(&scene.chain.wallet(Wallet::Hot), 1_000_000_000);
            run(&scene, order.id).await;
            assert_delivered(&scene, network, &order).await;
        });
    }
}

#[test]
fn fees_that_rise_after_the_gas_was_sent_are_sent_too() {
    block_on(async {
        let network = Network::Ethereum;
        let scene = ChainScene::on(network).await;
        let order = crate::treasurer::stage::underpaid(&scene).await;
        run(&scene, order.id).await;
        scene.scene.clock.advance(Duration::minutes(5));
        assert_eq!(scene.treasurer().gather().await.expect("it answers"), 1);
        for _ in 0..500 {
            if scene.chain.gas(&scene.escrow(&order)) > 0 {
                break;
            }
            go_on(&scene, 1).await;
        }
        scene.chain.set_base_fee(30);
        run(&scene, order.id).await;
        assert_eq!(scene.chain.balance(order.asset, &scene.escrow(&order)), 0);
        scene.assert_escrow().await;
    });
}

#[test]
fn a_sweep_whose_steps_always_outlast_their_claim_is_an_operators() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = crate::treasurer::stage::underpaid(&scene).await;
            run(&scene, order.id).await;
            scene.scene.clock.advance(Duration::minutes(5));
            let treasurer = scene.treasurer();
            assert_eq!(treasurer.gather().await.expect("it answers"), 1);
            let mut held = treasurer.claim_jobs(1).await.expect("it answers");
            for _ in 0..30 {
                scene.scene.clock.advance(treasurer.tempo.lease + Duration::SECOND);
                let next = treasurer.claim_jobs(1).await.expect("it answers");
                for late in std::mem::replace(&mut held, next) {
                    treasurer.work_on(late).await;
                }
            }
            assert_eq!(review_kinds(&scene).await, ["blocked"], "once, and not at the first");
            let open = crate::treasurer::stage::open_jobs(&scene, order.id).await;
            assert_eq!(open, 1, "and no gas is asked for");
            scene.scene.clock.advance(treasurer.tempo.lease + Duration::SECOND);
            run(&scene, order.id).await;
            assert_eq!(scene.chain.balance(order.asset, &scene.escrow(&order)), 0);
        });
    }
}
