//! Callbacks that are not the rail's: kept, shown to an operator, and never believed.

use e2e::{RailApp, SPEED, Stage, twin_with};
use serde_json::Value;
use twins::daraja::{DarajaTwin, Endpoint, Fault, FaultKind, Options, Rules};

use super::leaked::success;
use super::tap::post;
use super::{all_is_said, collected, evidence, fated, is_paid, is_payable, payer};

/// An address of the rail's own, by the settings' default.
const RAIL: &str = "196.201.214.200";

/// A twin that says that its callbacks come from here.
async fn twin_at(source: &str) -> DarajaTwin {
    let rules = Rules { forwarded_for: Some(source.to_owned()), ..Rules::default() };
    twin_with(Options { speed: SPEED, rules, ..Options::default() }).await
}

/// How many callbacks ended so.
async fn outcomes(rail: &RailApp, outcome: &str) -> i64 {
    let query = format!("SELECT count(*) FROM callbacks WHERE outcome = '{outcome}'");
    rail.app.sql.number(&query).await
}

#[tokio::test]
async fn a_token_that_is_nobodys() {
    let rail = RailApp::start().await;
    rail.control().add_fault(Fault::always(Endpoint::StkPush, FaultKind::ForgedToken));
    let id = rail.buy(100).await;
    let started = rail.pay(&id, &fated("001")).await.expect(200);
    let ids = ["merchant_request_id", "checkout_request_id"].map(|id| started.text_of(id));
    let body = success(ids, "FORGED0001", 14_600, &fated("001"));
    for token in ["ab".repeat(20), "zz".repeat(20), "ab".to_owned()] {
        let told = post(&rail.app.url, &format!("/hooks/c/{token}"), &body).await;
        assert_eq!(told.status, 200, "every knock is answered alike");
    }
    post(&rail.app.url, &format!("/hooks/x/{}", "ab".repeat(20)), &body).await.expect(404);
    is_payable(&rail, &id, "not_paid").await;
    all_is_said(&rail).await;
    assert_eq!(outcomes(&rail, "unknown token").await, 1);
    assert_eq!(evidence(&rail, &id, "told").await, Value::Null);
    assert_eq!(collected(&rail).await, 0);
    rail.finish().await;
}

#[tokio::test]
async fn another_attempts_callback() {
    let rail = RailApp::start().await;
    let first = rail.buy(100).await;
    rail.pay(&first, &payer(1)).await.expect(200);
    is_paid(&rail, &first, &payer(1)).await;
    rail.control().add_fault(Fault::always(Endpoint::StkPush, FaultKind::ForgedReplay));
    let second = rail.buy(100).await;
    rail.pay(&second, &fated("001")).await.expect(200);
    is_payable(&rail, &second, "not_paid").await;
    all_is_said(&rail).await;
    assert_eq!(rail.reviews("forged").await, 1);
    assert_eq!(collected(&rail).await, 1_460_000);
    assert_eq!(rail.oracle().payments.len(), 1);
    rail.finish().await;
}

#[tokio::test]
async fn a_source_that_is_not_the_rails() {
    let stage = Stage::test().set("KIVUKO__MPESA__SOURCES", RAIL);
    // What a caller writes about itself is not believed.
    let rail = RailApp::start_as(stage, twin_at(RAIL).await).await;
    let id = rail.buy(100).await;
    rail.pay(&id, &payer(1)).await.expect(200);
    is_paid(&rail, &id, &payer(1)).await;
    assert!(outcomes(&rail, "unlisted source").await >= 2, "the callback and the bill");
    assert_eq!(rail.reviews("forged").await, outcomes(&rail, "unlisted source").await);
    assert_eq!(rail.app.sql.number("SELECT count(*) FROM reviews").await, 1, "one to look at");
    for member in ["told", "billed", "stated"] {
        assert_eq!(evidence(&rail, &id, member).await, Value::Null, "{member}");
    }
    assert!(evidence(&rail, &id, "pulled").await.is_object(), "the statement tells");
    rail.finish().await;
}

#[tokio::test]
async fn a_source_behind_a_proxy_of_ours() {
    let stage = Stage::test()
        .set("KIVUKO__MPESA__SOURCES", RAIL)
        .set("KIVUKO__MPESA__TRUSTED_PROXIES", "127.0.0.0/8");
    let rail = RailApp::start_as(stage, twin_at(RAIL).await).await;
    let forged = FaultKind::ForgedSource(format!("{RAIL}, 203.0.113.7"));
    rail.control().add_fault(Fault::always(Endpoint::StkPush, forged));
    let id = rail.buy(100).await;
    rail.pay(&id, &payer(1)).await.expect(200);
    is_paid(&rail, &id, &payer(1)).await;
    assert_eq!(outcomes(&rail, "unlisted source").await, 1, "the forged one");
    assert_eq!(rail.reviews("forged").await, 1);
    assert!(evidence(&rail, &id, "told").await.is_object(), "the true one is heard");
    assert_eq!(collected(&rail).await, 1_460_000);
    rail.finish().await;
}
