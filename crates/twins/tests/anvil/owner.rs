//! What the owners of tokens do to their holders.

use twins::anvil::{At, Chain, Mining, Sender, Token};

use super::support::{CUSTOMER, UNIT, node, somebody};

/// Whether a transfer from the customer to `to` goes through.
async fn goes_through(chain: &Chain, token: Token, to: u8) -> bool {
    let hash =
        chain.transfer(token, CUSTOMER, somebody(to), UNIT).await.expect("a node that answers");
    chain.mined(hash).await.expect("a node that answers").succeeded
}

async fn funded(chain: &Chain, token: Token) {
    chain.mint(token, chain.accounts()[1], 100 * UNIT).await.expect("a node that answers");
}

#[tokio::test]
async fn while_a_token_is_paused_nothing_moves() {
    let (_anvil, chain) = node(Mining::Auto).await;
    for token in [Token::Usdt, Token::Usdc] {
        funded(&chain, token).await;
        chain.pause(token, true).await.unwrap();
        assert!(!goes_through(&chain, token, 7).await);
        chain.pause(token, false).await.unwrap();
        assert!(goes_through(&chain, token, 7).await);
    }
}

#[tokio::test]
async fn tether_stops_senders_and_circle_recipients_too() {
    let (_anvil, chain) = node(Mining::Auto).await;
    for (token, to_listed) in [(Token::Usdt, true), (Token::Usdc, false)] {
        funded(&chain, token).await;
        chain.blacklist(token, somebody(7), true).await.unwrap();
        assert_eq!(goes_through(&chain, token, 7).await, to_listed, "{token:?}");
        let customer = chain.accounts()[1];
        chain.blacklist(token, customer, true).await.unwrap();
        assert!(!goes_through(&chain, token, 8).await, "{token:?}");
        chain.blacklist(token, customer, false).await.unwrap();
        assert!(goes_through(&chain, token, 8).await, "{token:?}");
    }
}

#[tokio::test]
async fn destroyed_funds_go_without_a_transfer() {
    let (_anvil, chain) = node(Mining::Auto).await;
    funded(&chain, Token::Usdt).await;
    let holder = chain.accounts()[1];
    chain.blacklist(Token::Usdt, holder, true).await.unwrap();
    let before = chain.transfers().await.unwrap().len();
    let hash = chain.destroy_black_funds(Token::Usdt, holder).await.unwrap();
    let receipt = chain.mined(hash).await.unwrap();
    assert!(receipt.succeeded && receipt.logs == 1);
    assert_eq!(chain.transfers().await.unwrap().len(), before);
    assert_eq!(chain.balance_of(Token::Usdt, holder, At::Latest).await.unwrap(), 0);
}

#[tokio::test]
async fn a_fee_is_taken_from_what_the_recipient_gets() {
    let (_anvil, chain) = node(Mining::Auto).await;
    funded(&chain, Token::Usdt).await;
    chain.set_fee(Token::Usdt, 10, 1_000_000).await.unwrap();
    let owner = chain.accounts()[0];
    for (first, parts) in [
        (false, [(somebody(7), 999_000), (owner, 1_000)]),
        (true, [(owner, 1_000), (somebody(7), 999_000)]),
    ] {
        chain.log_fee_first(Token::Usdt, first).await.unwrap();
        let hash = chain.transfer(Token::Usdt, CUSTOMER, somebody(7), UNIT).await.unwrap();
        chain.mined(hash).await.unwrap();
        let seen = chain.transfers().await.unwrap();
        let seen: Vec<_> = seen.iter().filter(|transfer| transfer.tx_hash == hash).collect();
        let seen: Vec<_> = seen.iter().map(|transfer| (transfer.to, transfer.units)).collect();
        assert_eq!(seen, parts);
    }
    chain.set_fee(Token::Usdt, 10, 1).await.unwrap();
    goes_through(&chain, Token::Usdt, 8).await;
    let capped = chain.balance_of(Token::Usdt, somebody(8), At::Latest).await.unwrap();
    assert_eq!(capped, UNIT - 1);
}

#[tokio::test]
async fn an_overdraft_can_burn_all_its_gas() {
    let (_anvil, chain) = node(Mining::Auto).await;
    let overdraw = async || {
        let sender = Sender::Account(3);
        let hash = chain.transfer(Token::Usdt, sender, somebody(7), UNIT).await.unwrap();
        chain.mined(hash).await.unwrap()
    };
    let mild = overdraw().await;
    chain.burn_gas(Token::Usdt, true).await.unwrap();
    let harsh = overdraw().await;
    assert!(!mild.succeeded && !harsh.succeeded);
    assert!(mild.gas_used < 60_000 && harsh.gas_used == 120_000, "{mild:?} {harsh:?}");
}

#[tokio::test]
async fn tether_mints_without_a_transfer_and_circle_with_one() {
    let (_anvil, chain) = node(Mining::Auto).await;
    let before = chain.transfers().await.unwrap().len();
    for (token, more) in [(Token::Usdt, 0), (Token::Usdc, 1)] {
        let hash = chain.mint(token, somebody(7), UNIT).await.unwrap();
        chain.mined(hash).await.unwrap();
        assert_eq!(chain.transfers().await.unwrap().len(), before + more);
    }
    assert_eq!(chain.transfers_to(somebody(7)).await.unwrap()[0].from, somebody(0));
}
