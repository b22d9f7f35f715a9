//! Providers that lag, lie, refuse and fail: nothing that came is lost, and nothing is made up.

use domain::ports::{ChainSource as _, SourceError};
use serde_json::{Value, json};
use twins::anvil::{AnvilGate, GateFault, GateFaultKind, Token};

use super::world::{CUSTOMER, DOLLAR, World, adapter, config, escrow, escrow_text, somebody};
use crate::support::evm::ESCROW;

/// Ten deposits, each in a block of its own.
async fn ten_deposits() -> World {
    let world = World::new().await;
    for number in 1..=10 {
        world.deposit(Token::Usdt, ESCROW, number * DOLLAR).await;
    }
    world
}

async fn refused(world: &World, fault: GateFault) -> SourceError {
    world.gate.add(fault);
    let head = world.head().await;
    let error = world.ethereum.scan(head - 9, head, &world.watch).await.expect_err("a refusal");
    world.gate.clear_faults();
    assert_eq!(world.sightings(10).await.len(), 10, "all of it afterwards");
    error
}

#[tokio::test]
async fn a_node_that_is_behind_says_so_by_its_head() {
    let world = ten_deposits().await;
    let error = refused(&world, GateFault::everywhere(GateFaultKind::Lag(2))).await;
    assert!(matches!(error, SourceError::Away(_)), "{error}");
}

/// Behind one address are several replicas, and the one that searches logs is behind.
#[tokio::test]
async fn logs_of_a_replica_that_is_behind_are_not_believed() {
    let world = ten_deposits().await;
    let error = refused(&world, GateFault::always("eth_getLogs", GateFaultKind::Lag(2))).await;
    assert!(matches!(error, SourceError::Away(_)), "{error}");
}

/// Without an index of logs a node finds none, and without them the receipts tell all the same.
#[tokio::test]
async fn a_node_that_finds_no_logs_loses_nothing() {
    let world = ten_deposits().await;
    world.chain.transfer(Token::LookAlike, CUSTOMER, escrow(ESCROW + 1), DOLLAR).await.unwrap();
    world.deposit(Token::Usdc, ESCROW, 11 * DOLLAR).await;
    world.gate.add(GateFault::always("eth_getLogs", GateFaultKind::EmptyLogs));
    let sightings = world.sightings(11).await;
    assert_eq!(sightings.len(), 12);
    let others: Vec<_> = sightings.iter().filter(|s| s.to != escrow_text(ESCROW)).collect();
    assert_eq!(others.len(), 1);
    assert_eq!((others[0].to.clone(), others[0].asset), (escrow_text(ESCROW + 1), None));
}

/// Not every node has a method for all receipts of a block.
#[tokio::test]
async fn receipts_are_asked_for_one_by_one_where_that_is_the_only_way() {
    let world = ten_deposits().await;
    world.gate.add(GateFault::always("eth_getLogs", GateFaultKind::EmptyLogs));
    let unknown = GateFaultKind::refuse(-32601, "the method eth_getBlockReceipts does not exist");
    world.gate.add(GateFault::always("eth_getBlockReceipts", unknown));
    assert_eq!(world.sightings(10).await.len(), 10);
    let lost = GateFault::always("eth_getTransactionReceipt", GateFaultKind::Answer(Value::Null));
    refused(&world, lost).await;
}

#[tokio::test]
async fn a_node_that_finds_neither_logs_nor_receipts_is_not_believed() {
    for receipts in [Value::Null, json!([])] {
        let world = ten_deposits().await;
        world.gate.add(GateFault::always("eth_getLogs", GateFaultKind::EmptyLogs));
        let fault = GateFault::always("eth_getBlockReceipts", GateFaultKind::Answer(receipts));
        refused(&world, fault).await;
    }
}

#[tokio::test]
async fn a_question_that_is_too_large_is_halved_down_to_one_block() {
    let world = ten_deposits().await;
    let too_many = GateFault::always("eth_getLogs", GateFaultKind::too_many_results());
    world.gate.add(too_many.clone().times(2));
    assert_eq!(world.sightings(10).await.len(), 10);
    // 10, 5, and then 2 at once, or 3 when it dares.
    assert!((5..=7).contains(&world.gate.count("eth_getLogs")), "{:?}", world.gate.journal());
    world.gate.clear_faults();
    // Every range is too large for this one; a single block is asked for by its hash.
    world.gate.add(too_many.containing("fromBlock"));
    assert_eq!(world.sightings(10).await.len(), 10);
    world.gate.clear_faults();
    world.gate.clear_journal();
    assert_eq!(world.sightings(10).await.len(), 10);
    let questions = world.gate.count("eth_getLogs");
    assert!((2..10).contains(&questions), "it dares more, slowly: {questions}");
}

/// How providers refuse a search that names no contract.
fn nameless(code: i64, words: &str) -> GateFault {
    GateFault::always("eth_getLogs", GateFaultKind::refuse(code, words)).lacking("\"address\"")
}

#[tokio::test]
async fn logs_are_searched_by_contract_where_a_provider_takes_no_other_search() {
    let rows = [
        (-32701, "Please specify an address in your request or, to remove restrictions, pay"),
        (-32000, "eth_getLogs needs an address filter"),
        (-32602, "query exceeds the block range of 0 for this plan"),
        (35, "this is not available on the freetier"),
    ];
    for (code, words) in rows {
        let world = ten_deposits().await;
        world.gate.add(nameless(code, words));
        assert_eq!(world.sightings(10).await.len(), 10, "{words}");
        world.gate.clear_journal();
        assert_eq!(world.sightings(10).await.len(), 10, "{words}");
        let asked = world.gate.journal().into_iter().filter(|call| call.method == "eth_getLogs");
        let is_named = |params: &Value| params[0]["address"].as_array().map(Vec::len) == Some(2);
        assert!(asked.map(|call| call.params).all(|params| is_named(&params)), "it is learned");
        // What such a search leaves out is found out all the same.
        world.gate.add(GateFault::always("eth_getLogs", GateFaultKind::EmptyLogs));
        assert_eq!(world.sightings(10).await.len(), 10, "{words}");
    }
}

#[tokio::test]
async fn what_one_provider_refuses_is_not_held_against_another() {
    let world = ten_deposits().await;
    let second = AnvilGate::start(world.chain.url()).await.unwrap();
    let ethereum = adapter(config(&world.chain, &[&world.gate, &second]));
    let head = world.head().await;
    world.gate.add(nameless(-32701, "specify an address"));
    ethereum.scan(head - 9, head, &world.watch).await.unwrap();
    world.gate.add(GateFault::everywhere(GateFaultKind::Status { status: 503, done: false }));
    let scan = ethereum.scan(head - 9, head, &world.watch).await.unwrap();
    assert_eq!(scan.sightings.len(), 10);
    let asked = second.journal().into_iter().filter(|call| call.method == "eth_getLogs");
    assert!(asked.map(|call| call.params).all(|params| params[0].get("address").is_none()));
}

#[tokio::test]
async fn a_provider_is_sent_as_many_calls_at_once_as_it_takes() {
    let refuse = |code, words: &str| GateFaultKind::refuse(code, words);
    let whole = |status, code, words: &str| GateFaultKind::RefuseWhole {
        status,
        code,
        message: words.to_owned(),
    };
    let rows = [
        (3, whole(500, 31, "Batch of more than 3 requests are not allowed on free tier")),
        (3, whole(200, -32600, "batch too large")),
        (3, whole(400, -32600, "batch limit exceeded")),
        (2, GateFaultKind::Status { status: 413, done: false }),
        (2, GateFaultKind::Status { status: 500, done: false }),
        (1, whole(200, -32600, "batches are not supported")),
        (1, whole(403, -32052, "batches are not in your plan")),
        (1, refuse(-32005, "too many calls in the batch")),
        (1, GateFaultKind::Html),
    ];
    for (most, kind) in rows {
        let world = ten_deposits().await;
        world.gate.add(GateFault::everywhere(kind.clone()).more_at_once_than(most));
        assert_eq!(world.sightings(10).await.len(), 10, "{kind:?}");
        world.gate.clear_journal();
        assert_eq!(world.sightings(10).await.len(), 10, "{kind:?}");
        let faulty = world.gate.journal().into_iter().filter(|call| !call.faults.is_empty());
        assert_eq!(faulty.count(), 0, "it is learned: {kind:?}");
    }
}

#[tokio::test]
async fn a_block_that_is_too_large_alone_is_an_error() {
    let world = ten_deposits().await;
    let error =
        refused(&world, GateFault::always("eth_getLogs", GateFaultKind::too_many_results())).await;
    assert!(matches!(error, SourceError::Away(_)), "{error}");
}

#[tokio::test]
async fn no_failure_of_a_provider_loses_anything() {
    let kinds = [
        GateFaultKind::Drop { done: false },
        GateFaultKind::Status { status: 429, done: false },
        GateFaultKind::Status { status: 503, done: true },
        GateFaultKind::Html,
        GateFaultKind::Truncated,
        GateFaultKind::refuse(-32603, "internal error"),
        GateFaultKind::refuse(-32005, "rate limit reached"),
        GateFaultKind::Answer(json!({"what": "is this"})),
    ];
    let world = ten_deposits().await;
    for method in ["eth_getBlockByNumber", "eth_getLogs", "eth_getTransactionReceipt"] {
        for kind in kinds.clone() {
            for nth in [1, 3] {
                world.gate.add(GateFault::always(method, kind.clone()).nth(nth));
                let head = world.head().await;
                let scan = world.ethereum.scan(head - 9, head, &world.watch).await;
                let is_whole = scan.as_ref().map(|scan| scan.sightings.len() == 10);
                assert!(is_whole.unwrap_or(true), "{method} {kind:?} {nth}: {scan:?}");
                world.gate.clear_faults();
            }
        }
    }
    assert_eq!(world.sightings(10).await.len(), 10);
}

#[tokio::test]
async fn a_node_that_answers_nothing_is_not_waited_for() {
    let world = World::with(|config, _| config.timeouts.answer = 200).await;
    world.gate.add(GateFault::everywhere(GateFaultKind::Hang { done: false }));
    let error = world.ethereum.tip().await.unwrap_err();
    assert_eq!(error, SourceError::Away("no answer in time".to_owned()));
}

#[tokio::test]
async fn where_one_node_fails_another_is_read() {
    let world = ten_deposits().await;
    let second = AnvilGate::start(world.chain.url()).await.unwrap();
    let ethereum = adapter(config(&world.chain, &[&world.gate, &second]));
    world.gate.add(GateFault::everywhere(GateFaultKind::Status { status: 502, done: false }));
    let head = ethereum.tip().await.unwrap().head;
    let scan = ethereum.scan(head - 9, head, &world.watch).await.unwrap();
    assert_eq!(scan.sightings.len(), 10);
    assert!(second.count("eth_getLogs") > 0);
}

#[tokio::test]
async fn an_error_does_not_show_the_nodes_address() {
    let world = World::with(|config, _| {
        config.nodes = vec!["http://127.0.0.1:9/a-secret-key".to_owned()];
    })
    .await;
    let error = format!("{:?}", world.ethereum.tip().await.unwrap_err());
    assert!(!error.contains("secret"), "{error}");
    assert!(!format!("{:?}", world.ethereum).contains("secret"));
}

fn log(world: &World, block: &str, height: u64, tx: &str) -> Value {
    let topic = |address: twins::anvil::Address| {
        let digits = address.to_string().trim_start_matches("0x").to_lowercase();
        format!("0x{digits:0>64}")
    };
    json!({
        "address": world.chain.usdt().to_string().to_lowercase(),
        "topics": [
            "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
            topic(somebody(1)),
            topic(escrow(ESCROW)),
        ],
        "data": format!("0x{:064x}", 5_000_000),
        "blockNumber": format!("{height:#x}"),
        "blockHash": block,
        "transactionHash": tx,
        "transactionIndex": "0x0",
        "logIndex": "0x0",
        "removed": false,
    })
}

#[tokio::test]
async fn a_log_of_another_block_or_of_no_transaction_is_a_contradiction() {
    let world = World::new().await;
    let head = world.head().await;
    let (tx, elsewhere) = (format!("0x{:064x}", 1), format!("0x{:064x}", 2));
    let block = world.chain.block_hash(head).await.unwrap().to_string();
    let forged = [
        (log(&world, &elsewhere, head, &tx), "another block"),
        (log(&world, &block, head - 1, &tx), "another block"),
        (log(&world, &block, head + 9, &tx), "another block"),
        (log(&world, &block, head, &tx), "no receipt"),
    ];
    for (log, words) in forged {
        let answer = GateFaultKind::Answer(json!([log]));
        world.gate.add(GateFault::always("eth_getLogs", answer));
        let error = world.ethereum.scan(head - 3, head, &world.watch).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        world.gate.clear_faults();
    }
}

#[tokio::test]
async fn a_log_that_its_receipt_does_not_know_is_a_contradiction() {
    let world = World::new().await;
    let hash = world.deposit(Token::Usdt, ESCROW, DOLLAR).await;
    let head = world.head().await;
    let block = world.chain.block_hash(head).await.unwrap().to_string();
    // The transaction is real, and the number is not.
    let answer = GateFaultKind::Answer(json!([log(&world, &block, head, &hash.to_string())]));
    world.gate.add(GateFault::always("eth_getLogs", answer));
    let error = world.ethereum.scan(head - 3, head, &world.watch).await.unwrap_err();
    assert!(matches!(error, SourceError::Contradiction(_)), "{error}");
}

#[tokio::test]
async fn blocks_that_do_not_stand_on_each_other_are_a_contradiction() {
    let world = World::new().await;
    let head = world.head().await;
    let header = json!({
        "number": format!("{:#x}", head - 1),
        "hash": format!("0x{:064x}", 7),
        "parentHash": format!("0x{:064x}", 6),
        "timestamp": "0x1",
        "logsBloom": format!("0x{}", "00".repeat(256)),
    });
    let answer = GateFaultKind::Answer(header.clone());
    let height = format!("{:#x}", head - 1);
    world.gate.add(GateFault::always("eth_getBlockByNumber", answer).containing(&height));
    let error = world.ethereum.scan(head - 3, head, &world.watch).await.unwrap_err();
    assert!(matches!(error, SourceError::Contradiction(_)), "{error}");
    world.gate.clear_faults();
    // A block that was not asked for.
    let height = format!("{head:#x}");
    let answer = GateFaultKind::Answer(header);
    world.gate.add(GateFault::always("eth_getBlockByNumber", answer).containing(&height));
    let error = world.ethereum.block_at(head).await.unwrap_err();
    assert!(matches!(error, SourceError::Contradiction(_)), "{error}");
}

#[tokio::test]
async fn finality_that_stands_still_is_told_as_it_is() {
    let world = World::new().await;
    let before = world.ethereum.tip().await.unwrap();
    world.gate.add(GateFault::everywhere(GateFaultKind::FinalizedAt(before.finality.at.height)));
    world.chain.mine(50).await.unwrap();
    let after = world.ethereum.tip().await.unwrap();
    assert_eq!(after.head, before.head + 50);
    assert_eq!(after.finality, before.finality);
}
