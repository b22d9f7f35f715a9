//! Transfers on Ethereum that are signed, and what their signatures are worth.

use alloy::consensus::{Transaction as _, TxEnvelope};
use alloy::eips::eip2718::Decodable2718 as _;
use alloy::primitives::hex;
use domain::address::Network;
use domain::offer::Asset;

use super::support::{ETHEREUM_USDC, ETHEREUM_USDT, ETHEREUM_WALLET, Scene, What, address, call};

const ALL: [What; 4] =
    [What::Delivery(Asset::Usdt), What::Delivery(Asset::Usdc), What::Sweep, What::Gas];

#[tokio::test]
async fn every_kind_of_transfer_is_signed_by_its_wallet_and_known_by_its_hash() {
    for what in ALL {
        let scene = Scene::new();
        let request = scene.request(Network::Ethereum, what);
        let signed = scene.sign(&request).await.unwrap();
        let sent = TxEnvelope::decode_2718_exact(&signed.raw).unwrap();
        let sent = sent.as_eip1559().unwrap();
        let from = sent.recover_signer().unwrap();
        assert_eq!(from.to_string(), request.plan.from, "{what:?}");
        assert_eq!(signed.tx_hash, hex::encode_prefixed(sent.hash()));
        assert!(sent.signature().normalize_s().is_none(), "s is in the lower half");
        assert_eq!((signed.sequence, &signed.terms), (5, &request.terms));
    }
}

#[tokio::test]
async fn a_delivery_calls_transfer_of_the_coins_contract() {
    for (asset, contract) in [(Asset::Usdt, ETHEREUM_USDT), (Asset::Usdc, ETHEREUM_USDC)] {
        let scene = Scene::new();
        let request = scene.request(Network::Ethereum, What::Delivery(asset));
        let signed = scene.sign(&request).await.unwrap();
        let sent = TxEnvelope::decode_2718_exact(&signed.raw).unwrap();
        assert_eq!(sent.to(), Some(address(contract)));
        let transfer = call(address(ETHEREUM_WALLET).into_array(), 12_345_678);
        assert_eq!(sent.input().to_vec(), transfer);
    }
}

#[tokio::test]
async fn an_address_without_capitals_names_the_same_owner() {
    let scene = Scene::new();
    let mut request = scene.request(Network::Ethereum, What::Delivery(Asset::Usdt));
    request.plan.to = request.plan.to.to_lowercase();
    assert!(scene.sign(&request).await.is_ok());
}
