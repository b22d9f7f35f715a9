//! A chain that takes back what it had called final: everything stops, until an operator says so.

use domain::address::Network;
use domain::chain::Disposition as D;
use domain::order::{HoldReason, Order, OrderState};
use domain::service::ServiceError;
use domain::testing::memory_chain::{ChainScene, Keep};
use futures_executor::block_on;

use crate::watcher::stage::{NETWORKS, cursor, dispositions, review_kinds, state, times_told};

/// A short deposit was final and counted, and then its block went.
async fn broken(network: Network) -> (ChainScene, Order) {
    let scene = ChainScene::on(network).await;
    let order = scene.sell().await;
    scene.deposit(&order, "300");
    scene.settle().await;
    assert_eq!(dispositions(&scene, &order).await, [D::Counted]);
    scene.chain.reorg_below_final(3, &Keep::Gone);
    scene.chain.mine();
    scene.watch().await;
    (scene, order)
}

#[test]
fn nothing_is_read_or_told_below_what_is_final() {
    for network in NETWORKS {
        block_on(async {
            let (scene, order) = broken(network).await;
            let stood = cursor(&scene, network).await;
            assert!(stood.halted.is_some());
            assert_eq!(review_kinds(&scene).await, ["chain_halted"]);
            let other = scene.sell().await;
            scene.deposit(&other, "799.99");
            scene.settle().await;
            assert_eq!(cursor(&scene, network).await, stood);
            assert_eq!(dispositions(&scene, &other).await, []);
            assert_eq!(dispositions(&scene, &order).await, [D::Counted], "nobody was told");
            assert!(scene.watcher().step().await.expect("it answers").is_halted);
            assert_eq!(review_kinds(&scene).await, ["chain_halted"], "once");
        });
    }
}

#[test]
fn an_operators_word_tells_the_orders_which_stop() {
    for network in NETWORKS {
        block_on(async {
            let (scene, order) = broken(network).await;
            let other = scene.sell().await;
            scene.deposit(&other, "799.99");
            assert_eq!(scene.watcher().resume().await.expect("it is halted"), 1);
            scene.settle().await;
            assert_eq!(dispositions(&scene, &order).await, [D::Reverted]);
            let stopped = state(&scene, &order).await;
            let is_deep = |it: &OrderState| {
                matches!(it, OrderState::OnHold { reason: HoldReason::DeepReorg, .. })
            };
            assert!(is_deep(&stopped), "{stopped:?}");
            assert_eq!(dispositions(&scene, &other).await, [D::Applied], "others go on");
            scene.assert_escrow().await;
            let again = scene.watcher().resume().await;
            assert!(matches!(again, Err(ServiceError::NotFound)), "{again:?}");
        });
    }
}

#[test]
fn what_comes_back_after_a_halt_is_not_trusted_by_itself() {
    for network in NETWORKS {
        block_on(async {
            let (scene, order) = broken(network).await;
            scene.watcher().resume().await.expect("it is halted");
            scene.watch().await;
            scene.chain.bring_back();
            scene.settle().await;
            assert!(matches!(state(&scene, &order).await, OrderState::OnHold { .. }));
            assert_eq!(times_told(&scene, &order, "deposit_orphaned").await, 1);
        });
    }
}

#[test]
fn what_is_no_orders_coin_leaves_the_books_and_comes_back_with_the_chain() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.sell().await;
            scene.deposit(&order, "0.005");
            scene.settle().await;
            for _ in 0..2 {
                scene.chain.reorg_below_final(3, &Keep::Gone);
                scene.chain.mine();
                scene.watch().await;
                scene.watcher().resume().await.expect("it is halted");
                scene.watch().await;
                scene.assert_escrow().await;
                scene.chain.bring_back();
                scene.settle().await;
                assert_eq!(dispositions(&scene, &order).await, [D::Dust]);
                scene.assert_escrow().await;
            }
        });
    }
}
