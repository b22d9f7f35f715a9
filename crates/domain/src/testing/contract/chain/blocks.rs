//! Blocks, the tip, and balances.

use super::stage::{ChainStage, Coin, Ours, UNIT, WORKS, balance, coin, escrow, head, scan};
use crate::offer::Asset;

pub async fn a_scan_is_whole_and_each_block_stands_on_the_one_before(stage: &dyn ChainStage) {
    let from = head(stage).await.saturating_add(1);
    stage.finalise().await;
    stage.mine(3).await;
    let to = head(stage).await;
    let scanned = scan(stage, from, to).await.blocks;
    assert!(scanned.iter().map(|block| block.at.height).eq(from..=to));
    let before = from.saturating_sub(1);
    let mut below = stage.source().block_at(before).await.expect(WORKS).expect(WORKS);
    for block in scanned {
        assert_eq!(block.parent, below.at.hash);
        assert!(block.time >= below.time);
        let alone = stage.source().block_at(block.at.height).await.expect(WORKS);
        assert_eq!(alone.as_ref(), Some(&block));
        below = block;
    }
}

pub async fn a_scan_is_the_same_however_it_is_cut(stage: &dyn ChainStage) {
    let from = head(stage).await.saturating_add(1);
    for nth in 0..2 {
        stage.pay(Coin::Usdt, &[(escrow(stage, nth), UNIT)]).await;
        stage.mine(1).await;
    }
    stage.finalise().await;
    let to = head(stage).await;
    let whole = scan(stage, from, to).await;
    assert_eq!(whole.sightings.len(), 2);
    let (mut blocks, mut sightings) = (vec![], vec![]);
    for height in from..=to {
        let one = scan(stage, height, height).await;
        blocks.extend(one.blocks);
        sightings.extend(one.sightings);
    }
    assert_eq!((blocks, sightings), (whole.blocks, whole.sightings));
}

pub async fn above_the_head_there_is_nothing(stage: &dyn ChainStage) {
    let above = head(stage).await.saturating_add(1_000);
    assert_eq!(stage.source().block_at(above).await, Ok(None));
    let ours = Ours::of(stage);
    assert!(stage.source().scan(above, above, &ours).await.is_err());
    let some = stage.source().scan(above.saturating_sub(1_000), above, &ours).await;
    assert!(some.is_err(), "a part of it is not what was asked for");
}

pub async fn the_final_block_is_one_of_the_chain(stage: &dyn ChainStage) {
    let before = stage.source().tip().await.expect(WORKS);
    stage.finalise().await;
    let tip = stage.source().tip().await.expect(WORKS);
    assert!(tip.finality.at.height <= tip.head);
    assert!(tip.finality.at.height > before.finality.at.height);
    let there = stage.source().block_at(tip.finality.at.height).await.expect(WORKS);
    assert_eq!(there, Some(tip.finality));
    let before = stage.source().block_at(before.finality.at.height).await.expect(WORKS);
    assert!(before.is_some(), "what was final is still there");
}

pub async fn a_balance_is_that_of_a_final_block(stage: &dyn ChainStage) {
    let address = escrow(stage, 0);
    assert_eq!(balance(stage, &address).await, coin(0));
    stage.pay(Coin::Usdt, &[(address.clone(), 3 * UNIT)]).await;
    stage.mine(1).await;
    assert_eq!(balance(stage, &address).await, coin(0), "it may yet go");
    stage.finalise().await;
    let (held, height) = stage.source().final_balance(Asset::Usdt, &address).await.expect(WORKS);
    assert_eq!(held, coin(3 * UNIT));
    let finality = stage.source().tip().await.expect(WORKS).finality;
    assert!(height >= finality.at.height, "what was read may be a little behind what is final");
}
