//! An arrival that cannot be told holds up no block and no other order.

use domain::chain::Disposition as D;
use domain::testing::memory_chain::ChainScene;
use futures_executor::block_on;
use time::Duration;

use crate::watcher::stage::{NETWORKS, assert_end, dispositions, review_kinds};

#[test]
fn an_order_that_cannot_be_read_is_put_off_and_shown_while_others_flow() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let (bad, good) = (scene.sell().await, scene.sell().await);
            scene.store.corrupt(bad.id);
            scene.deposit(&bad, "799.99");
            scene.deposit(&good, "799.99");
            scene.settle().await;
            assert_eq!(dispositions(&scene, &bad).await, [D::Confirming]);
            assert_eq!(dispositions(&scene, &good).await, [D::Applied]);
            assert_eq!(review_kinds(&scene).await, Vec::<&str>::new());
            for _ in 0..6 {
                scene.scene.clock.advance(Duration::minutes(10));
                scene.settle().await;
            }
            assert_eq!(review_kinds(&scene).await, ["quarantine"], "once");
            let next = scene.sell().await;
            scene.deposit(&next, "799.99");
            scene.settle().await;
            assert_eq!(dispositions(&scene, &next).await, [D::Applied]);
            scene.store.mend();
            scene.scene.clock.advance(Duration::minutes(10));
            scene.settle().await;
            assert_end(&scene, &bad, &[D::Applied]).await;
        });
    }
}

#[test]
fn a_store_that_refuses_once_is_asked_again() {
    let methods = ["begin", "lock_order", "lock_arrival", "save_order", "settle_arrival", "commit"];
    for network in NETWORKS {
        for method in methods {
            block_on(async {
                let scene = ChainScene::on(network).await;
                let order = scene.sell().await;
                scene.deposit(&order, "799.99");
                scene.chain.finalise();
                while scene.watcher().step().await.expect("it answers").lag > 0 {}
                scene.store.refuse(method);
                let told = scene.watcher().tell(10).await;
                assert_eq!(told.expect("the fault is one arrival's"), 0, "{method}");
                scene.scene.clock.advance(Duration::minutes(1));
                scene.watch().await;
                assert_end(&scene, &order, &[D::Applied]).await;
            });
        }
    }
}

#[test]
fn a_store_that_refuses_while_blocks_are_read_moves_nothing() {
    let methods = ["lock_cursor", "add_blocks", "note_sightings", "finalise_arrivals", "commit"];
    for network in NETWORKS {
        for method in methods {
            block_on(async {
                let scene = ChainScene::on(network).await;
                let order = scene.sell().await;
                scene.deposit(&order, "799.99");
                scene.chain.finalise();
                let before = crate::watcher::stage::cursor(&scene, network).await;
                scene.store.refuse(method);
                assert!(scene.watcher().step().await.is_err(), "{method}");
                assert_eq!(crate::watcher::stage::cursor(&scene, network).await, before);
                scene.watch().await;
                assert_end(&scene, &order, &[D::Applied]).await;
            });
        }
    }
}
