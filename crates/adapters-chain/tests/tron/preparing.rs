//! What is found out before anything is signed.

use domain::chain::Value;
use domain::chain::transfer::{Plan, Purpose, Terms, Wallet};
use domain::ports::{ChainSender as _, Prepared, Unprepared};
use twins::tron::{Address, Endpoint, Fault, FaultKind};

use super::world::{TRX, UNIT, World, coin, delivery, plan, stranger};
use crate::support::slots::{at, escrow, hot};

async fn refusal(world: &World, plan: &Plan) -> Unprepared {
    world.tron.prepare(plan, None).await.expect_err("a refusal")
}

#[tokio::test]
async fn terms_are_counted_by_the_solid_block() {
    let world = World::new().await;
    // The hot wallet sends to an address without the token, then to one with it.
    let solid = world.control.solid();
    for (to, energy) in [(stranger(1), 130_285_u64), (at(&hot_rich(&world)), 64_285)] {
        let Prepared { terms, sequence } =
            world.tron.prepare(&delivery(&to.to_string(), UNIT), None).await.unwrap();
        let time_ms = u64::try_from(solid.time_ms).unwrap();
        let expected = Terms::Tron {
            ref_height: solid.number,
            ref_hash: solid.id.clone(),
            expiration_ms: time_ms + 600_000,
            fee_limit: (energy * 125).div_ceil(100) * 100,
        };
        assert_eq!((terms, sequence), (expected, time_ms));
    }
}

fn hot_rich(world: &World) -> String {
    let holder = stranger(2);
    world.control.fund_token(world.usdt(), holder, 1);
    holder.to_string()
}

#[tokio::test]
async fn the_block_stood_on_is_the_latest_of_all_nodes() {
    let world = World::new().await;
    world.control.set_lag(0, 28);
    let prepared = world.tron.prepare(&delivery(&stranger(1).to_string(), 1), None).await.unwrap();
    let Terms::Tron { ref_height, .. } = prepared.terms else { panic!("Tron") };
    assert_eq!(ref_height, world.control.solid().number);
}

#[tokio::test]
async fn receivers_that_would_lose_it_are_refused() {
    let world = World::new().await;
    let usdt = world.usdt().to_string();
    let zero = Address::new([0; 20]).to_string();
    for to in [usdt.as_str(), &zero, &hot(), "0x6D58073AeeB28068c5925D618DA9f4c4F35727b3", "T"] {
        let refused = refusal(&world, &delivery(to, 1)).await;
        assert!(matches!(refused, Unprepared::Receiver(_)), "{to}: {refused:?}");
    }
    let own = plan(Purpose::Sweep, Wallet::Escrow(1), &escrow(1), coin(1));
    assert!(matches!(refusal(&world, &own).await, Unprepared::Receiver(_)));
}

#[tokio::test]
async fn what_the_token_forbids_is_not_signed() {
    let world = World::new().await;
    let (usdt, plan) = (world.usdt(), delivery(&stranger(1).to_string(), UNIT));
    world.control.set_paused(usdt, true);
    let words = "the token is paused".to_owned();
    assert_eq!(refusal(&world, &plan).await, Unprepared::Blocked(words));
    world.control.set_paused(usdt, false);
    world.control.set_blacklisted(usdt, at(&hot()), true);
    let words = "the sender is on the token's blacklist".to_owned();
    assert_eq!(refusal(&world, &plan).await, Unprepared::Blocked(words));
    world.control.set_blacklisted(usdt, at(&hot()), false);
    let much = delivery(&stranger(1).to_string(), 1_001 * UNIT);
    assert!(matches!(refusal(&world, &much).await, Unprepared::Short(_)));
    let nothing = delivery(&stranger(1).to_string(), 0);
    assert!(matches!(refusal(&world, &nothing).await, Unprepared::Blocked(_)));
    world.control.change_rules(|rules| rules.energy_price_sun = 420);
    let Unprepared::Blocked(words) = refusal(&world, &plan).await else { panic!("too dear") };
    assert!(words.contains("40000000"), "{words}");
}

#[tokio::test]
async fn a_living_signature_has_no_variants() {
    let world = World::new().await;
    let plan = delivery(&stranger(1).to_string(), UNIT);
    let signed = world.sign(&plan).await;
    let refused = world.tron.prepare(&plan, Some(&signed)).await;
    assert!(matches!(refused, Err(Unprepared::Blocked(_))));
    let other = Plan { from: escrow(1), ..plan };
    assert!(matches!(refusal(&world, &other).await, Unprepared::Blocked(_)));
}

#[tokio::test]
async fn what_an_escrow_lacks_for_its_fee_is_named_and_suffices() {
    let world = World::new().await;
    world.deposit(&escrow(1), UNIT);
    world.control.solidify();
    let sweep = plan(Purpose::Sweep, Wallet::Escrow(1), &hot(), coin(UNIT));
    let Unprepared::NeedsGas { missing } = refusal(&world, &sweep).await else { panic!("gas") };
    // 125 % of the energy to a holder, and 345 bytes: nothing is free where there is no account.
    assert_eq!(missing, 80_357 * 100 + 345_000);
    let gas = plan(Purpose::Gas, Wallet::Hot, &escrow(1), Value::Native { units: missing });
    let prepared = world.tron.prepare(&gas, None).await.unwrap();
    assert!(matches!(prepared.terms, Terms::Tron { fee_limit: 0, .. }));
    world.settle(&gas).await;
    world.settle(&sweep).await;
    assert_eq!(world.control.balance_of(world.usdt(), at(&escrow(1))), 0);
}

#[tokio::test]
async fn stakes_and_free_bandwidth_are_counted() {
    let world = World::new().await;
    world.deposit(&escrow(1), UNIT);
    world.control.create_account(at(&escrow(1)), 0);
    world.control.set_energy(at(&escrow(1)), 80_357);
    world.control.solidify();
    let sweep = plan(Purpose::Sweep, Wallet::Escrow(1), &hot(), coin(UNIT));
    world.settle(&sweep).await;
    assert_eq!(world.control.balance_of(world.usdt(), at(&escrow(1))), 0);
}

#[tokio::test]
async fn a_hot_wallet_without_trx_is_short() {
    let world = World::new().await;
    let new = stranger(1).to_string();
    let sun = 20 * TRX;
    world.control.create_account(at(&hot()), i64::try_from(sun).unwrap());
    let native = |units| plan(Purpose::Gas, Wallet::Hot, &new, Value::Native { units });
    // The receiver's activation is paid by the sender.
    assert!(matches!(refusal(&world, &native(sun - 1_099_999)).await, Unprepared::Short(_)));
    assert!(world.tron.prepare(&native(sun - 1_100_000), None).await.is_ok());
    world.control.create_account(at(&hot()), 1_000);
    let delivery = delivery(&new, UNIT);
    assert!(matches!(refusal(&world, &delivery).await, Unprepared::Short(_)));
}

#[tokio::test]
async fn what_one_node_cannot_say_another_one_is_asked() {
    let world = World::new().await;
    let plan = delivery(&stranger(1).to_string(), UNIT);
    for endpoint in [Endpoint::GetNowBlock, Endpoint::GetAccount, Endpoint::GetAccountResource] {
        for node in [0, 1] {
            world.control.clear_faults();
            let fault = Fault::always(endpoint, FaultKind::Unavailable);
            world.control.add_fault(fault.on_node(node));
            let prepared = world.tron.prepare(&plan, None).await;
            assert!(prepared.is_ok(), "{endpoint:?} {node}: {prepared:?}");
        }
    }
}

#[tokio::test]
async fn without_whole_answers_nothing_is_prepared() {
    let world = World::new().await;
    let tron = world.adapter(|_| {});
    let plan = delivery(&stranger(1).to_string(), UNIT);
    let endpoints =
        [Endpoint::GetNowBlock, Endpoint::TriggerConstantContract, Endpoint::GetChainParameters];
    for endpoint in endpoints {
        for kind in [FaultKind::NotFound, FaultKind::Html { done: true }, FaultKind::Unavailable] {
            world.control.clear_faults();
            world.fault(endpoint, kind.clone());
            let refused = tron.prepare(&plan, None).await.unwrap_err();
            assert!(matches!(refused, Unprepared::Away(_)), "{endpoint:?} {kind:?}: {refused:?}");
        }
    }
}
