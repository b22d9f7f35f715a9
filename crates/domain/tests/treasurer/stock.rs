//! The working stock, held against the chain.

use domain::chain::transfer::Wallet;
use domain::ledger::{Account, LedgerAsset};
use domain::offer::Asset;
use domain::testing::memory_chain::{ChainScene, Token};
use futures_executor::block_on;
use time::Duration;

use crate::treasurer::stage::{NETWORKS, ledger, review_kinds, run, turn};

const PLENTY: i64 = 10_000_000_000_000;

async fn weigh(scene: &ChainScene) {
    scene.scene.clock.advance(Duration::minutes(11));
    scene.treasurer().weigh_stock().await.expect("nothing stands against it");
}

#[test]
fn the_stock_is_opened_as_it_is_first_seen_and_a_difference_is_an_operators() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let hot = |scene: &ChainScene| ledger(scene, Account::hot(network), LedgerAsset::Usdt);
            weigh(&scene).await;
            assert_eq!(hot(&scene), PLENTY);
            let order = scene.buy(1).await;
            run(&scene, order.id).await;
            weigh(&scene).await;
            assert_eq!(hot(&scene), PLENTY - 120_000_000_000);
            assert_eq!(review_kinds(&scene).await, Vec::<&str>::new());
            let stock = scene.chain.wallet(Wallet::Hot);
            scene.chain.transfer(Token::Known(Asset::Usdt), &stock, 5_000_000);
            scene.chain.finalise();
            weigh(&scene).await;
            weigh(&scene).await;
            assert_eq!(review_kinds(&scene).await, ["recon_delta"], "once");
            let booked = scene.treasurer().book_stock(network, Asset::Usdt).await;
            assert_eq!(booked.expect("nothing moves"), 500_000_000);
            assert_eq!(hot(&scene), PLENTY - 119_500_000_000);
            weigh(&scene).await;
            assert_eq!(review_kinds(&scene).await, Vec::<&str>::new(), "it has settled");
        });
    }
}

#[test]
fn what_is_under_way_is_no_difference() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            weigh(&scene).await;
            let order = scene.buy(1).await;
            turn(&scene).await;
            scene.chain.finalise();
            weigh(&scene).await;
            let refused = scene.treasurer().book_stock(network, Asset::Usdt).await;
            assert!(refused.is_err(), "coin is moving");
            run(&scene, order.id).await;
            weigh(&scene).await;
            assert_eq!(review_kinds(&scene).await, Vec::<&str>::new());
        });
    }
}
