//! What is asked again is answered as the first time; what is new is on disk before it is answered.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use domain::address::Network;
use domain::chain::Value;
use domain::chain::transfer::{Terms, Wallet};
use domain::offer::Asset;
use domain::ports::{Signer as _, SigningRequest};

use super::support::{
    ETHEREUM_WALLET, Scene, TRON_WALLET, What, another, assert_already_signed, assert_mismatch,
    coin, unsigned,
};

type Alteration = (&'static str, fn(&Scene, &mut SigningRequest));

const BOTH: [Network; 2] = [Network::Tron, Network::Ethereum];
const USDT: What = What::Delivery(Asset::Usdt);

#[tokio::test]
async fn asked_again_it_answers_as_the_first_time_whatever_the_bytes_are_now() {
    for network in BOTH {
        let scene = Scene::new();
        let request = scene.request(network, USDT);
        let first = scene.sign(&request).await.unwrap();
        let later = another(&request, &request.plan.key, request.sequence + 1);
        let garbled = SigningRequest { unsigned: vec![1, 2, 3], ..request.clone() };
        for again in [request, later, garbled] {
            assert_eq!(scene.sign(&again).await.as_ref(), Ok(&first));
            assert_eq!(scene.second().sign(&again).await.as_ref(), Ok(&first), "after a restart");
        }
        assert_eq!(scene.lines(), 1);
    }
}

#[tokio::test]
async fn the_first_signature_is_no_answer_for_another_plan() {
    let alterations: [Alteration; 5] = [
        ("the sender", |scene, it| {
            it.plan.wallet = Wallet::Escrow(3);
            it.plan.from = scene.address(it.plan.network, it.plan.wallet);
        }),
        ("the receiver", |scene, it| {
            it.plan.to = scene.address(it.plan.network, Wallet::Escrow(3));
        }),
        ("the amount", |_, it| {
            it.plan.value = Value::Coin { asset: Asset::Usdt, amount: coin("1") };
        }),
        ("the coin", |_, it| it.plan.value = Value::Native { units: 12_345_678 }),
        ("the network", |scene, it| {
            let (network, to) = match it.plan.network {
                Network::Tron => (Network::Ethereum, ETHEREUM_WALLET),
                Network::Ethereum => (Network::Tron, TRON_WALLET),
            };
            it.plan.network = network;
            it.plan.from = scene.address(network, Wallet::Hot);
            to.clone_into(&mut it.plan.to);
        }),
    ];
    for network in BOTH {
        let scene = Scene::new();
        let request = scene.request(network, USDT);
        scene.sign(&request).await.unwrap();
        for (what, alter) in alterations {
            let mut altered = request.clone();
            alter(&scene, &mut altered);
            assert_mismatch(&scene.sign(&altered).await, what);
        }
        assert_eq!(scene.lines(), 1);
    }
}

#[tokio::test]
async fn the_journal_says_everything_and_no_secret() {
    let scene = Scene::new();
    let request = scene.request(Network::Ethereum, USDT);
    let signed = scene.sign(&request).await.unwrap();
    let text = scene.journal();
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["key"], "order:delivery");
    assert_eq!((&line["generation"], &line["variant"]), (&1.into(), &0.into()));
    assert_eq!(line["network"], "ethereum");
    assert_eq!(line["from"], request.plan.from);
    assert_eq!(line["sequence"], 5);
    assert_eq!(line["tx_hash"], signed.tx_hash);
    assert_eq!(line["raw"], alloy::primitives::hex::encode(&signed.raw));
    let digest = alloy::primitives::keccak256(&request.unsigned);
    assert_eq!(line["digest"], alloy::primitives::hex::encode(digest));
    assert_eq!(line["at"], "2026-04-29T07:19:28Z");
    assert!(line["death"].is_null());
    let about = fs::metadata(scene.folder.path("journal")).unwrap();
    assert_eq!(about.permissions().mode() & 0o777, 0o600, "nobody else's to read");
}

#[tokio::test]
async fn a_nonce_is_one_transfers_for_ever() {
    let scene = Scene::new();
    let request = scene.request(Network::Ethereum, USDT);
    scene.sign(&request).await.unwrap();
    let thief = another(&request, "order:refund", 5);
    assert_already_signed(&scene.sign(&thief).await, "the nonce of another transfer");
    assert_already_signed(&scene.second().sign(&thief).await, "after a restart");
    let polite = another(&request, "order:refund", 6);
    assert!(scene.sign(&polite).await.is_ok());
    let escrow = scene.request(Network::Ethereum, What::Sweep);
    let escrow = another(&escrow, "order:sweep", 5);
    assert!(scene.sign(&escrow).await.is_ok(), "each account counts its own");
}

#[tokio::test]
async fn two_transfers_are_never_one_transaction_on_tron() {
    let scene = Scene::new();
    let request = scene.request(Network::Tron, USDT);
    scene.sign(&request).await.unwrap();
    let twin = another(&request, "order:refund", request.sequence);
    assert_already_signed(&scene.sign(&twin).await, "paid once for two");
    let later = another(&request, "order:refund", request.sequence + 1);
    assert!(scene.sign(&later).await.is_ok());
}

#[tokio::test]
async fn a_dearer_variant_keeps_nonce_receiver_and_value() {
    let scene = Scene::new();
    let request = scene.request(Network::Ethereum, USDT);
    let dearer = |change: fn(&mut SigningRequest)| {
        let mut dearer = request.clone();
        dearer.variant = 1;
        dearer.terms =
            Terms::Ethereum { gas_limit: 90_000, max_fee: 50_000_000_000, max_tip: 3_000_000_000 };
        change(&mut dearer);
        dearer.unsigned = unsigned(&dearer);
        dearer
    };
    assert_already_signed(&scene.sign(&dearer(|_| ())).await, "a bump of nothing");
    let first = scene.sign(&request).await.unwrap();
    let moved = dearer(|it| it.sequence = 6);
    assert_already_signed(&scene.sign(&moved).await, "another nonce");
    let more = dearer(|it| {
        it.plan.value = Value::Coin { asset: Asset::Usdt, amount: coin("12.4") };
    });
    assert_mismatch(&scene.sign(&more).await, "another value");
    let elsewhere = dearer(|it| {
        it.plan.to = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8".to_owned();
    });
    assert_mismatch(&scene.sign(&elsewhere).await, "another receiver");
    assert_eq!(scene.lines(), 1);
    let second = scene.sign(&dearer(|_| ())).await.unwrap();
    assert_ne!(first.tx_hash, second.tx_hash);
    assert_eq!(first.sequence, second.sequence);
    assert_eq!(scene.sign(&request).await, Ok(first), "the first is still the first");
    assert_eq!(scene.sign(&dearer(|it| it.sequence = 9)).await, Ok(second));
    assert_eq!(scene.lines(), 2);
}

#[tokio::test]
async fn tron_has_no_variants_for_both_would_be_paid() {
    let scene = Scene::new();
    let request = scene.request(Network::Tron, USDT);
    scene.sign(&request).await.unwrap();
    let mut dearer = another(&request, &request.plan.key, request.sequence + 1);
    dearer.variant = 1;
    assert_mismatch(&scene.sign(&dearer).await, "a second transaction");
    assert_eq!(scene.lines(), 1);
}
