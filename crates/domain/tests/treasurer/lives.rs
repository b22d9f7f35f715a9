//! Transfers from the effect that asks for them to the last block, when nothing goes wrong.

use domain::order::{OrderState, RefundReason};
use domain::testing::memory_chain::{ChainScene, Token};
use futures_executor::block_on;

use crate::treasurer::stage::{
    NETWORKS, assert_books, assert_delivered, delivery_key, ledger, review_kinds, run, to_customer,
    turn, underpaid,
};

#[test]
fn a_delivery_is_made_once_and_told_when_final() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.buy(1).await;
            turn(&scene).await;
            assert_eq!(scene.order(order.id).await.state, OrderState::DeliveryConfirming);
            let signed = scene.signer.signed(&delivery_key(&order));
            assert_eq!(signed.len(), 1);
            assert!(scene.chain.is_pending(&signed[0]));
            scene.chain.mine();
            scene.scene.clock.advance(time::Duration::seconds(3));
            turn(&scene).await;
            assert_eq!(scene.order(order.id).await.state, OrderState::DeliveryConfirming);
            run(&scene, order.id).await;
            assert_delivered(&scene, network, &order).await;
            assert_eq!(review_kinds(&scene).await, Vec::<&str>::new());
        });
    }
}

#[test]
fn deliveries_of_many_orders_stand_in_line() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let (one, two, three) = (scene.buy(1).await, scene.buy(2).await, scene.buy(3).await);
            for order in [&one, &two, &three] {
                run(&scene, order.id).await;
                assert_eq!(scene.order(order.id).await.state, OrderState::Completed);
            }
            assert_eq!(to_customer(&scene, &one).len(), 3, "one wallet");
            assert_books(&scene, network);
            assert_eq!(review_kinds(&scene).await, Vec::<&str>::new());
        });
    }
}

#[test]
fn a_refund_goes_to_the_orders_wallet() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = underpaid(&scene).await;
            run(&scene, order.id).await;
            let refunded = OrderState::Refunded { reason: RefundReason::Underpaid };
            assert_eq!(scene.order(order.id).await.state, refunded);
            let moved = to_customer(&scene, &order);
            assert_eq!(moved.len(), 1);
            assert_eq!(moved[0].transfer.units, 300_000_000);
            assert_books(&scene, network);
            scene.assert_escrow().await;
        });
    }
}

#[test]
fn coin_of_ended_orders_is_gathered_after_its_fee_was_sent() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = underpaid(&scene).await;
            run(&scene, order.id).await;
            scene.scene.clock.advance(time::Duration::minutes(5));
            assert_eq!(scene.treasurer().gather().await.expect("it answers"), 1);
            assert_eq!(scene.treasurer().gather().await.expect("it answers"), 0, "once");
            run(&scene, order.id).await;
            let escrow = scene.escrow(&order);
            assert_eq!(scene.chain.balance(order.asset, &escrow), 0);
            assert_eq!(scene.chain.executed_of_ours().len(), 3, "refund, gas and sweep");
            scene.assert_escrow().await;
            assert_books(&scene, network);
            scene.scene.clock.advance(time::Duration::minutes(5));
            assert_eq!(scene.treasurer().gather().await.expect("it answers"), 0, "all is there");
        });
    }
}

#[test]
fn an_address_that_gets_coin_again_is_swept_again() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = underpaid(&scene).await;
            run(&scene, order.id).await;
            for _ in 0..2 {
                scene.scene.clock.advance(time::Duration::minutes(5));
                assert_eq!(scene.treasurer().gather().await.expect("it answers"), 1);
                run(&scene, order.id).await;
                scene.chain.transfer(Token::Known(order.asset), &scene.escrow(&order), 50_000_000);
                scene.settle().await;
                run(&scene, order.id).await;
            }
            scene.assert_escrow().await;
            assert_books(&scene, network);
            let back: u128 =
                to_customer(&scene, &order).iter().map(|moved| moved.transfer.units).sum();
            assert_eq!(back, 400_000_000, "what came late went back too");
        });
    }
}

#[test]
fn what_little_there_is_is_left_where_it_is() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.sell().await;
            scene.deposit(&order, "19.99");
            scene.settle().await;
            scene.scene.clock.advance(time::Duration::minutes(31));
            scene.settle().await;
            run(&scene, order.id).await;
            scene.scene.clock.advance(time::Duration::minutes(5));
            assert_eq!(scene.treasurer().gather().await.expect("it answers"), 0);
            let gas = domain::ledger::LedgerAsset::native(network);
            assert!(ledger(&scene, domain::ledger::Account::Fees, gas) > 0, "the refund's");
        });
    }
}
