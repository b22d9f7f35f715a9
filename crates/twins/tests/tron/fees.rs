//! What a transaction costs, in its receipt and in its owner's account.

use serde_json::{Value, json};

use crate::tron::support::{Desk, FEE_LIMIT, FUNDS, TRX, own};
use crate::tron::wallet::{Raw, Sealed, account, seal, secret, sun_transfer};

async fn receipt(desk: &Desk, sealed: &Sealed) -> Value {
    desk.pay(sealed).await;
    desk.control().produce_block();
    desk.info(sealed).await
}

fn left(desk: &Desk) -> i64 {
    desk.control().trx_balance(own()).expect("an account")
}

#[tokio::test]
async fn a_newcomer_costs_twice_the_energy_of_a_holder() {
    let desk = Desk::new().await;
    let first = receipt(&desk, &desk.sealed_transfer(account(7), 1)).await;
    assert_eq!(first["receipt"]["energy_usage_total"], 130_285);
    assert_eq!(first["receipt"]["energy_fee"], 13_028_500);
    assert_eq!(first["receipt"]["net_usage"], 345);
    assert_eq!(first["fee"], 13_028_500);
    let second = receipt(&desk, &desk.sealed_transfer(account(7), 1)).await;
    assert_eq!(second["receipt"]["energy_usage_total"], 64_285);
    assert_eq!(second["receipt"]["net_fee"], 345_000, "the free bandwidth does not reach");
    assert_eq!(second["fee"], 6_428_500 + 345_000);
    assert_eq!(left(&desk), FUNDS - 13_028_500 - 6_428_500 - 345_000);
}

#[tokio::test]
async fn the_fee_limit_ends_a_call_and_is_burned() {
    let desk = Desk::new().await;
    let raw = Raw { fee_limit: 5 * TRX, ..desk.transfer(account(7), 1) };
    let info = receipt(&desk, &seal(&raw, &secret(0))).await;
    assert_eq!(info["receipt"]["result"], "OUT_OF_ENERGY");
    assert_eq!(info["receipt"]["energy_usage_total"], 50_000);
    assert_eq!((&info["fee"], &info["result"]), (&json!(5 * TRX), &json!("FAILED")));
    assert_eq!(left(&desk), FUNDS - 5 * TRX);
    assert!(desk.control().oracle().transfers.is_empty());
}

#[tokio::test]
async fn a_revert_burns_only_what_it_used() {
    let desk = Desk::new().await;
    let info = receipt(&desk, &desk.sealed_transfer(account(7), u128::MAX)).await;
    assert_eq!(info["receipt"]["result"], "REVERT");
    assert_eq!(info["fee"], 800_000);
    assert_eq!(left(&desk), FUNDS - 800_000);
}

#[tokio::test]
async fn delegated_energy_is_used_first_and_the_fee_limit_caps_it_too() {
    let desk = Desk::new().await;
    desk.control().set_energy(own(), 1_000_000);
    let info = receipt(&desk, &desk.sealed_transfer(account(7), 1)).await;
    assert_eq!(info["receipt"]["energy_usage"], 130_285);
    assert_eq!((info.get("fee"), info["receipt"].get("energy_fee")), (None, None));
    let raw = Raw { fee_limit: 0, ..desk.transfer(account(7), 1) };
    let none = receipt(&desk, &seal(&raw, &secret(0))).await;
    assert_eq!(none["receipt"]["result"], "OUT_OF_ENERGY");
}

#[tokio::test]
async fn activating_an_account_costs_one_trx_and_a_tenth() {
    let desk = Desk::new().await;
    let first = receipt(&desk, &desk.sealed_sun(account(7), 5 * TRX)).await;
    assert_eq!((&first["fee"], &first["receipt"]["net_fee"]), (&json!(1_100_000), &json!(100_000)));
    assert_eq!(first["receipt"].get("result"), None, "no contract was called");
    assert_eq!(left(&desk), FUNDS - 5 * TRX - 1_100_000);
    let second = receipt(&desk, &desk.sealed_sun(account(7), TRX)).await;
    assert_eq!(second.get("fee"), None);
    assert_eq!(desk.control().trx_balance(account(7)), Some(6 * TRX));
    let sent: Vec<_> =
        desk.control().oracle().sun_to(account(7)).iter().map(|one| one.sent_sun).collect();
    assert_eq!(sent, [Some((account(7), 5 * TRX)), Some((account(7), TRX))]);
}

#[tokio::test]
async fn an_address_that_was_never_activated_receives_tokens_and_cannot_send_them() {
    let desk = Desk::new().await;
    desk.pay(&desk.sealed_transfer(account(7), 50)).await;
    desk.control().produce_block();
    assert_eq!(desk.control().balance_of(desk.usdt(), account(7)), 50);
    let contract = crate::tron::wallet::token_call(account(7), desk.usdt(), own(), 50);
    let sweep = seal(&desk.raw(contract), &secret(7));
    let answer = desk.send(&sweep).await;
    assert_eq!(answer["code"], "CONTRACT_VALIDATE_ERROR");
    assert!(answer["message"].as_str().expect("words").contains("does not exist"), "{answer}");
    desk.pay(&desk.sealed_sun(account(7), 20 * TRX)).await;
    desk.control().produce_block();
    desk.control().change_rules(|rules| rules.txid_cache = false);
    desk.pay(&sweep).await;
    assert_eq!(desk.result(&sweep).await, "SUCCESS");
}

#[tokio::test]
async fn a_memo_has_a_price() {
    let desk = Desk::new().await;
    let raw = Raw { memo: b"order 7".to_vec(), ..desk.raw(sun_transfer(own(), account(7), TRX)) };
    let info = receipt(&desk, &seal(&Raw { fee_limit: 0, ..raw }, &secret(0))).await;
    assert_eq!(info["fee"], 2_100_000);
}

#[tokio::test]
async fn who_cannot_pay_for_bandwidth_is_refused() {
    let desk = Desk::new().await;
    desk.control().create_account(own(), 300_000);
    desk.control().change_rules(|rules| rules.free_bandwidth = 0);
    let sealed = seal(&Raw { fee_limit: FEE_LIMIT, ..desk.transfer(account(7), 1) }, &secret(0));
    assert_eq!(desk.code(&sealed).await, "BANDWITH_ERROR");
}
