//! Deadlines of deposits, by the chain's own clock and balance.

use domain::chain::Disposition as D;
use domain::order::{CancelReason, OrderState};
use domain::testing::memory_chain::{Call, ChainScene, Fault};
use futures_executor::block_on;
use time::Duration;

use crate::watcher::stage::{NETWORKS, assert_end, review_kinds, state};

const TTL: Duration = Duration::minutes(30);

fn expired() -> OrderState {
    OrderState::Cancelled { reason: CancelReason::Expired }
}

#[test]
fn an_order_ends_when_every_block_up_to_its_deadline_was_read() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.sell().await;
            scene.scene.clock.advance(TTL + Duration::MINUTE);
            let watcher = scene.watcher();
            assert_eq!(
                watcher.close_overdue(None, 10).await.expect("it answers").moved,
                0,
                "unread"
            );
            scene.chain.mine();
            assert_eq!(
                watcher.close_overdue(None, 10).await.expect("it answers").moved,
                0,
                "unread"
            );
            assert_eq!(state(&scene, &order).await, OrderState::AwaitingDeposit);
            scene.settle().await;
            assert_eq!(state(&scene, &order).await, expired());
            assert_eq!(watcher.close_overdue(None, 10).await.expect("it answers").moved, 0, "once");
        });
    }
}

#[test]
fn the_wall_clock_leaves_a_watched_deposit_alone() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.sell().await;
            scene.scene.clock.advance(TTL + Duration::HOUR);
            let mut pass = scene.engine.expiry_pass(10);
            while let Some(step) = pass.step().await.expect("memory is always there") {
                assert_eq!((step.moved, step.failed), (0, 0));
            }
            assert_eq!(state(&scene, &order).await, OrderState::AwaitingDeposit);
        });
    }
}

#[test]
fn coin_that_no_block_has_told_of_stops_the_order_and_calls_an_operator() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let (order, other) = (scene.sell().await, scene.sell().await);
            scene.chain.endow(order.asset, &scene.escrow(&order), 50_000_000);
            scene.scene.clock.advance(TTL + Duration::MINUTE);
            scene.settle().await;
            assert_eq!(state(&scene, &order).await, OrderState::AwaitingDeposit);
            assert_eq!(state(&scene, &other).await, expired());
            assert_eq!(review_kinds(&scene).await, ["recon_delta"]);
            scene.settle().await;
            assert_eq!(review_kinds(&scene).await, ["recon_delta"], "once");
        });
    }
}

#[test]
fn a_difference_beyond_what_was_read_is_awaited_and_shown_in_the_end() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.sell().await;
            scene.chain.endow(order.asset, &scene.escrow(&order), 50_000_000);
            scene.scene.clock.advance(TTL);
            for _ in 0..300 {
                // The chain is always a block ahead of what was read.
                scene.chain.mine();
                while scene.watcher().step().await.expect("it answers").lag > 0 {}
                scene.chain.mine();
                scene.watcher().close_overdue(None, 10).await.expect("it answers");
            }
            assert_eq!(state(&scene, &order).await, OrderState::AwaitingDeposit);
            assert_eq!(review_kinds(&scene).await, ["recon_delta"]);
        });
    }
}

#[test]
fn a_late_deposit_in_the_next_block_is_awaited_without_an_operator() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.sell().await;
            scene.scene.clock.advance(TTL + Duration::SECOND);
            scene.chain.finalise();
            while scene.watcher().step().await.expect("it answers").lag > 0 {}
            scene.deposit(&order, "799.99");
            scene.chain.finalise();
            assert_eq!(scene.watcher().close_overdue(None, 10).await.expect("it answers").moved, 0);
            assert_eq!(review_kinds(&scene).await, Vec::<&str>::new());
            scene.watch().await;
            assert_end(&scene, &order, &[D::Returning]).await;
            assert_eq!(state(&scene, &order).await, expired());
        });
    }
}

#[test]
fn those_that_stay_as_they_are_hide_nobody_behind_them() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let (stuck, other) = (scene.sell().await, scene.sell().await);
            scene.chain.endow(stuck.asset, &scene.escrow(&stuck), 50_000_000);
            scene.scene.clock.advance(TTL + Duration::HOUR);
            scene.chain.finalise();
            while scene.watcher().step().await.expect("it answers").lag > 0 {}
            let (mut last, mut moved) = (None, vec![]);
            for _ in 0..3 {
                let closed = scene.watcher().close_overdue(last, 1).await.expect("it answers");
                (last, moved) = (closed.last, [moved, vec![closed.moved]].concat());
            }
            assert_eq!((moved, last), (vec![0, 1, 0], None));
            assert_eq!(state(&scene, &stuck).await, OrderState::AwaitingDeposit);
            assert_eq!(state(&scene, &other).await, expired());
        });
    }
}

#[test]
fn a_balance_that_is_not_believed_keeps_its_order_and_no_other() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let (order, other) = (scene.sell().await, scene.sell().await);
            scene.scene.clock.advance(TTL + Duration::MINUTE);
            scene.chain.finalise();
            while scene.watcher().step().await.expect("it answers").lag > 0 {}
            scene.chain.fail(Call::FinalBalance, Fault::Contradiction);
            assert_eq!(scene.watcher().close_overdue(None, 10).await.expect("it answers").moved, 1);
            assert_eq!(state(&scene, &order).await, OrderState::AwaitingDeposit);
            assert_eq!(state(&scene, &other).await, expired());
            assert_eq!(scene.watcher().close_overdue(None, 10).await.expect("it answers").moved, 1);
            assert_eq!(state(&scene, &order).await, expired());
        });
    }
}
