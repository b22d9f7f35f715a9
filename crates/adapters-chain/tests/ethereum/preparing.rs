//! Whether a transfer can be made, and what is said when it cannot.

use domain::chain::transfer::{Purpose, Terms, Wallet};
use domain::chain::{Value, from_chain_units};
use domain::money::Crypto;
use domain::offer::Asset;
use domain::ports::{ChainSender as _, SourceError, Unprepared};
use twins::anvil::{GateFault, GateFaultKind, Sender, Token};

use super::world::{DOLLAR, UNIT, World, escrow, escrow_text, receiver};
use crate::support::evm::ESCROW;

fn terms(terms: &Terms) -> (u64, u64, u64) {
    match *terms {
        Terms::Ethereum { gas_limit, max_fee, max_tip } => (gas_limit, max_fee, max_tip),
        Terms::Tron { .. } => panic!("{terms:?}"),
    }
}

#[tokio::test]
async fn a_transfer_is_prepared_with_the_next_nonce_and_the_market_price() {
    let world = World::new().await;
    let plan = world.delivery(Asset::Usdt, &receiver(7), UNIT);
    world.chain.set_base_fee(10_000_000_000).await.unwrap();
    world.chain.mine(1).await.unwrap();
    let prepared = world.ethereum.prepare(&plan, None).await.unwrap();
    assert_eq!(prepared.sequence, world.chain.nonce(world.hot()).await.unwrap());
    let (gas_limit, max_fee, max_tip) = terms(&prepared.terms);
    assert!((40_000..100_000).contains(&gas_limit), "{gas_limit}");
    assert!(max_tip >= 100_000_000, "{max_tip}");
    // The base fee falls an eighth after an empty block; twice of it is the room.
    assert_eq!(max_fee, 2 * 8_750_000_000 + max_tip);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_sent() {
    let world = World::new().await;
    let plan = world.delivery(Asset::Usdt, &receiver(7), 1_001 * UNIT);
    let short = world.ethereum.prepare(&plan, None).await;
    assert!(matches!(short, Err(Unprepared::Short(_))), "{short:?}");
    let plan = world.delivery(Asset::Usdt, &receiver(7), UNIT);
    world.chain.set_eth_balance(world.hot(), 1_000).await.unwrap();
    let short = world.ethereum.prepare(&plan, None).await;
    assert!(matches!(short, Err(Unprepared::Short(_))), "{short:?}");
}

/// Tether's real code burns all gas on an overdraft: it must never come to that.
#[tokio::test]
async fn an_overdraft_that_burns_all_gas_is_found_before() {
    let world = World::new().await;
    world.chain.burn_gas(Token::Usdt, true).await.unwrap();
    world.chain.mine(1).await.unwrap();
    let plan = world.delivery(Asset::Usdt, &receiver(7), 1_001 * UNIT);
    let short = world.ethereum.prepare(&plan, None).await;
    assert!(matches!(short, Err(Unprepared::Short(_))), "{short:?}");
}

#[tokio::test]
async fn an_escrow_address_without_ether_says_what_it_lacks() {
    let world = World::new().await;
    world.deposit(Token::Usdt, ESCROW, 5 * DOLLAR).await;
    let amount = from_chain_units(5 * UNIT).unwrap();
    let value = Value::Coin { asset: Asset::Usdt, amount };
    let hot = world.hot().to_string();
    let plan = world.plan(Purpose::Sweep, Wallet::Escrow(ESCROW), &hot, value);
    let lacking = world.ethereum.prepare(&plan, None).await;
    let Err(Unprepared::NeedsGas { missing }) = lacking else { panic!("{lacking:?}") };
    // Some of it is there: only the rest is missing.
    world.chain.set_eth_balance(escrow(ESCROW), 1_000_000).await.unwrap();
    let lacking = world.ethereum.prepare(&plan, None).await;
    assert_eq!(lacking, Err(Unprepared::NeedsGas { missing: missing - 1_000_000 }));
    world.chain.set_eth_balance(escrow(ESCROW), missing.into()).await.unwrap();
    let prepared = world.ethereum.prepare(&plan, None).await.unwrap();
    let (gas_limit, max_fee, _) = terms(&prepared.terms);
    assert_eq!(missing, (gas_limit * max_fee * 12).div_ceil(10));
}

#[tokio::test]
async fn what_the_token_forbids_is_told_apart() {
    let world = World::new().await;
    let to = receiver(7);
    let tether = world.delivery(Asset::Usdt, &to, UNIT);
    let circle = world.delivery(Asset::Usdc, &to, UNIT);
    let is_blocked = |prepared| matches!(prepared, Err(Unprepared::Blocked(_)));

    for token in [Token::Usdt, Token::Usdc] {
        world.chain.pause(token, true).await.unwrap();
    }
    world.chain.mine(1).await.unwrap();
    assert!(is_blocked(world.ethereum.prepare(&tether, None).await));
    assert!(is_blocked(world.ethereum.prepare(&circle, None).await));

    for token in [Token::Usdt, Token::Usdc] {
        world.chain.pause(token, false).await.unwrap();
        world.chain.blacklist(token, to.parse().unwrap(), true).await.unwrap();
    }
    world.chain.mine(1).await.unwrap();
    // Tether takes money for a blacklisted receiver, Circle does not.
    assert!(world.ethereum.prepare(&tether, None).await.is_ok());
    let refused = world.ethereum.prepare(&circle, None).await;
    assert!(matches!(refused, Err(Unprepared::Receiver(_))), "{refused:?}");

    for token in [Token::Usdt, Token::Usdc] {
        world.chain.blacklist(token, world.hot(), true).await.unwrap();
    }
    world.chain.mine(1).await.unwrap();
    assert!(is_blocked(world.ethereum.prepare(&tether, None).await));
    assert!(is_blocked(world.ethereum.prepare(&circle, None).await));
}

#[tokio::test]
async fn nobody_sends_to_a_token_to_nobody_or_to_ourselves() {
    let world = World::new().await;
    let zero = format!("0x{}", "0".repeat(40));
    let others = [
        world.chain.usdt().to_string(),
        world.chain.usdc().to_string(),
        world.hot().to_string(),
        zero,
        "TWer2Ygk5TEheHp3TPuYeqxmB6SsGZmaL6".to_owned(),
        "not an address".to_owned(),
    ];
    for to in others {
        let plan = world.delivery(Asset::Usdt, &to, UNIT);
        let refused = world.ethereum.prepare(&plan, None).await;
        assert!(matches!(refused, Err(Unprepared::Receiver(_))), "{to}: {refused:?}");
    }
    assert_eq!(world.gate.journal().len(), 0, "nobody need be asked");
    // Without a checksum it is an address all the same.
    let plan = world.delivery(Asset::Usdt, &receiver(0xab).to_lowercase(), UNIT);
    assert!(world.ethereum.prepare(&plan, None).await.is_ok());
}

#[tokio::test]
async fn a_plan_that_we_cannot_have_made_is_a_contradiction() {
    let world = World::new().await;
    let to = receiver(7);
    let mut foreign = world.delivery(Asset::Usdt, &to, UNIT);
    foreign.from = escrow_text(ESCROW);
    let amount = Crypto::from_minor(1).unwrap();
    let value = Value::Coin { asset: Asset::Usdt, amount };
    let too_fine = world.plan(Purpose::Delivery, Wallet::Hot, &to, value);
    let terms = Terms::Ethereum { gas_limit: 1, max_fee: 1, max_tip: 1 };
    for plan in [foreign, too_fine] {
        let prepared = world.ethereum.prepare(&plan, None).await;
        let contradiction = Err(Unprepared::Away(SourceError::Contradiction(String::new())));
        assert_eq!(prepared.map_err(wordless), contradiction);
        assert!(world.ethereum.encode(&plan, &terms, 0).is_err());
    }
}

fn wordless(unprepared: Unprepared) -> Unprepared {
    match unprepared {
        Unprepared::Away(SourceError::Contradiction(_)) => {
            Unprepared::Away(SourceError::Contradiction(String::new()))
        }
        other => other,
    }
}

#[tokio::test]
async fn our_limits_of_price_and_gas_hold() {
    let world = World::new().await;
    let plan = world.delivery(Asset::Usdt, &receiver(7), UNIT);
    world.chain.set_base_fee(200_000_000_000).await.unwrap();
    world.chain.mine(1).await.unwrap();
    let blocked = world.ethereum.prepare(&plan, None).await;
    assert!(matches!(blocked, Err(Unprepared::Blocked(_))), "{blocked:?}");

    let world = World::with(|config, _| config.gas_cap = 40_000).await;
    let plan = world.delivery(Asset::Usdt, &receiver(7), UNIT);
    let blocked = world.ethereum.prepare(&plan, None).await;
    assert!(matches!(blocked, Err(Unprepared::Blocked(_))), "{blocked:?}");
}

#[tokio::test]
async fn ether_for_gas_is_prepared_from_the_hot_wallet_only_as_far_as_it_is_there() {
    let world = World::new().await;
    let to = escrow_text(ESCROW);
    let value = Value::Native { units: 1_000_000_000_000_000 };
    let plan = world.plan(Purpose::Gas, Wallet::Hot, &to, value);
    let prepared = world.ethereum.prepare(&plan, None).await.unwrap();
    assert_eq!(terms(&prepared.terms).0, 26_250, "21000 and a quarter more");
    world.chain.set_eth_balance(world.hot(), 1_000_000_000_000_000).await.unwrap();
    let short = world.ethereum.prepare(&plan, None).await;
    assert!(matches!(short, Err(Unprepared::Short(_))), "{short:?}");
}

#[tokio::test]
async fn nothing_is_concluded_from_a_node_that_fails() {
    let world = World::new().await;
    let plan = world.delivery(Asset::Usdt, &receiver(7), UNIT);
    let methods = [
        "eth_getTransactionCount",
        "eth_feeHistory",
        "eth_call",
        "eth_estimateGas",
        "eth_getBalance",
    ];
    for method in methods {
        for kind in [
            GateFaultKind::Drop { done: false },
            GateFaultKind::Html,
            GateFaultKind::refuse(-32005, "limit exceeded"),
        ] {
            world.gate.add(GateFault::always(method, kind));
            let away = world.ethereum.prepare(&plan, None).await;
            assert!(matches!(away, Err(Unprepared::Away(_))), "{method}: {away:?}");
            world.gate.clear_faults();
        }
    }
    assert!(world.ethereum.prepare(&plan, None).await.is_ok());
}

/// A transfer that waits in the pool does not count yet: our own counter does.
#[tokio::test]
async fn the_nonce_is_that_of_the_blocks() {
    let world = World::new().await;
    let plan = world.delivery(Asset::Usdt, &receiver(7), UNIT);
    let before = world.ethereum.prepare(&plan, None).await.unwrap().sequence;
    world.chain.transfer(Token::Usdt, Sender::Account(1), escrow(1), DOLLAR).await.unwrap();
    assert_eq!(world.ethereum.prepare(&plan, None).await.unwrap().sequence, before);
    world.chain.mine(1).await.unwrap();
    assert_eq!(world.ethereum.prepare(&plan, None).await.unwrap().sequence, before + 1);
}
