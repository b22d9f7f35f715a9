//! What was seen of blocks that are gone.

use domain::chain::Sighting;
use domain::ports::ChainSource as _;
use twins::anvil::{Replay, Token};

use super::world::{CUSTOMER, DOLLAR, OTHER, World, escrow, somebody};
use crate::support::evm::ESCROW;

/// A deposit in a block of its own with another block on it: what was seen, and its bytes.
async fn paid(world: &World) -> (Sighting, String) {
    let hash = world.deposit(Token::Usdt, ESCROW, DOLLAR).await;
    world.chain.mine(1).await.expect("a node that answers");
    let raw = world
        .chain
        .raw_transaction(hash)
        .await
        .expect("a node that answers")
        .expect("what is there");
    let [sighting] = <[Sighting; 1]>::try_from(world.sightings(2).await).expect("what is there");
    (sighting, raw)
}

#[tokio::test]
async fn a_deposit_that_is_gone_is_not_seen_and_its_block_has_another_name() {
    let world = World::new().await;
    let (before, _) = paid(&world).await;
    world.chain.reorg(2, &[]).await.unwrap();
    assert_eq!(world.sightings(2).await, []);
    let block = world.ethereum.block_at(before.block.height).await.unwrap().unwrap();
    assert_ne!(block.at.hash, before.block.hash);
}

#[tokio::test]
async fn a_deposit_that_moved_keeps_its_identity() {
    let world = World::new().await;
    let (before, raw) = paid(&world).await;
    world.chain.reorg(2, &[Replay { raw, block: 1 }]).await.unwrap();
    let after = world.sightings(2).await;
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].id, before.id);
    assert_eq!(after[0].block.height, before.block.height + 1);
}

#[tokio::test]
async fn a_deposit_that_was_replaced_is_another() {
    let world = World::new().await;
    let nonce = world.chain.nonce(world.chain.accounts()[2]).await.unwrap();
    let (before, _) = paid(&world).await;
    let instead = (escrow(ESCROW + 1), 2 * DOLLAR);
    let raw = world.chain.signed_transfer(Token::Usdt, 2, instead, Some(nonce)).await.unwrap();
    world.chain.reorg(2, &[Replay { raw, block: 0 }]).await.unwrap();
    let after = world.sightings(2).await;
    assert_eq!(after.len(), 1);
    assert_ne!(after[0].id, before.id);
    assert_eq!(after[0].units, "2000000");
}

#[tokio::test]
async fn the_place_in_the_block_changes_and_the_place_in_the_transaction_does_not() {
    let world = World::new().await;
    // Another's transfer comes first in the block, and is gone after the re-org.
    world.chain.set_base_fee(1_000_000_000).await.unwrap();
    world.chain.transfer(Token::Usdt, OTHER, somebody(8), DOLLAR).await.unwrap();
    world.chain.mine(1).await.unwrap();
    let transfers = [(somebody(9), DOLLAR), (escrow(ESCROW), 2 * DOLLAR)];
    let first = world.chain.transfer(Token::Usdt, OTHER, somebody(8), DOLLAR).await.unwrap();
    let hash = world.chain.batch(Token::Usdt, CUSTOMER, &transfers).await.unwrap();
    world.chain.mine(1).await.unwrap();
    let raw = world.chain.raw_transaction(hash).await.unwrap().unwrap();
    let other = world.chain.raw_transaction(first).await.unwrap().unwrap();
    let before = world.sightings(1).await;
    let place_before = place_in_block(&world).await;
    // Whichever came first, the re-org puts them the other way or leaves one out.
    let replays = match place_before {
        1 => vec![Replay { raw: other, block: 0 }, Replay { raw, block: 0 }],
        _ => vec![Replay { raw, block: 0 }],
    };
    world.chain.reorg(1, &replays).await.unwrap();
    assert_ne!(place_in_block(&world).await, place_before, "the test needs it to change");
    let after = world.sightings(1).await;
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_eq!(after[0].id, before[0].id);
    assert_eq!(after[0].id.ordinal, 1);
}

async fn place_in_block(world: &World) -> u64 {
    world.chain.transfers_to(escrow(ESCROW)).await.expect("a node that answers")[0].log_in_block
}

#[tokio::test]
async fn a_chain_that_got_shorter_is_seen_as_it_is() {
    let world = World::new().await;
    paid(&world).await;
    let head = world.head().await;
    world.chain.rollback(2).await.unwrap();
    assert_eq!(world.ethereum.tip().await.unwrap().head, head - 2);
    assert_eq!(world.ethereum.block_at(head).await.unwrap(), None);
    assert!(world.ethereum.scan(head - 1, head, &world.watch).await.is_err());
}
