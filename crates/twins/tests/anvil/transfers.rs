//! What customers do, and what it leaves on the chain.

use twins::anvil::{Address, At, Chain, Mining, Sender, Token};

use super::support::{CUSTOMER, OTHER, UNIT, node, somebody};

async fn balance(chain: &Chain, token: Token, address: Address) -> u128 {
    chain.balance_of(token, address, At::Latest).await.expect("a node that answers")
}

#[tokio::test]
async fn a_transfer_of_each_token_leaves_one_log() {
    let (_anvil, chain) = node(Mining::Auto).await;
    for (number, token) in (100..).zip(Token::ALL) {
        chain.mint(token, chain.accounts()[1], 5 * UNIT).await.unwrap();
        let hash = chain.transfer(token, CUSTOMER, somebody(number), 2 * UNIT).await.unwrap();
        let receipt = chain.mined(hash).await.unwrap();
        assert!(receipt.succeeded && receipt.logs == 1, "{token:?}: {receipt:?}");
        let found = chain.transfers_to(somebody(number)).await.unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        let seen = (found[0].tx_hash, found[0].token, found[0].units, found[0].block);
        assert_eq!(seen, (hash, token, 2 * UNIT, receipt.block));
        assert_eq!((found[0].from, found[0].log_in_tx), (chain.accounts()[1], 0));
        assert_eq!(balance(&chain, token, somebody(number)).await, 2 * UNIT);
        assert_eq!(balance(&chain, token, chain.accounts()[1]).await, 3 * UNIT);
    }
}

#[tokio::test]
async fn each_token_answers_a_call_in_its_own_way() {
    let (_anvil, chain) = node(Mining::Auto).await;
    let answer = async |token| chain.transfer_answer(token, UNIT).await.unwrap();
    assert_eq!(answer(Token::Usdt).await, "0x");
    assert_eq!(answer(Token::Usdc).await, format!("0x{:064x}", 1));
    assert_eq!(answer(Token::FalseReturn).await, format!("0x{:064x}", 0));
}

#[tokio::test]
async fn a_batch_leaves_its_logs_in_order() {
    let (_anvil, chain) = node(Mining::Auto).await;
    chain.mint(Token::Usdt, chain.accounts()[1], 9 * UNIT).await.unwrap();
    let parts: Vec<(Address, u128)> = (1..=9).map(|n| (somebody(n), u128::from(n))).collect();
    let hash = chain.batch(Token::Usdt, CUSTOMER, &parts).await.unwrap();
    assert_eq!(chain.mined(hash).await.unwrap().logs, 9);
    let seen = chain.transfers().await.unwrap();
    let seen: Vec<_> = seen.iter().filter(|transfer| transfer.tx_hash == hash).collect();
    for (place, (transfer, part)) in (0..).zip(seen.iter().zip(&parts)) {
        assert_eq!((transfer.log_in_tx, transfer.to, transfer.units), (place, part.0, part.1));
    }
    assert_eq!(seen.len(), 9);
}

#[tokio::test]
async fn logs_are_counted_within_their_transaction() {
    let (_anvil, chain) = node(Mining::Manual).await;
    for account in [1, 2] {
        chain.mint(Token::Usdt, chain.accounts()[account], UNIT).await.unwrap();
    }
    chain.mine(1).await.unwrap();
    for sender in [CUSTOMER, OTHER] {
        chain.batch(Token::Usdt, sender, &[(somebody(7), 1), (somebody(7), 2)]).await.unwrap();
    }
    chain.mine(1).await.unwrap();
    let found = chain.transfers_to(somebody(7)).await.unwrap();
    let places: Vec<(u64, u64)> = found.iter().map(|t| (t.log_in_tx, t.log_in_block)).collect();
    assert_eq!(places, [(0, 0), (1, 1), (0, 2), (1, 3)]);
}

#[tokio::test]
async fn anybody_can_send_without_a_key() {
    let (_anvil, chain) = node(Mining::Auto).await;
    chain.mint(Token::Usdt, somebody(9), UNIT).await.unwrap();
    let from = Sender::Anybody(somebody(9));
    let hash = chain.transfer(Token::Usdt, from, somebody(7), UNIT).await.unwrap();
    assert!(chain.mined(hash).await.unwrap().succeeded);
    assert_eq!(chain.transfers_to(somebody(7)).await.unwrap()[0].from, somebody(9));
}

#[tokio::test]
async fn what_is_approved_can_be_drawn() {
    let (_anvil, chain) = node(Mining::Auto).await;
    let (owner, spender) = (chain.accounts()[1], chain.accounts()[2]);
    chain.mint(Token::Usdt, owner, UNIT).await.unwrap();
    chain.approve(Token::Usdt, CUSTOMER, spender, UNIT).await.unwrap();
    let parties = (owner, somebody(7));
    let drawn = chain.transfer_from(Token::Usdt, OTHER, parties, UNIT).await.unwrap();
    assert!(chain.mined(drawn).await.unwrap().succeeded);
    assert_eq!(chain.transfers_to(somebody(7)).await.unwrap()[0].from, owner);
    let twice = chain.transfer_from(Token::Usdt, OTHER, parties, UNIT).await.unwrap();
    assert!(!chain.mined(twice).await.unwrap().succeeded);
}

#[tokio::test]
async fn an_overdraft_reverts_and_leaves_no_log() {
    let (_anvil, chain) = node(Mining::Auto).await;
    for token in Token::ALL {
        let hash = chain.transfer(token, CUSTOMER, somebody(7), UNIT).await.unwrap();
        let receipt = chain.mined(hash).await.unwrap();
        assert!(!receipt.succeeded && receipt.logs == 0, "{token:?}: {receipt:?}");
    }
    assert_eq!(chain.transfers_to(somebody(7)).await.unwrap(), []);
}

#[tokio::test]
async fn ether_can_be_sent_and_set() {
    let (_anvil, chain) = node(Mining::Auto).await;
    let hash = chain.send_eth(CUSTOMER, somebody(7), 5).await.unwrap();
    assert!(chain.mined(hash).await.unwrap().succeeded);
    assert_eq!(chain.eth_balance(somebody(7), At::Latest).await.unwrap(), 5);
    chain.set_eth_balance(somebody(7), 42).await.unwrap();
    assert_eq!(chain.eth_balance(somebody(7), At::Latest).await.unwrap(), 42);
}
