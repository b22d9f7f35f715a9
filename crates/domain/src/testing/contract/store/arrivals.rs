//! What arrives at escrow addresses: each transfer once, wherever the chain puts it, and what is final
//! stays.

use super::stage::{WORKS, commit, place_sample, seed};
use crate::address::Network::{Ethereum, Tron};
use crate::chain::arrival::Return;
use crate::chain::{Arrival, Sighting};
use crate::order::DepositStage::{self, Final, Orphaned, Reverted, Seen};
use crate::order::{DepositId, Order};
use crate::ports::{ArrivalPage, ArrivalPlace, ArrivalStart, Page, Store, StoreError};
use crate::testing::contract::chain_samples::{after, block, sighting};
use crate::testing::samples::{self, NOW, crypto};

/// The largest number that a contract can emit.
const MOST: &str = "115792089237316195423570985008687907853269984665640564039457584007913129639935";

async fn order(store: &dyn Store) -> Order {
    seed(store).await;
    place_sample(store, &samples::place_sell(), 1).await
}

async fn note(store: &dyn Store, sightings: &[Sighting], finality: u64) -> u64 {
    commit(store, async |uow| {
        uow.note_sightings(Tron, sightings, finality, NOW).await.expect(WORKS)
    })
    .await
}

async fn unmake(store: &dyn Store, height: u64) -> u64 {
    commit(store, async |uow| uow.unmake_arrivals_above(Tron, height).await.expect(WORKS)).await
}

async fn finalise(store: &dyn Store, finality: u64) -> u64 {
    commit(store, async |uow| uow.finalise_arrivals(Tron, finality).await.expect(WORKS)).await
}

async fn stored(store: &dyn Store, id: &DepositId) -> Option<Arrival> {
    commit(store, async |uow| uow.lock_arrival(id).await.expect(WORKS)).await
}

async fn stage(store: &dyn Store, id: &DepositId) -> DepositStage {
    stored(store, id).await.expect("it was noted").stage
}

/// Tells what is untold; answers what that was.
async fn tell(store: &dyn Store) -> Vec<(DepositId, DepositStage)> {
    let mut told = Vec::new();
    for (order, id) in store.untold_arrivals(Tron, NOW, 100).await.expect(WORKS) {
        let arrival = stored(store, &id).await.expect("it was listed");
        assert_eq!(arrival.order_id, order);
        commit(store, async |uow| uow.settle_arrival(&arrival).await.expect(WORKS)).await;
        told.push((id, arrival.stage));
    }
    told
}

/// `seen` in the block at another height of another chain.
fn mined_again(seen: &Sighting, height: u64) -> Sighting {
    let block = block(height, 1);
    Sighting { block: block.at, block_time: block.time, ..seen.clone() }
}

pub async fn a_sighting_comes_back_as_an_arrival(store: &dyn Store) {
    let order = order(store).await;
    let deposit = sighting(&order, "tx-1", 5, crypto("1.5"));
    let stranger = Sighting {
        id: DepositId { ordinal: 7, ..deposit.id.clone() },
        asset: None,
        amount: None,
        units: MOST.to_owned(),
        ..deposit.clone()
    };
    let huge = "1".to_owned() + &"0".repeat(60);
    let unreadable =
        Sighting { units: huge, amount: None, ..sighting(&order, "tx-2", 6, crypto("1")) };
    let all = [deposit, stranger, unreadable];
    assert_eq!(note(store, &all, 5).await, 3);
    let arrivals = store.arrivals_of(&order).await.expect(WORKS);
    let stages = [Final, Final, Seen];
    let expected = all.into_iter().zip(stages).map(|(sighting, stage)| Arrival {
        sighting,
        order_id: order.id,
        stage,
        told: None,
        detected_at: NOW,
        troubles: 0,
        returned: None,
    });
    assert_eq!(arrivals, expected.collect::<Vec<_>>());
    assert_eq!(stored(store, &arrivals[0].sighting.id).await.as_ref(), arrivals.first());
}

pub async fn sightings_to_nobody_are_left_out(store: &dyn Store) {
    let order = order(store).await;
    let deposit = sighting(&order, "tx-1", 5, crypto("1"));
    let nobodys = Sighting { to: "T-nobody".into(), ..sighting(&order, "tx-2", 5, crypto("1")) };
    assert_eq!(note(store, &[nobodys.clone(), deposit], 0).await, 1);
    assert_eq!(note(store, &[], 0).await, 0);
    assert_eq!(stored(store, &nobodys.id).await, None);
    let other = place_sample(store, &samples::place_sell(), 2).await;
    assert_eq!(store.arrivals_of(&other).await.expect(WORKS), []);
}

pub async fn the_same_sighting_is_stored_once(store: &dyn Store) {
    let order = order(store).await;
    let deposit = sighting(&order, "tx-1", 5, crypto("1"));
    let twice = [deposit.clone(), deposit.clone()];
    assert_eq!(note(store, &twice, 0).await, 1);
    assert_eq!(note(store, &twice, 0).await, 0);
    let second = Sighting { id: DepositId { ordinal: 1, ..deposit.id.clone() }, ..deposit.clone() };
    assert_eq!(note(store, &[deposit, second], 0).await, 1, "another of the same transaction");
    assert_eq!(store.arrivals_of(&order).await.expect(WORKS).len(), 2);
}

pub async fn how_far_a_return_has_come_never_goes_back(store: &dyn Store) {
    let order = order(store).await;
    let deposit = sighting(&order, "tx-1", 5, crypto("1"));
    note(store, std::slice::from_ref(&deposit), 5).await;
    for (mark, expected) in [
        (Return::Asked, Return::Asked),
        (Return::Done, Return::Done),
        (Return::Asked, Return::Done),
    ] {
        commit(store, async |uow| uow.mark_return(&deposit.id, mark).await.expect(WORKS)).await;
        let known = stored(store, &deposit.id).await.expect("it is there");
        assert_eq!(known.returned, Some(expected));
    }
}

pub async fn pages_of_arrivals_go_on_where_the_last_one_ended(store: &dyn Store) {
    let order = order(store).await;
    let places = [("tx-b", 5, 0), ("tx-a", 5, 0), ("tx-a", 5, 1), ("tx-c", 6, 0), ("tx-a", 9, 2)];
    let all = places.map(|(hash, height, ordinal)| {
        let deposit = sighting(&order, hash, height, crypto("1"));
        Sighting { id: DepositId { ordinal, ..deposit.id.clone() }, ..deposit }
    });
    note(store, &all, 0).await;
    let whole = store.arrivals_of(&order).await.expect(WORKS);
    let page = async |start| {
        let page = store.list_arrivals(&order, &ArrivalPage { start, size: 2 }).await;
        page.expect(WORKS)
    };
    let (mut walked, mut start) = (vec![], ArrivalStart::Offset(0));
    loop {
        let Page { rows, has_more } = page(start).await;
        walked.extend(rows);
        let Some(last) = walked.last().filter(|_| has_more) else { break };
        start = ArrivalStart::After(ArrivalPlace::of(last));
    }
    assert_eq!(walked, whole);
    assert_eq!(page(ArrivalStart::Offset(3)).await.rows, whole[3..]);
    assert_eq!(page(ArrivalStart::Offset(5)).await.rows, []);
}

pub async fn an_uncommitted_sighting_was_not_seen(store: &dyn Store) {
    let order = order(store).await;
    let mut uow = store.begin().await.expect(WORKS);
    let deposit = sighting(&order, "tx-1", 5, crypto("1"));
    assert_eq!(uow.note_sightings(Tron, &[deposit], 0, NOW).await.expect(WORKS), 1);
    uow.rollback().await.expect(WORKS);
    assert_eq!(store.arrivals_of(&order).await.expect(WORKS), []);
}

pub async fn a_seen_arrival_moves_with_the_chain(store: &dyn Store) {
    let order = order(store).await;
    let deposit = sighting(&order, "tx-1", 5, crypto("1"));
    note(store, std::slice::from_ref(&deposit), 0).await;
    let again = mined_again(&deposit, 6);
    assert_eq!(note(store, std::slice::from_ref(&again), 0).await, 1);
    let arrival = stored(store, &deposit.id).await.expect("it was noted");
    assert_eq!((arrival.sighting, arrival.stage), (again.clone(), Seen));
    assert_eq!(note(store, std::slice::from_ref(&again), 6).await, 1, "it is final now");
    assert_eq!(stage(store, &deposit.id).await, Final);
}

pub async fn a_final_arrival_stays_where_it_is(store: &dyn Store) {
    let order = order(store).await;
    let deposit = sighting(&order, "tx-1", 5, crypto("1"));
    note(store, std::slice::from_ref(&deposit), 5).await;
    assert_eq!(note(store, &[mined_again(&deposit, 6)], 0).await, 0);
    assert_eq!(finalise(store, 9).await, 0);
    let arrival = stored(store, &deposit.id).await.expect("it was noted");
    assert_eq!((arrival.sighting, arrival.stage), (deposit, Final));
}

pub async fn what_is_not_above_finality_becomes_final(store: &dyn Store) {
    let order = order(store).await;
    let [low, high] =
        [("tx-1", 5), ("tx-2", 6)].map(|(tx, at)| sighting(&order, tx, at, crypto("1")));
    note(store, &[low.clone(), high.clone()], 4).await;
    assert_eq!(finalise(store, 4).await, 0);
    assert_eq!(finalise(store, 5).await, 1);
    assert_eq!((stage(store, &low.id).await, stage(store, &high.id).await), (Final, Seen));
    let elsewhere = commit(store, async |uow| uow.finalise_arrivals(Ethereum, 9).await).await;
    assert_eq!(elsewhere.expect(WORKS), 0, "another network's finality");
}

pub async fn what_a_reorg_takes_is_orphaned_or_reverted(store: &dyn Store) {
    let order = order(store).await;
    let [low, deep, high] = [("tx-1", 4), ("tx-2", 5), ("tx-3", 6)]
        .map(|(tx, at)| sighting(&order, tx, at, crypto("1")));
    note(store, &[low.clone(), deep.clone(), high.clone()], 5).await;
    let elsewhere = commit(store, async |uow| uow.unmake_arrivals_above(Ethereum, 0).await).await;
    assert_eq!(elsewhere.expect(WORKS), 0, "another network's re-org");
    assert_eq!(unmake(store, 4).await, 2);
    assert_eq!(unmake(store, 4).await, 0, "gone is gone");
    assert_eq!(stage(store, &low.id).await, Final);
    assert_eq!(stage(store, &deep.id).await, Reverted);
    assert_eq!(stage(store, &high.id).await, Orphaned);
    assert_eq!(finalise(store, 9).await, 0, "what is gone does not become final");
}

pub async fn what_a_reorg_took_can_come_back(store: &dyn Store) {
    let order = order(store).await;
    let [deep, high] =
        [("tx-1", 5), ("tx-2", 6)].map(|(tx, at)| sighting(&order, tx, at, crypto("1")));
    note(store, &[deep.clone(), high.clone()], 5).await;
    unmake(store, 4).await;
    assert_eq!(note(store, &[mined_again(&deep, 7), high.clone()], 5).await, 2);
    assert_eq!((stage(store, &deep.id).await, stage(store, &high.id).await), (Seen, Seen));
    assert_eq!(finalise(store, 7).await, 2);
    unmake(store, 4).await;
    assert_eq!(note(store, &[mined_again(&deep, 7)], 7).await, 1);
    assert_eq!((stage(store, &deep.id).await, stage(store, &high.id).await), (Final, Reverted));
}

pub async fn each_stage_is_told_once(store: &dyn Store) {
    let order = order(store).await;
    let deposit = sighting(&order, "tx-1", 5, crypto("1"));
    let id = deposit.id.clone();
    note(store, std::slice::from_ref(&deposit), 0).await;
    assert_eq!(tell(store).await, [(id.clone(), Seen)]);
    assert_eq!(tell(store).await, []);
    unmake(store, 4).await;
    assert_eq!(tell(store).await, [(id.clone(), Orphaned)]);
    note(store, &[mined_again(&deposit, 6)], 0).await;
    finalise(store, 6).await;
    assert_eq!(tell(store).await, [(id.clone(), Final)], "only what it is by now");
    unmake(store, 4).await;
    assert_eq!(tell(store).await, [(id.clone(), Reverted)]);
    let arrival = stored(store, &id).await.expect("it was noted");
    assert_eq!((arrival.stage, arrival.told), (Reverted, Some(Reverted)));
}

pub async fn what_nobody_was_told_of_goes_untold(store: &dyn Store) {
    let order = order(store).await;
    let deposit = sighting(&order, "tx-1", 5, crypto("1"));
    note(store, std::slice::from_ref(&deposit), 0).await;
    unmake(store, 4).await;
    assert_eq!(tell(store).await, []);
    note(store, std::slice::from_ref(&deposit), 0).await;
    assert_eq!(tell(store).await, [(deposit.id.clone(), Seen)], "it is back");
    unmake(store, 4).await;
    note(store, &[mined_again(&deposit, 6)], 0).await;
    assert_eq!(tell(store).await, [], "the order knows it as seen");
}

pub async fn the_untold_come_in_the_order_of_the_chain(store: &dyn Store) {
    let order = order(store).await;
    let [third, first, second] = [("tx-1", 9), ("tx-3", 5), ("tx-2", 6)]
        .map(|(tx, at)| sighting(&order, tx, at, crypto("1")));
    note(store, &[third.clone(), first.clone(), second.clone()], 0).await;
    let two = store.untold_arrivals(Tron, NOW, 2).await.expect(WORKS);
    assert_eq!(two, [(order.id, first.id.clone()), (order.id, second.id.clone())]);
    assert_eq!(store.untold_arrivals(Ethereum, NOW, 2).await.expect(WORKS), []);
    let all = store.arrivals_of(&order).await.expect(WORKS);
    let ids: Vec<_> = all.into_iter().map(|arrival| arrival.sighting.id).collect();
    assert_eq!(ids, [first.id, second.id, third.id]);
}

pub async fn an_arrival_put_off_waits_and_counts_its_troubles(store: &dyn Store) {
    let order = order(store).await;
    let deposit = sighting(&order, "tx-1", 5, crypto("1"));
    note(store, std::slice::from_ref(&deposit), 0).await;
    for troubles in 1..=2 {
        let counted = commit(store, async |uow| {
            uow.put_off_arrival(&deposit.id, after(60)).await.expect(WORKS)
        });
        assert_eq!(counted.await, troubles);
    }
    assert_eq!(store.untold_arrivals(Tron, after(59), 9).await.expect(WORKS), []);
    let due = store.untold_arrivals(Tron, after(60), 9).await.expect(WORKS);
    assert_eq!(due, [(order.id, deposit.id.clone())]);
    let arrival = stored(store, &deposit.id).await.expect("it was noted");
    assert_eq!(arrival.troubles, 2);
    commit(store, async |uow| uow.settle_arrival(&arrival).await.expect(WORKS)).await;
    let arrival = stored(store, &deposit.id).await.expect("it was noted");
    assert_eq!((arrival.troubles, arrival.told), (0, Some(Seen)));
}

pub async fn only_the_stage_that_is_can_be_told(store: &dyn Store) {
    let order = order(store).await;
    let deposit = sighting(&order, "tx-1", 5, crypto("1"));
    note(store, std::slice::from_ref(&deposit), 0).await;
    let arrival = stored(store, &deposit.id).await.expect("it was noted");
    finalise(store, 5).await;
    let unknown = DepositId { ordinal: 9, ..deposit.id.clone() };
    assert_eq!(stored(store, &unknown).await, None);
    let mut uow = store.begin().await.expect(WORKS);
    let stale = uow.settle_arrival(&arrival).await;
    assert!(matches!(stale, Err(StoreError::Conflict(_))), "{stale:?}");
    let missing = uow.put_off_arrival(&unknown, NOW).await;
    assert!(matches!(missing, Err(StoreError::Conflict(_))), "{missing:?}");
}
