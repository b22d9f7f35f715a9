//! Nodes that are away or wrong at the start and later: the API and the callbacks depend on none of
//! them, and a chain is followed by whoever answers.

use e2e::{Coins, Database, Stage, ethereum, eventually, tron, tron_with, twin};
use twins::anvil::{AnvilGate, GateFault, GateFaultKind};
use twins::tron::{Fault, FaultKind, TronOptions};

use crate::chain::ground::{COIN, Ground};

/// A service on a chain whose nodes are these.
async fn ground(coins: Coins, nodes: &str) -> Ground {
    let (database, daraja) = (Database::fresh().await, twin().await);
    let variable = match coins {
        Coins::Tron(_) => "KIVUKO__TRON__NODES",
        Coins::Ethereum(_) => "KIVUKO__ETHEREUM__NODES",
    };
    let stage = Stage::test().with_coins(&coins).with_rail(&daraja).set(variable, nodes);
    Ground::beside(stage, coins, (database, daraja)).await
}

async fn is_degraded_by(ground: &Ground, words: &str) -> bool {
    let told = ground.readiness().await;
    let reasons = told["reasons"].as_array().expect("a list").iter();
    let is_told = reasons.filter_map(|why| why.as_str()).any(|why| why.contains(words));
    is_told && told["status"] == "degraded"
}

/// Orders are placed while nothing answers, and come to their end when something does.
async fn starts_without_a_node(ground: Ground, mend: impl FnOnce(&Ground)) {
    assert!(is_degraded_by(&ground, "no node answers").await, "{}", ground.readiness().await);
    let order = ground.sell(10).await;
    ground.send(&order, 10 * COIN).await;
    assert!(ground.deposits(&order).await.is_empty());
    mend(&ground);
    ground.rail.reaches(&order.id, "completed").await;
    eventually("it is well again", async || ground.readiness().await["status"] == "ok").await;
    ground.end().await;
}

#[tokio::test]
async fn a_service_starts_without_any_node_of_tron_and_follows_it_as_soon_as_one_answers() {
    let coins = tron().await;
    coins.tron().add_fault(Fault::everywhere(FaultKind::Unavailable));
    let Coins::Tron(twin) = &coins else { unreachable!("it is one") };
    let nodes = twin.base_urls().join(",");
    let ground = ground(coins, &nodes).await;
    starts_without_a_node(ground, |ground| ground.coins.tron().clear_faults()).await;
}

#[tokio::test]
async fn a_service_starts_without_any_node_of_ethereum_and_follows_it_as_soon_as_one_answers() {
    let coins = ethereum().await;
    let Coins::Ethereum(anvil) = &coins else { unreachable!("it is one") };
    let gate = AnvilGate::start(&anvil.url()).await.expect("a port");
    gate.add(GateFault::everywhere(GateFaultKind::Status { status: 503, done: false }));
    let ground = ground(coins, &gate.url()).await;
    starts_without_a_node(ground, |_| gate.clear_faults()).await;
}

#[tokio::test]
async fn dead_nodes_and_nodes_of_another_network_are_no_trouble_of_the_one_that_is_right() {
    let coins = tron().await;
    let foreign = tron_with(TronOptions { chain_id: 7, ..TronOptions::default() }).await;
    let url = |coins: &Coins| match coins {
        Coins::Tron(twin) => twin.base_urls().join(","),
        Coins::Ethereum(anvil) => anvil.url(),
    };
    let nodes = format!("http://127.0.0.1:9,{},{}", url(&foreign), url(&coins));
    let ground = ground(coins, &nodes).await;
    let order = ground.sell(10).await;
    ground.send(&order, 10 * COIN).await;
    ground.rail.reaches(&order.id, "completed").await;
    assert!(is_degraded_by(&ground, "0x00000007").await, "{}", ground.readiness().await);
    let told = ground.readiness().await.to_string();
    assert!(!told.contains("127.0.0.1") && !told.contains("no node answers"), "{told}");
    ground.end().await;
    foreign.stop().await;
}
