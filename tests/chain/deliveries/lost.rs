//! What was signed and does not come about: it fails in its block, is dropped, is too cheap, or is too
//! old. Signed anew only when what was signed before can never execute.

use std::collections::BTreeSet;

use e2e::{Stage, ethereum_with, eventually, tron, tron_with};
use time::Duration;
use twins::anvil::{Chain, Mining};
use twins::tron::{Endpoint, Fault, FaultKind, Outcome, TronOptions};

use super::is_delivered_once;
use crate::chain::ground::Ground;

const GWEI: u128 = 1_000_000_000;

#[tokio::test]
async fn a_delivery_that_fails_in_its_block_is_signed_anew() {
    let ground = Ground::on(tron().await).await;
    let doom = FaultKind::ExecutionEnds(Outcome::OutOfEnergy);
    ground.coins.tron().add_fault(Fault::once(Endpoint::BroadcastHex, doom));
    let id = ground.buy(10).await;
    is_delivered_once(&ground, &id).await;
    let signed = ground.signatures(&id, "delivery").await;
    let told: Vec<_> = signed.iter().map(|it| (it.generation, it.state.as_str())).collect();
    assert_eq!(told, [(1, "failed"), (2, "done")]);
    let first = ground.coins.tron().oracle();
    let first = first.execution(&signed[0].tx_hash).expect("it is in a block");
    assert_eq!(first.outcome, Outcome::OutOfEnergy);
    ground.end().await;
}

#[tokio::test]
async fn a_delivery_that_a_node_forgot_goes_again_as_it_is() {
    let options = TronOptions { nodes: 2, slot_ms: 20, ..TronOptions::default() };
    let ground = Ground::on(tron_with(options).await).await;
    let forgotten = Fault::once(Endpoint::BroadcastHex, FaultKind::AcceptThenDrop);
    ground.coins.tron().add_fault(forgotten);
    let id = ground.buy(10).await;
    is_delivered_once(&ground, &id).await;
    let signed = ground.signatures(&id, "delivery").await;
    assert!(matches!(signed.as_slice(), [one] if one.sends > 1), "{signed:?}");
    ground.end().await;
}

#[tokio::test]
async fn a_delivery_that_no_block_took_in_time_is_proven_dead_and_signed_anew() {
    let ground = Ground::on(tron().await).await;
    let control = ground.coins.tron();
    control.add_fault(Fault::always(Endpoint::BroadcastHex, FaultKind::AcceptThenDrop));
    let id = ground.buy(10).await;
    ground.rail.reaches(&id, "confirming").await;
    eventually("it went out more than once", async || {
        ground.signatures(&id, "delivery").await.iter().any(|it| it.sends > 1)
    })
    .await;
    assert_eq!(ground.signatures(&id, "delivery").await.len(), 1, "a second one would be a risk");
    // A node that remembers it would say so, and nothing of its age, until our clock knows that.
    control.change_rules(|rules| rules.txid_cache = false);
    let before = control.head().number;
    control.skip_time(Duration::hours(2));
    // The first block after that is still in time for whoever stands on the one before.
    eventually("it is later", async || control.head().number > before + 1).await;
    control.clear_faults();
    is_delivered_once(&ground, &id).await;
    let signed = ground.signatures(&id, "delivery").await;
    let told: Vec<_> = signed.iter().map(|it| (it.generation, it.state.as_str())).collect();
    assert_eq!(told, [(1, "dead"), (2, "done")]);
    assert!(control.oracle().execution(&signed[0].tx_hash).is_none());
    ground.end().await;
}

/// A delivery that waits in the pool of a chain whose blocks come by hand.
async fn pooled() -> (Ground, Chain, String) {
    in_pool(Ground::on(ethereum_with(Mining::Manual).await).await).await
}

async fn in_pool(ground: Ground) -> (Ground, Chain, String) {
    let chain = ground.coins.ethereum();
    let id = ground.buy(10).await;
    eventually("the delivery is in the pool", async || {
        chain.pending().await.is_ok_and(|count| count > 0)
    })
    .await;
    (ground, chain, id)
}

/// Makes blocks until the delivery is final.
async fn mine_until_delivered(ground: &Ground, chain: &Chain, id: &str) {
    eventually("the delivery is final", async || {
        chain.mine(1).await.expect("a block");
        ground.rail.order(id).await["status"] == "completed"
    })
    .await;
    is_delivered_once(ground, id).await;
}

#[tokio::test]
async fn a_delivery_that_is_dropped_from_the_pool_goes_again_as_it_is() {
    let coins = ethereum_with(Mining::Manual).await;
    // It must be missed long before it is thought too cheap, on a busy machine too.
    let stage = Stage::test().set("KIVUKO__TREASURY__SECOND_MS", 50);
    let (ground, chain, id) = in_pool(Ground::staged(stage, coins).await).await;
    let signed = ground.signatures(&id, "delivery").await;
    let dropped = signed[0].tx_hash.parse().expect("a hash");
    assert!(chain.drop_transaction(dropped).await.expect("an answer"));
    eventually("the same bytes are in the pool", async || {
        chain.raw_transaction(dropped).await.is_ok_and(|raw| raw.is_some())
            && chain.pending().await.is_ok_and(|count| count > 0)
    })
    .await;
    mine_until_delivered(&ground, &chain, &id).await;
    let signed = ground.signatures(&id, "delivery").await;
    assert!(signed[0].sends > 1, "{signed:?}");
    ground.end_mining().await;
}

#[tokio::test]
async fn a_delivery_that_is_too_cheap_is_made_dearer_under_its_nonce() {
    let (ground, chain, id) = pooled().await;
    // Nothing that was offered before will do, and the block has room for nobody else.
    chain.set_base_fee(50 * GWEI).await.expect("a fee");
    chain.mine(1).await.expect("a block");
    assert!(ground.coins.transfers().await.is_empty(), "it stays in the pool");
    eventually("a dearer one is signed", async || {
        ground.signatures(&id, "delivery").await.len() > 1
    })
    .await;
    mine_until_delivered(&ground, &chain, &id).await;
    let signed = ground.signatures(&id, "delivery").await;
    assert!(signed.iter().all(|it| it.generation == 1), "{signed:?}");
    let nonces: BTreeSet<_> = signed.iter().map(|it| &it.nonce).collect();
    assert_eq!(nonces.len(), 1, "{signed:?}");
    ground.end_mining().await;
}
