//! What stands against a transfer before it is signed.

use super::stage::{ChainStage, Coin, UNIT, WORKS, delivery, escrow, plan, signed, wallet};
use crate::chain::transfer::Wallet;
use crate::ports::Unprepared;

pub async fn what_lacks_coin_is_short(stage: &dyn ChainStage) {
    let plan = delivery(stage, 1_001 * UNIT);
    let prepared = stage.sender().prepare(&plan, None).await;
    assert!(matches!(prepared, Err(Unprepared::Short(_))), "{prepared:?}");
}

pub async fn what_lacks_its_fee_needs_gas(stage: &dyn ChainStage) {
    let (of, from) = (wallet(stage, 0), escrow(stage, 0));
    stage.pay(Coin::Usdt, &[(from.clone(), 5 * UNIT)]).await;
    stage.finalise().await;
    let hot = stage.sender().address(Wallet::Hot).expect(WORKS);
    let plan = plan(stage, of, &hot, 5 * UNIT);
    let prepared = stage.sender().prepare(&plan, None).await;
    let Err(Unprepared::NeedsGas { missing }) = prepared else { panic!("{prepared:?}") };
    // Fees may have risen a little meanwhile.
    stage.give_gas(&from, missing.saturating_mul(2)).await;
    signed(stage, &plan, None).await;
}

pub async fn what_cannot_be_sent_to_is_the_receivers(stage: &dyn ChainStage) {
    let plan = plan(stage, Wallet::Hot, &stage.unreachable(), UNIT);
    let prepared = stage.sender().prepare(&plan, None).await;
    assert!(matches!(prepared, Err(Unprepared::Receiver(_))), "{prepared:?}");
}

pub async fn a_token_that_is_paused_blocks(stage: &dyn ChainStage) {
    let plan = delivery(stage, UNIT);
    stage.pause(true).await;
    let prepared = stage.sender().prepare(&plan, None).await;
    assert!(matches!(prepared, Err(Unprepared::Blocked(_))), "{prepared:?}");
    stage.pause(false).await;
    signed(stage, &plan, None).await;
}

pub async fn bytes_are_a_function_of_what_they_say(stage: &dyn ChainStage) {
    let (one, other) = (delivery(stage, UNIT), delivery(stage, 2 * UNIT));
    let prepared = stage.sender().prepare(&one, None).await.expect(WORKS);
    let (terms, sequence) = (prepared.terms, prepared.sequence);
    let next = sequence.saturating_add(1);
    let bytes = stage.sender().encode(&one, &terms, sequence).expect(WORKS);
    assert_eq!(stage.sender().encode(&one, &terms, sequence).expect(WORKS), bytes);
    assert_ne!(stage.sender().encode(&one, &terms, next).expect(WORKS), bytes);
    assert_ne!(stage.sender().encode(&other, &terms, sequence).expect(WORKS), bytes);
}
