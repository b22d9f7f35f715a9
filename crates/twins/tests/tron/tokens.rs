//! The token's contract: what a transfer does, and what stops it.

use serde_json::{Value, json};
use twins::tron::{Address, Endpoint};

use crate::tron::support::{Desk, UNITS, own, word};
use crate::tron::wallet::account;

fn returned(answer: &Value) -> &str {
    answer["constant_result"][0].as_str().expect("a result")
}

fn units(units: u128) -> String {
    format!("{units:064x}")
}

#[tokio::test]
async fn a_transfer_returns_false_and_moves_the_money() {
    let desk = Desk::new().await;
    let sealed = desk.sealed_transfer(account(7), 2_000_000);
    desk.pay(&sealed).await;
    assert_eq!(desk.result(&sealed).await, "SUCCESS");
    let info = desk.info(&sealed).await;
    assert_eq!(info["contractResult"][0], units(0), "false");
    assert_eq!(info.get("result"), None);
    let [log] = info["log"].as_array().expect("a list").as_slice() else { panic!("{info}") };
    assert_eq!(log["address"], desk.usdt().hex()[2..]);
    let event = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
    assert_eq!(log["topics"], json!([event, word(own()), word(account(7))]));
    assert_eq!(log["data"], units(2_000_000));
    assert_eq!(desk.control().balance_of(desk.usdt(), own()), UNITS - 2_000_000);
}

#[tokio::test]
async fn a_balance_is_seen_at_the_head_first_and_then_in_the_solid_state() {
    let desk = Desk::new().await;
    let body = json!({
        "owner_address": own().to_string(),
        "contract_address": desk.usdt().to_string(),
        "function_selector": "balanceOf(address)",
        "parameter": word(account(7)),
        "visible": true,
    });
    desk.pay(&desk.sealed_transfer(account(7), 5)).await;
    desk.control().produce_block();
    let path = "wallet/triggerconstantcontract";
    assert_eq!(returned(&desk.ask(path, body.clone()).await), units(5));
    let path = "walletsolidity/triggerconstantcontract";
    assert_eq!(returned(&desk.ask(path, body.clone()).await), units(0));
    desk.control().solidify();
    assert_eq!(returned(&desk.ask(path, body).await), units(5));
    assert_eq!(desk.control().solid_balance_of(desk.usdt(), account(7)), 5);
}

#[tokio::test]
async fn more_than_there_is_is_reverted() {
    let desk = Desk::new().await;
    let sealed = desk.sealed_transfer(account(7), UNITS + 1);
    desk.pay(&sealed).await;
    assert_eq!(desk.result(&sealed).await, "REVERT");
    let info = desk.info(&sealed).await;
    assert_eq!((&info["result"], info.get("log")), (&json!("FAILED"), None));
    assert_eq!(info["resMessage"], "524556455254206f70636f6465206578656375746564");
    assert!(desk.control().oracle().transfers.is_empty());
}

#[tokio::test]
async fn a_pause_stops_everyone_and_the_blacklist_stops_the_sender() {
    let desk = Desk::new().await;
    let (control, usdt) = (desk.control(), desk.usdt());
    control.fund_token(usdt, account(8), 100);
    let tried = |from: Address, to: Address| {
        let txid = control.transfer(from, to, 10);
        control.produce_block();
        control.oracle().transfers_of(&txid).len()
    };
    control.set_paused(usdt, true);
    assert_eq!(returned(&desk.constant("paused()", "").await), units(1));
    assert_eq!(tried(own(), account(8)), 0);
    control.set_paused(usdt, false);
    control.set_blacklisted(usdt, own(), true);
    assert_eq!(returned(&desk.constant("isBlackListed(address)", &word(own())).await), units(1));
    assert_eq!(tried(own(), account(8)), 0);
    assert_eq!(tried(account(8), own()), 1, "it may still receive");
    control.set_blacklisted(usdt, own(), false);
    assert_eq!(tried(own(), account(8)), 1);
}

#[tokio::test]
async fn the_fee_switch_takes_from_what_arrives() {
    let desk = Desk::new().await;
    desk.control().set_fee_bps(desk.usdt(), 10);
    let txid = desk.control().transfer(own(), account(7), 1_000_000);
    desk.control().produce_block();
    let oracle = desk.control().oracle();
    let seen: Vec<_> = oracle.transfers_of(&txid).iter().map(|t| (t.ordinal, t.units)).collect();
    assert_eq!(seen, [(0, 999_000), (1, 1_000)], "the recipient's first");
    assert_eq!(oracle.transfers[0].to, account(7));
    assert_eq!(desk.control().balance_of(desk.usdt(), own()), UNITS - 1_000_000);
}

#[tokio::test]
async fn one_transaction_can_pay_many() {
    let desk = Desk::new().await;
    let payees = [(account(7), 1), (account(8), 2), (account(7), 3), (own(), 4)];
    let txid = desk.control().transfer_batch(desk.usdt(), own(), &payees);
    desk.control().produce_block();
    let oracle = desk.control().oracle();
    let seen: Vec<_> =
        oracle.transfers_of(&txid).iter().map(|t| (t.ordinal, t.to, t.units)).collect();
    let expected: Vec<_> =
        payees.iter().enumerate().map(|(ordinal, (to, units))| (ordinal, *to, *units)).collect();
    assert_eq!(seen, expected);
    assert_eq!(desk.control().balance_of(desk.usdt(), account(7)), 4);
    assert_eq!(desk.control().balance_of(desk.usdt(), own()), UNITS - 6);
}

#[tokio::test]
async fn a_look_alike_has_the_same_events_and_another_address() {
    let desk = Desk::new().await;
    let fake = desk.control().deploy_token("USDT");
    assert_ne!(fake, desk.usdt());
    desk.control().fund_token(fake, account(9), 100);
    let txid = desk.control().transfer_of(fake, account(9), own(), 100);
    let number = desk.control().produce_block();
    let infos = desk.ask("wallet/gettransactioninfobyblocknum", json!({ "num": number })).await;
    assert_eq!(infos[0]["id"], txid.as_str());
    assert_eq!(infos[0]["log"][0]["address"], fake.hex()[2..]);
    assert_eq!(infos[0]["contractResult"][0], units(1), "true");
    assert_eq!(desk.control().balance_of(desk.usdt(), own()), UNITS);
}

#[tokio::test]
async fn a_transfer_can_be_tried_without_being_done() {
    let desk = Desk::new().await;
    let parameter = |units: u128| format!("{}{units:064x}", word(account(7)));
    let good = desk.constant("transfer(address,uint256)", &parameter(5)).await;
    assert_eq!((&good["result"]["result"], &good["energy_used"]), (&json!(true), &json!(130_285)));
    assert_eq!(good["logs"][0]["data"], units(5));
    assert_eq!(
        (&good["result"].get("message"), &good["transaction"]["ret"]),
        (&None, &json!([{}]))
    );
    let bad = desk.constant("transfer(address,uint256)", &parameter(UNITS + 1)).await;
    assert_eq!(bad["result"]["result"], true, "and yet");
    assert_eq!(bad["result"]["message"], "524556455254206f70636f6465206578656375746564");
    assert_eq!(bad["transaction"]["ret"][0]["ret"], "FAILED");
    assert!(desk.control().pending(0).is_empty());
    assert_eq!(desk.control().requests(Endpoint::TriggerConstantContract), 2);
}

#[tokio::test]
async fn a_contract_can_be_asked_what_it_is() {
    let desk = Desk::new().await;
    assert_eq!(returned(&desk.constant("decimals()", "").await), units(6));
    assert!(returned(&desk.constant("symbol()", "").await).contains("55534454"), "USDT");
    let unknown = desk.constant("mint(uint256)", &units(1)).await;
    assert_eq!(unknown["transaction"]["ret"][0]["ret"], "FAILED");
    let body = json!({
        "owner_address": own().hex(),
        "contract_address": account(9).hex(),
        "function_selector": "decimals()",
    });
    let nowhere = desk.ask("wallet/triggerconstantcontract", body).await;
    assert_eq!(nowhere["result"]["code"], "CONTRACT_VALIDATE_ERROR");
}
