//! The life of a prompt, from the push to the callback.

use serde_json::Value;
use time::Duration;
use twins::daraja::{Answer, Behaviour, DarajaTwin, Endpoint, Payer};

use crate::daraja::inbox::Letter;
use crate::daraja::support::{Desk, PAYER, quiet};

#[tokio::test]
async fn an_approved_prompt_moves_the_money_and_is_called_back_once() {
    let desk = Desk::new().await;
    let answer = desk.stk(PAYER, 1500).await;
    let id = answer.field("CheckoutRequestID");
    assert!(id.starts_with("ws_CO_21112026120") && id.ends_with("712345678"), "{id}");
    assert!(answer.text.starts_with(r#"{"MerchantRequestID":""#), "{}", answer.text);
    desk.finish().await;

    let letters = desk.inbox.letters();
    assert_eq!(letters.len(), 1);
    let callback = &letters[0];
    assert!(callback.head.contains("content-type: application/json;charset=utf-8"));
    assert!(callback.head.contains("businessshortcode: 174379"));
    assert!(!callback.head.contains("x-forwarded-for"));
    assert!(callback.body.contains(r#"{"Name":"Amount","Value":1500.00}"#), "{}", callback.body);
    assert_eq!(callback.stk()["ResultCode"], 0);
    assert_eq!(callback.stk()["CheckoutRequestID"], id.as_str());
    assert_eq!(callback.stk()["MerchantRequestID"], answer.json()["MerchantRequestID"]);
    assert_eq!(callback.item("PhoneNumber"), 254_712_345_678_u64);
    assert!(callback.item("TransactionDate").as_u64() > Some(20_261_121_120_000));

    let oracle = desk.control().oracle();
    let payment = &oracle.payments_of("K7Q2M9X4A1B3")[0];
    assert_eq!(payment.amount_cents, 150_000);
    assert_eq!(callback.item("MpesaReceiptNumber"), payment.receipt.as_str());
    assert_eq!(payment.receipt.len(), 10);
    assert_eq!(oracle.wallets[PAYER], 50_000_000 - 150_000);
    assert_eq!((oracle.working_cents, oracle.debits(PAYER)), (150_000, 150_000));
}

#[tokio::test]
async fn every_other_end_has_its_code_and_no_metadata() {
    let cases = [
        (Behaviour::Cancel, "1032"),
        (Behaviour::WrongPin, "2001"),
        (Behaviour::Ignore, "1037"),
        (Behaviour::Offline, "1037"),
    ];
    for (behaviour, code) in cases {
        let desk = Desk::new().await;
        desk.control().set_payer(PAYER, Payer::new(behaviour));
        desk.prompt(PAYER, 10).await;
        desk.finish().await;
        let callback = &desk.inbox.letters()[0];
        assert_eq!(callback.code(), code);
        assert_eq!(callback.stk()["CallbackMetadata"], Value::Null);
        assert!(desk.control().oracle().payments.is_empty());
    }
}

#[tokio::test]
async fn a_poor_payer_ends_in_1() {
    let desk = Desk::new().await;
    desk.control().set_wallet(PAYER, 999);
    desk.prompt(PAYER, 10).await;
    desk.finish().await;
    assert_eq!(desk.inbox.letters()[0].code(), "1");
    assert_eq!(desk.control().oracle().wallets[PAYER], 999);
}

#[tokio::test]
async fn a_phone_holds_one_prompt_at_a_time() {
    let desk = Desk::new().await;
    desk.control().set_default_payer(Payer::new(Behaviour::ByHand));
    desk.prompt(PAYER, 10).await;
    let second = desk.stk(PAYER, 20).await;
    assert_eq!(second.refusal(), (500, "500.001.1001".to_owned()));
    assert!(second.field("errorMessage").starts_with("Unable to lock subscriber"));
    assert_eq!(desk.control().open_prompts().len(), 1);
    assert!(desk.control().answer_prompt(PAYER, Answer::Cancel));
    assert!(!desk.control().answer_prompt(PAYER, Answer::Approve), "nothing is open any more");
    desk.prompt(PAYER, 20).await;
}

#[tokio::test]
async fn the_same_amount_within_two_minutes_ends_in_17() {
    let desk = Desk::new().await;
    desk.prompt(PAYER, 10).await;
    desk.control().advance(Duration::seconds(30));
    desk.prompt(PAYER, 10).await;
    desk.finish().await;
    let codes: Vec<String> = desk.inbox.letters().iter().map(Letter::code).collect();
    assert_eq!(codes, ["0", "17"]);
    desk.control().advance(Duration::minutes(3));
    desk.prompt(PAYER, 10).await;
    desk.finish().await;
    assert_eq!(desk.control().oracle().payments.len(), 2);
}

#[tokio::test]
async fn references_are_no_idempotency_keys() {
    let desk = Desk::new().await;
    let first = desk.prompt(PAYER, 10).await;
    let second = desk.prompt("254712345679", 10).await;
    assert_ne!(first, second);
    desk.finish().await;
    assert_eq!(desk.control().oracle().payments_of("K7Q2M9X4A1B3").len(), 2);
}

#[tokio::test]
async fn a_callback_is_not_repeated_whatever_its_receiver_says() {
    let desk = Desk::new().await;
    desk.inbox.answer_with(500);
    desk.prompt(PAYER, 10).await;
    desk.finish().await;
    assert_eq!(desk.inbox.letters().len(), 1);
    desk.control().change_rules(|rules| rules.callback_retries = 2);
    desk.prompt("254712345679", 10).await;
    desk.finish().await;
    assert_eq!(desk.inbox.letters().len(), 4, "one, and one with two repetitions");
}

#[tokio::test]
async fn a_source_header_can_be_forged() {
    let desk = Desk::new().await;
    desk.control().change_rules(|rules| rules.forwarded_for = Some("196.201.214.200".to_owned()));
    desk.prompt(PAYER, 10).await;
    desk.finish().await;
    assert!(desk.inbox.letters()[0].head.contains("x-forwarded-for: 196.201.214.200"));
}

#[tokio::test]
async fn the_same_seed_tells_the_same_story() {
    let mut stories = Vec::new();
    for seed in [7, 7, 8] {
        let desk = Desk::with(twins::daraja::Options { seed, ..quiet() }).await;
        for payer in ["254712345671", "254712345672"] {
            desk.prompt(payer, 10).await;
        }
        desk.finish().await;
        let payments = desk.control().oracle().payments;
        let story = payments.iter().map(|one| (one.msisdn.clone(), one.receipt.clone()));
        stories.push(story.collect::<Vec<_>>());
    }
    for story in &mut stories {
        story.sort();
    }
    assert_eq!(stories[0], stories[1]);
    assert_ne!(stories[0], stories[2]);
}

#[tokio::test]
async fn the_twin_comes_back_after_a_restart_with_all_it_knew() {
    let desk = Desk::new().await;
    let id = desk.prompt(PAYER, 10).await;
    desk.twin.stop().await;
    assert!(desk.try_post(Endpoint::StkQuery, &Value::Null).await.is_err());
    desk.twin.restart().await.expect("the same ports");
    desk.finish().await;
    assert_eq!(desk.query(&id).await.field("ResultCode"), "0");
    assert_eq!(desk.inbox.letters().len(), 1);
}

#[tokio::test]
async fn virtual_time_runs_at_its_own_speed() {
    let desk = Desk::with(twins::daraja::Options { speed: 1000, ..quiet() }).await;
    desk.prompt(PAYER, 10).await;
    assert!(desk.control().settle(std::time::Duration::from_secs(10)).await);
    assert_eq!(desk.inbox.letters()[0].code(), "0");
}

#[tokio::test]
async fn the_last_handle_takes_the_twin_with_it() {
    let twin = DarajaTwin::start(quiet()).await.expect("a twin");
    let url = twin.base_url();
    drop(twin);
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let mut is_up = true;
    for _ in 0..200 {
        is_up = client.get(&url).send().await.is_ok();
        if !is_up {
            break;
        }
    }
    assert!(!is_up, "the port is still open");
}
