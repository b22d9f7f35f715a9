//! Transfers that go well.

use super::stage::{
    ChainStage, UNIT, assert_done, balance, coin, delivery, escrow, observe, plan, sent, signed,
};
use crate::chain::Value;
use crate::chain::transfer::{Observation, Plan, Purpose, Wallet};
use crate::ports::SendHint;

pub async fn a_transfer_goes_from_nowhere_into_a_final_block(stage: &dyn ChainStage) {
    let plan = delivery(stage, UNIT);
    let signed = signed(stage, &plan, None).await;
    assert_eq!(observe(stage, &plan, &signed).await, Observation::Unseen);
    assert_eq!(stage.sender().broadcast(&signed, 0).await, SendHint::Accepted);
    assert_eq!(observe(stage, &plan, &signed).await, Observation::Pending);
    stage.mine(1).await;
    let observed = observe(stage, &plan, &signed).await;
    let may_go = matches!(observed, Observation::Pending | Observation::Included(_));
    assert!(may_go, "{observed:?}");
    stage.finalise().await;
    assert_done(stage, &plan, &signed).await;
    assert_eq!(balance(stage, &plan.to).await, coin(UNIT));
}

pub async fn the_same_bytes_are_one_transfer(stage: &dyn ChainStage) {
    let plan = delivery(stage, UNIT);
    let signed = sent(stage, &plan).await;
    for nth in 1..4 {
        let hint = stage.sender().broadcast(&signed, nth).await;
        assert!(matches!(hint, SendHint::Known | SendHint::Accepted), "{hint:?}");
    }
    stage.mine(1).await;
    stage.sender().broadcast(&signed, 4).await;
    stage.finalise().await;
    let hint = stage.sender().broadcast(&signed, 5).await;
    assert!(!matches!(hint, SendHint::Accepted | SendHint::Refused(_)), "{hint:?}");
    stage.finalise().await;
    assert_done(stage, &plan, &signed).await;
    assert_eq!(balance(stage, &plan.to).await, coin(UNIT));
}

pub async fn the_chains_own_coin_is_sent_like_any(stage: &dyn ChainStage) {
    let coin = plan(stage, Wallet::Hot, &escrow(stage, 0), UNIT);
    let plan = Plan { purpose: Purpose::Gas, value: Value::Native { units: 2 * UNIT }, ..coin };
    let signed = sent(stage, &plan).await;
    stage.finalise().await;
    assert_done(stage, &plan, &signed).await;
}

pub async fn transfers_of_one_wallet_follow_each_other(stage: &dyn ChainStage) {
    for (nth, units) in [(7, UNIT), (8, 2 * UNIT)] {
        let plan = plan(stage, Wallet::Hot, &stage.stranger(nth), units);
        let signed = sent(stage, &plan).await;
        stage.finalise().await;
        assert_done(stage, &plan, &signed).await;
    }
    assert_eq!(balance(stage, &stage.stranger(7)).await, coin(UNIT));
    assert_eq!(balance(stage, &stage.stranger(8)).await, coin(2 * UNIT));
}
