//! The proof that a signed transaction can never execute: given when it is true and all of it is
//! there, and never for what executed.

use domain::chain::transfer::{Death, Plan, Signed};
use domain::ports::{ChainSender as _, SendHint, SourceError};
use twins::tron::{Endpoint, Fault, FaultKind};

use super::world::{UNIT, World, delivery, stranger, troubles};
use domain::testing::contract::chain_samples::sent_attempt;

/// 600 s of slots.
const LIFE: u64 = 200;
/// 60 s of them.
const MARGIN: u64 = 20;

async fn death(world: &World, plan: &Plan, signed: &Signed) -> Result<Option<Death>, SourceError> {
    world.tron.find_death(plan, &[sent_attempt(signed, 0)]).await
}

async fn unsent() -> (World, Plan, Signed) {
    let world = World::new().await;
    let plan = delivery(&stranger(1).to_string(), UNIT);
    let signed = world.sign(&plan).await;
    (world, plan, signed)
}

#[tokio::test]
async fn death_is_proven_by_block_time_and_not_before() {
    let (world, plan, signed) = unsent().await;
    assert_eq!(death(&world, &plan, &signed).await, Ok(None));
    world.control.produce_empty_blocks(LIFE);
    assert_eq!(death(&world, &plan, &signed).await, Ok(None), "expired, within the margin");
    world.control.produce_empty_blocks(MARGIN - 1);
    assert_eq!(death(&world, &plan, &signed).await, Ok(None));
    world.control.produce_empty_blocks(1);
    let solid_height = world.control.solid().number;
    assert_eq!(death(&world, &plan, &signed).await, Ok(Some(Death::Expired { solid_height })));
    assert_eq!(world.tron.find_death(&plan, &[]).await, Ok(None), "nothing lives, nothing dies");
}

#[tokio::test]
async fn a_head_past_the_time_proves_nothing_while_solid_blocks_stand_still() {
    let (world, plan, signed) = unsent().await;
    world.control.hold_solid(true);
    world.control.produce_empty_blocks(LIFE + MARGIN + 50);
    assert_eq!(death(&world, &plan, &signed).await, Ok(None));
}

#[tokio::test]
async fn every_node_that_counts_must_be_that_far() {
    let (world, plan, signed) = unsent().await;
    world.control.produce_empty_blocks(LIFE + MARGIN + 5);
    world.control.set_lag(1, 10);
    assert_eq!(death(&world, &plan, &signed).await, Ok(None));
    world.control.set_lag(1, 0);
    assert!(matches!(death(&world, &plan, &signed).await, Ok(Some(_))));
    world.control.add_fault(Fault::everywhere(FaultKind::Unavailable).on_node(1));
    assert_eq!(death(&world, &plan, &signed).await, Ok(None), "one node of two is not enough");
    let alone = world.adapter(|config| config.nodes.truncate(1));
    let found = alone.find_death(&plan, &[sent_attempt(&signed, 0)]).await;
    assert!(matches!(found, Ok(Some(Death::Expired { .. }))), "it is enough of one: {found:?}");
}

#[tokio::test]
async fn what_a_node_keeps_to_itself_dies_with_its_time() {
    let (world, plan, signed) = unsent().await;
    world.control.add_fault(Fault::once(Endpoint::BroadcastHex, FaultKind::KeepToItself));
    assert_eq!(world.tron.broadcast(&signed, 0).await, SendHint::Accepted);
    world.control.advance_slots(LIFE + MARGIN);
    assert!(matches!(death(&world, &plan, &signed).await, Ok(Some(_))));
    // A second signature is safe now: whatever becomes of the first.
    let again = world.settle(&plan).await;
    assert!(!matches!(world.tron.broadcast(&signed, 1).await, SendHint::Accepted));
    world.control.solidify();
    assert!(world.control.oracle().transfers_of(&signed.tx_hash).is_empty());
    assert_eq!(world.control.oracle().transfers_of(&again.tx_hash).len(), 1);
}

#[tokio::test]
async fn what_executed_in_its_last_block_is_not_dead() {
    let (world, plan, signed) = unsent().await;
    // The head is 19 blocks above the block that it stands on; the last slot that can hold it.
    world.control.produce_empty_blocks(LIFE - 19 - 2);
    assert_eq!(world.tron.broadcast(&signed, 0).await, SendHint::Accepted);
    let height = world.control.produce_block();
    assert_eq!(world.control.block(height).unwrap().transactions, 1);
    world.control.produce_empty_blocks(MARGIN + 40);
    assert_eq!(death(&world, &plan, &signed).await, Ok(None));
    // Nodes that do not know it, and a whole chain that has it.
    world.fault(Endpoint::GetTransactionInfoById, FaultKind::NotFound);
    assert_eq!(death(&world, &plan, &signed).await, Ok(None));
}

/// Executed, and past its time.
async fn executed() -> (World, Plan, Signed) {
    let (world, plan, signed) = unsent().await;
    assert_eq!(world.tron.broadcast(&signed, 0).await, SendHint::Accepted);
    world.control.produce_block();
    world.control.produce_empty_blocks(LIFE + MARGIN + 5);
    (world, plan, signed)
}

#[tokio::test]
async fn no_trouble_proves_the_death_of_what_executed() {
    let (world, plan, signed) = executed().await;
    let tron = world.adapter(|_| {});
    let endpoints = [
        Some(Endpoint::GetTransactionInfoById),
        Some(Endpoint::GetBlockByLimitNext),
        Some(Endpoint::GetNowBlock),
        None,
    ];
    for endpoint in endpoints {
        for kind in troubles() {
            for blind in [false, true] {
                world.control.clear_faults();
                let fault = Fault { endpoint, ..Fault::everywhere(kind.clone()) };
                world.control.add_fault(fault);
                if blind {
                    // On top of it, no node knows the transaction by its id.
                    world.fault(Endpoint::GetTransactionInfoById, FaultKind::NotFound);
                }
                let found = tron.find_death(&plan, &[sent_attempt(&signed, 0)]).await;
                assert!(!matches!(found, Ok(Some(_))), "{endpoint:?} {kind:?} {blind}");
            }
        }
    }
}

#[tokio::test]
async fn blocks_that_do_not_fit_prove_nothing() {
    let (world, plan, signed) = unsent().await;
    world.control.produce_empty_blocks(LIFE + MARGIN + 5);
    let doubts = [
        FaultKind::MissingBlock,
        FaultKind::WrongBlockId,
        FaultKind::WrongParent,
        FaultKind::NotFound,
        FaultKind::Html { done: true },
    ];
    for kind in doubts {
        world.control.clear_faults();
        world.fault(Endpoint::GetBlockByLimitNext, kind.clone());
        let found = death(&world, &plan, &signed).await;
        assert!(!matches!(found, Ok(Some(_))), "{kind:?}: {found:?}");
    }
    world.control.clear_faults();
    // A chain on which the block that it stands on has another name.
    world.control.break_solid(LIFE + MARGIN + 10);
    world.control.produce_empty_blocks(LIFE);
    let found = death(&world, &plan, &signed).await;
    assert!(matches!(found, Err(SourceError::Contradiction(_))), "{found:?}");
}
