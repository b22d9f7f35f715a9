//! Arrivals that are not what an order asked for: other coins, coins that only look like it, and many
//! transfers in one transaction.

use domain::address::Network;
use e2e::{Coins, Stage, ethereum, hot_address, tron, with};
use serde_json::{Value, json};
use twins::anvil::{Sender, Token};

use crate::chain::ground::{COIN, Ground, LIFE, Sell};

/// A contract that calls itself USDT sends its coin.
async fn send_look_alike(coins: &Coins, to: &str, units: u128) {
    match coins.network() {
        Network::Tron => {
            let (control, from) = (coins.tron(), coins.stranger().parse().expect("an address"));
            let token = control.deploy_token("USDT");
            control.fund_token(token, from, units);
            control.transfer_of(token, from, to.parse().expect("an address"), units);
        }
        Network::Ethereum => {
            let (chain, from) = (coins.ethereum(), coins.stranger().parse().expect("an address"));
            let to = to.parse().expect("an address");
            chain.mint(Token::LookAlike, from, units).await.expect("coin");
            let sender = Sender::Anybody(from);
            chain.transfer(Token::LookAlike, sender, to, units).await.expect("sent");
        }
    }
}

/// One transaction with a transfer for each.
async fn send_batch(coins: &Coins, payees: &[(&str, u128)]) {
    let units = payees.iter().map(|(_, units)| units).sum();
    match coins.network() {
        Network::Tron => {
            let (control, from) = (coins.tron(), coins.stranger().parse().expect("an address"));
            let parsed = |(to, units): &(&str, u128)| (to.parse().expect("an address"), *units);
            let payees: Vec<_> = payees.iter().map(parsed).collect();
            control.fund_token(control.token_address(), from, units);
            control.transfer_batch(control.token_address(), from, &payees);
        }
        Network::Ethereum => {
            let (chain, from) = (coins.ethereum(), coins.stranger().parse().expect("an address"));
            let parsed = |(to, units): &(&str, u128)| (to.parse().expect("an address"), *units);
            let payees: Vec<_> = payees.iter().map(parsed).collect();
            chain.mint(Token::Usdt, from, units).await.expect("coin");
            chain.batch(Token::Usdt, Sender::Anybody(from), &payees).await.expect("sent");
        }
    }
}

async fn a_look_alike_is_ignored_on(coins: Coins) {
    let ground = Ground::on(coins).await;
    let order = ground.sell(10).await;
    send_look_alike(&ground.coins, &order.escrow, 10 * COIN).await;
    ground.disposed(&order, &["look_alike"]).await;
    let told = &ground.deposits(&order).await[0];
    assert_eq!((&told["asset"], &told["amount"]), (&Value::Null, &Value::Null), "{told}");
    ground.send(&order, 10 * COIN).await;
    ground.rail.reaches(&order.id, "completed").await;
    ground.disposed(&order, &["look_alike", "applied"]).await;
    assert_eq!(ground.rail.reviews("quarantine").await, 0, "it is nobody's trouble");
    ground.end().await;
}

#[tokio::test]
async fn a_coin_that_only_looks_like_usdt_is_ignored_on_tron() {
    a_look_alike_is_ignored_on(tron().await).await;
}

#[tokio::test]
async fn a_coin_that_only_looks_like_usdt_is_ignored_on_ethereum() {
    a_look_alike_is_ignored_on(ethereum().await).await;
}

async fn a_batch_is_one_deposit_for_each_on(coins: Coins) {
    let ground = Ground::on(coins).await;
    let orders = [ground.sell(10).await, ground.sell(20).await, ground.sell(30).await];
    let [one, two, three] = orders.each_ref().map(|order: &Sell| order.escrow.as_str());
    let stranger = ground.coins.stranger().to_owned();
    let payees = [
        (one, 10 * COIN),
        (stranger.as_str(), COIN),
        (two, 20 * COIN),
        (three, 25 * COIN),
        (three, 5 * COIN),
    ];
    send_batch(&ground.coins, &payees).await;
    for order in &orders {
        ground.rail.reaches(&order.id, "completed").await;
    }
    let mut told = vec![];
    for order in &orders {
        told.extend(ground.deposits(order).await);
    }
    let ordinals: Vec<_> = told.iter().map(|row| row["ordinal"].as_i64()).collect();
    assert_eq!(ordinals, [Some(0), Some(2), Some(3), Some(4)], "places within the transaction");
    assert!(told.iter().all(|row| row["tx_hash"] == told[0]["tx_hash"]), "{told:?}");
    ground.disposed(&orders[2], &["applied", "applied"]).await;
    ground.end().await;
}

#[tokio::test]
async fn one_transaction_to_several_addresses_is_a_deposit_for_each_on_tron() {
    a_batch_is_one_deposit_for_each_on(tron().await).await;
}

#[tokio::test]
async fn one_transaction_to_several_addresses_is_a_deposit_for_each_on_ethereum() {
    a_batch_is_one_deposit_for_each_on(ethereum().await).await;
}

#[tokio::test]
async fn another_coin_than_the_orders_is_parked_and_an_operator_is_called() {
    let ground = Ground::on(ethereum().await).await;
    let order = ground.sell(10).await;
    let (chain, from) = (ground.coins.ethereum(), ground.coins.stranger());
    let (from, to) = (from.parse().expect("an address"), order.escrow.parse().expect("one"));
    chain.mint(Token::Usdc, from, 10 * COIN).await.expect("coin");
    chain.transfer(Token::Usdc, Sender::Anybody(from), to, 10 * COIN).await.expect("sent");
    ground.disposed(&order, &["wrong_token"]).await;
    ground.reviewed("quarantine").await;
    let query = "SELECT sum(amount)::bigint FROM ledger_postings
        WHERE account = 'parked' AND asset = 'USDC'";
    let parked = ground.rail.app.sql.number(query).await;
    assert_eq!(parked.abs(), 1_000_000_000, "the books know where it is");
    assert_eq!(ground.rail.order(&order.id).await["status"], "awaiting_crypto");
    // It keeps nobody from paying, nor an order that nobody pays from ending.
    ground.pass(LIFE).await;
    ground.ends(&order.id, "cancelled", "expired").await;
    ground.end().await;
}

#[tokio::test]
async fn our_own_wallets_and_networks_without_a_node_are_refused_before_anybody_pays() {
    // Where nothing names the open networks, they are those with a node.
    let stage = Stage::test().set("KIVUKO__CHAIN__NETWORKS", "");
    let ground = Ground::staged(stage, tron().await).await;
    let order = ground.sell(10).await;
    let (hot, usdt) = (hot_address(Network::Tron), ground.coins.tron().token_address().to_string());
    let elsewhere = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8".to_owned();
    for (wallet, code) in [
        (hot, "wallet_not_payable"),
        (usdt, "wallet_not_payable"),
        (order.escrow.clone(), "wallet_not_payable"),
        (elsewhere, "network_not_open"),
    ] {
        let app = &ground.rail.app;
        for (token, body) in [(&app.customer, e2e::buy()), (&app.seller, e2e::sell())] {
            let body = with(body, &json!({ "wallet_address": wallet }));
            let answer = app.post("/api/v1/auth/orders", token, &body).await;
            answer.problem_with(422, code, &[("wallet_address", code)]);
        }
    }
    ground.send(&order, 10 * COIN).await;
    ground.rail.reaches(&order.id, "completed").await;
    ground.end().await;
}
