//! The last look at the receiver: an order's coin never goes to an address of ours.

use domain::address::AddressUse;
use domain::chain::transfer::Wallet;
use domain::order::OrderState;
use domain::ports::{ChainSource as _, OwnAddress, OwnAddresses as _};
use domain::testing::memory_chain::ChainScene;
use domain::testing::samples::NOW;
use futures_executor::block_on;

use crate::treasurer::stage::{
    NETWORKS, assert_delivered, go_on, review_kinds, to_customer, transfer, turn, underpaid,
};

/// From now on the wallet of all orders is known to be no customer's.
async fn becomes(scene: &ChainScene, address: &str, address_use: AddressUse) {
    let network = scene.chain.network();
    let own = OwnAddress { network, address: address.to_owned(), address_use };
    scene.memory().note_own_addresses(&[own], NOW).await.expect("memory is always there");
}

#[test]
fn a_delivery_to_an_address_that_became_ours_is_an_operators_and_is_never_signed() {
    for network in NETWORKS {
        for address_use in [AddressUse::HotWallet, AddressUse::TokenContract] {
            block_on(async {
                let scene = ChainScene::on(network).await;
                let order = scene.buy(1).await;
                becomes(&scene, order.wallet.as_str(), address_use).await;
                go_on(&scene, 5).await;
                assert_eq!(review_kinds(&scene).await, ["blocked"]);
                assert_eq!(to_customer(&scene, &order).len(), 0);
                let key = format!("{}:deliver", order.id);
                assert_eq!(scene.signer.signed(&key).len(), 0);
                let stored = transfer(&scene, &key).await.expect("it is planned");
                assert_eq!(stored.attempts.len(), 0);
                assert_eq!(scene.order(order.id).await.state, OrderState::Delivering);
            });
        }
    }
}

#[test]
fn a_refund_to_an_address_that_became_ours_is_an_operators() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = underpaid(&scene).await;
            becomes(&scene, order.wallet.as_str(), AddressUse::HotWallet).await;
            go_on(&scene, 5).await;
            assert_eq!(review_kinds(&scene).await, ["blocked"]);
            assert_eq!(to_customer(&scene, &order).len(), 0);
        });
    }
}

#[test]
fn what_is_under_way_already_goes_on() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.buy(1).await;
            turn(&scene).await;
            becomes(&scene, order.wallet.as_str(), AddressUse::HotWallet).await;
            crate::treasurer::stage::run(&scene, order.id).await;
            assert_delivered(&scene, network, &order).await;
        });
    }
}

#[test]
fn our_own_hot_wallet_is_known_without_being_told() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let hot = scene.chain.wallet(Wallet::Hot);
            let order = scene.buy_to(&hot, 1).await;
            go_on(&scene, 3).await;
            assert_eq!(review_kinds(&scene).await, ["blocked"]);
            assert_eq!(scene.signer.signed(&format!("{}:deliver", order.id)).len(), 0);
        });
    }
}
