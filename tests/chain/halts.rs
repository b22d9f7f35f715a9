//! A chain that breaks its word: what was final is gone. Nothing is credited any more, everything else
//! goes on, and an operator's word starts it again.

use domain::address::Network;
use e2e::{Coins, ethereum, eventually, tron};

use crate::chain::ground::{COIN, Ground};

/// Takes away what is final, with the deposit in it.
async fn break_word(coins: &Coins, above: u64) {
    match coins.network() {
        Network::Tron => {
            let control = coins.tron();
            control.break_solid(control.solid().number - above);
        }
        Network::Ethereum => {
            let chain = coins.ethereum();
            let head = chain.block_number().await.expect("a head");
            chain.reorg(head - above, &[]).await.expect("another branch");
        }
    }
}

async fn head(coins: &Coins) -> u64 {
    match coins.network() {
        Network::Tron => coins.tron().solid().number,
        Network::Ethereum => coins.ethereum().block_number().await.expect("a head"),
    }
}

async fn a_broken_word_halts(coins: Coins) {
    let ground = Ground::on(coins).await;
    let (order, later) = (ground.sell(10).await, ground.sell(10).await);
    let before = head(&ground.coins).await;
    ground.send(&order, 6 * COIN).await;
    ground.disposed(&order, &["counted"]).await;
    break_word(&ground.coins, before).await;
    ground.reviewed("chain_halted").await;
    let ready = ground.readiness().await;
    assert_eq!(ready["status"], "degraded", "{ready}");
    let reason = ready["chains"][0]["halted"].as_str().expect("a reason");
    assert!(reason.contains("were final"), "{reason}");
    ground.disposed(&order, &["counted"]).await;
    // Requests are served, and what arrives meanwhile waits.
    ground.cancel(&later).await.expect(200);
    let meanwhile = ground.sell(10).await;
    ground.send(&meanwhile, 10 * COIN).await;
    assert!(ground.deposits(&meanwhile).await.is_empty());

    let gone = ground.watcher().await.resume().await.expect("it was halted");
    assert_eq!(gone, 1, "the one deposit");
    ground.disposed(&order, &["reverted"]).await;
    eventually("the order is on hold", async || {
        let told = ground.rail.order(&order.id).await;
        told["status"] == "awaiting_crypto" && told["status_reason"] == "under_review"
    })
    .await;
    ground.reviewed("deep_reorg").await;
    ground.rail.reaches(&meanwhile.id, "completed").await;
    ground.disposed(&meanwhile, &["applied"]).await;
    assert_eq!(ground.readiness().await["status"], "ok");
    ground.end().await;
}

#[tokio::test]
async fn a_chain_that_takes_back_what_was_final_is_halted_until_an_operator_says_so_on_tron() {
    a_broken_word_halts(tron().await).await;
}

#[tokio::test]
async fn a_chain_that_takes_back_what_was_final_is_halted_until_an_operator_says_so_on_ethereum() {
    a_broken_word_halts(ethereum().await).await;
}
