//! Payouts: acceptance, result, the ids that keep them from happening twice.

use serde_json::{Value, json};
use time::Duration;
use twins::daraja::{Endpoint, Fault, FaultKind, QueueTimeoutBody};

use crate::daraja::inbox::Letter;
use crate::daraja::support::{Desk, PAYER};

#[tokio::test]
async fn a_payout_is_carried_out_once_and_reported_in_full() {
    let desk = Desk::new().await;
    let answer = desk.b2c("0c8b2d1e-6d2e-4f0a-9a57-2f1e6f3f9b11", PAYER, 1500).await;
    assert_eq!(answer.field("ResponseCode"), "0");
    assert_eq!(answer.field("OriginatorConversationID"), "0c8b2d1e-6d2e-4f0a-9a57-2f1e6f3f9b11");
    assert!(answer.field("ConversationID").starts_with("AG_20261121_"));
    desk.finish().await;

    let result = &desk.inbox.at("payouts/c0ffee")[0];
    assert_eq!(result.result()["ResultType"], 0);
    assert_eq!(result.result()["ResultCode"], 0);
    assert_eq!(result.result()["ConversationID"], answer.json()["ConversationID"]);
    assert_eq!(result.parameter("TransactionAmount"), 1500);
    assert_eq!(result.parameter("ReceiverPartyPublicName"), "254712345678 - JANE SAMPLE DOE");
    assert_eq!(result.parameter("B2CRecipientIsRegisteredCustomer"), "Y");
    assert!(result.result()["ReferenceData"]["ReferenceItem"].is_object());

    let oracle = desk.control().oracle();
    let payout = oracle.payouts_to(PAYER)[0];
    assert_eq!(result.parameter("TransactionReceipt"), payout.receipt.as_str());
    assert_eq!((payout.amount_cents, payout.fee_cents), (150_000, 2_240));
    assert_eq!(oracle.float_cents, 1_000_000_000 - 150_000 - 2_240);
    assert_eq!(oracle.credits(PAYER), 150_000);
    assert!(!result.body.contains("22.40"), "the fee is the status request's to tell");
}

#[tokio::test]
async fn the_same_id_is_refused_until_the_retention_ends() {
    let desk = Desk::new().await;
    desk.b2c("once", PAYER, 100).await;
    let again = desk.b2c("once", PAYER, 100).await;
    assert_eq!(again.refusal(), (500, "500.002.1001".to_owned()));
    assert_eq!(again.field("errorMessage"), "Duplicate OriginatorConversationID.");
    desk.finish().await;
    assert_eq!(desk.control().oracle().payouts.len(), 1);
    desk.control().change_rules(|rules| rules.ocid_retention = Some(Duration::minutes(1)));
    desk.control().advance(Duration::minutes(2));
    assert_eq!(desk.b2c("once", PAYER, 100).await.status, 200);
    desk.finish().await;
    assert_eq!(desk.control().oracle().payouts_of("once").len(), 2);
}

#[tokio::test]
async fn v1_mints_its_own_id_and_knows_no_duplicates() {
    let desk = Desk::new().await;
    let body = desk.b2c_body("ignored", PAYER, 100);
    let first = desk.post(Endpoint::B2cV1, &body).await.field("OriginatorConversationID");
    let second = desk.post(Endpoint::B2cV1, &body).await.field("OriginatorConversationID");
    assert!(first.ends_with("-1") && first != second && first != "ignored");
    desk.finish().await;
    assert_eq!(desk.control().oracle().payouts.len(), 2);
}

/// The result of one payout, and that no money moved.
async fn failed(desk: &Desk, body: &Value) -> Letter {
    let answer = desk.post(Endpoint::B2cV3, body).await;
    assert_eq!(answer.field("ResponseCode"), "0", "{}", answer.text);
    let before = desk.control().oracle();
    desk.finish().await;
    assert_eq!(desk.control().oracle(), before);
    let result = desk.inbox.at("payouts/c0ffee").pop().expect("a result");
    assert_eq!(result.result()["ResultParameters"], Value::Null);
    assert_eq!(result.result()["TransactionID"], "NLJ0000000");
    result
}

#[tokio::test]
async fn payouts_fail_with_the_code_of_their_reason() {
    let desk = Desk::new().await;
    desk.control().set_unregistered("254712345671");
    desk.control().set_recipient_limit("254712345672");
    let cases = [
        (desk.b2c_body("f1", PAYER, 9), "2"),
        (desk.b2c_body("f2", PAYER, 250_001), "3"),
        (desk.b2c_body("f3", "254712345671", 100), "2040"),
        (desk.b2c_body("f4", "254712345672", 100), "8"),
        (desk.b2c_body("f5", "254012345678", 100), "SFC_IC0003"),
    ];
    for (body, code) in cases {
        assert_eq!(failed(&desk, &body).await.code(), code);
    }
    let mut foreign = desk.b2c_body("f6", PAYER, 100);
    foreign["PartyA"] = json!(600_000);
    assert_eq!(failed(&desk, &foreign).await.code(), "2028");
    desk.control().set_float(10_000);
    assert_eq!(failed(&desk, &desk.b2c_body("f7", PAYER, 100)).await.code(), "1", "the fee counts");
    desk.control().change_rules(|rules| rules.initiator_has_role = false);
    assert_eq!(failed(&desk, &desk.b2c_body("f8", PAYER, 10)).await.code(), "21");
}

#[tokio::test]
async fn of_two_payouts_that_race_for_the_float_one_is_paid() {
    let desk = Desk::new().await;
    desk.control().set_float(15_000);
    desk.b2c("race-1", PAYER, 100).await;
    desk.b2c("race-2", "254712345679", 100).await;
    desk.finish().await;
    let mut codes: Vec<String> = desk.inbox.letters().iter().map(Letter::code).collect();
    codes.sort();
    assert_eq!(codes, ["0", "1"]);
}

#[tokio::test]
async fn three_wrong_credentials_lock_the_initiator_until_it_is_reset() {
    let desk = Desk::new().await;
    for nth in 0..3 {
        let mut body = desk.b2c_body(&format!("wrong-{nth}"), PAYER, 100);
        body["SecurityCredential"] = json!("bm90IGEgY3JlZGVudGlhbA==");
        assert_eq!(failed(&desk, &body).await.code(), "2001");
    }
    assert_eq!(failed(&desk, &desk.b2c_body("right-1", PAYER, 100)).await.code(), "8006");
    desk.control().reset_initiator_lock();
    desk.b2c("right-2", PAYER, 100).await;
    desk.finish().await;
    assert_eq!(desk.control().oracle().payouts.len(), 1);
}

#[tokio::test]
async fn v3_can_be_refused_to_the_app() {
    let desk = Desk::new().await;
    desk.control().change_rules(|rules| rules.v3_entitled = false);
    assert_eq!(desk.b2c("refused", PAYER, 100).await.refusal(), (403, "403.002.1001".to_owned()));
    desk.control().change_rules(|rules| rules.v3_entitled = true);
    assert_eq!(desk.b2c("refused", PAYER, 100).await.status, 200, "the id was not used up");
}

#[tokio::test]
async fn a_queue_timeout_echoes_the_request_or_looks_like_a_result() {
    let desk = Desk::new().await;
    desk.control().add_fault(Fault::always(Endpoint::B2cV3, FaultKind::QueueTimeoutThenSuccess));
    desk.b2c("late-1", PAYER, 100).await;
    desk.finish().await;
    let echo = desk.inbox.at("late/c0ffee")[0].json();
    assert_eq!(echo["OriginatorConversationID"], "late-1");
    assert!(echo["SecurityCredential"].is_string());
    assert_eq!(desk.inbox.at("payouts/c0ffee")[0].code(), "0");
    desk.control().change_rules(|rules| rules.queue_timeout_body = QueueTimeoutBody::Result);
    desk.b2c("late-2", PAYER, 100).await;
    desk.finish().await;
    assert_eq!(desk.inbox.at("late/c0ffee")[1].result()["OriginatorConversationID"], "late-2");
}
