//! How the API writes and reads, whatever the call.

use reqwest::Client;
use serde_json::json;
use twins::tron::{Endpoint, TronOptions, TronTwin};

use crate::tron::support::{Desk, TRX, own, still};
use crate::tron::wallet::account;

#[tokio::test]
async fn paths_that_are_none_and_bodies_that_are_no_json_are_told_apart() {
    let desk = Desk::new().await;
    for path in ["wallet/nothing", "walletsolidity/broadcasthex", "x", "wallet/"] {
        let (status, _) = desk.try_ask(0, path, &json!({})).await.expect("an answer");
        assert_eq!(status, 404, "{path}");
    }
    let url = format!("{}/wallet/getblockbynum", desk.twin.base_url());
    let answer = desk.client.post(url).body("{").send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    let text = answer.text().await.expect("a body");
    assert!(text.contains("class com.alibaba.fastjson.JSONException"), "{text}");
}

#[tokio::test]
async fn a_question_may_be_asked_in_the_address() {
    let desk = Desk::new().await;
    let url = format!("{}/wallet/getblockbynum?num=7", desk.twin.base_url());
    let text = desk.client.get(url).send().await.expect("an answer").text().await;
    assert!(text.expect("a body").contains("\"blockID\":\"0000000000000007"));
}

#[tokio::test]
async fn infos_of_no_block_are_an_empty_list_and_of_none_possible_an_object() {
    let desk = Desk::new().await;
    let path = "wallet/gettransactioninfobyblocknum";
    for (number, answer) in [(5, json!([])), (500, json!([])), (0, json!({})), (-1, json!({}))] {
        assert_eq!(desk.ask(path, json!({ "num": number })).await, answer, "{number}");
    }
    let unknown = json!({ "value": "00".repeat(32) });
    for path in ["wallet/gettransactionbyid", "wallet/gettransactioninfobyid"] {
        assert_eq!(desk.ask(path, unknown.clone()).await, json!({}));
    }
}

#[tokio::test]
async fn a_block_holds_as_many_transactions_as_there_are_infos_of_it() {
    let desk = Desk::new().await;
    let control = desk.control();
    let mut sent = vec![control.transfer_trx(own(), account(8), TRX)];
    sent.extend((0..4).map(|units| control.transfer(own(), account(7), units)));
    let number = control.produce_block();
    let block = desk.ask("wallet/getblockbynum", json!({ "num": number })).await;
    let infos = desk.ask("wallet/gettransactioninfobyblocknum", json!({ "num": number })).await;
    let ids = |list: &serde_json::Value, name: &str| -> Vec<String> {
        let listed = list.as_array().expect("a list").iter();
        listed.map(|one| one[name].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(ids(&block["transactions"], "txID"), sent);
    assert_eq!(ids(&infos, "id"), sent);
    assert_eq!(control.head().transactions, 5);
}

#[tokio::test]
async fn energy_is_estimated_where_the_node_does_so() {
    let desk = Desk::new().await;
    let body = json!({
        "owner_address": own().hex(),
        "contract_address": desk.usdt().hex(),
        "function_selector": "transfer(address,uint256)",
        "parameter": format!("{}{:064x}", crate::tron::support::word(account(7)), 5),
    });
    let refused = desk.ask("wallet/estimateenergy", body.clone()).await;
    assert_eq!(refused["result"]["code"], "CONTRACT_VALIDATE_ERROR");
    desk.control().change_rules(|rules| rules.estimates_energy = true);
    assert_eq!(desk.ask("wallet/estimateenergy", body).await["energy_required"], 130_285);
}

#[tokio::test]
async fn the_journal_has_what_was_asked_and_answered() {
    let desk = Desk::new().await;
    let sealed = desk.sealed_transfer(account(7), 5);
    desk.pay(&sealed).await;
    desk.ask("wallet/getnowblock", json!({})).await;
    let journal = desk.control().journal();
    assert_eq!(journal.len(), 2);
    assert_eq!((journal[0].endpoint, journal[0].status), (Endpoint::BroadcastHex, Some(200)));
    assert!(journal[0].request.contains(&sealed.hex) && journal[0].answer.contains("SUCCESS"));
    assert_eq!(desk.control().requests(Endpoint::GetNowBlock), 1);
}

#[tokio::test]
async fn an_outage_of_the_nodes_is_none_of_the_chain() {
    let desk = Desk::with(TronOptions { nodes: 2, ..still() }).await;
    let urls = desk.twin.base_urls();
    desk.twin.stop().await;
    for url in &urls {
        let asked = Client::builder().no_proxy().build().expect("a client").get(url).send();
        assert!(asked.await.expect_err("nobody there").is_connect());
    }
    desk.control().advance_slots(4);
    desk.twin.restart().await.expect("the same ports");
    assert_eq!(desk.twin.base_urls(), urls);
    let block = desk.ask("wallet/getnowblock", json!({})).await;
    assert_eq!(block["block_header"]["raw_data"]["number"], 34);
}

#[tokio::test]
async fn a_provider_can_ask_for_a_key() {
    let options = TronOptions { api_key: Some("a-key".to_owned()), ..still() };
    let desk = Desk::with(options).await;
    let url = format!("{}/wallet/getnowblock", desk.twin.base_url());
    for (key, status) in [("another", 403), ("a-key", 200)] {
        let asked = desk.client.post(&url).header("TRON-PRO-API-KEY", key).body("{}").send();
        assert_eq!(asked.await.expect("an answer").status().as_u16(), status, "{key}");
    }
    assert!(desk.control().journal().iter().all(|entry| !entry.request.contains("a-key")));
}

#[tokio::test]
async fn it_listens_on_this_machine_only() {
    let host = std::net::IpAddr::from([0, 0, 0, 0]);
    let error = TronTwin::start(TronOptions { host, ..still() }).await.expect_err("refused");
    assert!(error.to_string().contains("loopback"), "{error}");
}
