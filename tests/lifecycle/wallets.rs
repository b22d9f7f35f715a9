//! Which wallets an order may name: those of a network that is carried here, and never one of ours.

use e2e::{Database, SELL_OFFER, Stage, TestApp, buy, eventually, sell, with};
use serde_json::{Value, json};

use crate::lifecycle::{ORDERS, held};

const ETHEREUM_WALLET: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

/// Both ramps, each by its customer.
fn ramps(app: &TestApp) -> [(String, Value); 2] {
    [(app.customer.clone(), buy()), (app.seller.clone(), sell())]
}

/// Refused for the wallet alone, and nothing was stored, held or asked.
async fn refuses_wallet(app: &TestApp, wallet: &str, code: &str) {
    let before = app.sql.number("SELECT count(*) FROM orders").await;
    for (token, body) in ramps(app) {
        let body = with(body, &json!({ "wallet_address": wallet }));
        let answer = app.post(ORDERS, &token, &body).await;
        answer.problem_with(422, code, &[("wallet_address", code)]);
    }
    let kept = "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM collections)";
    assert_eq!(app.sql.number(kept).await, before, "{wallet}");
}

#[tokio::test]
async fn an_order_on_a_network_that_is_not_carried_is_refused_before_anything_is_held() {
    let app = Stage::test().set("KIVUKO__CHAIN__NETWORKS", "tron").start().await;
    refuses_wallet(&app, ETHEREUM_WALLET, "network_not_open").await;
    refuses_wallet(&app, &ETHEREUM_WALLET.to_lowercase(), "network_not_open").await;
    assert_eq!(held(&app, &SELL_OFFER.to_string()).await, "0.00000000");
    for (token, body) in ramps(&app) {
        app.place(&token, &body).await;
    }
    app.finish().await;
    let none = Stage::test().set("KIVUKO__CHAIN__NETWORKS", "").start().await;
    for wallet in [e2e::TRON_WALLET, ETHEREUM_WALLET] {
        refuses_wallet(&none, wallet, "network_not_open").await;
    }
    none.finish().await;
}

#[tokio::test]
async fn a_job_for_a_network_without_a_node_calls_an_operator_at_its_first_attempt() {
    let database = Database::fresh().await;
    let app = Stage::test().start_on(&database).await;
    let placed = app.place(&app.customer, &buy()).await;
    let id = placed.id();
    // As if it had been paid for while there was a node.
    let deliver = format!(
        r#"INSERT INTO outbox (order_id, kind, payload, idempotency_key, available_at, created_at)
           VALUES ('{id}', 'deliver', '{{"effect":"deliver","network":"tron","asset":"USDT",
               "to":"{}","amount":120000000000}}', '{id}:deliver', now(), now())"#,
        e2e::TRON_WALLET
    );
    app.sql.execute(&deliver).await;
    app.finish().await;
    let without = Stage::test().set("KIVUKO__CHAIN__NETWORKS", "").start_on(&database).await;
    let called = format!(
        "SELECT count(*) FROM reviews WHERE order_id = '{id}' AND kind = 'blocked'
             AND detail LIKE 'no node for tron%'"
    );
    eventually("an operator is called", async || without.sql.number(&called).await == 1).await;
    let waits = "SELECT count(*) FROM outbox WHERE kind = 'deliver' AND done_at IS NULL";
    assert_eq!(without.sql.number(waits).await, 1);
    without.finish().await;
}

#[tokio::test]
async fn a_wallet_that_is_no_customers_is_refused_before_anybody_is_asked_to_pay() {
    let app = TestApp::start().await;
    for zero in ["T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb", "0x0000000000000000000000000000000000000000"]
    {
        refuses_wallet(&app, zero, "wallet_not_payable").await;
    }
    for contract in [
        "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        "0xdAC17F958D2ee523a2206206994597C13D831ec7",
        "0xdac17f958d2ee523a2206206994597c13d831ec7",
        "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
        // The same bytes as Tron's USDT, on the other network.
        "0xa614f803b6fd780986a42c78ec9c7f77e6ded13c",
    ] {
        refuses_wallet(&app, contract, "wallet_not_payable").await;
    }
    app.finish().await;
}

#[tokio::test]
async fn an_escrow_address_of_any_order_is_no_wallet_however_it_is_spelled() {
    let app = TestApp::start().await;
    let on_ethereum = with(sell(), &json!({ "wallet_address": ETHEREUM_WALLET }));
    let sold = [app.place(&app.seller, &sell()).await, app.place(&app.seller, &on_ethereum).await];
    for order in sold {
        let escrow = order.json["escrow_wallet_address"]["String"].as_str().expect("an address");
        refuses_wallet(&app, escrow, "wallet_not_payable").await;
        if escrow.starts_with("0x") {
            refuses_wallet(&app, &escrow.to_lowercase(), "wallet_not_payable").await;
        }
        // An order that has ended keeps its address for ever.
        app.cancel(&app.seller, order.id()).await.expect(200);
        refuses_wallet(&app, escrow, "wallet_not_payable").await;
    }
    app.finish().await;
}
