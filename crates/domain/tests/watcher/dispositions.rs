//! Every kind of arrival, and where it ends.

use domain::address::Network;
use domain::chain::Disposition as D;
use domain::ledger::{Account, LedgerAsset};
use domain::offer::Asset;
use domain::order::{
    Actor, CancelReason, CancelledBy, Order, OrderEvent, OrderState, RefundReason,
};
use domain::testing::memory_chain::{ChainScene, Token};
use futures_executor::block_on;
use time::Duration;

use crate::watcher::stage::{NETWORKS, assert_end, dispositions, review_kinds, state};

const TTL: Duration = Duration::minutes(30);

/// An order, a transfer in the pool that `send` makes, and what became of it when it is final.
async fn arrives(network: Network, send: impl FnOnce(&ChainScene, &Order)) -> (ChainScene, Order) {
    let scene = ChainScene::on(network).await;
    let order = scene.sell().await;
    send(&scene, &order);
    scene.settle().await;
    (scene, order)
}

fn cancelled(reason: CancelReason) -> OrderState {
    OrderState::Cancelled { reason }
}

#[test]
fn the_agreed_amount_pays_for_the_order() {
    for network in NETWORKS {
        block_on(async {
            let pay = |scene: &ChainScene, order: &Order| drop(scene.deposit(order, "799.99"));
            let (scene, order) = arrives(network, pay).await;
            assert_end(&scene, &order, &[D::Applied]).await;
            assert_eq!(state(&scene, &order).await, OrderState::PayingOut);
        });
    }
}

#[test]
fn too_little_counts_and_the_rest_pays() {
    for network in NETWORKS {
        block_on(async {
            let pay = |scene: &ChainScene, order: &Order| drop(scene.deposit(order, "300"));
            let (scene, order) = arrives(network, pay).await;
            assert_end(&scene, &order, &[D::Counted]).await;
            assert_eq!(state(&scene, &order).await, OrderState::AwaitingDeposit);
            scene.deposit(&order, "499.99");
            scene.settle().await;
            assert_end(&scene, &order, &[D::Applied, D::Applied]).await;
            assert_eq!(state(&scene, &order).await, OrderState::PayingOut);
        });
    }
}

#[test]
fn too_little_until_the_deadline_goes_back() {
    for network in NETWORKS {
        block_on(async {
            let pay = |scene: &ChainScene, order: &Order| drop(scene.deposit(order, "300"));
            let (scene, order) = arrives(network, pay).await;
            scene.scene.clock.advance(TTL);
            scene.settle().await;
            assert_end(&scene, &order, &[D::Refunding]).await;
            let refunding = OrderState::Refunding { reason: RefundReason::Underpaid };
            assert_eq!(state(&scene, &order).await, refunding);
        });
    }
}

#[test]
fn too_much_pays_and_the_excess_goes_back() {
    for network in NETWORKS {
        block_on(async {
            let pay = |scene: &ChainScene, order: &Order| drop(scene.deposit(order, "900"));
            let (scene, order) = arrives(network, pay).await;
            assert_end(&scene, &order, &[D::Applied]).await;
            let effects = scene.scene.effects(order.id).await;
            let kinds: Vec<_> = effects.iter().map(|row| row.effect.kind()).collect();
            assert_eq!(kinds, ["pay_out", "refund_crypto"]);
        });
    }
}

#[test]
fn what_is_mined_after_the_deadline_goes_back() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.sell().await;
            scene.scene.clock.advance(TTL);
            scene.deposit(&order, "799.99");
            scene.settle().await;
            assert_end(&scene, &order, &[D::Returning]).await;
            assert_eq!(state(&scene, &order).await, cancelled(CancelReason::Expired));
        });
    }
}

#[test]
fn a_second_deposit_goes_back() {
    for network in NETWORKS {
        block_on(async {
            let pay = |scene: &ChainScene, order: &Order| drop(scene.deposit(order, "799.99"));
            let (scene, order) = arrives(network, pay).await;
            scene.deposit(&order, "799.99");
            scene.settle().await;
            assert_end(&scene, &order, &[D::Applied, D::Returning]).await;
        });
    }
}

#[test]
fn a_deposit_for_a_cancelled_order_goes_back() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.sell().await;
            let cancel = OrderEvent::Cancel { by: CancelledBy::Customer, note: None };
            let actor = Actor::Customer(order.customer_id);
            scene.engine.record_event(order.id, actor, &cancel).await.expect("nothing has arrived");
            scene.deposit(&order, "799.99");
            scene.settle().await;
            assert_end(&scene, &order, &[D::Returning]).await;
            assert_eq!(state(&scene, &order).await, cancelled(CancelReason::LateDeposit));
        });
    }
}

#[test]
fn the_chains_own_coin_is_seen_booked_and_shown_and_no_orders_business() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.sell().await;
            let units = 500_000_000_000_000_000_u64;
            scene.chain.transfer(Token::Native(network), &scene.escrow(&order), units.into());
            scene.chain.mine();
            scene.watch().await;
            assert_eq!(dispositions(&scene, &order).await, [D::Confirming], "from its block on");
            scene.settle().await;
            assert_eq!(dispositions(&scene, &order).await, [D::NativeCoin]);
            let held = i64::try_from(units).expect("a few");
            assert_eq!(posted_native(&scene, Account::Gas, network), held);
            assert_eq!(posted_native(&scene, Account::Parked, network), -held);
            assert_eq!(review_kinds(&scene).await, ["quarantine"]);
            assert_eq!(state(&scene, &order).await, OrderState::AwaitingDeposit);
            // It keeps nobody from paying, nor an order that nobody pays from ending.
            scene.scene.clock.advance(TTL);
            scene.settle().await;
            assert_eq!(state(&scene, &order).await, cancelled(CancelReason::Expired));
            assert_eq!(review_kinds(&scene).await, ["quarantine"]);
        });
    }
}

#[test]
fn a_little_of_the_chains_own_coin_is_dust_and_calls_nobody_however_often() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.sell().await;
            for _ in 0..40 {
                scene.chain.transfer(Token::Native(network), &scene.escrow(&order), 1);
            }
            scene.settle().await;
            assert_eq!(dispositions(&scene, &order).await, [D::Dust; 40]);
            assert_eq!(posted_native(&scene, Account::Gas, network), 40);
            assert_eq!(posted_native(&scene, Account::Residue, network), -40);
            assert_eq!(review_kinds(&scene).await, Vec::<&str>::new());
        });
    }
}

#[test]
fn native_coin_that_no_transaction_brought_is_an_operators_when_the_order_ends() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.sell().await;
            // From inside a contract: no scan shows it.
            scene.chain.endow_gas(&scene.escrow(&order), 5_000_000);
            scene.scene.clock.advance(TTL);
            scene.settle().await;
            assert_eq!(state(&scene, &order).await, OrderState::AwaitingDeposit, "not read yet?");
            scene.scene.clock.advance(Duration::minutes(11));
            scene.settle().await;
            assert_eq!(state(&scene, &order).await, cancelled(CancelReason::Expired));
            assert_eq!(review_kinds(&scene).await, ["recon_delta"]);
            assert_eq!(dispositions(&scene, &order).await, []);
        });
    }
}

/// What the ledger has of a network's own coin in an account, in its units.
fn posted_native(scene: &ChainScene, account: Account, network: Network) -> i64 {
    let entries = scene.memory().entries();
    let all = entries.iter().flat_map(|entry| &entry.postings);
    let asset = LedgerAsset::native(network);
    let of_it = all.filter(|(key, _)| key.account == account && key.asset == asset);
    of_it.map(|(_, minor)| minor).sum()
}

#[test]
fn another_coin_is_kept_apart_and_shown() {
    block_on(async {
        let send = |scene: &ChainScene, order: &Order| {
            scene.chain.transfer(Token::Known(Asset::Usdc), &scene.escrow(order), 50_000_000);
        };
        let (scene, order) = arrives(Network::Ethereum, send).await;
        assert_end(&scene, &order, &[D::WrongToken]).await;
        assert_eq!(state(&scene, &order).await, OrderState::AwaitingDeposit);
        assert_eq!(review_kinds(&scene).await, ["quarantine"]);
    });
}

#[test]
fn a_hundred_wrong_coins_to_many_orders_are_one_review_with_a_count() {
    block_on(async {
        let scene = ChainScene::on(Network::Ethereum).await;
        let orders = [scene.sell().await, scene.sell().await];
        for (units, order) in (0..100).zip(orders.iter().cycle()) {
            let coin = Token::Known(Asset::Usdc);
            scene.chain.transfer(coin, &scene.escrow(order), 50_000_000 + units);
        }
        scene.settle().await;
        let open = scene.reviews().await;
        let [review] = open.as_slice() else { panic!("one review: {open:?}") };
        assert_eq!((review.kind, review.items, review.order_id), ("quarantine", 100, None));
    });
}

#[test]
fn dust_is_booked_and_told_nobody() {
    for network in NETWORKS {
        block_on(async {
            let pay = |scene: &ChainScene, order: &Order| drop(scene.deposit(order, "0.009999"));
            let (scene, order) = arrives(network, pay).await;
            assert_end(&scene, &order, &[D::Dust]).await;
            assert_eq!(scene.order(order.id).await.version, order.version);
            assert_eq!(scene.order(order.id).await.evidence.deposits, []);
        });
    }
}

#[test]
fn a_token_that_only_calls_itself_so_is_nothing() {
    for network in NETWORKS {
        block_on(async {
            let send = |scene: &ChainScene, order: &Order| {
                scene.chain.transfer(Token::LookAlike, &scene.escrow(order), 799_990_000);
            };
            let (scene, order) = arrives(network, send).await;
            assert_end(&scene, &order, &[D::LookAlike]).await;
            assert_eq!(scene.order(order.id).await.version, order.version);
            assert_eq!(review_kinds(&scene).await, Vec::<&str>::new());
        });
    }
}

#[test]
fn an_impossible_amount_is_an_operators() {
    for network in NETWORKS {
        block_on(async {
            let send = |scene: &ChainScene, order: &Order| {
                scene.chain.transfer(Token::Known(order.asset), &scene.escrow(order), u128::MAX);
            };
            let scene = ChainScene::on(network).await;
            let order = scene.sell().await;
            send(&scene, &order);
            scene.settle().await;
            assert_eq!(crate::watcher::stage::dispositions(&scene, &order).await, [D::Unreadable]);
            assert_eq!(review_kinds(&scene).await, ["quarantine"]);
        });
    }
}

#[test]
fn a_transaction_that_failed_brings_nothing() {
    for network in NETWORKS {
        block_on(async {
            let send = |scene: &ChainScene, order: &Order| {
                let coin = Token::Known(order.asset);
                scene.chain.failing_transfer(coin, &scene.escrow(order), 799_990_000);
            };
            let (scene, order) = arrives(network, send).await;
            assert_end(&scene, &order, &[]).await;
        });
    }
}

#[test]
fn many_transfers_of_one_transaction_are_each_their_own() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let (order, other) = (scene.sell().await, scene.sell().await);
            let coin = || Token::Known(order.asset);
            let (one, two) = (scene.escrow(&order), scene.escrow(&other));
            let hash = scene.chain.batch(vec![
                scene.chain.one(coin(), &one, 300_000_000),
                scene.chain.one(Token::LookAlike, &one, 300_000_000),
                scene.chain.one(coin(), "somebody", 300_000_000),
                scene.chain.one(coin(), &two, 799_990_000),
                scene.chain.one(coin(), &one, 499_990_000),
                scene.chain.one(coin(), &one, 499_990_000),
            ]);
            scene.settle().await;
            assert_end(&scene, &other, &[D::Applied]).await;
            let ends = [D::Applied, D::LookAlike, D::Applied, D::Returning];
            assert_end(&scene, &order, &ends).await;
            let ids = scene.arrivals(&order).await.into_iter().map(|it| it.sighting.id);
            let ids: Vec<_> = ids.map(|id| (id.tx_hash, id.ordinal)).collect();
            assert_eq!(ids, [0, 1, 4, 5].map(|ordinal| (hash.clone(), ordinal)));
        });
    }
}
