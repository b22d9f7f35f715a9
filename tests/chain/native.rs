//! The chains' own coins (TRX, ETH) at addresses that expect a token, and floods of next to nothing.

use domain::address::Network;
use domain::order::DepositId;
use domain::service::ServiceError;
use e2e::{Coins, ethereum, eventually, tron};
use serde_json::{Value, json};
use twins::anvil::Sender;

use crate::chain::ground::{COIN, Ground, LIFE, Sell};

/// Somebody sends the chain's own coin, in its units.
async fn send_native(coins: &Coins, to: &str, units: u64) -> String {
    let from = coins.stranger();
    match coins.network() {
        Network::Tron => {
            let (control, from) = (coins.tron(), from.parse().expect("an address"));
            let sun = i64::try_from(units).expect("a few");
            control.create_account(from, sun + 10_000_000);
            control.transfer_trx(from, to.parse().expect("an address"), sun)
        }
        Network::Ethereum => {
            let (from, to) = (from.parse().expect("one"), to.parse().expect("an address"));
            let sent = coins.ethereum().send_eth(Sender::Anybody(from), to, units.into()).await;
            sent.expect("sent").to_string()
        }
    }
}

/// Enough to be meant, and how it is written.
fn meant(network: Network) -> (u64, &'static str, &'static str) {
    match network {
        Network::Tron => (500_000_000, "TRX", "500.000000"),
        Network::Ethereum => (250_000_000_000_000_000, "ETH", "0.250000000000000000"),
    }
}

async fn posted(ground: &Ground, account: &str, asset: &str) -> i64 {
    let query = format!(
        "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_postings JOIN ledger_entries
             ON ledger_entries.id = entry_id
         WHERE account = '{account}' AND asset = '{asset}' AND cause LIKE 'deposit:%'"
    );
    ground.rail.app.sql.number(&query).await
}

async fn native_coin_is_kept_apart_on(coins: Coins) {
    let ground = Ground::on(coins).await;
    let order = ground.sell(10).await;
    let (units, coin, written) = meant(ground.coins.network());
    let hash = send_native(&ground.coins, &order.escrow, units).await;
    ground.disposed(&order, &["native_coin"]).await;
    let told = &ground.deposits(&order).await[0];
    assert_eq!((&told["asset"], &told["amount"]), (&json!(coin), &json!(written)), "{told}");
    assert_eq!((&told["tx_hash"], &told["stage"]), (&Value::from(hash), &json!("final")));
    ground.reviewed("quarantine").await;
    let held = i64::try_from(units).expect("a few");
    assert_eq!(posted(&ground, "gas", coin).await, held);
    assert_eq!(posted(&ground, "parked", coin).await, -held);
    assert_eq!(ground.rail.order(&order.id).await["status"], "awaiting_crypto");
    // It keeps nobody from paying. What we send to the address for the fee of gathering is no deposit.
    ground.send(&order, 10 * COIN).await;
    ground.rail.reaches(&order.id, "completed").await;
    eventually("the coin is gathered", async || ground.coins.balance(&order.escrow).await == 0)
        .await;
    ground.disposed(&order, &["native_coin", "applied"]).await;
    ground.end().await;
}

/// An operator's word sends it to the order's own wallet, once, however often it is said.
async fn native_coin_goes_back_on(coins: Coins) {
    let ground = Ground::on(coins).await;
    let order = ground.sell(10).await;
    let (units, ..) = meant(ground.coins.network());
    let tx_hash = send_native(&ground.coins, &order.escrow, units).await;
    ground.disposed(&order, &["native_coin"]).await;
    let id = DepositId { network: ground.coins.network(), tx_hash, ordinal: 0 };
    let treasurer = ground.treasurer().await;
    for _ in 0..2 {
        let given = treasurer.give_back(&id).await.expect("it is there");
        assert_eq!((given.to, given.units), (ground.wallet(), units));
    }
    ground.disposed(&order, &["returned"]).await;
    treasurer.give_back(&id).await.expect("it is the same return");
    assert_eq!(ground.coins.native(&ground.wallet()).await, u128::from(units));
    let parked = "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_postings
        WHERE account = 'parked'";
    assert_eq!(ground.rail.app.sql.number(parked).await, 0, "nothing is parked any more");
    let unknown = DepositId { ordinal: 1, ..id };
    assert!(matches!(treasurer.give_back(&unknown).await, Err(ServiceError::NotFound)));
    // The order goes its way.
    ground.send(&order, 10 * COIN).await;
    ground.rail.reaches(&order.id, "completed").await;
    ground.end().await;
}

#[tokio::test]
async fn trx_goes_back_to_the_orders_wallet_when_an_operator_says_so() {
    native_coin_goes_back_on(tron().await).await;
}

#[tokio::test]
async fn eth_goes_back_to_the_orders_wallet_when_an_operator_says_so() {
    native_coin_goes_back_on(ethereum().await).await;
}

#[tokio::test]
async fn trx_at_an_orders_address_is_seen_booked_and_before_an_operator() {
    native_coin_is_kept_apart_on(tron().await).await;
}

#[tokio::test]
async fn eth_at_an_orders_address_is_seen_booked_and_before_an_operator() {
    native_coin_is_kept_apart_on(ethereum().await).await;
}

async fn what_we_pay_for_fees_is_no_deposit_on(coins: Coins) {
    let ground = Ground::on(coins).await;
    let order = ground.sell(10).await;
    ground.send(&order, 10 * COIN).await;
    ground.rail.reaches(&order.id, "completed").await;
    eventually("the coin is gathered", async || ground.coins.balance(&order.escrow).await == 0)
        .await;
    let query = "SELECT count(*) FROM chain_transfers WHERE kind = 'gas' AND state = 'done'";
    eventually("the address was given its fee", async || {
        ground.rail.app.sql.number(query).await > 0
    })
    .await;
    ground.disposed(&order, &["applied"]).await;
    ground.end().await;
}

#[tokio::test]
async fn what_we_pay_for_fees_is_no_deposit_on_tron() {
    what_we_pay_for_fees_is_no_deposit_on(tron().await).await;
}

#[tokio::test]
async fn what_we_pay_for_fees_is_no_deposit_on_ethereum() {
    what_we_pay_for_fees_is_no_deposit_on(ethereum().await).await;
}

/// The pages that the `Link` header leads through: how many rows each has.
async fn pages(ground: &Ground, order: &Sell, query: &str) -> (Vec<usize>, Vec<Value>) {
    let (mut sizes, mut all) = (vec![], vec![]);
    let mut path = format!("/api/v1/auth/order/id/{}/deposits{query}", order.id);
    loop {
        let told = ground.rail.app.get(&path, &ground.rail.app.seller).await.expect(200);
        assert!(told.text.len() < 100_000, "{} bytes", told.text.len());
        sizes.push(told.rows().len());
        all.extend(told.rows().to_vec());
        let Some(next) = told.next() else { return (sizes, all) };
        path = next;
    }
}

/// Four hundred transfers of next to nothing: the answer stays small, and nobody is called.
#[tokio::test]
async fn a_flood_of_dust_is_paged_and_calls_nobody() {
    let ground = Ground::on(tron().await).await;
    let order = ground.sell(10).await;
    let (control, from) = (ground.coins.tron(), ground.coins.stranger());
    let from = from.parse().expect("an address");
    // A transaction with a hundred transfers burns hundreds of TRX.
    control.create_account(from, 10_000_000_000);
    control.fund_token(control.token_address(), from, 1_000);
    let payee = (order.escrow.parse().expect("an address"), 1);
    for _ in 0..4 {
        control.transfer_batch(control.token_address(), from, &[payee; 100]);
    }
    let query = "SELECT count(*) FROM chain_deposits WHERE told = 'final'";
    for told in [100, 200, 300, 400] {
        eventually("the next hundred is told", async || {
            ground.rail.app.sql.number(query).await >= told
        })
        .await;
    }
    let (sizes, all) = pages(&ground, &order, "").await;
    assert_eq!(sizes, [20; 20], "the first twenty without asking, and so on");
    assert!(all.iter().all(|row| row["disposition"] == "dust"));
    let place = |row: &Value| (row["tx_hash"].to_string(), row["ordinal"].as_u64());
    let places: std::collections::BTreeSet<_> = all.iter().map(place).collect();
    assert_eq!(places.len(), 400, "each once");
    let (sizes, again) = pages(&ground, &order, "?page_id=1&page_size=100").await;
    let again: Vec<_> = again.iter().map(place).collect();
    assert_eq!((sizes, again), (vec![100; 4], all.iter().map(place).collect()));
    for wrong in ["?page_size=0", "?page_size=101", "?page_id=0", "?cursor=c1", "?cursor=d1.1"] {
        let path = format!("/api/v1/auth/order/id/{}/deposits{wrong}", order.id);
        let told = ground.rail.app.get(&path, &ground.rail.app.seller).await;
        assert!([400, 422].contains(&told.status), "{wrong}: {}", told.text);
    }
    assert_eq!(ground.rail.app.sql.number("SELECT count(*) FROM reviews").await, 0);
    ground.pass(LIFE).await;
    ground.ends(&order.id, "cancelled", "expired").await;
    ground.end().await;
}
