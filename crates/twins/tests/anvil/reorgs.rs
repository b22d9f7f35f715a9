//! Reorganisations: what a scanner and a payer have to live through.

use twins::anvil::{At, Chain, Hash, Mining, Replay, Token};

use super::support::{CUSTOMER, OTHER, UNIT, node, somebody};

/// The accounts 1 and 2 hold something, and that is far below the head.
async fn prepared(chain: &Chain) {
    for account in [1, 2] {
        chain
            .mint(Token::Usdt, chain.accounts()[account], 100 * UNIT)
            .await
            .expect("a node that answers");
    }
    chain.mine(20).await.expect("a node that answers");
}

/// A mined transfer and its bytes.
async fn paid(chain: &Chain) -> (Hash, String) {
    let hash = chain
        .transfer(Token::Usdt, CUSTOMER, somebody(7), UNIT)
        .await
        .expect("a node that answers");
    chain.mine(1).await.expect("a node that answers");
    chain.mined(hash).await.expect("a node that answers");
    let raw = chain.raw_transaction(hash).await.expect("a node that answers");
    (hash, raw.expect("its bytes"))
}

#[tokio::test]
async fn a_transfer_vanishes_and_the_same_bytes_bring_it_back() {
    let (_anvil, chain) = node(Mining::Manual).await;
    prepared(&chain).await;
    let (hash, raw) = paid(&chain).await;
    let head = chain.block_number().await.unwrap();
    let old = chain.block_hash(head).await.unwrap();
    chain.reorg(1, &[]).await.unwrap();
    assert_eq!(chain.block_number().await.unwrap(), head);
    assert_ne!(chain.block_hash(head).await.unwrap(), old);
    assert_eq!(chain.receipt(hash).await.unwrap(), None);
    assert_eq!(chain.transfers_to(somebody(7)).await.unwrap(), []);
    assert_eq!(chain.pending().await.unwrap(), 0);
    assert_eq!(chain.send_raw(&raw).await.unwrap(), hash);
    chain.mine(1).await.unwrap();
    assert_eq!(chain.mined(hash).await.unwrap().block, head + 1);
    assert_eq!(chain.transfers_to(somebody(7)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_transfer_comes_back_one_block_later() {
    let (_anvil, chain) = node(Mining::Manual).await;
    prepared(&chain).await;
    let (hash, raw) = paid(&chain).await;
    let block = chain.mined(hash).await.unwrap().block;
    chain.mine(1).await.unwrap();
    chain.reorg(2, &[Replay { raw, block: 1 }]).await.unwrap();
    assert_eq!(chain.mined(hash).await.unwrap().block, block + 1);
    assert_eq!(chain.transfers_to(somebody(7)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn another_transfer_with_the_same_nonce_wins() {
    let (_anvil, chain) = node(Mining::Manual).await;
    prepared(&chain).await;
    let (hash, raw) = paid(&chain).await;
    let nonce = chain.nonce(chain.accounts()[1]).await.unwrap() - 1;
    let rival = chain.signed_transfer(Token::Usdt, 1, (somebody(8), UNIT), Some(nonce));
    let rival = rival.await.unwrap();
    chain.reorg(1, &[Replay { raw: rival, block: 0 }]).await.unwrap();
    assert_eq!(chain.receipt(hash).await.unwrap(), None);
    assert_eq!(chain.transfers_to(somebody(7)).await.unwrap(), []);
    assert_eq!(chain.transfers_to(somebody(8)).await.unwrap().len(), 1);
    let refused = chain.send_raw(&raw).await.unwrap_err().to_string();
    assert!(refused.contains("nonce too low"), "{refused}");
}

#[tokio::test]
async fn the_place_in_the_block_changes_and_that_in_the_transaction_does_not() {
    let (_anvil, chain) = node(Mining::Manual).await;
    prepared(&chain).await;
    let first = chain.transfer(Token::Usdt, OTHER, somebody(8), UNIT).await.unwrap();
    let second = chain.transfer(Token::Usdt, CUSTOMER, somebody(7), UNIT).await.unwrap();
    chain.mine(1).await.unwrap();
    chain.mined(second).await.unwrap();
    let seen = async || {
        let found = chain.transfers_to(somebody(7)).await.unwrap();
        assert_eq!(found.len(), 1);
        (found[0].tx_hash, found[0].log_in_block, found[0].log_in_tx)
    };
    assert_eq!(seen().await, (second, 1, 0));
    let raw = chain.raw_transaction(second).await.unwrap().expect("its bytes");
    chain.reorg(1, &[Replay { raw, block: 0 }]).await.unwrap();
    assert_eq!(seen().await, (second, 0, 0));
    assert_eq!(chain.receipt(first).await.unwrap(), None);
}

#[tokio::test]
async fn even_what_was_final_can_be_undone() {
    let (_anvil, chain) = node(Mining::Manual).await;
    prepared(&chain).await;
    let (hash, _) = paid(&chain).await;
    chain.finalize().await.unwrap();
    let block = chain.mined(hash).await.unwrap().block;
    assert!(chain.finalized_number().await.unwrap() >= block);
    let depth = chain.block_number().await.unwrap() - block + 1;
    chain.reorg(depth, &[]).await.unwrap();
    assert_eq!(chain.receipt(hash).await.unwrap(), None);
    assert_eq!(chain.balance_of(Token::Usdt, somebody(7), At::Finalized).await.unwrap(), 0);
}

#[tokio::test]
async fn a_rollback_takes_the_head_backwards() {
    let (_anvil, chain) = node(Mining::Manual).await;
    prepared(&chain).await;
    let (hash, _) = paid(&chain).await;
    let head = chain.block_number().await.unwrap();
    chain.rollback(2).await.unwrap();
    assert_eq!(chain.block_number().await.unwrap(), head - 2);
    assert_eq!(chain.receipt(hash).await.unwrap(), None);
}

#[tokio::test]
async fn bytes_that_are_sent_again_and_again_pay_once() {
    let (_anvil, chain) = node(Mining::Manual).await;
    prepared(&chain).await;
    let raw = chain.signed_transfer(Token::Usdt, 1, (somebody(7), UNIT), None).await.unwrap();
    let hash = chain.send_raw(&raw).await.unwrap();
    let again = chain.send_raw(&raw).await.unwrap_err().to_string();
    assert!(again.contains("already imported"), "{again}");
    assert!(chain.drop_transaction(hash).await.unwrap());
    assert!(!chain.drop_transaction(hash).await.unwrap());
    chain.mine(1).await.unwrap();
    assert_eq!(chain.transfers_to(somebody(7)).await.unwrap(), []);
    chain.send_raw(&raw).await.unwrap();
    chain.mine(1).await.unwrap();
    chain.mined(hash).await.unwrap();
    assert!(chain.send_raw(&raw).await.is_err());
    chain.mine(1).await.unwrap();
    assert_eq!(chain.transfers_to(somebody(7)).await.unwrap().len(), 1);
}
