//! What is more than a limit allows is refused, to the last unit.

use domain::address::Network;
use domain::chain::Value;
use domain::chain::transfer::Terms;
use domain::money::Crypto;
use domain::offer::Asset;
use domain::ports::{SignerError, SigningRequest};

use super::support::{Scene, What, another, assert_mismatch, coin, unsigned};

#[track_caller]
fn assert_limited(answer: &Result<domain::chain::transfer::Signed, SignerError>, what: &str) {
    assert!(matches!(answer, Err(SignerError::Limit(_))), "{what}: {answer:?}");
}

fn with_amount(request: &SigningRequest, amount: Crypto) -> SigningRequest {
    let mut request = request.clone();
    let asset = request.plan.value.asset().unwrap();
    request.plan.value = Value::Coin { asset, amount };
    request.unsigned = unsigned(&request);
    request
}

#[tokio::test]
async fn each_coin_has_its_most_per_transfer() {
    let rows = [
        (Network::Tron, Asset::Usdt, "1000", "1000.000001"),
        (Network::Ethereum, Asset::Usdt, "1000", "1000.000001"),
        (Network::Ethereum, Asset::Usdc, "500", "500.000001"),
    ];
    for (network, asset, most, more) in rows {
        let scene = Scene::new();
        let request = scene.request(network, What::Delivery(asset));
        assert_limited(&scene.sign(&with_amount(&request, coin(more))).await, more);
        assert!(scene.sign(&with_amount(&request, coin(most))).await.is_ok(), "{most}");
    }
}

#[tokio::test]
async fn a_sweep_stays_ours_and_has_no_most() {
    for network in [Network::Tron, Network::Ethereum] {
        let scene = Scene::new();
        let request = scene.request(network, What::Sweep);
        assert!(scene.sign(&with_amount(&request, coin("50000"))).await.is_ok());
    }
}

#[tokio::test]
async fn a_top_up_has_its_most() {
    for (network, most) in [(Network::Tron, 20_000_000), (Network::Ethereum, 1_000_000)] {
        let scene = Scene::new();
        for (units, is_fine) in [(most + 1, false), (u64::MAX / 2, false), (most, true)] {
            let mut request = scene.request(network, What::Gas);
            request.plan.value = Value::Native { units };
            request.unsigned = unsigned(&request);
            let answer = scene.sign(&request).await;
            if is_fine {
                assert!(answer.is_ok(), "{answer:?}");
            } else {
                assert_limited(&answer, &units.to_string());
            }
        }
    }
}

#[tokio::test]
async fn fees_have_their_most_for_every_purpose() {
    let scene = Scene::new();
    for what in [What::Delivery(Asset::Usdt), What::Sweep] {
        let mut dear = scene.request(Network::Tron, what);
        let Terms::Tron { fee_limit, .. } = &mut dear.terms else { panic!("terms") };
        *fee_limit = 40_000_001;
        dear.unsigned = unsigned(&dear);
        assert_limited(&scene.sign(&dear).await, "sun");
        let mut dear = scene.request(Network::Ethereum, what);
        dear.terms = Terms::Ethereum { gas_limit: 100_001, max_fee: 100_000_000_000, max_tip: 1 };
        dear.unsigned = unsigned(&dear);
        assert_limited(&scene.sign(&dear).await, "wei");
        // Their product is beyond 64 bits, and beyond any limit.
        dear.terms = Terms::Ethereum { gas_limit: u64::MAX, max_fee: u64::MAX, max_tip: 1 };
        dear.unsigned = unsigned(&dear);
        assert_limited(&scene.sign(&dear).await, "wei without end");
    }
    assert_eq!(scene.lines(), 0, "nothing was signed");
}

#[tokio::test]
async fn a_limit_counts_for_dearer_variants_too() {
    let scene = Scene::new();
    let first = scene.request(Network::Ethereum, What::Delivery(Asset::Usdt));
    scene.sign(&first).await.unwrap();
    let mut dearer = SigningRequest { variant: 1, ..first };
    dearer.terms = Terms::Ethereum { gas_limit: 90_000, max_fee: 200_000_000_000, max_tip: 1 };
    dearer.unsigned = unsigned(&dearer);
    assert_limited(&scene.sign(&dearer).await, "the bump");
}

#[tokio::test]
async fn coin_that_does_not_live_on_a_network_is_refused() {
    let scene = Scene::new();
    let mut request = scene.request(Network::Tron, What::Delivery(Asset::Usdt));
    request.plan.value = Value::Coin { asset: Asset::Usdc, amount: coin("1") };
    request.unsigned = unsigned(&request);
    assert_mismatch(&scene.sign(&another(&request, "usdc", request.sequence)).await, "USDC");
}
