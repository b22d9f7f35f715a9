//! Many watchers of one chain: whatever they do at once, facts are stored and told once. One that stops
//! anywhere leaves nothing half done.

use domain::address::Network;
use domain::chain::Disposition as D;
use domain::order::{Order, OrderState};
use domain::testing::memory_chain::stepping::{interleave, poll_for};
use domain::testing::memory_chain::{ChainScene, Keep};
use futures_executor::block_on;

use crate::watcher::stage::{NETWORKS, assert_end, state, times_told};

/// A deposit that is final and that nobody has read.
async fn unread(network: Network) -> (ChainScene, Order) {
    let scene = ChainScene::on(network).await;
    let order = scene.sell().await;
    scene.deposit(&order, "799.99");
    scene.chain.finalise();
    (scene, order)
}

async fn assert_told_once(scene: &ChainScene, order: &Order) {
    assert_end(scene, order, &[D::Applied]).await;
    assert_eq!(state(scene, order).await, OrderState::PayingOut);
    assert_eq!(times_told(scene, order, "deposit_final").await, 1);
}

/// All that a watcher does in a turn.
async fn turn(scene: &ChainScene) {
    let watcher = scene.watcher();
    watcher.step().await.expect("nothing stands against it");
    watcher.tell(10).await.expect("nothing stands against it");
    watcher.close_overdue(None, 10).await.expect("nothing stands against it");
}

#[test]
fn two_watchers_store_and_tell_once_wherever_they_meet() {
    for network in NETWORKS {
        let (scene, _) = block_on(unread(network));
        let polls = count_polls(&scene);
        for point in 0..=polls {
            let (scene, order) = block_on(unread(network));
            interleave(turn(&scene), point, turn(&scene));
            block_on(async {
                scene.watch().await;
                assert_told_once(&scene, &order).await;
            });
        }
    }
}

#[test]
fn a_watcher_that_stops_anywhere_is_carried_on() {
    for network in NETWORKS {
        let (scene, _) = block_on(unread(network));
        let polls = count_polls(&scene);
        for point in 0..=polls {
            let (scene, order) = block_on(unread(network));
            poll_for(turn(&scene), point);
            block_on(async {
                scene.watch().await;
                assert_told_once(&scene, &order).await;
            });
        }
    }
}

#[test]
fn a_reorg_between_any_two_calls_is_noticed() {
    let all =
        NETWORKS.iter().flat_map(|network| [(*network, Keep::Moved), (*network, Keep::Shifted)]);
    for (network, keep) in all {
        let (scene, _) = block_on(unread(network));
        let polls = count_polls(&scene);
        for point in 0..=polls {
            let (scene, order) = block_on(unread(network));
            let reorg = async { scene.chain.reorg(scene.chain.depth(), &keep) };
            let part = async {
                let _may_fail = scene.watcher().step().await;
                let _may_fail = scene.watcher().tell(10).await;
            };
            interleave(part, point, reorg);
            block_on(async {
                scene.settle().await;
                assert_told_once(&scene, &order).await;
            });
        }
    }
}

/// The points at which a turn can be left.
fn count_polls(scene: &ChainScene) -> usize {
    let mut polls = 0;
    let counted = async {
        let turn = turn(scene);
        let mut turn = std::pin::pin!(turn);
        std::future::poll_fn(|context| {
            polls += 1;
            turn.as_mut().poll(context)
        })
        .await;
    };
    block_on(counted);
    polls
}
