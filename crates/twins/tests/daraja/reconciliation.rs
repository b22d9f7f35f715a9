//! Asking afterwards: status, reversal, balance, confirmations and the pull list.

use serde_json::{Value, json};
use time::Duration;
use twins::daraja::{Endpoint, StatusField, UnknownOcid};

use crate::daraja::inbox::Letter;
use crate::daraja::support::{Desk, PAYER};

async fn last_result(desk: &Desk) -> Letter {
    desk.finish().await;
    desk.inbox.at("results/c0ffee").pop().expect("a result")
}

#[tokio::test]
async fn a_status_tells_a_payouts_fate_by_id_and_by_receipt() {
    let desk = Desk::new().await;
    desk.b2c("asked", PAYER, 1500).await;
    desk.finish().await;
    let receipt = desk.control().oracle().payouts[0].receipt.clone();
    let questions = [
        json!({ "OriginalConversationID": "asked" }),
        json!({ "OriginatorConversationID": "asked" }),
        json!({ "TransactionID": receipt }),
    ];
    for question in questions {
        let ack = desk.status(&question).await;
        assert_eq!(ack.field("ResponseCode"), "0", "{}", ack.text);
        let result = last_result(&desk).await;
        assert_eq!(result.result()["ConversationID"], ack.json()["ConversationID"]);
        assert_eq!(result.parameter("TransactionStatus"), "Completed");
        assert_eq!(result.parameter("ReceiptNo"), receipt.as_str());
        assert_eq!(result.parameter("Amount"), "1500");
        assert_eq!(result.parameter("DebitPartyCharges"), "Fee For B2C Payment|KES|22.40");
        assert!(result.body.contains(r#"{"Key":"TransactionReason"}"#));
    }
}

#[tokio::test]
async fn a_status_tells_pending_and_failed_payouts_apart() {
    let desk = Desk::new().await;
    desk.control().set_unregistered(PAYER);
    desk.b2c("failing", PAYER, 100).await;
    desk.status(&json!({ "OriginalConversationID": "failing" })).await;
    assert_eq!(last_result(&desk).await.parameter("TransactionStatus"), "Initiated");
    desk.status(&json!({ "OriginalConversationID": "failing" })).await;
    let result = last_result(&desk).await;
    assert_eq!(result.parameter("TransactionStatus"), "Declined");
    assert_eq!(result.parameter("ReceiptNo"), Value::Null);
}

#[tokio::test]
async fn a_status_knows_payments_by_receipt() {
    let desk = Desk::new().await;
    desk.prompt(PAYER, 250).await;
    desk.finish().await;
    let receipt = desk.control().oracle().payments[0].receipt.clone();
    desk.status(&json!({ "TransactionID": receipt })).await;
    let result = last_result(&desk).await;
    assert!(result.body.contains(r#"{"Key":"Amount","Value":250.00}"#));
    assert_eq!(result.parameter("DebitPartyName"), "254712345678 - JANE SAMPLE DOE");
}

#[tokio::test]
async fn what_nobody_knows_is_answered_as_the_rule_says() {
    let desk = Desk::new().await;
    let unknown = json!({ "OriginalConversationID": "never-sent" });
    assert_eq!(desk.status(&unknown).await.field("OriginatorConversationID"), "never-sent");
    desk.finish().await;
    assert!(desk.inbox.letters().is_empty());
    desk.control().change_rules(|rules| rules.unknown_ocid = UnknownOcid::Code25);
    desk.status(&unknown).await;
    assert_eq!(last_result(&desk).await.code(), "25");
    desk.control().change_rules(|rules| rules.unknown_ocid = UnknownOcid::QueueTimeout);
    desk.status(&unknown).await;
    desk.finish().await;
    assert_eq!(desk.inbox.at("late/c0ffee").len(), 1);
}

#[tokio::test]
async fn the_disputed_field_of_a_status_request_can_be_fixed() {
    let desk = Desk::new().await;
    desk.b2c("asked", PAYER, 100).await;
    desk.finish().await;
    desk.control().change_rules(|rules| {
        rules.status_field = StatusField::OriginatorConversationId;
        rules.echo_queried_ocid = false;
    });
    let ack = desk.status(&json!({ "OriginalConversationID": "asked" })).await;
    assert!(ack.field("OriginatorConversationID").ends_with("-1"));
    assert_eq!(last_result(&desk).await.code(), "25");
}

#[tokio::test]
async fn a_payment_is_reversed_once() {
    let desk = Desk::new().await;
    desk.prompt(PAYER, 250).await;
    desk.finish().await;
    let receipt = desk.control().oracle().payments[0].receipt.clone();
    let order = |receipt: &str, amount: u64| {
        let more = json!({
            "TransactionID": receipt,
            "Amount": amount,
            "ReceiverParty": 174_379,
            "RecieverIdentifierType": "11",
        });
        desk.order_body("TransactionReversal", &more)
    };
    for (receipt, amount, code) in [
        ("UNKNOWN000", 250, "R000002"),
        (receipt.as_str(), 249, "R000002"),
        (receipt.as_str(), 250, "0"),
        (receipt.as_str(), 250, "R000001"),
    ] {
        let ack = desk.post(Endpoint::Reversal, &order(receipt, amount)).await;
        assert_eq!(ack.field("ResponseCode"), "0", "{}", ack.text);
        let result = last_result(&desk).await;
        assert_eq!(result.code(), code);
        let original = result.parameter("OriginalTransactionID");
        assert_eq!(original == receipt, code == "0");
    }
    let oracle = desk.control().oracle();
    assert!(oracle.payments[0].reversed);
    assert_eq!((oracle.working_cents, oracle.credits(PAYER)), (0, 25_000));
    let mut mistyped = order(&receipt, 250);
    mistyped["RecieverIdentifierType"] = json!("4");
    let refused = desk.post(Endpoint::Reversal, &mistyped).await;
    assert_eq!(refused.field("errorMessage"), "Bad Request - Invalid RecieverIdentifierType");
}

#[tokio::test]
async fn the_balance_is_one_string_of_accounts() {
    let desk = Desk::new().await;
    desk.control().set_float(12_345_678);
    desk.post(Endpoint::AccountBalance, &desk.order_body("AccountBalance", &json!({}))).await;
    let accounts = last_result(&desk).await.parameter("AccountBalance");
    let accounts = accounts.as_str().expect("text");
    let utility = "&Utility Account|KES|123456.78|123456.78|0.00|0.00&";
    assert!(accounts.contains(utility), "{accounts}");
}

#[tokio::test]
async fn a_registered_url_hears_of_every_payment() {
    let desk = Desk::new().await;
    let body = json!({
        "ShortCode": 174_379,
        "ResponseType": "Completed",
        "ConfirmationURL": desk.inbox.url("confirmed"),
        "ValidationURL": desk.inbox.url("validated"),
    });
    let answer = desk.post(Endpoint::C2bRegister, &body).await;
    assert_eq!(answer.field("ResponseDescription"), "Success");
    assert!(!answer.field("OriginatorCoversationID").is_empty());
    let again = desk.post(Endpoint::C2bRegister, &body).await;
    assert_eq!(again.field("errorMessage"), "Urls are already registered.");

    desk.prompt(PAYER, 5).await;
    desk.finish().await;
    let confirmation = desk.inbox.at("confirmed")[0].json();
    let receipt = desk.control().oracle().payments[0].receipt.clone();
    assert_eq!(confirmation["TransID"], receipt.as_str());
    assert_eq!(confirmation["TransAmount"], "5.00");
    assert_eq!(confirmation["BillRefNumber"], "K7Q2M9X4A1B3");
    assert_eq!(confirmation["MSISDN"], "2547 ***** 678");
    assert!(confirmation.as_object().expect("fields").values().all(Value::is_string));
}

async fn pulled(desk: &Desk, offset: u64) -> Value {
    let body = json!({
        "ShortCode": 174_379,
        "StartDate": "2026-11-01 8:36:00",
        "EndDate": "2026-12-31 23:59:59",
        "OffSetValue": offset.to_string(),
    });
    desk.post(Endpoint::PullQuery, &body).await.json()
}

#[tokio::test]
async fn the_pull_list_holds_two_days_a_hundred_rows_at_a_time() {
    let desk = Desk::new().await;
    let registration = json!({
        "ShortCode": 174_379,
        "RequestType": "Pull",
        "NominatedNumber": PAYER,
        "CallBackURL": desk.inbox.url("pulled"),
    });
    assert_eq!(pulled(&desk, 0).await["errorCode"], "500.003.1001");
    desk.post(Endpoint::PullRegister, &registration).await;
    assert_eq!(pulled(&desk, 0).await["ResponseCode"], "1001");
    for nth in 0..101 {
        desk.prompt(&format!("254712345{nth:03}"), 7).await;
    }
    desk.finish().await;
    let first = pulled(&desk, 0).await;
    assert_eq!(first["ResponseCode"], "1000");
    let rows = first["Response"][0].as_array().expect("rows");
    assert_eq!(rows.len(), 100);
    assert_eq!(rows[0]["amount"], "7.00");
    assert_eq!(rows[0]["billreference"], "K7Q2M9X4A1B3");
    assert_eq!(pulled(&desk, 100).await["Response"][0].as_array().map(Vec::len), Some(1));
    desk.control().change_rules(|rules| rules.token_life = Duration::days(9));
    let mut desk = desk;
    desk.token = desk.new_token().await;
    desk.control().advance(Duration::hours(49));
    assert_eq!(pulled(&desk, 0).await["ResponseCode"], "1001");
}
