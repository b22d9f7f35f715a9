//! Deposits: none is lost, whatever nodes do, and none is made up.

use domain::address::Network;
use domain::chain::Cursor;
use domain::offer::Asset;
use domain::ports::{ChainSource as _, SourceError};
use time::OffsetDateTime;
use twins::tron::{Endpoint, Fault, FaultKind};

use super::world::{UNIT, World, places, stranger, troubles, watch};
use crate::support::slots::{at, escrow};

/// A chain with deposits of every kind, solid.
async fn history(nodes: usize) -> World {
    let world = World::with(nodes, |_| {}).await;
    let control = &world.control;
    let fake = control.deploy_token("USDT");
    control.fund_token(fake, stranger(3), 1_000);
    control.fund_token(world.usdt(), stranger(4), u128::from(100 * UNIT));
    world.deposit(&escrow(1), UNIT);
    control.produce_block();
    // Ours twice, a stranger between, and nothing at all.
    let payees = [(at(&escrow(2)), 5), (stranger(5), 6), (at(&escrow(2)), 5), (at(&escrow(3)), 0)];
    control.transfer_batch(world.usdt(), stranger(4), &payees);
    control.transfer_of(fake, stranger(3), at(&escrow(1)), 900);
    // More than it has: its failure is in the block, and moves nothing.
    control.transfer(stranger(6), at(&escrow(1)), 1);
    control.transfer_trx(stranger(4), at(&escrow(1)), 1_000_000);
    world.deposit(&stranger(7).to_string(), UNIT);
    control.produce_block();
    control.produce_empty_blocks(3);
    world.deposit(&escrow(4), 3);
    control.solidify();
    world
}

#[tokio::test]
async fn every_transfer_to_us_is_seen_once_and_in_order() {
    let world = history(1).await;
    let scan = world.scan(&world.tron).await.unwrap();
    assert_eq!(places(&scan.sightings), world.truth());
    assert_eq!(scan.sightings.len(), 7);
    let [first, batch, again, nothing, fake, own, last] = scan.sightings.as_slice() else {
        panic!("seven sightings");
    };
    assert!(own.is_native(), "the chain's own coin: {own:?}");
    assert_eq!((own.asset, own.amount, own.units.as_str()), (None, None, "1000000"));
    assert_eq!((first.asset, first.amount.unwrap().minor()), (Some(Asset::Usdt), 100_000_000));
    assert_eq!((batch.id.ordinal, again.id.ordinal, nothing.id.ordinal), (0, 2, 3));
    assert_eq!(batch.id.tx_hash, again.id.tx_hash);
    assert_eq!((nothing.units.as_str(), nothing.amount.unwrap().minor()), ("0", 0));
    assert_eq!((fake.asset, fake.amount, fake.units.as_str()), (None, None, "900"));
    let block = world.control.block(last.block.height).unwrap();
    assert_eq!(last.block.hash, block.id);
    let millis = last.block_time.unix_timestamp_nanos() / 1_000_000;
    assert_eq!(millis, i128::from(block.time_ms));
}

#[tokio::test]
async fn a_scan_continues_the_cursor_whatever_its_batches() {
    let world = history(1).await;
    let first = world.tron.block_at(1).await.unwrap().unwrap();
    let cursor = Cursor::starting_at(Network::Tron, &first, OffsetDateTime::UNIX_EPOCH);
    let solid = world.control.solid().number;
    for batch in [1, 3, 7, 100] {
        let tron = world.adapter(|config| config.batch = batch);
        let scan = tron.scan(2, solid, &watch()).await.unwrap();
        assert_eq!(cursor.check(&scan), Ok(()));
        assert_eq!(places(&scan.sightings), world.truth(), "{batch}");
        assert_eq!(scan.blocks.last().unwrap().at.hash, world.control.solid().id);
    }
}

#[tokio::test]
async fn whose_addresses_they_are_is_asked_once() {
    let world = history(1).await;
    let watch_list = watch();
    world.tron.scan(1, world.control.solid().number, &watch_list).await.unwrap();
    let asked = watch_list.asked.lock().unwrap().clone();
    let [mut once] = <[Vec<String>; 1]>::try_from(asked).unwrap();
    let count = once.len();
    once.sort();
    once.dedup();
    assert_eq!((count, once.len()), (6, 6), "each address once, strangers' too");
    let watch_list = watch();
    world.tron.scan(1, 20, &watch_list).await.unwrap();
    assert!(watch_list.asked.lock().unwrap().is_empty(), "nothing moved there");
}

#[tokio::test]
async fn no_trouble_of_one_node_loses_a_deposit() {
    let world = history(2).await;
    let truth = world.truth();
    let tron = world.adapter(|_| {});
    for endpoint in [Endpoint::GetBlockByLimitNext, Endpoint::GetTransactionInfoByBlockNum] {
        // Who answered last is asked first: that is one of the two.
        for (kind, node) in troubles().into_iter().flat_map(|kind| [(kind.clone(), 0), (kind, 1)]) {
            world.control.clear_faults();
            world.control.add_fault(Fault::always(endpoint, kind.clone()).on_node(node));
            let scan = world.scan(&tron).await;
            let seen = scan.map(|scan| places(&scan.sightings));
            assert_eq!(seen.as_ref(), Ok(&truth), "{endpoint:?} {kind:?}");
        }
    }
}

#[tokio::test]
async fn a_node_that_never_answers_loses_nothing() {
    let world = history(2).await;
    let tron = world.adapter(|config| config.timeouts.answer = 3_000);
    let silence = Fault::once(Endpoint::GetBlockByLimitNext, FaultKind::Hang { done: false });
    world.control.add_fault(silence);
    let scan = world.scan(&tron).await.unwrap();
    assert_eq!(places(&scan.sightings), world.truth());
}

#[tokio::test]
async fn a_chain_that_grows_while_a_head_is_told_does_not_contradict_itself() {
    let world = history(1).await;
    let slow = FaultKind::Delay(std::time::Duration::from_millis(500));
    world.control.add_fault(Fault::once(Endpoint::GetNowBlock, slow).on_solidity(false));
    let grows = async {
        while world.control.strikes().iter().all(|(_, count)| *count == 0) {
            tokio::task::yield_now().await;
        }
        world.control.produce_empty_blocks(60);
    };
    let (tip, ()) = tokio::join!(world.tron.tip(), grows);
    let tip = tip.expect("an honest node, however slow");
    assert!(tip.finality.at.height <= tip.head);
}

/// The faults that are no trouble for the question asked.
fn is_harmless(endpoint: Endpoint, kind: &FaultKind) -> bool {
    use FaultKind as F;
    match kind {
        F::EmptyInfos | F::MissingInfo | F::ForeignInfo => {
            endpoint == Endpoint::GetBlockByLimitNext
        }
        F::MissingBlock | F::WrongBlockId | F::WrongParent | F::MissingTransaction => {
            endpoint == Endpoint::GetTransactionInfoByBlockNum
        }
        _ => false,
    }
}

#[tokio::test]
async fn trouble_of_all_nodes_is_an_error_and_never_less() {
    let world = history(2).await;
    let truth = world.truth();
    let solid = world.control.solid().number;
    let tron = world.adapter(|_| {});
    tron.tip().await.unwrap();
    for endpoint in [Endpoint::GetBlockByLimitNext, Endpoint::GetTransactionInfoByBlockNum] {
        for kind in troubles() {
            world.control.clear_faults();
            world.control.add_fault(Fault::always(endpoint, kind.clone()));
            // The last block has the last deposit.
            let to = truth.last().unwrap().height;
            assert_eq!(to, solid);
            match tron.scan(1, to, &watch()).await {
                Ok(scan) => {
                    assert!(is_harmless(endpoint, &kind), "{endpoint:?} {kind:?}");
                    assert_eq!(places(&scan.sightings), truth, "{endpoint:?} {kind:?}");
                }
                Err(SourceError::Away(_) | SourceError::Contradiction(_)) => {
                    assert!(!is_harmless(endpoint, &kind), "{endpoint:?} {kind:?}");
                }
                Err(why) => panic!("{why}"),
            }
        }
    }
}

#[tokio::test]
async fn what_is_above_the_head_is_an_error_and_not_nothing() {
    let world = World::new().await;
    let height = world.control.head().number;
    let ahead = world.tron.scan(height, height + 1, &watch()).await;
    assert!(matches!(ahead, Err(SourceError::Away(_))));
    assert!(world.tron.scan(5, 4, &watch()).await.is_err());
}

#[tokio::test]
async fn amounts_are_those_of_the_log() {
    let world = World::new().await;
    world.control.set_fee_bps(world.usdt(), 10);
    world.deposit(&escrow(1), 10_000);
    world.control.solidify();
    let scan = world.scan(&world.tron).await.unwrap();
    assert_eq!(scan.sightings[0].units, "9990");
    assert_eq!(places(&scan.sightings), world.truth());
}

#[tokio::test]
async fn numbers_that_are_no_amounts_are_kept_as_digits() {
    let world = World::new().await;
    let fake = world.control.deploy_token("HUGE");
    world.control.fund_token(fake, stranger(1), u128::MAX);
    world.control.transfer_of(fake, stranger(1), at(&escrow(1)), u128::MAX);
    let most = u128::from(u64::MAX) + 1;
    world.control.fund_token(world.usdt(), stranger(1), most);
    world.control.transfer(stranger(1), at(&escrow(1)), most);
    world.control.solidify();
    let scan = world.scan(&world.tron).await.unwrap();
    assert_eq!(places(&scan.sightings), world.truth());
    let amounts: Vec<_> = scan.sightings.iter().map(|one| one.amount).collect();
    assert_eq!(amounts, [None, None]);
    assert_eq!(scan.sightings[0].units, u128::MAX.to_string());
}
