//! From signed bytes to a transfer that is on the chain once.

use alloy::primitives::{Address, TxKind, U256};
use domain::chain::Value;
use domain::chain::transfer::{Observation, Outcome, Purpose, Terms, Wallet};
use domain::offer::Asset;
use domain::ports::{ChainSender as _, SendHint};
use twins::anvil::{AnvilGate, At, GateFault, GateFaultKind, Token};

use super::world::{DOLLAR, UNIT, World, adapter, config, escrow_text, receiver};
use crate::support::evm::{ESCROW, decode};

#[tokio::test]
async fn the_bytes_say_what_the_plan_says_and_are_always_the_same() {
    let world = World::new().await;
    let to = receiver(0xab);
    let plan = world.delivery(Asset::Usdc, &to, 12_345_678);
    let terms = Terms::Ethereum { gas_limit: 65_000, max_fee: 30_000_000_000, max_tip: 1 };
    let bytes = world.ethereum.encode(&plan, &terms, 7).unwrap();
    assert_eq!(bytes, world.ethereum.encode(&plan, &terms, 7).unwrap());
    let transaction = decode(&bytes);
    assert_eq!((transaction.chain_id, transaction.nonce), (31337, 7));
    assert_eq!((transaction.gas_limit, transaction.max_fee_per_gas), (65_000, 30_000_000_000));
    assert_eq!((transaction.max_priority_fee_per_gas, transaction.value), (1, U256::ZERO));
    let token: Address = world.chain.usdc().to_string().parse().unwrap();
    assert_eq!(transaction.to, TxKind::Call(token));
    let digits = to.trim_start_matches("0x").to_lowercase();
    let input = format!("0xa9059cbb{digits:0>64}{:064x}", 12_345_678);
    assert_eq!(transaction.input.to_string(), input);
    assert_eq!(world.gate.journal().len(), 0, "nobody is asked");
    let tron =
        Terms::Tron { ref_height: 1, ref_hash: String::new(), expiration_ms: 1, fee_limit: 1 };
    assert!(world.ethereum.encode(&plan, &tron, 7).is_err());
}

#[tokio::test]
async fn a_transfer_goes_from_the_pool_to_a_final_block() {
    let world = World::new().await;
    let (to, before) = (receiver(7), ether(&world).await);
    let plan = world.delivery(Asset::Usdt, &to, 3 * UNIT);
    let signed = world.signed(&plan).await;
    assert_eq!(world.observe(&plan, &signed).await, Observation::Unseen);
    assert_eq!(world.ethereum.broadcast(&signed, 0).await, SendHint::Accepted);
    assert_eq!(world.ethereum.broadcast(&signed, 1).await, SendHint::Known);
    assert_eq!(world.observe(&plan, &signed).await, Observation::Pending);
    world.chain.mine(1).await.unwrap();
    let head = world.head().await;
    for _ in 0..world.chain.blocks_to_finality() {
        let Observation::Included(block) = world.observe(&plan, &signed).await else {
            panic!("not final yet")
        };
        assert_eq!(block.height, head);
        world.chain.mine(1).await.unwrap();
    }
    let Observation::Final { block, outcome, fee } = world.observe(&plan, &signed).await else {
        panic!("final by now")
    };
    assert_eq!((block.height, outcome), (head, Outcome::Done));
    assert_eq!(before - ether(&world).await, u128::from(fee));
    assert!(fee <= signed.terms.highest_fee());
    let after = world.ethereum.broadcast(&signed, 0).await;
    assert!(matches!(after, SendHint::Expired(_) | SendHint::Known), "{after:?}");
    assert_eq!(world.arrivals(&to).await, 1);
}

async fn ether(world: &World) -> u128 {
    world.chain.eth_balance(world.hot(), At::Latest).await.expect("a node that answers")
}

/// Neither a token that returns nothing nor one that says `false` is believed for that.
#[tokio::test]
async fn what_a_token_returns_does_not_matter() {
    let world =
        World::with(|config, chain| config.coins.usdc = chain.false_return().to_string()).await;
    for asset in Asset::ALL {
        let plan = world.delivery(asset, &receiver(7), UNIT);
        let signed = world.sent(&plan).await;
        world.chain.finalize().await.unwrap();
        let observation = world.observe(&plan, &signed).await;
        let is_done = matches!(observation, Observation::Final { outcome: Outcome::Done, .. });
        assert!(is_done, "{asset:?}: {observation:?}");
    }
    assert_eq!(world.arrivals(&receiver(7)).await, 2);
}

#[tokio::test]
async fn a_sweep_is_paid_for_and_made() {
    let world = World::new().await;
    world.deposit(Token::Usdt, ESCROW, 5 * DOLLAR).await;
    let (from, hot) = (escrow_text(ESCROW), world.hot().to_string());
    let gas = Value::Native { units: 10_000_000_000_000_000 };
    let gas = world.plan(Purpose::Gas, Wallet::Hot, &from, gas);
    let signed = world.sent(&gas).await;
    world.chain.finalize().await.unwrap();
    let observation = world.observe(&gas, &signed).await;
    let Observation::Final { outcome: Outcome::Done, fee, .. } = observation else {
        panic!("{observation:?}")
    };
    assert!(fee > 21_000);
    let amount = domain::chain::from_chain_units(5 * UNIT).unwrap();
    let coin = Value::Coin { asset: Asset::Usdt, amount };
    let sweep = world.plan(Purpose::Sweep, Wallet::Escrow(ESCROW), &hot, coin);
    let signed = world.sent(&sweep).await;
    world.chain.finalize().await.unwrap();
    let observation = world.observe(&sweep, &signed).await;
    assert!(matches!(observation, Observation::Final { outcome: Outcome::Done, .. }));
}

#[tokio::test]
async fn what_fell_out_of_the_pool_is_sent_again_and_happens_once() {
    let world = World::new().await;
    let to = receiver(7);
    let plan = world.delivery(Asset::Usdt, &to, UNIT);
    let signed = world.sent(&plan).await;
    assert!(world.chain.drop_transaction(signed.tx_hash.parse().unwrap()).await.unwrap());
    assert_eq!(world.observe(&plan, &signed).await, Observation::Unseen);
    assert_eq!(world.ethereum.broadcast(&signed, 1).await, SendHint::Accepted);
    for nth in 2..5 {
        assert_eq!(world.ethereum.broadcast(&signed, nth).await, SendHint::Known);
    }
    world.chain.finalize().await.unwrap();
    world.ethereum.broadcast(&signed, 5).await;
    world.chain.mine(3).await.unwrap();
    assert_eq!(world.arrivals(&to).await, 1);
}

#[tokio::test]
async fn what_a_reorg_took_out_is_sent_again_and_happens_once() {
    let world = World::new().await;
    let to = receiver(7);
    let plan = world.delivery(Asset::Usdt, &to, UNIT);
    let signed = world.sent(&plan).await;
    world.chain.mine(2).await.unwrap();
    assert!(matches!(world.observe(&plan, &signed).await, Observation::Included(_)));
    world.chain.reorg(2, &[]).await.unwrap();
    assert_eq!(world.observe(&plan, &signed).await, Observation::Unseen);
    assert_eq!(world.ethereum.broadcast(&signed, 0).await, SendHint::Accepted);
    world.chain.finalize().await.unwrap();
    let observation = world.observe(&plan, &signed).await;
    assert!(matches!(observation, Observation::Final { outcome: Outcome::Done, .. }));
    assert_eq!(world.arrivals(&to).await, 1);
}

#[tokio::test]
async fn a_broadcast_without_an_answer_may_have_arrived() {
    let lost = [
        GateFaultKind::Drop { done: true },
        GateFaultKind::Status { status: 503, done: true },
        GateFaultKind::Status { status: 429, done: true },
        GateFaultKind::Truncated,
    ];
    let world = World::new().await;
    for kind in lost {
        let to = receiver(7);
        let plan = world.delivery(Asset::Usdt, &to, UNIT);
        let signed = world.signed(&plan).await;
        world.gate.add(GateFault::once("eth_sendRawTransaction", kind.clone()));
        let hint = world.ethereum.broadcast(&signed, 0).await;
        assert!(matches!(hint, SendHint::NoAnswer(_)), "{kind:?}: {hint:?}");
        assert_eq!(world.observe(&plan, &signed).await, Observation::Pending);
        world.chain.mine(1).await.unwrap();
    }
    assert_eq!(world.arrivals(&receiver(7)).await, 4);
}

#[tokio::test]
async fn a_node_that_refuses_is_told_and_the_next_is_another() {
    let world = World::new().await;
    let second = AnvilGate::start(world.chain.url()).await.unwrap();
    let ethereum = adapter(config(&world.chain, &[&world.gate, &second]));
    let plan = world.delivery(Asset::Usdt, &receiver(7), UNIT);
    let signed = world.signed(&plan).await;
    let underpriced = GateFaultKind::refuse(-32000, "replacement transaction underpriced");
    world.gate.add(GateFault::always("eth_sendRawTransaction", underpriced));
    let hint = ethereum.broadcast(&signed, 0).await;
    assert!(matches!(hint, SendHint::Refused(_)), "{hint:?}");
    assert_eq!(ethereum.broadcast(&signed, 1).await, SendHint::Accepted);
    assert!(matches!(ethereum.broadcast(&signed, 2).await, SendHint::Refused(_)));
    assert_eq!(second.count("eth_sendRawTransaction"), 1);
}
