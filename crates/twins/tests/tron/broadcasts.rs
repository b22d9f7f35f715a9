//! What a node takes and what it refuses, in the node's order.

use serde_json::{Value, json};
use time::Duration;
use twins::tron::TronOptions;

use crate::tron::support::{Desk, FUNDS, TRX, own, still};
use crate::tron::wallet::{Raw, Sealed, account, seal, secret, sun_transfer, token_call};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn without_cache() -> Desk {
    let desk = Desk::new().await;
    desk.control().change_rules(|rules| rules.txid_cache = false);
    desk
}

#[tokio::test]
async fn a_good_one_is_pending_then_in_a_block_and_then_solid() {
    let desk = Desk::new().await;
    let sealed = desk.sealed_transfer(account(7), 5);
    desk.pay(&sealed).await;
    let id = json!({ "value": sealed.txid });
    let pending = desk.ask("wallet/gettransactionfrompending", id.clone()).await;
    assert_eq!(pending["txID"], sealed.txid.as_str());
    let by_id = desk.ask("wallet/gettransactionbyid", id.clone()).await;
    assert_eq!((&by_id["txID"], by_id.get("ret")), (&json!(sealed.txid), None), "not on chain");
    assert_eq!(desk.info(&sealed).await, json!({}));
    desk.control().produce_block();
    let by_id = desk.ask("wallet/gettransactionbyid", id.clone()).await;
    assert_eq!(by_id["ret"][0]["contractRet"], "SUCCESS");
    assert_eq!(desk.ask("wallet/gettransactionfrompending", id.clone()).await, json!({}));
    assert_eq!(desk.info(&sealed).await["blockNumber"], 31);
    let solid = "walletsolidity/gettransactioninfobyid";
    assert_eq!(desk.ask(solid, id.clone()).await, json!({}));
    desk.control().advance_slots(19);
    assert_eq!(desk.ask(solid, id).await["blockNumber"], 31);
}

#[tokio::test]
async fn another_keys_signature_is_refused() {
    let desk = Desk::new().await;
    let forged = seal(&desk.transfer(account(7), 5), &secret(9));
    assert_eq!(desk.code(&forged).await, "SIGERROR");
    assert_eq!(desk.control().pending(0), Vec::<String>::new());
}

#[tokio::test]
async fn a_refused_one_is_a_duplicate_ever_after_and_proves_nothing() {
    let desk = Desk::new().await;
    let forged = seal(&desk.transfer(account(7), 5), &secret(9));
    assert_eq!(desk.code(&forged).await, "SIGERROR");
    assert_eq!(desk.code(&forged).await, "DUP_TRANSACTION_ERROR");
    desk.control().advance_slots(5);
    assert_eq!(desk.control().oracle().execution(&forged.txid), None);
    desk.control().skip_time(Duration::minutes(61));
    desk.control().produce_block();
    assert_eq!(desk.code(&forged).await, "TRANSACTION_EXPIRATION_ERROR", "the cache forgets");
}

#[tokio::test]
async fn without_the_cache_a_duplicate_is_one_that_is_known() {
    let desk = without_cache().await;
    let forged = seal(&desk.transfer(account(7), 5), &secret(9));
    assert_eq!(desk.code(&forged).await, "SIGERROR");
    assert_eq!(desk.code(&forged).await, "SIGERROR");
    let sealed = desk.sealed_transfer(account(7), 5);
    desk.pay(&sealed).await;
    assert_eq!(desk.code(&sealed).await, "DUP_TRANSACTION_ERROR", "pending");
    desk.control().produce_block();
    assert_eq!(desk.code(&sealed).await, "DUP_TRANSACTION_ERROR", "in a block");
}

#[tokio::test]
async fn an_expiration_is_judged_by_block_time() {
    let desk = without_cache().await;
    let head_ms = desk.control().head().time_ms;
    let expiring = |after_ms: i64| {
        let raw = Raw { expiration: head_ms + after_ms, ..desk.transfer(account(7), 5) };
        seal(&raw, &secret(0))
    };
    let expired = "TRANSACTION_EXPIRATION_ERROR";
    for (after_ms, code) in [
        (-1, expired),
        (2_999, expired),
        (3_000, "SUCCESS"),
        (DAY_MS, "SUCCESS"),
        (DAY_MS + 1, expired),
    ] {
        assert_eq!(desk.code(&expiring(after_ms)).await, code, "{after_ms}");
    }
}

#[tokio::test]
async fn a_reference_must_be_a_block_of_this_chain() {
    let desk = without_cache().await;
    let good = desk.transfer(account(7), 5);
    let mut hash = good.ref_block_hash.clone();
    hash[0] ^= 1;
    for raw in [
        Raw { ref_block_hash: hash, ..good.clone() },
        Raw { ref_block_bytes: vec![0, 200], ..good.clone() },
        Raw { ref_block_bytes: vec![], ..good.clone() },
    ] {
        assert_eq!(desk.code(&seal(&raw, &secret(0))).await, "TAPOS_ERROR");
    }
    assert_eq!(desk.code(&seal(&good, &secret(0))).await, "SUCCESS");
}

#[tokio::test]
async fn a_reference_is_forgotten_after_65536_blocks() {
    let desk = without_cache().await;
    let old = desk.transfer(account(7), 5);
    let age = desk.control().head().number - desk.control().solid().number;
    let fresh = |raw: &Raw| {
        let expiration = desk.control().head().time_ms + 60_000;
        seal(&Raw { expiration, ..raw.clone() }, &secret(0))
    };
    desk.control().produce_empty_blocks(65_535 - age);
    assert_eq!(desk.code(&fresh(&old)).await, "SUCCESS");
    desk.control().produce_empty_blocks(1);
    assert_eq!(desk.code(&fresh(&old)).await, "TAPOS_ERROR");
}

#[tokio::test]
async fn a_fork_makes_references_to_its_blocks_worthless() {
    let desk = Desk::new().await;
    let head = crate::tron::wallet::unhex(&desk.control().head().id);
    let raw = Raw {
        ref_block_bytes: head[6..8].to_vec(),
        ref_block_hash: head[8..16].to_vec(),
        ..desk.transfer(account(7), 5)
    };
    let sealed = seal(&raw, &secret(0));
    desk.pay(&sealed).await;
    desk.control().fork(1);
    desk.control().advance_slots(2);
    assert_eq!(desk.control().oracle().execution(&sealed.txid), None);
}

#[tokio::test]
async fn what_cannot_be_valid_is_refused() {
    let desk = without_cache().await;
    let refused =
        |contract, fee_limit: i64| seal(&Raw { fee_limit, ..desk.raw(contract) }, &secret(0));
    let nobody = account(50);
    let cases = [
        (refused(sun_transfer(own(), account(7), 0), 0), "greater than 0"),
        (refused(sun_transfer(own(), own(), 5), 0), "to yourself"),
        (refused(sun_transfer(own(), account(7), FUNDS), 0), "not sufficient"),
        (refused(token_call(own(), nobody, own(), 5), TRX), "No contract"),
        (refused(token_call(own(), desk.usdt(), account(7), 5), -1), "feeLimit"),
        (refused(token_call(own(), desk.usdt(), account(7), 5), 15_001 * TRX), "feeLimit"),
    ];
    for (sealed, words) in cases {
        let answer = desk.send(&sealed).await;
        assert_eq!(answer["code"], "CONTRACT_VALIDATE_ERROR", "{answer}");
        assert_eq!(answer["result"], false);
        assert!(answer["message"].as_str().expect("words").contains(words), "{answer}");
    }
}

#[tokio::test]
async fn more_than_one_contract_and_unreadable_bytes_are_refused() {
    let desk = Desk::new().await;
    let mut raw = desk.transfer(account(7), 5);
    raw.contract.push(raw.contract[0].clone());
    assert_eq!(desk.code(&seal(&raw, &secret(0))).await, "CONTRACT_VALIDATE_ERROR");
    for garbage in ["zz", "ff"] {
        let answer = desk.ask("wallet/broadcasthex", json!({ "transaction": garbage })).await;
        assert!(answer["Error"].is_string(), "{answer}");
    }
}

#[tokio::test]
async fn a_full_pool_and_a_chain_that_does_not_become_solid_take_nothing() {
    let desk = Desk::with(TronOptions { solid_lag: 19, ..still() }).await;
    desk.control().change_rules(|rules| rules.max_pending = 1);
    desk.pay(&desk.sealed_transfer(account(7), 1)).await;
    let second = desk.sealed_transfer(account(7), 2);
    assert_eq!(desk.code(&second).await, "SERVER_BUSY");
    desk.control().produce_block();
    assert_eq!(desk.code(&second).await, "SUCCESS", "busy is asked before the cache");
    desk.control().hold_solid(true);
    desk.control().advance_slots(60);
    assert_eq!(desk.code(&desk.sealed_transfer(account(7), 3)).await, "BLOCK_UNSOLIDIFIED");
}

#[tokio::test]
async fn a_pool_forgets_after_a_minute_and_the_cache_does_not() {
    let desk = Desk::new().await;
    let sealed = desk.sealed_transfer(account(7), 5);
    desk.pay(&sealed).await;
    desk.control().skip_time(Duration::seconds(61));
    assert!(desk.control().pending(0).is_empty());
    assert_eq!(desk.code(&sealed).await, "DUP_TRANSACTION_ERROR");
    desk.control().advance_slots(3);
    assert_eq!(desk.control().oracle().execution(&sealed.txid), None);
}

#[tokio::test]
async fn a_block_takes_what_its_parent_came_before_the_expiration_of() {
    let desk = Desk::new().await;
    let expiration = desk.control().head().time_ms + 6_000;
    let expiring = || Raw { expiration, ..desk.transfer(account(7), 5) };
    let sealed = seal(&expiring(), &secret(0));
    desk.pay(&sealed).await;
    desk.control().produce_empty_blocks(1);
    desk.control().produce_block();
    assert!(desk.control().oracle().execution(&sealed.txid).is_some(), "the parent is before it");
    let late = seal(&Raw { timestamp: 1, ..expiring() }, &secret(0));
    desk.control().fork(2);
    desk.pay(&late).await;
    desk.control().produce_empty_blocks(2);
    desk.control().advance_slots(3);
    assert_eq!(desk.control().oracle().execution(&late.txid), None);
}

async fn as_json(desk: &Desk, sealed: &Sealed) -> Value {
    desk.pay(sealed).await;
    let id = json!({ "value": sealed.txid });
    let written = desk.ask("wallet/gettransactionfrompending", id).await;
    desk.control().skip_time(Duration::minutes(2));
    desk.control().change_rules(|rules| rules.txid_cache = false);
    written
}

#[tokio::test]
async fn a_transaction_in_json_is_written_as_bytes_by_the_node() {
    let desk = Desk::new().await;
    for sealed in [desk.sealed_transfer(account(7), 5), desk.sealed_sun(account(8), TRX)] {
        let mut written = as_json(&desk, &sealed).await;
        written["raw_data_hex"] = json!("not looked at");
        let answer = desk.ask("wallet/broadcasttransaction", written.clone()).await;
        assert_eq!(answer, json!({ "result": true, "txid": sealed.txid }));
        let again = desk.ask("wallet/broadcasttransaction", written.clone()).await;
        assert_eq!(again["code"], "DUP_TRANSACTION_ERROR");
        assert_eq!(again["message"], "447570207472616e73616374696f6e2e");
        written["raw_data"]["timestamp"] = json!(7);
        let altered = desk.ask("wallet/broadcasttransaction", written).await;
        assert_eq!(altered["code"], "SIGERROR");
        desk.control().produce_block();
        assert!(desk.control().oracle().execution(&sealed.txid).is_some());
    }
}

#[tokio::test]
async fn a_node_builds_what_it_is_asked_for() {
    let desk = Desk::new().await;
    let body = json!({
        "owner_address": own().hex(), "to_address": account(7).hex(), "amount": TRX,
    });
    let built = desk.ask("wallet/createtransaction", body).await;
    let value = &built["raw_data"]["contract"][0]["parameter"]["value"];
    assert_eq!((&value["amount"], &value["to_address"]), (&json!(TRX), &json!(account(7).hex())));
    let body = json!({
        "owner_address": own().hex(), "to_address": account(7).hex(), "amount": FUNDS + 1,
    });
    let refused = desk.ask("wallet/createtransaction", body).await;
    assert!(refused["Error"].as_str().expect("an error").contains("not sufficient"));
    let body = json!({
        "owner_address": own().to_string(),
        "contract_address": desk.usdt().to_string(),
        "function_selector": "transfer(address,uint256)",
        "parameter": "00",
        "fee_limit": 7,
        "visible": true,
    });
    let built = desk.ask("wallet/triggersmartcontract", body).await;
    assert_eq!(built["transaction"]["raw_data"]["fee_limit"], 7);
}
