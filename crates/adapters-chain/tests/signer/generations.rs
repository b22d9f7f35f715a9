//! A second signature for the same money needs the death of the first.

use std::sync::Arc;

use adapters_chain::signer::LocalSigner;
use domain::address::Network;
use domain::chain::Value;
use domain::chain::transfer::{Death, Signed, Terms};
use domain::offer::Asset;
use domain::ports::{Signer as _, SigningRequest};

use super::support::{
    At, NOW_MS, Scene, What, another, assert_already_signed, assert_mismatch, coin, config,
    unsigned,
};

const USDT: What = What::Delivery(Asset::Usdt);
const EXPIRED: Death = Death::Expired { solid_height: 70_000_000 };

/// The transfer once more, a minute later.
fn next(request: &SigningRequest, death: impl Into<Option<Death>>) -> SigningRequest {
    let mut next = request.clone();
    next.generation = next.generation.checked_add(1).unwrap();
    next.death = death.into();
    next.sequence += 120_000;
    if let Terms::Tron { expiration_ms, .. } = &mut next.terms {
        *expiration_ms += 120_000;
    }
    next.unsigned = unsigned(&next);
    next
}

/// A signer of the scene's journal, so much later.
fn later(scene: &Scene, ms: u64) -> LocalSigner {
    LocalSigner::open(&config(&scene.folder), Arc::new(At(NOW_MS + ms))).unwrap()
}

fn reverted(signed: &Signed) -> Death {
    Death::Reverted { tx_hash: signed.tx_hash.clone() }
}

#[tokio::test]
async fn without_a_death_nothing_follows() {
    for network in [Network::Tron, Network::Ethereum] {
        let scene = Scene::new();
        let request = scene.request(network, USDT);
        scene.sign(&request).await.unwrap();
        let signer = later(&scene, 600_000);
        assert_already_signed(&signer.sign(&next(&request, None)).await, "nothing died");
        assert_eq!(scene.lines(), 1);
    }
}

#[tokio::test]
async fn without_what_came_before_nothing_follows() {
    for network in [Network::Tron, Network::Ethereum] {
        let scene = Scene::new();
        let request = scene.request(network, USDT);
        let signer = later(&scene, 600_000);
        let death = Some(Death::Reverted { tx_hash: "00".to_owned() });
        let second = next(&request, death.clone());
        assert_already_signed(&signer.sign(&second).await, "a journal that knows nothing");
        let first = signer.sign(&request).await.unwrap();
        let third = next(&second, reverted(&first));
        assert_already_signed(&signer.sign(&third).await, "the second is missing");
        assert_eq!(scene.lines(), 1);
    }
}

#[tokio::test]
async fn an_expired_tron_transfer_is_signed_anew_when_the_own_clock_agrees() {
    let scene = Scene::new();
    let request = scene.request(Network::Tron, USDT);
    let first = scene.sign(&request).await.unwrap();
    let second = next(&request, Some(EXPIRED));
    assert_already_signed(&scene.sign(&second).await, "it has a minute left");
    assert_already_signed(&later(&scene, 60_000).sign(&second).await, "the very last moment");
    let signed = later(&scene, 60_001).sign(&second).await.unwrap();
    assert_ne!(signed.tx_hash, first.tx_hash);
    assert!(scene.journal().lines().last().unwrap().contains("\"death\":{\"death\":\"expired\""));
    let third = next(&second, Some(EXPIRED));
    assert_already_signed(&later(&scene, 60_001).sign(&third).await, "the second lives");
    assert!(later(&scene, 180_001).sign(&third).await.is_ok());
}

#[tokio::test]
async fn where_a_chains_time_is_not_the_worlds_the_clock_is_not_asked() {
    let scene = Scene::new();
    let request = scene.request(Network::Tron, USDT);
    scene.sign(&request).await.unwrap();
    let mut config = config(&scene.folder);
    config.expiry_by_clock = false;
    let signer = LocalSigner::open(&config, Arc::new(At(NOW_MS))).unwrap();
    assert!(signer.sign(&next(&request, Some(EXPIRED))).await.is_ok());
}

#[tokio::test]
async fn what_reverted_must_be_what_came_before() {
    for network in [Network::Tron, Network::Ethereum] {
        let scene = Scene::new();
        let request = scene.request(network, USDT);
        let first = scene.sign(&request).await.unwrap();
        let other = another(&request, "order:other", request.sequence + 1);
        let other = scene.sign(&other).await.unwrap();
        let answer = scene.sign(&next(&request, reverted(&other))).await;
        assert_mismatch(&answer, "a stranger reverted");
        let mut loud = reverted(&first);
        if let Death::Reverted { tx_hash } = &mut loud {
            *tx_hash = tx_hash.trim_start_matches("0x").to_uppercase();
        }
        assert!(scene.sign(&next(&request, loud)).await.is_ok(), "hex is hex");
    }
}

#[tokio::test]
async fn a_taken_nonce_is_a_strangers() {
    let scene = Scene::new();
    let request = scene.request(Network::Ethereum, USDT);
    let first = scene.sign(&request).await.unwrap();
    let by_itself = Death::NonceTaken { by: Some(first.tx_hash.clone()) };
    let answer = scene.sign(&next(&request, Some(by_itself))).await;
    assert_already_signed(&answer, "it was paid");
    let taken = Some(Death::NonceTaken { by: None });
    let mut same_nonce = next(&request, taken.clone());
    same_nonce.sequence = request.sequence;
    same_nonce.unsigned = unsigned(&same_nonce);
    let answer = scene.sign(&same_nonce).await;
    assert_already_signed(&answer, "the nonce that was taken");
    same_nonce.sequence = request.sequence - 1;
    same_nonce.unsigned = unsigned(&same_nonce);
    assert_mismatch(&scene.sign(&same_nonce).await, "a nonce from before");
    assert!(scene.sign(&next(&request, taken)).await.is_ok());
}

#[tokio::test]
async fn deaths_of_the_other_chain_are_none() {
    let scene = Scene::new();
    let rows = [(Network::Tron, Death::NonceTaken { by: None }), (Network::Ethereum, EXPIRED)];
    for (network, death) in rows {
        let mut request = scene.request(network, USDT);
        network.as_str().clone_into(&mut request.plan.key);
        scene.sign(&request).await.unwrap();
        let answer = later(&scene, 600_000).sign(&next(&request, Some(death))).await;
        assert_mismatch(&answer, network.as_str());
    }
}

#[tokio::test]
async fn a_later_generation_moves_the_same_to_the_same() {
    for network in [Network::Tron, Network::Ethereum] {
        let scene = Scene::new();
        let request = scene.request(network, USDT);
        let first = scene.sign(&request).await.unwrap();
        let mut more = next(&request, reverted(&first));
        more.plan.value = Value::Coin { asset: Asset::Usdt, amount: coin("13") };
        more.unsigned = unsigned(&more);
        assert_mismatch(&scene.sign(&more).await, "another amount");
        assert_eq!(scene.lines(), 1);
    }
}

#[tokio::test]
async fn nothing_is_added_to_a_generation_that_is_over() {
    let scene = Scene::new();
    let request = scene.request(Network::Ethereum, USDT);
    let first = scene.sign(&request).await.unwrap();
    scene.sign(&next(&request, reverted(&first))).await.unwrap();
    let mut bump = SigningRequest { variant: 1, ..request.clone() };
    bump.terms = Terms::Ethereum { gas_limit: 90_000, max_fee: 50_000_000_000, max_tip: 1 };
    bump.unsigned = unsigned(&bump);
    assert_already_signed(&scene.sign(&bump).await, "its successor is signed");
    assert_eq!(scene.sign(&request).await, Ok(first), "what is there stays there");
}

#[tokio::test]
async fn numbers_that_count_nothing_are_refused() {
    let scene = Scene::new();
    let request = scene.request(Network::Ethereum, USDT);
    for (generation, variant) in [(0, 0), (-1, 0), (1, -1), (i32::MIN, i32::MIN)] {
        let request = SigningRequest { generation, variant, ..request.clone() };
        assert_mismatch(&scene.sign(&request).await, &format!("{generation} {variant}"));
    }
    assert_eq!(scene.lines(), 0, "nothing was signed");
}
