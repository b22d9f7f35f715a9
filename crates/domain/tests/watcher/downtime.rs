//! A watcher that was away reads everything that it missed, and judges it by the time of its block.

use domain::chain::Disposition as D;
use domain::order::OrderState;
use domain::testing::memory_chain::{Call, ChainScene, Fault};
use futures_executor::block_on;

use crate::watcher::stage::{NETWORKS, assert_end, cursor, state};

#[test]
fn five_thousand_blocks_are_read_without_a_gap() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let (early, split) = (scene.sell().await, scene.sell().await);
            let late = scene.sell().await;
            scene.deposit(&early, "799.99");
            scene.deposit(&split, "400");
            scene.chain.mine_many(100);
            scene.deposit(&split, "399.99");
            scene.chain.mine_many(4_000);
            scene.deposit(&late, "799.99");
            scene.chain.mine_many(900);
            scene.settle().await;
            assert_end(&scene, &early, &[D::Applied]).await;
            assert_end(&scene, &split, &[D::Applied, D::Applied]).await;
            assert_end(&scene, &late, &[D::Returning]).await;
            assert_eq!(state(&scene, &early).await, OrderState::PayingOut);
            let cursor = cursor(&scene, network).await;
            assert_eq!(cursor.finality.height, scene.chain.finality());
            assert_eq!(Some(cursor.last.hash), scene.chain.block_hash(cursor.last.height));
        });
    }
}

#[test]
fn a_deposit_in_time_counts_however_late_it_is_read() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.sell().await;
            scene.deposit(&order, "799.99");
            scene.chain.finalise();
            scene.scene.clock.advance(time::Duration::hours(5));
            scene.chain.mine_many(20);
            assert_eq!(scene.watcher().close_overdue(None, 10).await.expect("it answers").moved, 0);
            scene.watch().await;
            assert_end(&scene, &order, &[D::Applied]).await;
            assert_eq!(state(&scene, &order).await, OrderState::PayingOut);
        });
    }
}

#[test]
fn a_node_that_fails_or_lags_moves_nothing_and_loses_nothing() {
    let faults = [Fault::Away, Fault::LostReply, Fault::Contradiction, Fault::Lagging(4)];
    let calls = [Call::Tip, Call::BlockAt, Call::Scan, Call::FinalBalance];
    for network in NETWORKS {
        for fault in faults {
            for call in calls {
                block_on(async {
                    let scene = ChainScene::on(network).await;
                    let order = scene.sell().await;
                    scene.deposit(&order, "799.99");
                    scene.chain.finalise();
                    scene.chain.fail(call, fault);
                    for _ in 0..3 {
                        let _may_fail = scene.watcher().step().await;
                        let _may_fail = scene.watcher().close_overdue(None, 10).await;
                    }
                    scene.watch().await;
                    assert_end(&scene, &order, &[D::Applied]).await;
                });
            }
        }
    }
}
