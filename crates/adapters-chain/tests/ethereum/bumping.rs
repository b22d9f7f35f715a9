//! A nonce that stands unmined is paid better, and moves the same.

use domain::chain::transfer::{Observation, Outcome, Signed, Terms};
use domain::offer::Asset;
use domain::ports::{ChainSender as _, SendHint, SourceError, Unprepared};

use super::world::{UNIT, World, receiver};
use crate::support::evm::decode;
use domain::testing::contract::chain_samples::sent_attempt;

fn fees(signed: &Signed) -> (u64, u64, u64) {
    match signed.terms {
        Terms::Ethereum { gas_limit, max_fee, max_tip } => (gas_limit, max_fee, max_tip),
        Terms::Tron { .. } => panic!("{signed:?}"),
    }
}

#[tokio::test]
async fn a_dearer_variant_keeps_nonce_receiver_and_data_and_one_of_both_happens() {
    let world = World::new().await;
    let to = receiver(7);
    let plan = world.delivery(Asset::Usdt, &to, UNIT);
    let first = world.sent(&plan).await;
    let prepared = world.ethereum.prepare(&plan, Some(&first)).await.unwrap();
    let second = world.sign(&plan, prepared.terms, prepared.sequence);
    assert_eq!(second.sequence, first.sequence);
    let [old, new] = [&first, &second].map(|signed| {
        decode(&world.ethereum.encode(&plan, &signed.terms, signed.sequence).unwrap())
    });
    assert_eq!((old.nonce, old.to, &old.input), (new.nonce, new.to, &new.input));
    let (old, new) = (fees(&first), fees(&second));
    assert!(new.0 >= old.0);
    assert!(new.1 * 100 >= old.1 * 115 && new.2 * 100 >= old.2 * 115, "{old:?} {new:?}");

    assert_eq!(world.ethereum.broadcast(&second, 0).await, SendHint::Accepted);
    world.chain.finalize().await.unwrap();
    let observation = world.observe(&plan, &second).await;
    assert!(matches!(observation, Observation::Final { outcome: Outcome::Done, .. }));
    assert_eq!(world.observe(&plan, &first).await, Observation::Unseen);
    // The nonce is used, and by one of ours: nobody is dead before that is told.
    let living = [sent_attempt(&first, 0), sent_attempt(&second, 0)];
    assert_eq!(world.ethereum.find_death(&plan, &living).await, Ok(None));
    assert_eq!(world.arrivals(&to).await, 1);
}

#[tokio::test]
async fn the_old_variant_may_still_win() {
    let world = World::new().await;
    let to = receiver(7);
    let plan = world.delivery(Asset::Usdt, &to, UNIT);
    let first = world.signed(&plan).await;
    let prepared = world.ethereum.prepare(&plan, Some(&first)).await.unwrap();
    let second = world.sign(&plan, prepared.terms, prepared.sequence);
    world.ethereum.broadcast(&first, 0).await;
    world.chain.mine(1).await.unwrap();
    let late = world.ethereum.broadcast(&second, 0).await;
    assert!(matches!(late, SendHint::Expired(_)), "{late:?}");
    world.chain.finalize().await.unwrap();
    let observation = world.observe(&plan, &first).await;
    assert!(matches!(observation, Observation::Final { outcome: Outcome::Done, .. }));
    assert_eq!(world.arrivals(&to).await, 1);
}

#[tokio::test]
async fn a_nonce_that_is_in_a_block_is_not_made_dearer() {
    let world = World::new().await;
    let plan = world.delivery(Asset::Usdt, &receiver(7), UNIT);
    let first = world.sent(&plan).await;
    world.chain.mine(1).await.unwrap();
    let prepared = world.ethereum.prepare(&plan, Some(&first)).await;
    assert!(matches!(prepared, Err(Unprepared::Away(SourceError::Away(_)))), "{prepared:?}");
}

#[tokio::test]
async fn a_variant_follows_the_market_up_to_our_limit() {
    let world = World::new().await;
    let plan = world.delivery(Asset::Usdt, &receiver(7), UNIT);
    let first = world.signed(&plan).await;
    world.chain.set_base_fee(40_000_000_000).await.unwrap();
    world.chain.mine(1).await.unwrap();
    let prepared = world.ethereum.prepare(&plan, Some(&first)).await.unwrap();
    let second = world.sign(&plan, prepared.terms, prepared.sequence);
    // The base fee fell an eighth in an empty block; on top of twice that comes the least tip.
    assert_eq!(fees(&second).1, 2 * 35_000_000_000 + 100_000_000);
    world.chain.set_base_fee(150_000_000_000).await.unwrap();
    world.chain.mine(1).await.unwrap();
    let blocked = world.ethereum.prepare(&plan, Some(&second)).await;
    assert!(matches!(blocked, Err(Unprepared::Blocked(_))), "{blocked:?}");
}
