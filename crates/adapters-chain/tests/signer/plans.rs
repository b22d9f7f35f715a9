//! Plans and terms that the bytes do not say. Whatever is altered, nothing is signed.

use domain::address::Network;
use domain::chain::Value;
use domain::chain::transfer::{Purpose, Terms, Wallet};
use domain::offer::Asset;
use domain::order::RefundOf;
use domain::ports::SigningRequest;

use super::support::{
    ETHEREUM_USDC, ETHEREUM_WALLET, Scene, TRON_USDT, TRON_WALLET, What, assert_mismatch, coin,
    unsigned,
};

type Alter = fn(&mut SigningRequest);
type Row = (&'static str, Alter);

const BOTH: [Network; 2] = [Network::Tron, Network::Ethereum];

const PLANS: [Row; 14] = [
    ("the network", |it| it.plan.network = other(it.plan.network)),
    ("network and addresses", |it| {
        it.plan.network = other(it.plan.network);
        it.plan.to = wallet(it.plan.network);
    }),
    ("the wallet", |it| it.plan.wallet = Wallet::Escrow(7)),
    ("the wallet, beyond all", |it| it.plan.wallet = Wallet::Escrow(u32::MAX)),
    ("from another", |it| it.plan.from = wallet(it.plan.network)),
    ("from nobody", |it| it.plan.from = String::new()),
    ("to another", |it| it.plan.to = it.plan.from.clone()),
    ("to nobody", |it| it.plan.to = String::new()),
    ("to a checksum that fails", |it| {
        it.plan.to = it.plan.to.replace(['B', 'C', 'Z'], "A");
    }),
    ("the amount", |it| {
        it.plan.value = Value::Coin { asset: Asset::Usdt, amount: coin("12.345679") };
    }),
    ("more places than the chain has", |it| {
        it.plan.value = Value::Coin { asset: Asset::Usdt, amount: coin("12.34567801") };
    }),
    ("the coin", |it| {
        it.plan.value = Value::Coin { asset: Asset::Usdc, amount: coin("12.345678") };
    }),
    ("the chain's own coin", |it| it.plan.value = Value::Native { units: 12_345_678 }),
    ("the purpose", |it| it.plan.purpose = Purpose::Gas),
];

fn other(network: Network) -> Network {
    match network {
        Network::Tron => Network::Ethereum,
        Network::Ethereum => Network::Tron,
    }
}

fn wallet(network: Network) -> String {
    match network {
        Network::Tron => TRON_WALLET.to_owned(),
        Network::Ethereum => ETHEREUM_WALLET.to_owned(),
    }
}

#[tokio::test]
async fn a_plan_that_the_bytes_do_not_say_is_refused() {
    let scene = Scene::new();
    for network in BOTH {
        for (what, alter) in PLANS {
            let mut request = scene.request(network, What::Delivery(Asset::Usdt));
            alter(&mut request);
            assert_mismatch(&scene.sign(&request).await, &format!("{network:?}: {what}"));
        }
    }
    assert_eq!(scene.lines(), 0, "nothing was signed");
}

#[tokio::test]
async fn terms_that_the_bytes_do_not_promise_are_refused() {
    let scene = Scene::new();
    let tron: [Alter; 6] = [
        |it| it.sequence += 1,
        |it| tron_terms(it, |height, _, _, _| *height += 1),
        |it| tron_terms(it, |_, hash, _, _| *hash = hash.replace("f6b6", "f6b7")),
        |it| tron_terms(it, |_, hash, _, _| hash.truncate(62)),
        |it| tron_terms(it, |_, _, expiration, _| *expiration += 1),
        |it| tron_terms(it, |_, _, _, fee| *fee += 1),
    ];
    let ethereum: [Alter; 4] = [
        |it| it.sequence += 1,
        |it| ethereum_terms(it, |gas, _, _| *gas += 1),
        |it| ethereum_terms(it, |_, fee, _| *fee += 1),
        |it| ethereum_terms(it, |_, _, tip| *tip += 1),
    ];
    for (network, rows) in [(Network::Tron, &tron[..]), (Network::Ethereum, &ethereum[..])] {
        for (row, alter) in rows.iter().enumerate() {
            let mut request = scene.request(network, What::Delivery(Asset::Usdt));
            alter(&mut request);
            assert_mismatch(&scene.sign(&request).await, &format!("{network:?} {row}"));
        }
        let mut foreign = scene.request(network, What::Delivery(Asset::Usdt));
        foreign.terms = scene.request(other(network), What::Gas).terms;
        assert_mismatch(&scene.sign(&foreign).await, "terms of another chain");
    }
    assert_eq!(scene.lines(), 0, "nothing was signed");
}

#[tokio::test]
async fn terms_that_no_node_would_take_are_refused() {
    let scene = Scene::new();
    let rows: [(Network, Alter); 4] = [
        (Network::Tron, |it| tron_terms(it, |_, _, expiration, _| *expiration -= 60_000)),
        (Network::Tron, |it| tron_terms(it, |_, _, expiration, _| *expiration += 86_400_000)),
        (Network::Tron, |it| tron_terms(it, |height, _, _, _| *height += 0x1_0000)),
        (Network::Ethereum, |it| ethereum_terms(it, |_, fee, tip| *tip = *fee + 1)),
    ];
    for (network, alter) in rows {
        let mut request = scene.request(network, What::Delivery(Asset::Usdt));
        alter(&mut request);
        request.unsigned = unsigned(&request);
        assert_mismatch(&scene.sign(&request).await, &format!("{:?}", request.terms));
    }
}

#[tokio::test]
async fn each_wallet_has_its_purposes_and_its_coin() {
    let scene = Scene::new();
    let refund = Purpose::Refund { refund: RefundOf::Order };
    let rows = [
        (What::Sweep, Purpose::Delivery),
        (What::Sweep, refund.clone()),
        (What::Sweep, Purpose::Gas),
        (What::Gas, Purpose::Delivery),
        (What::Gas, refund.clone()),
        (What::Gas, Purpose::Sweep),
        (What::Delivery(Asset::Usdt), Purpose::Sweep),
        (What::Delivery(Asset::Usdt), Purpose::Gas),
    ];
    for network in BOTH {
        for (what, purpose) in &rows {
            let mut request = scene.request(network, *what);
            request.plan.purpose = purpose.clone();
            assert_mismatch(&scene.sign(&request).await, &format!("{what:?} {purpose:?}"));
        }
        let mut request = scene.request(network, What::Delivery(Asset::Usdt));
        request.plan.purpose = refund.clone();
        network.as_str().clone_into(&mut request.plan.key);
        assert!(scene.sign(&request).await.is_ok(), "a refund goes like a delivery");
    }
}

#[tokio::test]
async fn a_sweep_goes_to_the_hot_wallet_only() {
    let scene = Scene::new();
    for network in BOTH {
        let mut request = scene.request(network, What::Sweep);
        request.plan.to = wallet(network);
        request.unsigned = unsigned(&request);
        assert_mismatch(&scene.sign(&request).await, "a customer's wallet");
        request.plan.to = scene.address(network, Wallet::Escrow(8));
        request.unsigned = unsigned(&request);
        assert_mismatch(&scene.sign(&request).await, "another escrow address");
    }
}

#[tokio::test]
async fn nothing_is_sent_where_it_is_lost_or_does_not_move() {
    let scene = Scene::new();
    let tokens = [(Network::Tron, TRON_USDT), (Network::Ethereum, ETHEREUM_USDC)];
    for (network, token) in tokens {
        let mut request = scene.request(network, What::Delivery(Asset::Usdt));
        request.plan.to = token.to_owned();
        request.unsigned = unsigned(&request);
        assert_mismatch(&scene.sign(&request).await, "a token's own contract");
        request.plan.to = request.plan.from.clone();
        request.unsigned = unsigned(&request);
        assert_mismatch(&scene.sign(&request).await, "to itself");
        let mut request = scene.request(network, What::Gas);
        request.plan.value = Value::Native { units: 0 };
        request.unsigned = unsigned(&request);
        assert_mismatch(&scene.sign(&request).await, "nothing");
    }
}

fn tron_terms(request: &mut SigningRequest, alter: fn(&mut u64, &mut String, &mut u64, &mut u64)) {
    let Terms::Tron { ref_height, ref_hash, expiration_ms, fee_limit } = &mut request.terms else {
        panic!("terms")
    };
    alter(ref_height, ref_hash, expiration_ms, fee_limit);
}

fn ethereum_terms(request: &mut SigningRequest, alter: fn(&mut u64, &mut u64, &mut u64)) {
    let Terms::Ethereum { gas_limit, max_fee, max_tip } = &mut request.terms else {
        panic!("terms")
    };
    alter(gas_limit, max_fee, max_tip);
}
