//! Re-orgs of chains whose blocks come by hand: what was not final may go, move, or give way; it is
//! never credited twice and never lost.

use domain::address::Network;
use e2e::{Coins, ethereum_with, eventually, tron_by_hand};
use serde_json::Value;
use twins::anvil::{Address, Chain, Mining, Replay, Token};

use crate::chain::ground::{COIN, Ground, Sell};

/// Whose transactions can go out again: the EVM node has their keys.
const PAYER: usize = 1;
const OTHER: usize = 2;
/// Depths of re-orgs on Tron, where nineteen blocks are not solid.
const TRON_DEPTHS: [u64; 4] = [1, 2, 9, 18];

/// A chain by hand, with coin in the wallets of two payers.
async fn begun(coins: Coins) -> Ground {
    if let Coins::Ethereum(anvil) = &coins {
        let chain = anvil.chain();
        for account in [PAYER, OTHER] {
            let to = chain.accounts()[account];
            chain.mint(Token::Usdt, to, 1_000_000 * COIN).await.expect("coin");
        }
        chain.finalize().await.expect("blocks");
    }
    Ground::on(coins).await
}

async fn ethereum() -> Ground {
    begun(ethereum_with(Mining::Manual).await).await
}

async fn tron() -> Ground {
    begun(tron_by_hand().await).await
}

fn address(of: &Sell) -> Address {
    of.escrow.parse().expect("an address")
}

/// A payment to the order, in a block of its own with so many more on top: the bytes that can be sent
/// again (Ethereum), or its name (Tron).
async fn paid(ground: &Ground, order: &Sell, above: u64) -> String {
    let name = match ground.coins.network() {
        Network::Tron => ground.send(order, 10 * COIN).await,
        Network::Ethereum => {
            let chain = ground.coins.ethereum();
            let raw = payment(&chain, address(order), 10 * COIN).await;
            chain.send_raw(&raw).await.expect("sent");
            raw
        }
    };
    ground.coins.mine(1 + above).await;
    name
}

/// The payer's next payment, not sent.
async fn payment(chain: &Chain, to: Address, units: u128) -> String {
    chain.signed_transfer(Token::Usdt, PAYER, (to, units), None).await.expect("signed")
}

/// The last blocks give way to others without the payment, which is in no block for now.
async fn taken_back(coins: &Coins, depth: u64) {
    match coins {
        Coins::Tron(twin) => {
            twin.control().fork(depth);
            twin.control().produce_empty_blocks(depth);
        }
        Coins::Ethereum(anvil) => anvil.chain().reorg(depth, &[]).await.expect("another branch"),
    }
}

/// It is in the next block.
async fn sent_again(coins: &Coins, payment: &str) {
    if let Coins::Ethereum(anvil) = coins {
        anvil.chain().send_raw(payment).await.expect("sent");
    }
    coins.mine(1).await;
}

/// The last blocks give way to others, with only this payment in them, in the block of that place.
async fn moved(coins: &Coins, depth: u64, payment: &str, block: u64) {
    match coins {
        Coins::Tron(twin) => {
            assert_eq!(twin.control().reorg(depth, &[(payment, block)]), depth);
        }
        Coins::Ethereum(anvil) => {
            let replay = Replay { raw: payment.to_owned(), block };
            anvil.chain().reorg(depth, &[replay]).await.expect("another branch");
        }
    }
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

async fn is_paid_once(ground: &Ground, order: &Sell) {
    ground.coins.finalise().await;
    ground.rail.reaches(&order.id, "completed").await;
    ground.disposed(order, &["applied"]).await;
}

async fn a_deposit_goes_and_comes_back_on(ground: Ground, depths: &[u64]) {
    for depth in depths {
        let order = ground.sell(10).await;
        let payment = paid(&ground, &order, depth - 1).await;
        ground.disposed(&order, &["confirming"]).await;
        ground.rail.reaches(&order.id, "confirming").await;
        ground.cancel(&order).await.problem(409, "deposit_seen");
        taken_back(&ground.coins, *depth).await;
        ground.disposed(&order, &["orphaned"]).await;
        ground.rail.reaches(&order.id, "awaiting_crypto").await;
        sent_again(&ground.coins, &payment).await;
        ground.disposed(&order, &["confirming"]).await;
        is_paid_once(&ground, &order).await;
    }
    assert_eq!(ground.rail.reviews("chain_halted").await, 0);
    ground.end_mining().await;
}

#[tokio::test]
async fn a_deposit_that_goes_at_any_depth_is_not_counted_and_counts_once_when_it_is_back() {
    let ground = ethereum().await;
    let depths: Vec<u64> = (1..ground.coins.ethereum().blocks_to_finality()).collect();
    a_deposit_goes_and_comes_back_on(ground, &depths).await;
}

#[tokio::test]
async fn a_deposit_that_goes_at_any_depth_is_not_counted_and_counts_once_when_it_is_back_on_tron() {
    a_deposit_goes_and_comes_back_on(tron().await, &TRON_DEPTHS).await;
}

async fn a_deposit_moves_on(ground: Ground) {
    let order = ground.sell(10).await;
    let payment = paid(&ground, &order, 4).await;
    let head = ground.coins.height().await;
    stands_in(&ground, &order, head - 4).await;
    moved(&ground.coins, 5, &payment, 3).await;
    stands_in(&ground, &order, head - 1).await;
    // And back again.
    moved(&ground.coins, 5, &payment, 1).await;
    stands_in(&ground, &order, head - 3).await;
    is_paid_once(&ground, &order).await;
    ground.end_mining().await;
}

#[tokio::test]
async fn a_deposit_that_moves_to_another_block_is_the_same_deposit() {
    a_deposit_moves_on(ethereum().await).await;
}

#[tokio::test]
async fn a_deposit_that_moves_to_another_block_is_the_same_deposit_on_tron() {
    a_deposit_moves_on(tron().await).await;
}

/// The chain has taken the order's payment back for good: another payment is another deposit.
async fn is_paid_by_another(ground: Ground, order: &Sell) {
    ground.disposed(order, &["orphaned"]).await;
    ground.coins.finalise().await;
    ground.rail.reaches(&order.id, "awaiting_crypto").await;
    paid(&ground, order, 0).await;
    ground.coins.finalise().await;
    ground.rail.reaches(&order.id, "completed").await;
    let mut told = ground.dispositions(order).await;
    told.sort_unstable();
    assert_eq!(told, ["applied", "orphaned"]);
    ground.end_mining().await;
}

#[tokio::test]
async fn a_deposit_whose_coin_went_elsewhere_is_not_counted() {
    let ground = ethereum().await;
    let chain = ground.coins.ethereum();
    let order = ground.sell(10).await;
    let nonce = chain.nonce(chain.accounts()[PAYER]).await.expect("a nonce");
    let elsewhere = (chain.accounts()[OTHER], 10 * COIN);
    let conflicting = chain.signed_transfer(Token::Usdt, PAYER, elsewhere, Some(nonce)).await;
    let raw_instead = conflicting.expect("signed");
    paid(&ground, &order, 2).await;
    ground.disposed(&order, &["confirming"]).await;
    chain.reorg(3, &[Replay { raw: raw_instead, block: 0 }]).await.expect("another branch");
    is_paid_by_another(ground, &order).await;
}

/// There is no nonce on Tron: the payment stays in the block, and fails there.
#[tokio::test]
async fn a_deposit_whose_coin_went_elsewhere_is_not_counted_on_tron() {
    let ground = tron().await;
    let control = ground.coins.tron();
    let order = ground.sell(10).await;
    let (payer, other) = (twins::tron::Address::new([7; 20]), twins::tron::Address::new([8; 20]));
    control.fund_token(control.token_address(), payer, 10 * COIN);
    let to = order.escrow.parse().expect("an address");
    let deposit = control.transfer(payer, to, 10 * COIN);
    let elsewhere = control.transfer(payer, other, 10 * COIN);
    ground.coins.mine(3).await;
    ground.disposed(&order, &["confirming"]).await;
    control.reorg(3, &[(&elsewhere, 0), (&deposit, 0)]);
    is_paid_by_another(ground, &order).await;
}

/// The deposit is in the block of this name no more, and is the same deposit.
async fn is_the_same(ground: Ground, order: &Sell, before: &Value, old_block: &str) {
    eventually("the other branch is read", async || {
        let query = "SELECT block_hash FROM chain_deposits";
        let rows = ground.rail.app.sql.rows(query, &[]).await;
        rows.len() == 1 && rows[0].get::<_, String>(0) != old_block
    })
    .await;
    let after = stands_in(&ground, order, before["block_height"].as_u64().expect("one")).await;
    for member in ["tx_hash", "ordinal", "amount"] {
        assert_eq!(after[member], before[member]);
    }
    is_paid_once(&ground, order).await;
    ground.end_mining().await;
}

#[tokio::test]
async fn a_deposit_whose_place_in_its_block_changes_is_the_same_deposit() {
    let ground = ethereum().await;
    let chain = ground.coins.ethereum();
    let order = ground.sell(10).await;
    let (nobody, other) = (Address([0x99; 20]), OTHER);
    let first = chain.signed_transfer(Token::Usdt, other, (nobody, COIN), None).await;
    let first = Replay { raw: first.expect("signed"), block: 0 };
    let raw = paid(&ground, &order, 1).await;
    let place = async || {
        let all = chain.transfers_to(address(&order)).await.expect("logs");
        all.first().expect("it is mined").log_in_block
    };
    let head = chain.block_number().await.expect("a head");
    let before = stands_in(&ground, &order, head - 1).await;
    assert_eq!(place().await, 0);
    let hash = chain.block_hash(head - 1).await.expect("a block").to_string();
    chain.reorg(2, &[first, Replay { raw, block: 0 }]).await.expect("another branch");
    assert_eq!(place().await, 1, "another transfer is before it");
    is_the_same(ground, &order, &before, &hash).await;
}

#[tokio::test]
async fn a_deposit_whose_place_in_its_block_changes_is_the_same_deposit_on_tron() {
    let ground = tron().await;
    let control = ground.coins.tron();
    let order = ground.sell(10).await;
    let deposit = ground.send(&order, 10 * COIN).await;
    let (payer, other) = (twins::tron::Address::new([7; 20]), twins::tron::Address::new([8; 20]));
    control.fund_token(control.token_address(), payer, COIN);
    let first = control.transfer(payer, other, COIN);
    ground.coins.mine(2).await;
    let head = ground.coins.height().await;
    let before = stands_in(&ground, &order, head - 1).await;
    let block = control.block(head - 1).expect("a block");
    control.reorg(2, &[(&first, 0), (&deposit, 0)]);
    is_the_same(ground, &order, &before, &block.id).await;
}
