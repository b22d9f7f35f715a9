//! The provider in front of the node, with each of its faults.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use twins::anvil::{Anvil, AnvilGate, Chain, GateFault, GateFaultKind, Mining, Token};

use super::support::{CUSTOMER, UNIT, ask, node, post, result, somebody};

/// A chain of 21 blocks whose last holds a transfer to `somebody(7)`, and a gate before it.
async fn gated() -> (Anvil, Chain, AnvilGate) {
    let (anvil, chain) = node(Mining::Manual).await;
    chain.mint(Token::Usdt, chain.accounts()[1], UNIT).await.expect("a node that answers");
    chain.mine(19).await.expect("a node that answers");
    chain.transfer(Token::Usdt, CUSTOMER, somebody(7), UNIT).await.expect("a node that answers");
    chain.mine(1).await.expect("a node that answers");
    let gate = AnvilGate::start(&anvil.url()).await.expect("a node that answers");
    (anvil, chain, gate)
}

async fn logs(gate: &AnvilGate, from: &str, to: &str) -> Vec<Value> {
    let filter = json!([{"fromBlock": from, "toBlock": to}]);
    result(&gate.url(), "eth_getLogs", filter).await.as_array().expect("a list").clone()
}

#[tokio::test]
async fn an_honest_gate_is_not_to_be_told_from_the_node() {
    let (anvil, _chain, gate) = gated().await;
    for (method, params) in [
        ("eth_blockNumber", json!([])),
        ("eth_getBlockByNumber", json!(["finalized", true])),
        ("eth_getLogs", json!([{"fromBlock": "0x0"}])),
        ("eth_nothing", json!([])),
    ] {
        let (direct, gated) = (anvil.url(), gate.url());
        assert_eq!(
            ask(&gated, method, params.clone()).await.unwrap(),
            ask(&direct, method, params).await.unwrap()
        );
        assert_eq!(gate.count(method), 1);
    }
    assert_eq!(gate.journal()[1].params[0], "finalized");
}

#[tokio::test]
async fn a_batch_is_answered_call_by_call() {
    let (_anvil, _chain, gate) = gated().await;
    gate.add(GateFault::always("eth_getLogs", GateFaultKind::too_many_results()));
    let call = |id, method| json!({"jsonrpc": "2.0", "id": id, "method": method, "params": []});
    let both = json!([call(1, "eth_blockNumber"), call(2, "eth_getLogs")]);
    let (_, answer) = post(&gate.url(), &both).await.unwrap();
    assert_eq!((&answer[0]["id"], &answer[0]["result"]), (&json!(1), &json!("0x15")));
    assert_eq!((&answer[1]["id"], &answer[1]["error"]["code"]), (&json!(2), &json!(-32005)));
}

#[tokio::test]
async fn a_transaction_can_be_taken_and_the_answer_lost() {
    let (_anvil, chain, gate) = gated().await;
    for (done, pending) in [(false, 0), (true, 1)] {
        let to = (somebody(8), 0);
        let raw = chain.signed_transfer(Token::Usdt, 1, to, None).await.unwrap();
        gate.add(GateFault::once("eth_sendRawTransaction", GateFaultKind::Drop { done }));
        assert!(ask(&gate.url(), "eth_sendRawTransaction", json!([raw])).await.is_err());
        assert_eq!(chain.pending().await.unwrap(), pending);
    }
}

#[tokio::test]
async fn refusals_of_every_kind_are_given() {
    let (_anvil, _chain, gate) = gated().await;
    let url = gate.url();
    let number = async || ask(&url, "eth_blockNumber", json!([])).await;
    for status in [429, 503] {
        let kind = GateFaultKind::Status { status, done: false };
        gate.add(GateFault::once("eth_blockNumber", kind));
        assert_eq!(number().await.unwrap().0, status);
    }
    gate.add(GateFault::once("eth_blockNumber", GateFaultKind::Html));
    assert!(number().await.unwrap().1.as_str().is_some_and(|text| text.contains("<html>")));
    gate.add(GateFault::once("eth_blockNumber", GateFaultKind::Truncated));
    assert!(number().await.is_err());
    gate.add(GateFault::once("eth_blockNumber", GateFaultKind::refuse(-32000, "busy")));
    let refused = number().await.unwrap().1;
    assert_eq!(refused["error"], json!({"code": -32000, "message": "busy"}));
    assert_eq!(refused["id"], 7);
    gate.add(GateFault::once("eth_blockNumber", GateFaultKind::Answer(json!("0x1"))));
    assert_eq!(number().await.unwrap().1["result"], "0x1");
    assert_eq!(number().await.unwrap().1["result"], "0x15");
}

#[tokio::test]
async fn faults_are_counted_and_scoped() {
    let (_anvil, _chain, gate) = gated().await;
    let refusal = || GateFaultKind::refuse(1, "no");
    gate.add(GateFault::always("eth_getBalance", refusal()).nth(2));
    gate.add(GateFault::always("eth_getCode", refusal()).containing(&somebody(7).to_string()));
    let refused = async |method, number| {
        let params = json!([somebody(number).to_string(), "latest"]);
        ask(&gate.url(), method, params).await.unwrap().1.get("error").is_some()
    };
    let balances = [
        refused("eth_getBalance", 1).await,
        refused("eth_getBalance", 1).await,
        refused("eth_getBalance", 1).await,
    ];
    assert_eq!(balances, [false, true, false]);
    assert_eq!([refused("eth_getCode", 7).await, refused("eth_getCode", 8).await], [true, false]);
    gate.clear_faults();
    assert!(!refused("eth_getCode", 7).await);
    let hit: Vec<bool> = gate.journal().iter().map(|call| !call.faults.is_empty()).collect();
    assert_eq!(hit, [false, true, false, true, false, false]);
}

#[tokio::test]
async fn logs_can_be_withheld() {
    let (_anvil, _chain, gate) = gated().await;
    assert!(!logs(&gate, "0x15", "0x15").await.is_empty());
    gate.add(GateFault::once("eth_getLogs", GateFaultKind::EmptyLogs));
    assert!(logs(&gate, "0x15", "0x15").await.is_empty());
    assert!(!logs(&gate, "0x15", "0x15").await.is_empty());
}

#[tokio::test]
async fn a_node_that_lags_has_not_seen_the_newest_blocks() {
    let (_anvil, chain, gate) = gated().await;
    gate.add(GateFault::everywhere(GateFaultKind::Lag(3)));
    let url = gate.url();
    let tagged = async |tag: &str| {
        let block = result(&url, "eth_getBlockByNumber", json!([tag, false])).await;
        block["number"].clone()
    };
    assert_eq!(result(&url, "eth_blockNumber", json!([])).await, "0x12");
    let seen = [tagged("latest").await, tagged("safe").await, tagged("finalized").await];
    assert_eq!(seen, ["0x12", "0xe", "0xa"]);
    assert_eq!(tagged("0x12").await, "0x12");
    assert!(tagged("0x13").await.is_null());
    // It does not say that it has not looked.
    assert!(logs(&gate, "0x3", "0x15").await.is_empty());
    assert!(logs(&gate, "0x14", "0x15").await.is_empty());
    let transfer = chain.transfers_to(somebody(7)).await.unwrap()[0];
    let hash = json!([transfer.tx_hash.to_string()]);
    assert!(result(&url, "eth_getTransactionReceipt", hash).await.is_null());
    let block = json!([chain.block_hash(21).await.unwrap().to_string(), false]);
    assert!(result(&url, "eth_getBlockByHash", block).await.is_null());
    let holder = chain.accounts()[1].to_string();
    assert_eq!(result(&url, "eth_getTransactionCount", json!([holder, "latest"])).await, "0x0");
    let (_, ahead) = ask(&url, "eth_getBalance", json!([holder, "0x15"])).await.unwrap();
    assert_eq!(ahead["error"]["message"], "header not found");
}

#[tokio::test]
async fn finality_can_stall_while_the_chain_goes_on() {
    let (_anvil, chain, gate) = gated().await;
    gate.add(GateFault::everywhere(GateFaultKind::FinalizedAt(5)));
    chain.mine(10).await.unwrap();
    let url = gate.url();
    let finalized = result(&url, "eth_getBlockByNumber", json!(["finalized", false])).await;
    assert_eq!(finalized["number"], "0x5");
    assert_eq!(result(&url, "eth_blockNumber", json!([])).await, "0x1f");
    assert_eq!(logs(&gate, "0x15", "0x15").await.len(), 1);
    gate.clear_faults();
    let finalized = result(&url, "eth_getBlockByNumber", json!(["finalized", false])).await;
    assert_eq!(finalized["number"], "0x17");
}

#[tokio::test]
async fn an_answer_can_be_late_or_never_come() {
    let (_anvil, _chain, gate) = gated().await;
    let pause = Duration::from_millis(150);
    gate.add(GateFault::once("eth_blockNumber", GateFaultKind::Slow(pause)));
    let begun = Instant::now();
    assert_eq!(result(&gate.url(), "eth_blockNumber", json!([])).await, "0x15");
    assert!(begun.elapsed() >= pause);
    gate.add(GateFault::once("eth_blockNumber", GateFaultKind::Hang { done: false }));
    let url = gate.url();
    let never = ask(&url, "eth_blockNumber", json!([]));
    assert!(tokio::time::timeout(pause, never).await.is_err());
}

#[tokio::test]
async fn two_gates_before_one_chain_have_faults_of_their_own() {
    let (anvil, _chain, gate) = gated().await;
    let other = AnvilGate::start(&anvil.url()).await.unwrap();
    gate.add(GateFault::everywhere(GateFaultKind::Lag(1)));
    assert_eq!(result(&gate.url(), "eth_blockNumber", json!([])).await, "0x14");
    assert_eq!(result(&other.url(), "eth_blockNumber", json!([])).await, "0x15");
}
