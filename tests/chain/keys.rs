//! Keys and nodes at the start: a service that could lose coin refuses, and says what to do; one that
//! only takes requests needs no key.

use api_actix::app::Role;
use e2e::{Coins, Database, ESCROW_WORDS, Stage, TestApp, ethereum, tron, twin};
use serde_json::json;

use crate::chain::ground::{COIN, Ground, wallet};

/// What the service says when it does not start with this setting.
async fn refusal(coins: &Coins, variable: &str, value: &str) -> String {
    let database = Database::fresh().await;
    let stage = Stage::test().with_coins(coins).set(variable, value);
    match TestApp::try_start(stage.settings(&database), &database).await {
        Err(error) => format!("{error:#}"),
        Ok(app) => {
            app.finish().await;
            panic!("it starts with {variable}")
        }
    }
}

#[track_caller]
fn names(refusal: &str, words: &[&str]) {
    for word in words {
        assert!(refusal.contains(word), "{refusal:?} has no {word:?}");
    }
    assert!(!refusal.contains(ESCROW_WORDS), "it tells the words");
}

#[tokio::test]
async fn keys_that_do_not_fit_are_refused() {
    let coins = tron().await;
    let chain = Stage::test().settings(&Database::fresh().await).expect("settings").chain;
    let foreign = refusal(&coins, "KIVUKO__CHAIN__TRON_XPUB", &chain.tron_xpub).await;
    names(&foreign, &["KIVUKO__CHAIN__", "tron xpub is not the escrow mnemonic's"]);
    let foreign = refusal(&coins, "KIVUKO__CHAIN__ETHEREUM_XPUB", &chain.ethereum_xpub).await;
    names(&foreign, &["KIVUKO__CHAIN__", "ethereum xpub is not the escrow mnemonic's"]);
    let shared = refusal(&coins, "KIVUKO__TREASURY__HOT_PHRASE", ESCROW_WORDS).await;
    names(&shared, &["KIVUKO__TREASURY__", "share a mnemonic", "give each its own"]);
    let none = refusal(&coins, "KIVUKO__TREASURY__HOT_PHRASE", "").await;
    names(&none, &["KIVUKO__TREASURY__HOT_PHRASE_FILE must be set", "--role api"]);
    let none = refusal(&coins, "KIVUKO__TREASURY__ESCROW_PHRASE", "").await;
    names(&none, &["KIVUKO__TREASURY__ESCROW_PHRASE_FILE must be set"]);
    coins.stop().await;
}

#[tokio::test]
async fn nodes_of_another_chain_only_and_published_words_beyond_test_networks_are_refused() {
    let (tron, ethereum) = (tron().await, ethereum().await);
    let other = refusal(&tron, "KIVUKO__TRON__CHAIN_ID", "7").await;
    names(&other, &["KIVUKO__TRON__NODES", "chain"]);
    let other = refusal(&ethereum, "KIVUKO__ETHEREUM__CHAIN_ID", "7").await;
    names(&other, &["KIVUKO__ETHEREUM__NODES", "is of chain 31337", "told 7"]);
    // Only what is configured as a test network is one, and main networks cannot be.
    let rows = [
        (&tron, "KIVUKO__TRON__CHAIN_ID", "728126428"),
        (&tron, "KIVUKO__TRON__IS_TEST_NETWORK", "false"),
        (&ethereum, "KIVUKO__ETHEREUM__CHAIN_ID", "1"),
        (&ethereum, "KIVUKO__ETHEREUM__CHAIN_ID", "8453"),
        (&ethereum, "KIVUKO__ETHEREUM__CHAIN_ID", "137"),
        (&ethereum, "KIVUKO__ETHEREUM__IS_TEST_NETWORK", "false"),
    ];
    for (coins, variable, value) in rows {
        let published = refusal(coins, variable, value).await;
        names(&published, &["KIVUKO__TREASURY__", "is published", "test network", "of your own"]);
    }
    tron.stop().await;
}

#[tokio::test]
async fn who_only_takes_requests_needs_no_key_and_tells_of_deposits() {
    let coins = tron().await;
    let (database, daraja) = (Database::fresh().await, twin().await);
    let whole = Stage::test().with_coins(&coins).with_rail(&daraja);
    // On a busy machine many blocks come before the first watcher does.
    let whole = whole.set("KIVUKO__TREASURY__LOOK_BACK", 1_000);
    let keyless = whole
        .clone()
        .set("KIVUKO__TREASURY__HOT_PHRASE", "")
        .set("KIVUKO__TREASURY__ESCROW_PHRASE", "")
        .set("KIVUKO__MPESA__INITIATOR", "");
    let api = keyless.start_part(Role::Api, &database).await;
    let changes = json!({
        "usdt_amount": "10", "fiat_amount": "1410.00", "wallet_address": wallet(&coins),
    });
    let placed = api.place(&api.seller, &e2e::with(e2e::sell(), &changes)).await;
    let path = format!("/api/v1/auth/order/id/{}/deposits", placed.id());
    assert!(api.get(&path, &api.seller).await.expect(200).rows().is_empty());
    let escrow = placed.json["escrow_wallet_address"]["String"].as_str().expect("an address");
    coins.send(escrow, 4 * COIN).await;

    // Where coin moves, it is seen; and who takes requests tells of it.
    let ground = Ground::beside(whole, coins, (database, daraja)).await;
    e2e::eventually("the deposit counts", async || {
        let told = api.get(&path, &api.seller).await.expect(200);
        told.rows().iter().any(|row| row["disposition"] == "counted")
    })
    .await;
    let readiness = api.get("/readyz", "").await.expect(200);
    assert_eq!(readiness.json["chains"][0]["network"], "tron", "{}", readiness.text);
    api.finish().await;
    ground.end().await;
}
