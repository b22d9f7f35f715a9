//! Transfers to our addresses.

use super::stage::{
    ChainStage, Coin, UNIT, WORKS, coin, escrow, head, plan, scan, sent, sightings,
};
use crate::chain::Value;
use crate::chain::transfer::{Plan, Purpose, Wallet};
use crate::offer::Asset;

pub async fn only_transfers_to_us_are_seen(stage: &dyn ChainStage) {
    let from = head(stage).await.saturating_add(1);
    let hash = stage.pay(Coin::Usdt, &[(escrow(stage, 0), 2 * UNIT)]).await;
    stage.pay(Coin::Usdt, &[(stage.stranger(1), UNIT)]).await;
    let seen = sightings(stage, from).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    let seen = seen.first().expect("there is one");
    assert_eq!((&seen.id.tx_hash, &seen.to), (&hash, &escrow(stage, 0)));
    assert_eq!(seen.id.network, stage.source().network());
    assert_eq!((seen.units.as_str(), seen.amount), ("2000000", Some(coin(2 * UNIT))));
    let block = stage.source().block_at(seen.block.height).await.expect(WORKS).expect(WORKS);
    assert_eq!((&block.at, block.time), (&seen.block, seen.block_time));
}

pub async fn a_coin_is_known_by_its_contract(stage: &dyn ChainStage) {
    let from = head(stage).await.saturating_add(1);
    stage.pay(Coin::LookAlike, &[(escrow(stage, 0), UNIT)]).await;
    stage.mine(1).await;
    stage.pay(Coin::Usdt, &[(escrow(stage, 0), UNIT)]).await;
    let seen = sightings(stage, from).await;
    // A scan may leave strangers out; what it tells of them names no asset.
    let known: Vec<_> = seen.iter().filter(|it| it.asset.is_some()).collect();
    assert_eq!(known.len(), 1, "{seen:?}");
    assert!(known.iter().all(|it| it.asset == Some(Asset::Usdt)));
    let others = seen.iter().filter(|it| it.asset.is_none());
    assert!(others.clone().all(|it| it.amount.is_none()));
    assert!(others.clone().count() <= 1);
}

pub async fn transfers_of_one_transaction_are_told_apart(stage: &dyn ChainStage) {
    let from = head(stage).await.saturating_add(1);
    let (one, two) = (escrow(stage, 0), escrow(stage, 1));
    let payees =
        [(one.clone(), UNIT), (stage.stranger(1), UNIT), (two.clone(), UNIT), (one.clone(), UNIT)];
    let hash = stage.pay(Coin::Usdt, &payees).await;
    let seen = sightings(stage, from).await;
    assert!(seen.iter().all(|it| it.id.tx_hash == hash));
    let places: Vec<_> = seen.iter().map(|it| (it.id.ordinal, it.to.clone())).collect();
    assert_eq!(places, [(0, one.clone()), (2, two), (3, one)]);
}

pub async fn the_chains_own_coin_is_seen_in_its_own_units(stage: &dyn ChainStage) {
    let from = head(stage).await.saturating_add(1);
    stage.pay(Coin::Native, &[(stage.stranger(1), UNIT)]).await;
    let hash = stage.pay(Coin::Native, &[(escrow(stage, 0), 7 * UNIT)]).await;
    let seen = sightings(stage, from).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    let seen = seen.first().expect("there is one");
    assert!(seen.is_native(), "{seen:?}");
    assert_eq!((&seen.id.tx_hash, &seen.to), (&hash, &escrow(stage, 0)));
    assert_eq!((seen.asset, seen.amount, seen.native_units()), (None, None, Some(7 * UNIT)));
    stage.finalise().await;
    let held = stage.source().final_native(&escrow(stage, 0)).await;
    assert_eq!(held, Ok(u128::from(7 * UNIT)));
    let nothing = stage.source().final_native(&escrow(stage, 1)).await;
    assert_eq!(nothing, Ok(0));
}

pub async fn what_we_send_ourselves_for_fees_is_no_arrival(stage: &dyn ChainStage) {
    let from = head(stage).await.saturating_add(1);
    let plan = plan(stage, Wallet::Hot, &escrow(stage, 0), UNIT);
    let plan = Plan { purpose: Purpose::Gas, value: Value::Native { units: 2 * UNIT }, ..plan };
    sent(stage, &plan).await;
    stage.finalise().await;
    let to = head(stage).await;
    assert_eq!(scan(stage, from, to).await.sightings, []);
    let held = stage.source().final_native(&escrow(stage, 0)).await;
    assert_eq!(held, Ok(u128::from(2 * UNIT)), "it is there");
}

pub async fn a_transaction_that_failed_brings_nothing(stage: &dyn ChainStage) {
    let from = head(stage).await.saturating_add(1);
    stage.pay_in_vain(&escrow(stage, 0), UNIT).await;
    assert_eq!(sightings(stage, from).await, []);
}

pub async fn what_a_reorg_took_is_not_seen_again(stage: &dyn ChainStage) {
    let from = head(stage).await.saturating_add(1);
    stage.pay(Coin::Usdt, &[(escrow(stage, 0), UNIT)]).await;
    stage.mine(2).await;
    let before = stage.source().block_at(from).await.expect(WORKS);
    if !stage.reorg(2).await {
        return;
    }
    let to = head(stage).await;
    assert_eq!(scan(stage, from, to).await.sightings, []);
    let after = stage.source().block_at(from).await.expect(WORKS);
    assert_ne!(before, after, "another block has another name");
}
