//! Keys, addresses, accounts and what they have left.

use serde_json::{Value, json};
use twins::tron::Address;

use crate::tron::support::{Desk, FUNDS, TRX, own};
use crate::tron::wallet::account;

#[test]
fn the_well_known_key_has_its_known_address() {
    assert_eq!(own().to_string(), "TYBNgWfhGuNzdLtjKtxXTfskAhTbMcqbaG");
    assert_eq!(own().hex(), "41f39fd6e51aad88f6f4ce6ab8827279cfffb92266");
    assert_eq!(own().hex().parse(), Ok(own()));
}

#[test]
fn what_is_not_an_address_of_tron_is_none() {
    let wrong = [
        "TYBNgWfhGuNzdLtjKtxXTfskAhTbMcqbaH",
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        "42f39fd6e51aad88f6f4ce6ab8827279cfffb92266",
        "",
    ];
    for text in wrong {
        assert!(text.parse::<Address>().is_err(), "{text}");
    }
}

#[tokio::test]
async fn an_account_is_nothing_before_it_is_activated() {
    let desk = Desk::new().await;
    let newcomer = account(7);
    let body = json!({ "address": newcomer.hex() });
    for path in ["wallet/getaccount", "wallet/getaccountresource", "walletsolidity/getaccount"] {
        assert_eq!(desk.ask(path, body.clone()).await, json!({}), "{path}");
    }
    desk.pay(&desk.sealed_sun(newcomer, TRX)).await;
    desk.control().produce_block();
    assert_eq!(desk.ask("wallet/getaccount", body.clone()).await["balance"], TRX);
    assert_eq!(desk.ask("walletsolidity/getaccount", body.clone()).await, json!({}));
    desk.control().solidify();
    assert_eq!(desk.ask("walletsolidity/getaccount", body).await["balance"], TRX);
}

#[tokio::test]
async fn addresses_are_written_as_visible_has_it() {
    let desk = Desk::new().await;
    let hex = desk.ask("wallet/getaccount", json!({ "address": own().hex() })).await;
    assert_eq!(hex["address"], own().hex());
    assert_eq!(hex["balance"], FUNDS);
    let body = json!({ "address": own().to_string(), "visible": true });
    assert_eq!(desk.ask("wallet/getaccount", body).await["address"], own().to_string());
    let mixed = desk.ask("wallet/getaccount", json!({ "address": own().to_string() })).await;
    assert!(mixed["Error"].as_str().expect("an error").contains("INVALID address"), "{mixed}");
}

#[tokio::test]
async fn bandwidth_is_used_up_and_comes_back_within_a_day() {
    let desk = Desk::new().await;
    let free = |answer: &Value| answer["freeNetUsed"].as_i64().unwrap_or_default();
    let body = json!({ "address": own().hex() });
    assert_eq!(free(&desk.ask("wallet/getaccountresource", body.clone()).await), 0);
    desk.pay(&desk.sealed_transfer(account(7), 1)).await;
    desk.control().produce_block();
    assert_eq!(free(&desk.ask("wallet/getaccountresource", body.clone()).await), 345);
    desk.control().skip_time(time::Duration::hours(25));
    desk.control().produce_block();
    let later = desk.ask("wallet/getaccountresource", body).await;
    assert_eq!((free(&later), later["freeNetLimit"].as_i64()), (0, Some(600)));
}

#[tokio::test]
async fn the_chains_prices_can_be_asked_for() {
    let desk = Desk::new().await;
    desk.control().change_rules(|rules| rules.energy_price_sun = 210);
    let answer = desk.ask("wallet/getchainparameters", json!({})).await;
    let listed = answer["chainParameter"].as_array().expect("a list");
    let value =
        |key: &str| listed.iter().find(|one| one["key"] == key).map(|one| one["value"].clone());
    assert_eq!(value("getEnergyFee"), Some(json!(210)));
    assert_eq!(value("getTransactionFee"), Some(json!(1000)));
    assert_eq!(value("getCreateNewAccountFeeInSystemContract"), Some(json!(1_000_000)));
}
