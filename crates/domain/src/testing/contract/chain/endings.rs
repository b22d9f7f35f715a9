//! Transfers that do not go well.

use super::stage::{
    ChainStage, UNIT, assert_done, balance, coin, delivery, observe, plan, sent, signed,
};
use crate::chain::transfer::{Fault, Observation, Outcome, Wallet};

pub async fn a_transfer_that_fails_has_failed_when_that_is_final(stage: &dyn ChainStage) {
    let plan = delivery(stage, UNIT);
    let signed = signed(stage, &plan, None).await;
    stage.pause(true).await;
    stage.sender().broadcast(&signed, 0).await;
    stage.mine(1).await;
    let observed = observe(stage, &plan, &signed).await;
    assert!(!matches!(observed, Observation::Final { .. }), "{observed:?}");
    stage.finalise().await;
    let observed = observe(stage, &plan, &signed).await;
    let Observation::Final { outcome: Outcome::Failed { fault, .. }, fee, .. } = observed else {
        panic!("{observed:?}")
    };
    assert_eq!(fault, Fault::Sender);
    assert!(fee > 0, "it costs all the same");
    assert_eq!(balance(stage, &plan.to).await, coin(0));
}

pub async fn another_transfer_is_not_the_one_that_was_meant(stage: &dyn ChainStage) {
    let meant = delivery(stage, UNIT);
    let signed = sent(stage, &meant).await;
    stage.finalise().await;
    assert_done(stage, &meant, &signed).await;
    let others = [delivery(stage, 2 * UNIT), plan(stage, Wallet::Hot, &stage.stranger(8), UNIT)];
    for other in others {
        let observed = stage.sender().observe(&other, &signed.tx_hash).await;
        let is_done = matches!(observed, Ok(Observation::Final { outcome: Outcome::Done, .. }));
        assert!(!is_done, "{observed:?}");
    }
}

pub async fn a_reorg_takes_a_transfer_back_until_it_is_sent_again(stage: &dyn ChainStage) {
    let plan = delivery(stage, UNIT);
    let signed = sent(stage, &plan).await;
    stage.mine(2).await;
    if !stage.reorg(2).await {
        return;
    }
    let observed = observe(stage, &plan, &signed).await;
    let is_out = matches!(observed, Observation::Unseen | Observation::Pending);
    assert!(is_out, "{observed:?}");
    stage.sender().broadcast(&signed, 1).await;
    stage.finalise().await;
    assert_done(stage, &plan, &signed).await;
    assert_eq!(balance(stage, &plan.to).await, coin(UNIT));
}
