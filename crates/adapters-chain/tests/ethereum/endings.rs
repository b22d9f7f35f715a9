//! Transfers that end otherwise than they were meant.

use domain::chain::transfer::{Death, Fault, Observation, Outcome, Plan, Signed};
use domain::offer::Asset;
use domain::ports::{ChainSender as _, SendHint};
use twins::anvil::{AnvilGate, GateFault, GateFaultKind, Token};

use super::world::{DOLLAR, UNIT, World, adapter, config, receiver, somebody};
use crate::support::evm::HOT;
use domain::testing::contract::chain_samples::sent_attempt;

/// Sends it and makes it final.
async fn ending(world: &World, plan: &Plan, signed: &Signed) -> Outcome {
    assert_eq!(world.ethereum.broadcast(signed, 0).await, SendHint::Accepted);
    world.chain.mine(1).await.expect("a node that answers");
    let early = world.observe(plan, signed).await;
    assert!(matches!(early, Observation::Included(_)), "nothing is said before: {early:?}");
    world.chain.finalize().await.expect("a node that answers");
    match world.observe(plan, signed).await {
        Observation::Final { outcome, fee, .. } => {
            assert!(fee > 0);
            outcome
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_transfer_that_is_undone_is_ours_to_try_again() {
    let world = World::new().await;
    let plan = world.delivery(Asset::Usdt, &receiver(7), UNIT);
    let signed = world.signed(&plan).await;
    world.chain.pause(Token::Usdt, true).await.unwrap();
    world.chain.mine(1).await.unwrap();
    let outcome = ending(&world, &plan, &signed).await;
    assert!(matches!(outcome, Outcome::Failed { fault: Fault::Sender, .. }), "{outcome:?}");
    assert_eq!(world.arrivals(&receiver(7)).await, 0);
}

#[tokio::test]
async fn a_receiver_blacklisted_meanwhile_is_the_receivers_trouble() {
    let world = World::new().await;
    let plan = world.delivery(Asset::Usdc, &receiver(7), UNIT);
    let signed = world.signed(&plan).await;
    world.chain.blacklist(Token::Usdc, somebody(7), true).await.unwrap();
    world.chain.mine(1).await.unwrap();
    let outcome = ending(&world, &plan, &signed).await;
    assert!(matches!(outcome, Outcome::Failed { fault: Fault::Receiver, .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_fee_on_the_way_makes_it_unclear_wherever_its_log_stands() {
    for fee_first in [false, true] {
        let world = World::new().await;
        let plan = world.delivery(Asset::Usdt, &receiver(7), UNIT);
        let signed = world.signed(&plan).await;
        world.chain.set_fee(Token::Usdt, 10, 1_000).await.unwrap();
        world.chain.log_fee_first(Token::Usdt, fee_first).await.unwrap();
        world.chain.mine(1).await.unwrap();
        let outcome = ending(&world, &plan, &signed).await;
        assert!(matches!(outcome, Outcome::Unclear(_)), "{outcome:?}");
    }
}

/// The same bytes held against another plan are not what that one meant.
#[tokio::test]
async fn a_good_receipt_of_something_else_is_unclear() {
    let world = World::new().await;
    let plan = world.delivery(Asset::Usdt, &receiver(7), UNIT);
    let signed = world.sent(&plan).await;
    world.chain.finalize().await.unwrap();
    let others = [
        world.delivery(Asset::Usdt, &receiver(8), UNIT),
        world.delivery(Asset::Usdt, &receiver(7), UNIT + 1),
        world.delivery(Asset::Usdc, &receiver(7), UNIT),
    ];
    for other in others {
        let observation = world.observe(&other, &signed).await;
        let is_unclear =
            matches!(observation, Observation::Final { outcome: Outcome::Unclear(_), .. });
        assert!(is_unclear, "{observation:?}");
    }
}

/// Our key is used elsewhere: the nonce goes to a transaction that is none of ours.
async fn robbed(world: &World) -> (Plan, Signed) {
    let plan = world.delivery(Asset::Usdt, &receiver(7), UNIT);
    let signed = world.signed(&plan).await;
    let elsewhere = (somebody(66), DOLLAR);
    let nonce = Some(signed.sequence);
    let raw = world
        .chain
        .signed_transfer(Token::Usdt, HOT, elsewhere, nonce)
        .await
        .expect("a node that answers");
    world.chain.send_raw(&raw).await.expect("a node that answers");
    world.chain.mine(1).await.expect("a node that answers");
    (plan, signed)
}

#[tokio::test]
async fn a_nonce_that_a_foreign_transaction_took_is_a_death_once_it_is_final() {
    let world = World::new().await;
    let (plan, signed) = robbed(&world).await;
    let late = world.ethereum.broadcast(&signed, 0).await;
    assert!(matches!(late, SendHint::Expired(_)), "{late:?}");
    let living = [sent_attempt(&signed, 0)];
    assert_eq!(world.ethereum.find_death(&plan, &living).await, Ok(None), "not final yet");
    world.chain.finalize().await.unwrap();
    let death = Death::NonceTaken { by: None };
    assert_eq!(world.ethereum.find_death(&plan, &living).await, Ok(Some(death)));
    assert_eq!(world.ethereum.find_death(&plan, &[]).await, Ok(None));
}

#[tokio::test]
async fn every_node_must_agree_on_a_death() {
    let world = World::new().await;
    let (plan, signed) = robbed(&world).await;
    world.chain.finalize().await.unwrap();
    let living = [sent_attempt(&signed, 0)];
    let second = AnvilGate::start(world.chain.url()).await.unwrap();
    let ethereum = adapter(config(&world.chain, &[&world.gate, &second]));
    second.add(GateFault::everywhere(GateFaultKind::Lag(50)));
    assert_eq!(ethereum.find_death(&plan, &living).await.ok().flatten(), None);
    second.clear_faults();
    second.add(GateFault::everywhere(GateFaultKind::Drop { done: false }));
    assert!(ethereum.find_death(&plan, &living).await.is_err());
    second.clear_faults();
    assert!(ethereum.find_death(&plan, &living).await.unwrap().is_some());
}

/// A node without the receipt of what it has in a block buries nobody.
#[tokio::test]
async fn a_lost_receipt_is_no_death() {
    let world = World::new().await;
    let plan = world.delivery(Asset::Usdt, &receiver(7), UNIT);
    let signed = world.sent(&plan).await;
    world.chain.finalize().await.unwrap();
    let lost = GateFaultKind::Answer(serde_json::Value::Null);
    world.gate.add(GateFault::always("eth_getTransactionReceipt", lost));
    let living = [sent_attempt(&signed, 0)];
    assert_eq!(world.ethereum.find_death(&plan, &living).await, Ok(None));
    assert_eq!(world.observe(&plan, &signed).await, Observation::Pending);
}

/// A node that lags never says that what is final is not.
#[tokio::test]
async fn nothing_is_concluded_from_a_node_that_is_behind_or_fails() {
    let world = World::new().await;
    let plan = world.delivery(Asset::Usdt, &receiver(7), UNIT);
    let signed = world.sent(&plan).await;
    world.chain.finalize().await.unwrap();
    world.gate.add(GateFault::everywhere(GateFaultKind::Lag(5)));
    let behind = world.observe(&plan, &signed).await;
    assert!(matches!(behind, Observation::Included(_)), "{behind:?}");
    world.gate.clear_faults();
    for kind in [GateFaultKind::Drop { done: false }, GateFaultKind::Html] {
        world.gate.add(GateFault::everywhere(kind));
        assert!(world.ethereum.observe(&plan, &signed.tx_hash).await.is_err());
        world.gate.clear_faults();
    }
    let observation = world.observe(&plan, &signed).await;
    assert!(matches!(observation, Observation::Final { outcome: Outcome::Done, .. }));
}
