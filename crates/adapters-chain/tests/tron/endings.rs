//! Ends of transactions: what is proven, and what is not believed.

use domain::chain::Value;
use domain::chain::transfer::{Fault as Blame, Observation, Outcome, Plan, Purpose, Wallet};
use domain::ports::{ChainSender as _, SourceError};
use twins::tron::{Endpoint, Fault, FaultKind, Outcome as End};

use super::world::{TRX, UNIT, World, coin, delivery, plan, stranger, troubles};
use crate::support::slots::{escrow, hot};

async fn outcome(world: &World, plan: &Plan, tx_hash: &str) -> Outcome {
    match world.tron.observe(plan, tx_hash).await {
        Ok(Observation::Final { outcome, .. }) => outcome,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_failed_receipt_is_the_senders_trouble() {
    for (end, word) in [(End::Revert, "REVERT"), (End::OutOfEnergy, "OUT_OF_ENERGY")] {
        let world = World::new().await;
        world.fault(Endpoint::BroadcastHex, FaultKind::ExecutionEnds(end));
        let plan = delivery(&stranger(1).to_string(), UNIT);
        let signed = world.settle(&plan).await;
        let Outcome::Failed { fault, detail } = outcome(&world, &plan, &signed.tx_hash).await
        else {
            panic!("failed");
        };
        assert_eq!(fault, Blame::Sender);
        assert!(detail.starts_with(word), "{detail}");
    }
}

#[tokio::test]
async fn a_failure_is_final_when_a_second_node_tells_of_it() {
    let world = World::new().await;
    world.fault(Endpoint::BroadcastHex, FaultKind::ExecutionEnds(End::Revert));
    let plan = delivery(&stranger(1).to_string(), UNIT);
    let signed = world.settle(&plan).await;
    let look = || world.tron.observe(&plan, &signed.tx_hash);
    let unknown = Fault::always(Endpoint::GetTransactionInfoById, FaultKind::NotFound);
    world.control.add_fault(unknown.on_node(1));
    assert!(matches!(look().await, Ok(Observation::Included(_))));
    world.control.clear_faults();
    assert!(matches!(look().await, Ok(Observation::Final { .. })));
}

#[tokio::test]
async fn a_fee_taken_by_the_token_is_for_a_person_to_see() {
    let world = World::new().await;
    world.control.set_fee_bps(world.usdt(), 10);
    let plan = delivery(&stranger(1).to_string(), UNIT);
    let signed = world.settle(&plan).await;
    let end = outcome(&world, &plan, &signed.tx_hash).await;
    assert!(matches!(end, Outcome::Unclear(_)), "{end:?}");
}

#[tokio::test]
async fn another_transfer_than_the_plans_is_unclear() {
    let world = World::new().await;
    let plan = delivery(&stranger(1).to_string(), UNIT);
    let signed = world.settle(&plan).await;
    assert_eq!(outcome(&world, &plan, &signed.tx_hash).await, Outcome::Done);
    let others = [
        Plan { to: stranger(2).to_string(), ..plan.clone() },
        Plan { value: coin(UNIT + 1), ..plan.clone() },
        Plan { wallet: Wallet::Escrow(1), from: escrow(1), ..plan.clone() },
    ];
    for other in others {
        let end = outcome(&world, &other, &signed.tx_hash).await;
        assert!(matches!(end, Outcome::Unclear(_)), "{end:?}");
    }
}

#[tokio::test]
async fn trx_is_read_off_the_transaction_itself() {
    let world = World::new().await;
    let native = |units| plan(Purpose::Gas, Wallet::Hot, &escrow(1), Value::Native { units });
    let gas = native(5 * TRX);
    let signed = world.settle(&gas).await;
    let seen = world.tron.observe(&gas, &signed.tx_hash).await.unwrap();
    let Observation::Final { outcome: Outcome::Done, fee, .. } = seen else { panic!("{seen:?}") };
    assert_eq!(fee, 1_100_000, "the activation of the receiver");
    let other = outcome(&world, &native(5 * TRX + 1), &signed.tx_hash).await;
    assert!(matches!(other, Outcome::Unclear(_)));
    let sweep = plan(Purpose::Sweep, Wallet::Escrow(1), &hot(), Value::Native { units: TRX });
    let signed = world.settle(&sweep).await;
    assert_eq!(outcome(&world, &sweep, &signed.tx_hash).await, Outcome::Done);
    world.fault(Endpoint::GetTransactionById, FaultKind::NotFound);
    let blind = world.tron.observe(&sweep, &signed.tx_hash).await;
    assert!(matches!(blind, Err(SourceError::Contradiction(_))), "{blind:?}");
}

#[tokio::test]
async fn no_trouble_makes_an_end_of_what_has_none() {
    let world = World::new().await;
    let tron = world.adapter(|_| {});
    let plan = delivery(&stranger(1).to_string(), UNIT);
    let signed = world.sign(&plan).await;
    tron.broadcast(&signed, 0).await;
    // In a block that is not solid: final is what no node may say.
    world.control.produce_block();
    for kind in troubles() {
        world.control.clear_faults();
        world.control.add_fault(Fault::everywhere(kind.clone()));
        match tron.observe(&plan, &signed.tx_hash).await {
            Ok(Observation::Unseen | Observation::Pending) | Err(_) => {}
            other => panic!("{kind:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_end_is_told_right_or_not_at_all() {
    let world = World::new().await;
    let tron = world.adapter(|_| {});
    let plan = delivery(&stranger(1).to_string(), UNIT);
    let signed = world.settle(&plan).await;
    let endpoints = [
        Endpoint::GetTransactionInfoById,
        Endpoint::GetBlockByLimitNext,
        Endpoint::GetTransactionById,
    ];
    for endpoint in endpoints {
        for kind in troubles() {
            for node in [Some(0), None] {
                world.control.clear_faults();
                let fault = Fault { node, ..Fault::always(endpoint, kind.clone()) };
                world.control.add_fault(fault);
                let seen = tron.observe(&plan, &signed.tx_hash).await;
                match &seen {
                    Ok(Observation::Final { outcome: Outcome::Done, .. }) => {}
                    Ok(Observation::Unseen | Observation::Pending) | Err(_) => {
                        assert_eq!(node, None, "the other node knows: {endpoint:?} {kind:?}");
                    }
                    Ok(other) => panic!("{endpoint:?} {kind:?}: {other:?}"),
                }
            }
        }
    }
}
