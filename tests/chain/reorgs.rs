//! Re-orgs of a private EVM node whose blocks come by hand: what was not final may go, move, or give
//! way; it is never credited twice and never lost.

use e2e::{Coins, ethereum_with, eventually};
use serde_json::Value;
use twins::anvil::{Address, Chain, Mining, Replay, Token};

use crate::chain::ground::{COIN, Ground, Sell};

/// Whose transactions can go out again: the node has their keys.
const PAYER: usize = 1;
const OTHER: usize = 2;

/// A chain by hand, with coin in the wallets of two payers.
async fn begun() -> (Ground, Chain) {
    let coins: Coins = ethereum_with(Mining::Manual).await;
    let chain = coins.ethereum();
    for account in [PAYER, OTHER] {
        let to = chain.accounts()[account];
        chain.mint(Token::Usdt, to, 1_000_000 * COIN).await.expect("coin");
    }
    chain.finalize().await.expect("blocks");
    (Ground::on(coins).await, chain)
}

fn address(of: &Sell) -> Address {
    of.escrow.parse().expect("an address")
}

/// The payer's next payment, not sent.
async fn payment(chain: &Chain, to: Address, units: u128) -> String {
    chain.signed_transfer(Token::Usdt, PAYER, (to, units), None).await.expect("signed")
}

/// In a block of its own, with so many more on top.
async fn mined(chain: &Chain, raw: &str, above: u64) {
    chain.send_raw(raw).await.expect("sent");
    chain.mine(1 + above).await.expect("blocks");
}

/// The one deposit of an order, when it is in this block.
async fn stands_in(ground: &Ground, order: &Sell, height: u64) -> Value {
    eventually("the deposit is where the chain has it", async || {
        let told = ground.deposits(order).await;
        told.len() == 1 && told[0]["block_height"] == height && told[0]["stage"] == "seen"
    })
    .await;
    ground.deposits(order).await.remove(0)
}

async fn is_paid_once(ground: &Ground, chain: &Chain, order: &Sell) {
    chain.finalize().await.expect("blocks");
    ground.rail.reaches(&order.id, "completed").await;
    ground.disposed(order, &["applied"]).await;
}

#[tokio::test]
async fn a_deposit_that_goes_at_any_depth_is_not_counted_and_counts_once_when_it_is_back() {
    let (ground, chain) = begun().await;
    for depth in 1..chain.blocks_to_finality() {
        let order = ground.sell(10).await;
        let raw = payment(&chain, address(&order), 10 * COIN).await;
        mined(&chain, &raw, depth - 1).await;
        ground.disposed(&order, &["confirming"]).await;
        ground.rail.reaches(&order.id, "confirming").await;
        ground.cancel(&order).await.problem(409, "deposit_seen");
        chain.reorg(depth, &[]).await.expect("another branch");
        ground.disposed(&order, &["orphaned"]).await;
        ground.rail.reaches(&order.id, "awaiting_crypto").await;
        mined(&chain, &raw, 0).await;
        ground.disposed(&order, &["confirming"]).await;
        is_paid_once(&ground, &chain, &order).await;
    }
    assert_eq!(ground.rail.reviews("chain_halted").await, 0);
    ground.end_mining().await;
}

#[tokio::test]
async fn a_deposit_that_moves_to_another_block_is_the_same_deposit() {
    let (ground, chain) = begun().await;
    let order = ground.sell(10).await;
    let raw = payment(&chain, address(&order), 10 * COIN).await;
    mined(&chain, &raw, 4).await;
    let head = chain.block_number().await.expect("a head");
    stands_in(&ground, &order, head - 4).await;
    chain.reorg(5, &[Replay { raw: raw.clone(), block: 3 }]).await.expect("another branch");
    stands_in(&ground, &order, head - 1).await;
    // And back again.
    chain.reorg(5, &[Replay { raw, block: 1 }]).await.expect("another branch");
    stands_in(&ground, &order, head - 3).await;
    is_paid_once(&ground, &chain, &order).await;
    ground.end_mining().await;
}

#[tokio::test]
async fn a_deposit_whose_coin_went_elsewhere_is_not_counted() {
    let (ground, chain) = begun().await;
    let order = ground.sell(10).await;
    let nonce = chain.nonce(chain.accounts()[PAYER]).await.expect("a nonce");
    let raw = payment(&chain, address(&order), 10 * COIN).await;
    let elsewhere = (chain.accounts()[OTHER], 10 * COIN);
    let conflicting = chain.signed_transfer(Token::Usdt, PAYER, elsewhere, Some(nonce)).await;
    let raw_instead = conflicting.expect("signed");
    mined(&chain, &raw, 2).await;
    ground.disposed(&order, &["confirming"]).await;
    chain.reorg(3, &[Replay { raw: raw_instead, block: 0 }]).await.expect("another branch");
    ground.disposed(&order, &["orphaned"]).await;
    chain.finalize().await.expect("blocks");
    ground.rail.reaches(&order.id, "awaiting_crypto").await;
    // Another payment is another deposit.
    let raw = payment(&chain, address(&order), 10 * COIN).await;
    mined(&chain, &raw, 0).await;
    chain.finalize().await.expect("blocks");
    ground.rail.reaches(&order.id, "completed").await;
    let mut told = ground.dispositions(&order).await;
    told.sort_unstable();
    assert_eq!(told, ["applied", "orphaned"]);
    ground.end_mining().await;
}

#[tokio::test]
async fn a_deposit_whose_place_in_its_block_changes_is_the_same_deposit() {
    let (ground, chain) = begun().await;
    let order = ground.sell(10).await;
    let raw = payment(&chain, address(&order), 10 * COIN).await;
    let (nobody, other) = (Address([0x99; 20]), OTHER);
    let first = chain.signed_transfer(Token::Usdt, other, (nobody, COIN), None).await;
    let first = Replay { raw: first.expect("signed"), block: 0 };
    mined(&chain, &raw, 1).await;
    let place = async || {
        let all = chain.transfers_to(address(&order)).await.expect("logs");
        all.first().expect("it is mined").log_in_block
    };
    let head = chain.block_number().await.expect("a head");
    let before = stands_in(&ground, &order, head - 1).await;
    assert_eq!(place().await, 0);
    let hash = chain.block_hash(head - 1).await.expect("a block");
    chain.reorg(2, &[first, Replay { raw, block: 0 }]).await.expect("another branch");
    assert_eq!(place().await, 1, "another transfer is before it");
    eventually("the other branch is read", async || {
        let query = "SELECT block_hash FROM chain_deposits";
        let rows = ground.rail.app.sql.rows(query, &[]).await;
        rows.len() == 1 && rows[0].get::<_, String>(0) != hash.to_string()
    })
    .await;
    let after = stands_in(&ground, &order, head - 1).await;
    for member in ["tx_hash", "ordinal", "amount"] {
        assert_eq!(after[member], before[member]);
    }
    is_paid_once(&ground, &chain, &order).await;
    ground.end_mining().await;
}
