//! Signatures that come to nothing: another only with the proof, and never without end.

use domain::address::Network;
use domain::chain::Value;
use domain::chain::transfer::{Death, Plan, Purpose, TransferState, Wallet};
use domain::order::{Order, OrderState, RefundReason};
use domain::ports::{ChainSender, Signer, SigningRequest};
use domain::testing::memory_chain::{ChainScene, Mishap};
use futures_executor::block_on;
use time::Duration;

use crate::treasurer::stage::{
    NETWORKS, assert_books, assert_delivered, delivery_key, go_on, open_jobs, review_kinds, run,
    to_customer, transfer, turn, underpaid,
};

#[test]
fn an_expired_transaction_is_proven_dead_and_signed_anew() {
    block_on(async {
        let network = Network::Tron;
        let scene = ChainScene::on(network).await;
        let order = scene.buy(1).await;
        turn(&scene).await;
        let key = delivery_key(&order);
        for _ in 0..20 {
            scene.chain.drop_pool();
            scene.chain.mine();
            turn(&scene).await;
            assert_eq!(scene.signer.signed(&key).len(), 1, "it may still live");
        }
        scene.chain.drop_pool();
        run(&scene, order.id).await;
        assert_delivered(&scene, network, &order).await;
        let stored = transfer(&scene, &key).await.expect("it was signed");
        assert_eq!(stored.attempts.len(), 2);
        assert!(matches!(stored.attempts[0].death, Some(Death::Expired { .. })));
        assert_eq!(stored.attempts[1].generation, 2);
    });
}

#[test]
fn a_delivery_that_fails_is_made_again() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.buy(1).await;
            scene.chain.fail_next(Mishap::Reverts);
            run(&scene, order.id).await;
            assert_delivered(&scene, network, &order).await;
            assert_eq!(scene.signer.signed(&delivery_key(&order)).len(), 2);
        });
    }
}

#[test]
fn three_signatures_that_fail_are_followed_by_an_operator() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.buy(1).await;
            for _ in 0..40 {
                scene.chain.fail_next(Mishap::Reverts);
                go_on(&scene, 3).await;
            }
            assert_eq!(scene.signer.signed(&delivery_key(&order)).len(), 3);
            assert_eq!(to_customer(&scene, &order), []);
            assert_eq!(review_kinds(&scene).await, ["blocked"]);
            assert_eq!(scene.order(order.id).await.state, OrderState::Delivering);
            assert_books(&scene, network);
        });
    }
}

#[test]
fn what_moved_nothing_and_did_not_fail_is_an_operators() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.buy(1).await;
            scene.chain.fail_next(Mishap::MovesNothing);
            go_on(&scene, 60).await;
            assert_eq!(scene.signer.signed(&delivery_key(&order)).len(), 1);
            assert_eq!(review_kinds(&scene).await, ["rail_contradiction"]);
            assert_eq!(scene.order(order.id).await.state, OrderState::DeliveryConfirming);
        });
    }
}

#[test]
fn a_receiver_that_cannot_be_sent_to_gets_the_shillings_back() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.buy(1).await;
            scene.chain.blacklist(order.wallet.as_str());
            run(&scene, order.id).await;
            let refunding = OrderState::Refunding { reason: RefundReason::DeliveryFailed };
            assert_eq!(scene.order(order.id).await.state, refunding);
            let effects = scene.scene.effects(order.id).await;
            let kinds: Vec<_> = effects.iter().map(|row| row.effect.kind()).collect();
            assert_eq!(kinds.last(), Some(&"refund_fiat"));
            assert_eq!(scene.signer.signed(&delivery_key(&order)), Vec::<String>::new());
        });
    }
}

#[test]
fn a_refund_that_cannot_be_sent_stops_the_order_as_often_as_it_is_asked_for() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = underpaid(&scene).await;
            scene.chain.blacklist(order.wallet.as_str());
            for _ in 0..2 {
                run(&scene, order.id).await;
                let state = scene.order(order.id).await.state;
                assert!(matches!(state, OrderState::OnHold { .. }), "{state:?}");
                let resume = domain::order::OrderEvent::Resume;
                scene.scene.tell(order.id, &resume).await;
                assert_eq!(open_jobs(&scene, order.id).await, 1);
            }
        });
    }
}

#[test]
fn a_nonce_that_somebody_else_has_used_stops_the_transfer() {
    block_on(async {
        let network = Network::Ethereum;
        let scene = ChainScene::on(network).await;
        let order = scene.buy(1).await;
        turn(&scene).await;
        scene.chain.steal_nonce(&scene.chain.wallet(Wallet::Hot));
        go_on(&scene, 60).await;
        assert_eq!(to_customer(&scene, &order), []);
        assert_eq!(scene.signer.signed(&delivery_key(&order)).len(), 1);
        assert_eq!(review_kinds(&scene).await, ["rail_contradiction"]);
        let stored = transfer(&scene, &delivery_key(&order)).await.expect("it was signed");
        assert_eq!(stored.state, TransferState::Planned);
        assert_eq!(stored.last_death(), Some(&Death::NonceTaken { by: None }));
    });
}

/// What a treasurer had signed and sent for the delivery, whose database is lost.
async fn lost_signature(scene: &ChainScene, network: Network, order: &Order) -> String {
    let plan = Plan {
        key: delivery_key(order),
        order_id: order.id,
        purpose: Purpose::Delivery,
        network,
        wallet: Wallet::Hot,
        from: scene.chain.wallet(Wallet::Hot),
        to: order.wallet.as_str().to_owned(),
        value: Value::Coin { asset: order.asset, amount: order.delivery_due() },
    };
    let prepared = scene.chain.prepare(&plan, None).await.expect("nothing stands against it");
    let (terms, sequence) = (prepared.terms, prepared.sequence);
    let unsigned = scene.chain.encode(&plan, &terms, sequence).expect("it can be written");
    let (generation, variant, death) = (1, 0, None);
    let request = SigningRequest { plan, generation, variant, terms, sequence, unsigned, death };
    let signed = scene.signer.sign(&request).await.expect("it is the first");
    scene.chain.broadcast(&signed, 0).await;
    signed.tx_hash
}

#[test]
fn what_the_database_lost_the_journal_remembers() {
    for network in NETWORKS {
        for is_mined in [false, true] {
            block_on(async {
                let scene = ChainScene::on(network).await;
                let before = scene.buy(1).await;
                run(&scene, before.id).await;
                let order = scene.buy(2).await;
                let lost = lost_signature(&scene, network, &order).await;
                if is_mined {
                    scene.chain.finalise();
                } else {
                    scene.chain.drop_pool();
                }
                scene.scene.clock.advance(Duration::seconds(20));
                run(&scene, order.id).await;
                assert_eq!(scene.order(order.id).await.state, OrderState::Completed);
                assert_eq!(scene.signer.signed(&delivery_key(&order)), [lost]);
                assert_eq!(to_customer(&scene, &order).len(), 2, "one for each order");
                assert_books(&scene, network);
            });
        }
    }
}

#[test]
fn a_nonce_that_was_used_while_nothing_was_under_way_stops_one_transfer() {
    block_on(async {
        let network = Network::Ethereum;
        let scene = ChainScene::on(network).await;
        let first = scene.buy(1).await;
        run(&scene, first.id).await;
        scene.chain.steal_nonce(&scene.chain.wallet(Wallet::Hot));
        scene.chain.finalise();
        let (second, third) = (scene.buy(2).await, scene.buy(3).await);
        go_on(&scene, 60).await;
        assert_eq!(review_kinds(&scene).await, ["rail_contradiction"]);
        let states = [&second, &third].map(|order| order.id);
        let mut ended = vec![];
        for id in states {
            ended.push(scene.order(id).await.state);
        }
        assert_eq!(ended, [OrderState::DeliveryConfirming, OrderState::Completed]);
    });
}
