//! What can be made to go wrong: of answers, of broadcasts and of what nodes say of blocks.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use twins::tron::{BroadcastCode, Endpoint, Fault, FaultKind, Outcome, Scenario, TronOptions};

use crate::tron::support::{Desk, own, still};
use crate::tron::wallet::{Sealed, account};

async fn with(kind: FaultKind) -> (Desk, Sealed) {
    let desk = Desk::new().await;
    desk.control().add_fault(Fault::once(Endpoint::BroadcastHex, kind));
    let sealed = desk.sealed_transfer(account(7), 5);
    (desk, sealed)
}

/// Whether it happens in the next blocks.
fn happens(desk: &Desk, sealed: &Sealed) -> bool {
    desk.control().advance_slots(3);
    desk.control().oracle().execution(&sealed.txid).is_some()
}

async fn raw_answer(desk: &Desk, sealed: &Sealed) -> reqwest::Result<(u16, String)> {
    desk.try_ask(0, "wallet/broadcasthex", &json!({ "transaction": sealed.hex })).await
}

#[tokio::test]
async fn a_broadcast_can_be_answered_well_and_forgotten() {
    let (desk, sealed) = with(FaultKind::AcceptThenDrop).await;
    desk.pay(&sealed).await;
    assert!(!happens(&desk, &sealed));
    assert_eq!(desk.code(&sealed).await, "DUP_TRANSACTION_ERROR", "and cannot be sent again here");
    assert!(!happens(&desk, &sealed));
}

#[tokio::test]
async fn a_broadcast_can_be_refused_with_any_code_and_was_not_taken() {
    for code in [
        BroadcastCode::DupTransactionError,
        BroadcastCode::ServerBusy,
        BroadcastCode::TaposError,
        BroadcastCode::SigError,
        BroadcastCode::BandwithError,
        BroadcastCode::NoConnection,
        BroadcastCode::NotEnoughEffectiveConnection,
        BroadcastCode::OtherError,
    ] {
        let (desk, sealed) = with(FaultKind::Refuse(code)).await;
        let answer = desk.send(&sealed).await;
        assert_eq!((&answer["result"], &answer["code"]), (&json!(false), &json!(code.name())));
        assert!(!happens(&desk, &sealed), "{code:?}");
        assert_eq!(desk.code(&sealed).await, "SUCCESS", "once is once");
    }
}

#[tokio::test]
async fn an_answer_can_be_lost_before_or_after_the_broadcast() {
    for done in [false, true] {
        for kind in [FaultKind::Drop { done }, FaultKind::Truncated { done }] {
            let (desk, sealed) = with(kind.clone()).await;
            let error = raw_answer(&desk, &sealed).await.expect_err("no answer");
            assert!(!error.is_connect() && !error.is_timeout(), "{kind:?}: {error:?}");
            assert_eq!(happens(&desk, &sealed), done, "{kind:?}");
        }
        let (desk, sealed) = with(FaultKind::Hang { done }).await;
        let url = format!("{}/wallet/broadcasthex", desk.twin.base_url());
        let body = json!({ "transaction": sealed.hex });
        let asked = desk.client.post(url).json(&body).timeout(Duration::from_secs(1)).send();
        assert!(asked.await.expect_err("no answer").is_timeout());
        assert_eq!(happens(&desk, &sealed), done, "{done}");
    }
}

#[tokio::test]
async fn an_answer_can_be_spoilt() {
    let limit = "exceeds the frequency limit";
    for (kind, status, words, is_done) in [
        (FaultKind::Forbidden, 403, limit, false),
        (FaultKind::Unavailable, 503, limit, false),
        (FaultKind::Error("lack of computing resources".to_owned()), 200, "\"Error\"", false),
        (FaultKind::Html { done: false }, 200, "<html>", false),
        (FaultKind::Html { done: true }, 200, "<html>", true),
    ] {
        let (desk, sealed) = with(kind.clone()).await;
        let (answered, text) = raw_answer(&desk, &sealed).await.expect("an answer");
        assert_eq!(answered, status, "{kind:?}");
        assert!(text.contains(words), "{kind:?}: {text}");
        assert_eq!(happens(&desk, &sealed), is_done, "{kind:?}");
    }
}

#[tokio::test]
async fn an_answer_can_be_late() {
    let pause = Duration::from_millis(120);
    let (desk, sealed) = with(FaultKind::Delay(pause)).await;
    let began = Instant::now();
    desk.pay(&sealed).await;
    assert!(began.elapsed() >= pause);
}

#[tokio::test]
async fn an_answer_can_name_another_transaction() {
    let (desk, sealed) = with(FaultKind::WrongTxid).await;
    let answer = desk.send(&sealed).await;
    assert_eq!(answer["code"], "SUCCESS");
    assert_ne!(answer["txid"], sealed.txid.as_str());
}

#[tokio::test]
async fn an_execution_can_fail_after_the_broadcast_was_taken() {
    for outcome in [Outcome::Revert, Outcome::OutOfEnergy] {
        let (desk, sealed) = with(FaultKind::ExecutionEnds(outcome)).await;
        desk.pay(&sealed).await;
        assert!(happens(&desk, &sealed));
        let oracle = desk.control().oracle();
        let execution = oracle.execution(&sealed.txid).expect("it is in a block");
        assert_eq!(execution.outcome, outcome);
        assert!(execution.fee_sun > 0 && oracle.transfers.is_empty(), "{execution:?}");
        if outcome == Outcome::OutOfEnergy {
            assert_eq!(execution.fee_sun, crate::tron::support::FEE_LIMIT);
        }
    }
}

#[tokio::test]
async fn a_failed_execution_can_succeed_after_a_fork() {
    let (desk, sealed) = with(FaultKind::ExecutionEnds(Outcome::Revert)).await;
    desk.pay(&sealed).await;
    assert_eq!(desk.result(&sealed).await, "REVERT");
    desk.control().fork(1);
    assert_eq!(desk.result(&sealed).await, "SUCCESS");
}

#[tokio::test]
async fn every_scenario_ends_as_it_says_and_another_node_makes_it_happen_once() {
    for Scenario { name, kind, happens: is_done } in Scenario::all() {
        let desk = Desk::with(TronOptions { nodes: 2, ..still() }).await;
        desk.control().add_fault(Fault::once(Endpoint::BroadcastHex, kind));
        let sealed = desk.sealed_transfer(account(7), 5);
        let url = format!("{}/wallet/broadcasthex", desk.twin.base_url());
        let body = json!({ "transaction": sealed.hex });
        let asked = desk.client.post(url).json(&body).timeout(Duration::from_secs(1));
        // Whatever is answered: the chain has the last word.
        let _ = asked.send().await;
        assert_eq!(happens(&desk, &sealed), is_done, "{name}");
        desk.send_at(1, &sealed).await;
        desk.control().advance_slots(2);
        let oracle = desk.control().oracle();
        assert_eq!(oracle.executions_by(own()).len(), 1, "{name}");
    }
}

/// Two payments in one block, of which the node tells.
async fn told_of_infos(kind: FaultKind) -> (Vec<String>, Vec<String>) {
    let desk = Desk::new().await;
    let sent: Vec<String> =
        (1..3).map(|units| desk.control().transfer(own(), account(7), units)).collect();
    desk.control().produce_block();
    desk.control().solidify();
    desk.control().add_fault(Fault::once(Endpoint::GetTransactionInfoByBlockNum, kind));
    let path = "walletsolidity/gettransactioninfobyblocknum";
    let infos = desk.ask(path, json!({ "num": 31 })).await;
    let told = infos.as_array().expect("a list").iter();
    (sent, told.map(|info| info["id"].as_str().expect("an id").to_owned()).collect())
}

#[tokio::test]
async fn a_node_can_keep_back_or_mix_up_what_happened_in_a_block() {
    let (sent, told) = told_of_infos(FaultKind::EmptyInfos).await;
    assert_eq!((sent.len(), told.len()), (2, 0));
    let (sent, told) = told_of_infos(FaultKind::MissingInfo).await;
    assert_eq!(told, sent[..1]);
    let (sent, told) = told_of_infos(FaultKind::ForeignInfo).await;
    assert_eq!((told.len(), &told[0]), (2, &sent[0]));
    assert_ne!(told[1], sent[1]);
}

async fn told_of_range(kind: FaultKind) -> (Vec<Value>, Vec<Value>) {
    let desk = Desk::new().await;
    desk.control().transfer(own(), account(7), 1);
    desk.control().produce_block();
    desk.control().solidify();
    let body = json!({ "startNum": 29, "endNum": 32 });
    let path = "walletsolidity/getblockbylimitnext";
    let truth = desk.ask(path, body.clone()).await;
    desk.control().add_fault(Fault::once(Endpoint::GetBlockByLimitNext, kind));
    let told = desk.ask(path, body).await;
    let listed = |answer: &Value| answer["block"].as_array().cloned().unwrap_or_default();
    (listed(&truth), listed(&told))
}

#[tokio::test]
async fn a_node_can_lie_about_blocks() {
    let (truth, told) = told_of_range(FaultKind::MissingBlock).await;
    assert_eq!(told, truth[..2]);
    let (truth, told) = told_of_range(FaultKind::WrongBlockId).await;
    assert_ne!(told[0]["blockID"], truth[0]["blockID"]);
    assert_eq!(told[0]["block_header"], truth[0]["block_header"]);
    let (truth, told) = told_of_range(FaultKind::WrongParent).await;
    assert_ne!(told[0]["blockID"], truth[0]["blockID"]);
    assert_ne!(told[1]["block_header"]["raw_data"]["parentHash"], told[0]["blockID"]);
    let (truth, told) = told_of_range(FaultKind::MissingTransaction).await;
    assert_eq!(told[2]["blockID"], truth[2]["blockID"]);
    assert_eq!((truth[2]["transactions"].is_array(), told[2].get("transactions")), (true, None));
}

#[tokio::test]
async fn a_node_can_lie_about_the_parent_of_the_first_block() {
    let desk = Desk::new().await;
    let path = "walletsolidity/getblockbynum";
    let truth = desk.ask(path, json!({ "num": 0 })).await;
    desk.control().add_fault(Fault::once(Endpoint::GetBlockByNum, FaultKind::WrongParent));
    let told = desk.ask(path, json!({ "num": 0 })).await;
    assert_ne!(told["blockID"], truth["blockID"]);
}

#[tokio::test]
async fn a_node_can_deny_what_it_knows_and_fall_behind_for_one_call() {
    let desk = Desk::new().await;
    let sealed = desk.sealed_transfer(account(7), 5);
    desk.pay(&sealed).await;
    desk.control().produce_block();
    let of_info = Endpoint::GetTransactionInfoById;
    desk.control().add_fault(Fault::once(of_info, FaultKind::NotFound));
    assert_eq!(desk.info(&sealed).await, json!({}));
    desk.control().add_fault(Fault::once(of_info, FaultKind::Lagging { blocks: 1 }));
    assert_eq!(desk.info(&sealed).await, json!({}));
    assert_eq!(desk.info(&sealed).await["blockNumber"], 31);
}

#[tokio::test]
async fn a_fault_strikes_where_and_as_often_as_it_says() {
    let desk = Desk::with(TronOptions { nodes: 2, ..still() }).await;
    let fault = Fault::everywhere(FaultKind::Unavailable).on_node(1).on_solidity(true).times(2);
    desk.control().add_fault(fault);
    let path = "walletsolidity/getnowblock";
    let mut seen = Vec::new();
    for (node, path) in [(0, path), (1, "wallet/getnowblock"), (1, path), (1, path), (1, path)] {
        seen.push(desk.try_ask(node, path, &json!({})).await.expect("an answer").0);
    }
    assert_eq!(seen, [200, 200, 503, 503, 200]);
    desk.control().add_fault(Fault::everywhere(FaultKind::Forbidden));
    desk.control().clear_faults();
    assert_eq!(desk.try_ask(0, path, &json!({})).await.expect("an answer").0, 200);
}
