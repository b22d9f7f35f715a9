//! Proofs that a signature can never execute.

use super::stage::{ChainStage, UNIT, WORKS, balance, coin, delivery, observe, sent, signed};
use crate::chain::transfer::{Death, Observation, Plan, Signed, Terms};
use crate::testing::contract::chain_samples::sent_attempt;

async fn death(stage: &dyn ChainStage, plan: &Plan, living: &[&Signed]) -> Option<Death> {
    let variants = (0_i32..).zip(living).map(|(variant, signed)| sent_attempt(signed, variant));
    let variants: Vec<_> = variants.collect();
    stage.sender().find_death(plan, &variants).await.expect(WORKS)
}

pub async fn what_may_execute_is_not_dead(stage: &dyn ChainStage) {
    let plan = delivery(stage, UNIT);
    let signed = signed(stage, &plan, None).await;
    assert_eq!(death(stage, &plan, &[&signed]).await, None, "nobody has it");
    stage.sender().broadcast(&signed, 0).await;
    assert_eq!(death(stage, &plan, &[&signed]).await, None, "it is pending");
    stage.mine(1).await;
    assert_eq!(death(stage, &plan, &[&signed]).await, None, "it is in a block");
}

pub async fn what_has_executed_is_not_dead(stage: &dyn ChainStage) {
    let plan = delivery(stage, UNIT);
    let signed = sent(stage, &plan).await;
    stage.finalise().await;
    assert_eq!(death(stage, &plan, &[&signed]).await, None);
    stage.outlive().await;
    assert_eq!(death(stage, &plan, &[&signed]).await, None, "however long ago");
}

pub async fn time_kills_what_was_never_in_a_block(stage: &dyn ChainStage) {
    let plan = delivery(stage, UNIT);
    let first = signed(stage, &plan, None).await;
    if !stage.outlive().await {
        assert_eq!(death(stage, &plan, &[&first]).await, None);
        return;
    }
    let proof = death(stage, &plan, &[&first]).await;
    assert!(matches!(proof, Some(Death::Expired { .. })), "{proof:?}");
    let again = sent(stage, &plan).await;
    stage.sender().broadcast(&first, 1).await;
    stage.finalise().await;
    let observed = observe(stage, &plan, &first).await;
    assert!(!matches!(observed, Observation::Final { .. }), "{observed:?}");
    super::stage::assert_done(stage, &plan, &again).await;
    assert_eq!(balance(stage, &plan.to).await, coin(UNIT));
}

pub async fn of_two_variants_one_executes(stage: &dyn ChainStage) {
    let plan = delivery(stage, UNIT);
    let first = sent(stage, &plan).await;
    if matches!(first.terms, Terms::Tron { .. }) {
        return;
    }
    let second = signed(stage, &plan, Some(&first)).await;
    assert_eq!(second.sequence, first.sequence);
    assert!(second.terms.highest_fee() > first.terms.highest_fee());
    stage.sender().broadcast(&second, 0).await;
    stage.sender().broadcast(&first, 1).await;
    stage.finalise().await;
    let mut done = 0_u32;
    for variant in [&first, &second] {
        let observed = observe(stage, &plan, variant).await;
        let is_final = matches!(observed, Observation::Final { .. });
        done = done.saturating_add(u32::from(is_final));
    }
    assert_eq!(done, 1);
    assert_eq!(balance(stage, &plan.to).await, coin(UNIT));
    assert_eq!(death(stage, &plan, &[&first, &second]).await, None, "one of them executed");
}
