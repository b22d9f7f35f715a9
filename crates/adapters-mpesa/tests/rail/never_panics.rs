//! Whatever comes in, reading it ends in a value; and what is not said is not believed.

use adapters_mpesa::{
    Answer, Endpoint, classify_error, classify_payout, classify_push, gateway_error, read_notice,
};
use domain::rail::{CollectionOutcome, Hook, Notice, PayoutOutcome, Submission};
use proptest::prelude::*;
use serde_json::{Value, json};

/// JSON with the words of Daraja in unexpected places.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["0", "1", "Completed", "KES", "A|KES|1|2&B", "254708374149 - X"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    let known = vec![
        "Body",
        "stkCallback",
        "CallbackMetadata",
        "Item",
        "Name",
        "Key",
        "Value",
        "Result",
        "ResultType",
        "ResultCode",
        "ResultParameters",
        "ResultParameter",
        "ConversationID",
        "MerchantRequestID",
        "CheckoutRequestID",
        "OriginatorConversationID",
        "TransactionID",
        "TransID",
        "TransAmount",
        "errorCode",
        "errorMessage",
        "fault",
        "faultstring",
        "detail",
        "errorcode",
        "ResponseCode",
        "requestId",
    ];
    prop_oneof![prop::sample::select(known).prop_map(str::to_owned), "\\PC{0,6}"]
}

fn read_everything(status: u16, body: &[u8]) {
    for hook in Hook::ALL {
        let _ = read_notice(hook, false, body);
        let _ = read_notice(hook, true, body);
    }
    let error = gateway_error(status, body);
    assert!(error.message.chars().count() <= 200);
    for endpoint in Endpoint::ALL {
        let _ = error.meaning(endpoint);
        let _: Submission<()> = classify_error(endpoint, status, body);
        let _ = classify_payout(endpoint, &Answer { status, body: body.to_vec() });
    }
    let _ = classify_push(&Answer { status, body: body.to_vec() });
}

proptest! {
    #[test]
    fn on_any_bytes(status in any::<u16>(), body in prop::collection::vec(any::<u8>(), 0..300)) {
        read_everything(status, &body);
    }

    #[test]
    fn on_any_json(status in any::<u16>(), body in json_value()) {
        read_everything(status, body.to_string().as_bytes());
    }

    #[test]
    fn on_any_text_that_begins_well(status in any::<u16>(), cut in 0_usize..200) {
        let body = json!({"Body": {"stkCallback": {"MerchantRequestID": "1", "CheckoutRequestID": "2", "ResultCode": 0, "CallbackMetadata": {"Item": []}}}}).to_string();
        let body = body.get(..cut.min(body.len())).unwrap_or_default();
        read_everything(status, body.as_bytes());
    }

    /// Only the code 0 is a success, and only with everything that belongs to one.
    #[test]
    fn no_other_code_pays(code in json_value(), kind in json_value()) {
        let items = json!([{"Name": "Amount", "Value": 1}, {"Name": "MpesaReceiptNumber", "Value": "R1"}]);
        let body = json!({"Body": {"stkCallback": {"MerchantRequestID": "1", "CheckoutRequestID": "2", "ResultCode": code, "CallbackMetadata": {"Item": items}}}});
        let is_zero = code == json!(0) || code == json!("0");
        if let Ok(Notice::Collection(told)) = read_notice(Hook::Collection, false, body.to_string().as_bytes()) {
            prop_assert_eq!(matches!(told.outcome, CollectionOutcome::Paid { .. }), is_zero);
        }
        let items = json!([{"Key": "TransactionAmount", "Value": 1}, {"Key": "TransactionReceipt", "Value": "R1"}]);
        let body = json!({"Result": {"ConversationID": "1", "ResultCode": 0, "ResultType": kind, "ResultParameters": {"ResultParameter": items}}});
        if let Ok(Notice::Outcome(told)) = read_notice(Hook::Payout, false, body.to_string().as_bytes()) {
            let waits = kind == json!(1) || kind == json!("1");
            let is_done = matches!(told.outcome, PayoutOutcome::Done { .. });
            prop_assert!(!(waits && is_done));
        }
    }
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = "[".repeat(100_000);
    read_everything(200, deep.as_bytes());
    read_everything(200, "{\"Body\":".repeat(100_000).as_bytes());
}
