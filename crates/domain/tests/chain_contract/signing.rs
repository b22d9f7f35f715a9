//! What the signer in memory refuses, as the port tells.

use std::sync::Arc;

use domain::address::Network;
use domain::chain::Value;
use domain::chain::transfer::{Death, Plan, Purpose, Terms, Wallet};
use domain::ids::{OrderId, time_ordered};
use domain::offer::Asset;
use domain::ports::{ChainSender, Signer, SignerError, SigningRequest};
use domain::testing::memory_chain::MemorySigner;
use domain::testing::samples::{NOW, crypto};
use domain::testing::{MemoryChain, SetClock};
use futures_executor::block_on;

fn chain(network: Network) -> MemoryChain {
    MemoryChain::new(network, Arc::new(SetClock::at(NOW)))
}

fn request(network: Network, key: &str, sequence: u64) -> SigningRequest {
    let chain = chain(network);
    let plan = Plan {
        key: key.into(),
        order_id: OrderId(time_ordered(NOW, 1)),
        purpose: Purpose::Delivery,
        network,
        wallet: Wallet::Hot,
        from: chain.wallet(Wallet::Hot),
        to: "T-customer".into(),
        value: Value::Coin { asset: Asset::Usdt, amount: crypto("1") },
    };
    let terms = match network {
        Network::Tron => {
            Terms::Tron { ref_height: 1, ref_hash: "a".into(), expiration_ms: 60_000, fee_limit: 1 }
        }
        Network::Ethereum => Terms::Ethereum { gas_limit: 1, max_fee: 10, max_tip: 1 },
    };
    let unsigned = chain.encode(&plan, &terms, sequence).expect("it can be written");
    let (generation, variant, death) = (1, 0, None);
    SigningRequest { plan, generation, variant, terms, sequence, unsigned, death }
}

fn is_refused(signer: &MemorySigner, request: &SigningRequest) -> bool {
    matches!(block_on(signer.sign(request)), Err(SignerError::AlreadySigned(_)))
}

#[test]
fn the_same_generation_is_answered_as_the_first_time() {
    for network in [Network::Tron, Network::Ethereum] {
        let signer = MemorySigner::default();
        let first = block_on(signer.sign(&request(network, "a", 5))).expect("it is the first");
        let again = block_on(signer.sign(&request(network, "a", 6))).expect("it is the same");
        assert_eq!(first, again);
    }
}

#[test]
fn bytes_that_say_something_else_are_refused() {
    let signer = MemorySigner::default();
    let mut asked = request(Network::Tron, "a", 5);
    asked.plan.to = "T-somebody".into();
    assert!(matches!(block_on(signer.sign(&asked)), Err(SignerError::Mismatch(_))));
}

#[test]
fn a_later_generation_needs_a_death() {
    for network in [Network::Tron, Network::Ethereum] {
        let signer = MemorySigner::default();
        let later = SigningRequest { generation: 2, ..request(network, "a", 6) };
        assert!(is_refused(&signer, &later), "there is no first");
        block_on(signer.sign(&request(network, "a", 5))).expect("it is the first");
        assert!(is_refused(&signer, &later), "it may live");
        let death = Some(Death::Expired { solid_height: 9 });
        let later = SigningRequest { death, ..later };
        block_on(signer.sign(&later)).expect("the first is dead");
        let beside = SigningRequest { variant: 1, ..request(network, "a", 5) };
        assert!(is_refused(&signer, &beside), "what is dead has no variants");
    }
}

#[test]
fn a_variant_keeps_its_nonce_and_a_nonce_is_one_transfers() {
    let signer = MemorySigner::default();
    block_on(signer.sign(&request(Network::Ethereum, "a", 5))).expect("it is the first");
    assert!(is_refused(&signer, &request(Network::Ethereum, "b", 5)));
    let variant =
        |sequence| SigningRequest { variant: 1, ..request(Network::Ethereum, "a", sequence) };
    assert!(is_refused(&signer, &variant(6)));
    block_on(signer.sign(&variant(5))).expect("it is the same nonce");
    block_on(signer.sign(&request(Network::Ethereum, "b", 6))).expect("it is the next nonce");
}
