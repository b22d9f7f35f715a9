//! When blocks are made, and what time they tell.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use twins::anvil::{At, Mining, Token};

use super::support::{CUSTOMER, UNIT, node, somebody};

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

#[tokio::test]
async fn by_hand_nothing_is_mined_until_it_is_asked_for() {
    let (_anvil, chain) = node(Mining::Manual).await;
    let hash = chain.mint(Token::Usdt, somebody(7), UNIT).await.unwrap();
    assert_eq!((chain.receipt(hash).await.unwrap(), chain.pending().await.unwrap()), (None, 1));
    chain.mine(1).await.unwrap();
    assert!(chain.mined(hash).await.unwrap().succeeded);
    assert_eq!(chain.balance_of(Token::Usdt, somebody(7), At::Latest).await.unwrap(), UNIT);
}

#[tokio::test]
async fn at_a_pace_below_a_second_blocks_come_by_themselves() {
    let (_anvil, chain) = node(Mining::Every(Duration::from_millis(100))).await;
    let hash = chain.mint(Token::Usdt, somebody(7), UNIT).await.unwrap();
    assert!(chain.mined(hash).await.unwrap().succeeded);
    let seen = chain.block_number().await.unwrap();
    while chain.block_number().await.unwrap() < seen + 3 {}
}

#[tokio::test]
async fn finality_is_eight_blocks_behind() {
    let (_anvil, chain) = node(Mining::Manual).await;
    chain.mint(Token::Usdt, somebody(7), UNIT).await.unwrap();
    chain.mine(8).await.unwrap();
    assert_eq!(chain.balance_of(Token::Usdt, somebody(7), At::Finalized).await.unwrap(), 0);
    chain.mine(1).await.unwrap();
    let (head, finalized) =
        (chain.block_number().await.unwrap(), chain.finalized_number().await.unwrap());
    assert_eq!((head - finalized, chain.blocks_to_finality()), (8, 8));
    // The first block holds the tokens, the second what was minted.
    assert_eq!(chain.balance_of(Token::Usdt, somebody(7), At::Block(2)).await.unwrap(), UNIT);
    assert_eq!(chain.balance_of(Token::Usdt, somebody(7), At::Finalized).await.unwrap(), UNIT);
}

#[tokio::test]
async fn many_blocks_at_once_do_not_run_ahead_of_the_clock() {
    let (_anvil, chain) = node(Mining::Manual).await;
    let before = now();
    chain.mine(50).await.unwrap();
    chain.finalize().await.unwrap();
    let head = chain.block_number().await.unwrap();
    let time = chain.block_time(head).await.unwrap();
    assert!((before..=now()).contains(&time), "{time}, but it is {}", now());
}

#[tokio::test]
async fn a_block_can_tell_another_time() {
    let (_anvil, chain) = node(Mining::Manual).await;
    let later = now() + 3600;
    chain.mine_at(later).await.unwrap();
    let head = chain.block_number().await.unwrap();
    assert_eq!(chain.block_time(head).await.unwrap(), later);
    chain.mine(1).await.unwrap();
    assert!(chain.block_time(head + 1).await.unwrap() >= later);
}

#[tokio::test]
async fn the_base_fee_and_automatic_mining_can_be_set() {
    let (_anvil, chain) = node(Mining::Manual).await;
    chain.set_base_fee(90_000_000_000).await.unwrap();
    chain.automine(true).await.unwrap();
    let before = chain.eth_balance(chain.accounts()[1], At::Latest).await.unwrap();
    let hash = chain.transfer(Token::Usdt, CUSTOMER, somebody(7), 0).await.unwrap();
    let gas = u128::from(chain.mined(hash).await.unwrap().gas_used);
    let paid = before - chain.eth_balance(chain.accounts()[1], At::Latest).await.unwrap();
    assert!(paid >= gas * 90_000_000_000, "{paid} for {gas}");
}

#[tokio::test]
async fn a_snapshot_undoes_what_came_after() {
    let (_anvil, chain) = node(Mining::Auto).await;
    let snapshot = chain.snapshot().await.unwrap();
    let hash = chain.mint(Token::Usdt, somebody(7), UNIT).await.unwrap();
    chain.mined(hash).await.unwrap();
    chain.revert(snapshot).await.unwrap();
    assert_eq!(chain.balance_of(Token::Usdt, somebody(7), At::Latest).await.unwrap(), 0);
    assert_eq!(chain.receipt(hash).await.unwrap(), None);
}
