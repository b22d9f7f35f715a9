//! What was seen of blocks that are not solid yet, and are gone.

use domain::chain::Sighting;
use domain::ports::{ChainSource as _, SourceError};
use twins::tron::{Endpoint, Fault, FaultKind};

use super::world::{UNIT, World, stranger, troubles, watch};
use crate::support::slots::{at, escrow};

/// What the highest blocks brought.
async fn sightings(world: &World, blocks: u64) -> Vec<Sighting> {
    let tip = world.tron.tip().await.expect("a node that answers");
    let from = tip.head + 1 - blocks;
    let scan = world.tron.scan(from, tip.head, &watch()).await.expect("a node that answers");
    scan.sightings
}

/// A deposit in a block of its own with another block on it: what was seen, and its name.
async fn paid(world: &World) -> (Sighting, String) {
    world.tron.tip().await.expect("a node that answers");
    let txid = world.deposit(&escrow(1), UNIT);
    world.control.advance_slots(2);
    let [sighting] = <[Sighting; 1]>::try_from(sightings(world, 2).await).expect("what is there");
    assert_eq!(sighting.id.tx_hash, txid);
    (sighting, txid)
}

#[tokio::test]
async fn a_deposit_is_seen_in_the_block_that_includes_it_and_asked_for_no_more_than_once() {
    let world = World::with(1, |_| {}).await;
    world.tron.tip().await.unwrap();
    let txid = world.deposit(&escrow(1), UNIT);
    let height = world.control.produce_block();
    let asked = |endpoint| world.control.requests(endpoint);
    let before = [Endpoint::GetBlockByLimitNext, Endpoint::GetTransactionInfoByBlockNum].map(asked);
    let tip = world.tron.tip().await.unwrap();
    assert_eq!(tip.head, height);
    assert!(tip.finality.at.height < height);
    let scan = world.tron.scan(height, height, &watch()).await.unwrap();
    assert_eq!(scan.sightings[0].id.tx_hash, txid);
    let after = [Endpoint::GetBlockByLimitNext, Endpoint::GetTransactionInfoByBlockNum].map(asked);
    assert_eq!([after[0] - before[0], after[1] - before[1]], [1, 1], "one question of each kind");
}

#[tokio::test]
async fn a_deposit_that_is_gone_is_not_seen_and_its_block_has_another_name() {
    let world = World::new().await;
    let (before, _) = paid(&world).await;
    assert_eq!(world.control.reorg(2, &[]), 2);
    assert_eq!(sightings(&world, 2).await, []);
    let block = world.tron.block_at(before.block.height).await.unwrap().unwrap();
    assert_ne!(block.at.hash, before.block.hash);
}

#[tokio::test]
async fn a_deposit_that_moved_keeps_its_identity() {
    let world = World::new().await;
    let (before, txid) = paid(&world).await;
    world.control.reorg(2, &[(&txid, 1)]);
    let after = sightings(&world, 2).await;
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].id, before.id);
    assert_eq!(after[0].block.height, before.block.height + 1);
    assert!(after[0].block_time > before.block_time);
}

#[tokio::test]
async fn a_deposit_that_fails_on_the_other_branch_is_not_seen() {
    let world = World::new().await;
    world.tron.tip().await.unwrap();
    // It has the coin for one of the two, whichever comes first.
    world.control.fund_token(world.usdt(), stranger(4), UNIT.into());
    let deposit = world.control.transfer(stranger(4), at(&escrow(1)), UNIT.into());
    let elsewhere = world.control.transfer(stranger(4), stranger(5), UNIT.into());
    world.control.produce_block();
    assert_eq!(sightings(&world, 1).await.len(), 1);
    world.control.reorg(1, &[(&elsewhere, 0), (&deposit, 0)]);
    assert_eq!(sightings(&world, 1).await, [], "it is in the block, and moved nothing");
    assert!(world.control.oracle().execution(&deposit).is_some());
}

#[tokio::test]
async fn the_place_in_the_block_changes_and_the_place_in_the_transaction_does_not() {
    let world = World::new().await;
    world.tron.tip().await.unwrap();
    world.control.fund_token(world.usdt(), stranger(4), u128::from(9 * UNIT));
    let payees = [(stranger(5), 6), (at(&escrow(2)), 5)];
    let batch = world.control.transfer_batch(world.usdt(), stranger(4), &payees);
    let other = world.deposit(&stranger(7).to_string(), UNIT);
    world.control.produce_block();
    let before = sightings(&world, 1).await;
    world.control.reorg(1, &[(&other, 0), (&batch, 0)]);
    let after = sightings(&world, 1).await;
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_eq!((&after[0].id, after[0].id.ordinal), (&before[0].id, 1));
    assert_ne!(after[0].block, before[0].block);
}

#[tokio::test]
async fn a_chain_that_got_shorter_is_seen_as_it_is() {
    let world = World::new().await;
    paid(&world).await;
    let head = world.control.head().number;
    world.control.fork(2);
    assert_eq!(world.tron.tip().await.unwrap().head, head - 2);
    assert_eq!(world.tron.block_at(head).await.unwrap(), None);
    assert!(world.tron.scan(head - 1, head, &watch()).await.is_err());
}

#[tokio::test]
async fn what_is_solid_is_read_from_the_solid_state_and_the_rest_from_the_head() {
    let world = World::new().await;
    let (solid, head) = (world.control.solid().number, world.control.head().number);
    world.tron.tip().await.unwrap();
    // The node's head is on a branch of its own: its word counts for nothing that is solid.
    let strange = FaultKind::WrongParent;
    let fault = Fault::always(Endpoint::GetBlockByLimitNext, strange).on_solidity(false);
    world.control.add_fault(fault);
    let scan = world.tron.scan(solid - 3, solid, &watch()).await.unwrap();
    assert_eq!(scan.blocks.last().unwrap().at.hash, world.control.solid().id);
    assert!(world.tron.scan(solid - 3, head, &watch()).await.is_err());
    world.control.clear_faults();
    let scan = world.tron.scan(solid - 3, head, &watch()).await.unwrap();
    assert_eq!(scan.blocks.last().unwrap().at.hash, world.control.head().id);
}

/// At the head a node may leave out as much as anywhere: what it leaves out is an error.
#[tokio::test]
async fn trouble_at_the_head_is_an_error_and_never_less() {
    let world = World::new().await;
    paid(&world).await;
    let head = world.control.head().number;
    for endpoint in [Endpoint::GetBlockByLimitNext, Endpoint::GetTransactionInfoByBlockNum] {
        for kind in troubles() {
            world.control.clear_faults();
            let fault = Fault::always(endpoint, kind.clone()).on_solidity(false);
            world.control.add_fault(fault);
            match world.tron.scan(head - 1, head, &watch()).await {
                Ok(scan) => assert_eq!(scan.sightings.len(), 1, "{endpoint:?} {kind:?}"),
                Err(SourceError::Away(_) | SourceError::Contradiction(_)) => {}
                Err(why) => panic!("{why}"),
            }
        }
    }
}
