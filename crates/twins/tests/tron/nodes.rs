//! Several nodes of one chain: what they tell each other, and one that is behind.

use serde_json::json;
use twins::tron::{Endpoint, Fault, FaultKind, TronOptions};

use crate::tron::support::{Desk, own, still};
use crate::tron::wallet::{Raw, account, seal, secret, unhex};

async fn pair() -> Desk {
    Desk::with(TronOptions { nodes: 2, ..still() }).await
}

async fn head(desk: &Desk, node: usize, path: &str) -> u64 {
    let block = desk.ask_at(node, path, &json!({})).await;
    block["block_header"]["raw_data"]["number"].as_u64().unwrap_or_default()
}

#[tokio::test]
async fn what_one_takes_the_other_knows_and_happens_once() {
    let desk = pair().await;
    let sealed = desk.sealed_transfer(account(7), 5);
    desk.pay(&sealed).await;
    assert_eq!(desk.control().pending(1), [sealed.txid.as_str()]);
    assert_eq!(desk.send_at(1, &sealed).await["code"], "DUP_TRANSACTION_ERROR");
    desk.control().advance_slots(2);
    assert!(desk.control().pending(1).is_empty());
    assert_eq!(desk.control().oracle().transfers_between(own(), account(7)).len(), 1);
}

#[tokio::test]
async fn another_node_takes_what_one_has_forgotten() {
    let desk = pair().await;
    let sealed = desk.sealed_transfer(account(7), 5);
    desk.pay(&sealed).await;
    desk.control().skip_time(time::Duration::seconds(61));
    assert_eq!(desk.send_at(0, &sealed).await["code"], "DUP_TRANSACTION_ERROR");
    assert_eq!(desk.send_at(1, &sealed).await["code"], "SUCCESS");
    desk.control().produce_block();
    assert!(desk.control().oracle().execution(&sealed.txid).is_some());
}

#[tokio::test]
async fn what_a_node_keeps_to_itself_is_in_no_block() {
    let desk = pair().await;
    desk.control().add_fault(Fault::once(Endpoint::BroadcastHex, FaultKind::KeepToItself));
    let sealed = desk.sealed_transfer(account(7), 5);
    desk.pay(&sealed).await;
    desk.control().advance_slots(3);
    assert_eq!((desk.control().pending(0).len(), desk.control().pending(1).len()), (1, 0));
    assert_eq!(desk.control().oracle().execution(&sealed.txid), None);
    assert_eq!(desk.send_at(1, &sealed).await["code"], "SUCCESS");
    desk.control().produce_block();
    assert!(desk.control().oracle().execution(&sealed.txid).is_some());
    assert!(desk.control().pending(0).is_empty());
}

#[tokio::test]
async fn a_node_that_is_behind_knows_nothing_newer() {
    let desk = pair().await;
    desk.control().set_lag(1, 5);
    let sealed = desk.sealed_transfer(account(7), 5);
    desk.pay(&sealed).await;
    desk.control().produce_block();
    assert_eq!(
        (head(&desk, 0, "wallet/getnowblock").await, head(&desk, 1, "wallet/getnowblock").await),
        (31, 26)
    );
    assert_eq!(head(&desk, 1, "walletsolidity/getnowblock").await, 7);
    let id = json!({ "value": sealed.txid });
    assert_eq!(desk.ask_at(1, "wallet/gettransactioninfobyid", &id).await, json!({}));
    let infos = "wallet/gettransactioninfobyblocknum";
    assert_eq!(
        desk.ask_at(1, infos, &json!({ "num": 31 })).await,
        json!([]),
        "as if it were empty"
    );
    assert_eq!(desk.ask_at(0, infos, &json!({ "num": 31 })).await[0]["id"], sealed.txid.as_str());
}

#[tokio::test]
async fn a_node_that_is_behind_does_not_know_a_new_reference() {
    let desk = pair().await;
    desk.control().set_lag(1, 5);
    let id = unhex(&desk.control().head().id);
    let raw = Raw {
        ref_block_bytes: id[6..8].to_vec(),
        ref_block_hash: id[8..16].to_vec(),
        ..desk.transfer(account(7), 5)
    };
    let sealed = seal(&raw, &secret(0));
    assert_eq!(desk.send_at(1, &sealed).await["code"], "TAPOS_ERROR");
    assert_eq!(desk.send_at(0, &sealed).await["code"], "SUCCESS");
}

#[tokio::test]
async fn a_node_that_is_behind_takes_again_what_has_happened_and_it_happens_once() {
    let desk = pair().await;
    let sealed = desk.sealed_transfer(account(7), 5);
    desk.pay(&sealed).await;
    desk.control().produce_block();
    desk.control().set_lag(1, 5);
    assert_eq!(desk.send_at(1, &sealed).await["code"], "SUCCESS");
    desk.control().advance_slots(3);
    assert_eq!(desk.control().oracle().transfers_between(own(), account(7)).len(), 1);
}
