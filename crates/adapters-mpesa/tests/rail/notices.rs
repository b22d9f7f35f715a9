//! Callbacks as they were captured or published, and as they may vary.

use adapters_mpesa::read_notice;
use domain::party::Msisdn;
use domain::rail::{
    BalanceNotice, BillNotice, CollectionNotice, CollectionOutcome, Fate, Fault, Hook, Notice,
    OutcomeNotice, PayoutOutcome, StatusNotice,
};
use serde_json::{Value, json};

use crate::support::{fiat, phone};

fn told(hook: Hook, body: &Value) -> Notice {
    read_notice(hook, false, body.to_string().as_bytes()).expect("a readable notice")
}

fn unreadable(hook: Hook, body: &Value) -> String {
    let read = read_notice(hook, false, body.to_string().as_bytes());
    read.expect_err("no notice").0
}

const PAID: &str = r#"{"Body":{"stkCallback":{
  "MerchantRequestID":"29115-34620561-1","CheckoutRequestID":"ws_CO_191220191020363925",
  "ResultCode":0,"ResultDesc":"The service request is processed successfully.",
  "CallbackMetadata":{"Item":[
    {"Name":"Amount","Value":1.00},
    {"Name":"MpesaReceiptNumber","Value":"NLJ7RT61SV"},
    {"Name":"Balance"},
    {"Name":"TransactionDate","Value":20191219102115},
    {"Name":"PhoneNumber","Value":254708374149}]}}}}"#;

fn paid(amount: &str) -> CollectionNotice {
    CollectionNotice {
        merchant_request_id: "29115-34620561-1".to_owned(),
        checkout_request_id: "ws_CO_191220191020363925".to_owned(),
        outcome: CollectionOutcome::Paid {
            receipt: "NLJ7RT61SV".to_owned(),
            amount: fiat(amount),
            phone: Some(phone()),
        },
    }
}

fn paid_with(metadata: &Value) -> Value {
    let mut body: Value = serde_json::from_str(PAID).expect("JSON");
    body["Body"]["stkCallback"]["CallbackMetadata"] = metadata.clone();
    body
}

#[test]
fn the_published_success_is_paid() {
    let notice = read_notice(Hook::Collection, false, PAID.as_bytes()).expect("readable");
    assert_eq!(notice, Notice::Collection(paid("1")));
}

#[test]
fn items_are_read_by_name_in_any_order_and_number() {
    let metadata = json!({"Item": [
        {"Name": "PhoneNumber", "Value": "254708374149"},
        {"Name": "Unheard", "Value": {"of": []}},
        {"Name": "MpesaReceiptNumber", "Value": "NLJ7RT61SV"},
        {"Value": 9},
        "nothing",
        {"Name": "Amount", "Value": 10500.5},
    ]});
    assert_eq!(told(Hook::Collection, &paid_with(&metadata)), Notice::Collection(paid("10500.5")));
}

/// PostgreSQL's texts refuse NUL, and a code without its odd characters may be another code.
#[test]
fn a_prompts_end_with_unfit_names_is_unreadable() {
    let long = "x".repeat(129);
    for (field, unfit) in [
        ("ResultCode", "0\u{0}"),
        ("ResultCode", "\u{1b}0"),
        ("ResultCode", "1032é"),
        ("ResultCode", &long),
        ("MerchantRequestID", "29115\u{0}"),
        ("CheckoutRequestID", "ws_CO\u{7f}_1"),
        ("CheckoutRequestID", &long),
    ] {
        let mut body: Value = serde_json::from_str(PAID).expect("JSON");
        body["Body"]["stkCallback"][field] = json!(unfit);
        assert_eq!(unreadable(Hook::Collection, &body), format!("no {field}"), "{unfit:?}");
    }
}

#[test]
fn a_payouts_end_with_unfit_names_is_unreadable() {
    let long = "x".repeat(129);
    for (field, unfit) in [
        ("ResultCode", "0\u{0}"),
        ("ConversationID", "AG\u{0}_1"),
        ("ConversationID", &long),
        ("OriginatorConversationID", "\u{0}0c8b"),
        ("OriginatorConversationID", &long),
    ] {
        let mut body = paid_out();
        body["Result"][field] = json!(unfit);
        assert_eq!(unreadable(Hook::Payout, &body), format!("no {field}"), "{unfit:?}");
    }
    for missing in [json!(null), json!(""), json!(" ")] {
        let mut body = paid_out();
        body["Result"]["OriginatorConversationID"] = missing;
        assert!(matches!(payout_ended(&body), PayoutOutcome::Done { .. }));
    }
    let mut body = paid_out();
    body["Result"]["ResultType"] = json!("1\u{0}");
    assert_eq!(payout_ended(&body), PayoutOutcome::Undecided { code: "0".to_owned() });
}

#[test]
fn receipts_are_letters_and_digits_and_bounded() {
    let with = |receipt: &str| {
        paid_with(&json!({"Item": [
            {"Name": "Amount", "Value": 1}, {"Name": "MpesaReceiptNumber", "Value": receipt},
        ]}))
    };
    for unfit in ["NLJ7\u{0}", "\u{0}", "NLJ7 RT61SV", "NLJ7-RT61", "ŃLJ7RT61SV", &"N".repeat(65)]
    {
        unreadable(Hook::Collection, &with(unfit));
    }
    let longest = "N".repeat(64);
    assert!(matches!(told(Hook::Collection, &with(&longest)), Notice::Collection(_)));
}

#[test]
fn codes_may_be_texts() {
    let body = PAID.replace("\"ResultCode\":0", "\"ResultCode\":\"0\"");
    let notice = read_notice(Hook::Collection, false, body.as_bytes()).expect("readable");
    assert_eq!(notice, Notice::Collection(paid("1")));
}

#[test]
fn a_phone_that_is_none_is_left_out() {
    let metadata = json!({"Item": [
        {"Name": "Amount", "Value": 1},
        {"Name": "MpesaReceiptNumber", "Value": "NLJ7RT61SV"},
        {"Name": "PhoneNumber", "Value": "2547***149"},
    ]});
    let Notice::Collection(notice) = told(Hook::Collection, &paid_with(&metadata)) else {
        panic!("a collection")
    };
    assert!(matches!(notice.outcome, CollectionOutcome::Paid { phone: None, .. }));
}

#[test]
fn a_success_without_its_amount_or_receipt_is_unreadable() {
    let amount = json!({"Name": "Amount", "Value": 1});
    let receipt = json!({"Name": "MpesaReceiptNumber", "Value": "NLJ7RT61SV"});
    for items in [
        json!([]),
        json!([amount]),
        json!([receipt]),
        json!([receipt, {"Name": "Amount"}]),
        json!([receipt, {"Name": "Amount", "Value": 0}]),
        json!([receipt, {"Name": "Amount", "Value": -1}]),
        json!([receipt, {"Name": "Amount", "Value": 1.001}]),
        json!([receipt, {"Name": "Amount", "Value": 1e30}]),
        json!([receipt, amount, {"Name": "Amount", "Value": 2}]),
        json!([amount, {"Name": "MpesaReceiptNumber", "Value": "a b\u{0}"}]),
        json!([amount, {"Name": "MpesaReceiptNumber", "Value": ""}]),
    ] {
        let message = unreadable(Hook::Collection, &paid_with(&json!({"Item": items})));
        assert!(message.starts_with("no "), "{items}: {message}");
    }
    unreadable(Hook::Collection, &paid_with(&Value::Null));
}

fn prompt_ended(code: &Value) -> CollectionOutcome {
    let body = json!({"Body": {"stkCallback": {
        "MerchantRequestID": "f1e2-4b95-a71d-b30d3cdbb7a7942864",
        "CheckoutRequestID": "ws_CO_21072024125243250722943992",
        "ResultCode": code, "ResultDesc": "Request cancelled by user",
    }}});
    match told(Hook::Collection, &body) {
        Notice::Collection(notice) => notice.outcome,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_code_of_a_prompt_is_what_the_table_says() {
    let not_paid = [
        "1",
        "2",
        "3",
        "4",
        "8",
        "11",
        "17",
        "26",
        "1001",
        "1019",
        "1025",
        "1031",
        "1032",
        "1036",
        "1037",
        "2001",
        "2028",
        "8006",
        "9999",
        "E3008",
        "SFC_IC0003",
    ];
    for code in not_paid {
        let expected = CollectionOutcome::NotPaid { code: code.to_owned() };
        assert_eq!(prompt_ended(&json!(code)), expected);
        if let Ok(number) = code.parse::<u32>() {
            assert_eq!(prompt_ended(&json!(number)), expected);
        }
    }
    for code in ["4999", "12345", "", "00", "-0", "1032.0"] {
        let expected = CollectionOutcome::Undecided { code: code.to_owned() };
        let body = json!({"Body": {"stkCallback": {
            "MerchantRequestID": "1", "CheckoutRequestID": "2", "ResultCode": code}}});
        match read_notice(Hook::Collection, false, body.to_string().as_bytes()) {
            Ok(Notice::Collection(notice)) => assert_eq!(notice.outcome, expected),
            other => assert!(code.is_empty() && other.is_err(), "{other:?}"),
        }
    }
}

const PAID_OUT: &str = r#"{"Result":{"ResultType":0,"ResultCode":0,"ResultDesc":"The service request is processed successfully.",
 "OriginatorConversationID":"0c8b2d1e-6d2e","ConversationID":"AG_20240706_2010364430d9bbdaf872","TransactionID":"SG632NMUAB",
 "ResultParameters":{"ResultParameter":[
  {"Key":"TransactionAmount","Value":1500},
  {"Key":"TransactionReceipt","Value":"SG632NMUAB"},
  {"Key":"ReceiverPartyPublicName","Value":"254705912645 - JANE SAMPLE DOE"},
  {"Key":"TransactionCompletedDateTime","Value":"06.07.2024 22:48:52"},
  {"Key":"B2CUtilityAccountAvailableFunds","Value":8959269.60},
  {"Key":"B2CWorkingAccountAvailableFunds","Value":1199371.00},
  {"Key":"B2CRecipientIsRegisteredCustomer","Value":"Y"},
  {"Key":"B2CChargesPaidAccountAvailableFunds","Value":-1980.00}]},
 "ReferenceData":{"ReferenceItem":{"Key":"QueueTimeoutURL","Value":"https://internalsandbox.safaricom.co.ke/mpesa/b2cresults/v1/submit"}}}}"#;

fn payout_ended(body: &Value) -> PayoutOutcome {
    match told(Hook::Payout, body) {
        Notice::Outcome(notice) => notice.outcome,
        other => panic!("{other:?}"),
    }
}

fn paid_out() -> Value {
    serde_json::from_str(PAID_OUT).expect("JSON")
}

#[test]
fn the_published_payout_is_done() {
    let notice = read_notice(Hook::Payout, false, PAID_OUT.as_bytes()).expect("readable");
    let expected = OutcomeNotice {
        originator_conversation_id: "0c8b2d1e-6d2e".to_owned(),
        conversation_id: "AG_20240706_2010364430d9bbdaf872".to_owned(),
        outcome: PayoutOutcome::Done {
            receipt: Some("SG632NMUAB".to_owned()),
            amount: Some(fiat("1500")),
            phone: Msisdn::parse("254705912645").ok(),
        },
    };
    assert_eq!(notice, Notice::Outcome(expected));
}

#[test]
fn a_result_that_waits_for_more_is_never_final() {
    for kind in [json!(1), json!("1"), json!(2)] {
        let mut body = paid_out();
        body["Result"]["ResultType"] = kind;
        assert_eq!(payout_ended(&body), PayoutOutcome::Undecided { code: "0".to_owned() });
        body["Result"]["ResultCode"] = json!(2001);
        assert_eq!(payout_ended(&body), PayoutOutcome::Undecided { code: "2001".to_owned() });
    }
}

#[test]
fn a_payout_without_its_receipt_or_amount_is_unreadable() {
    for missing in 0..2 {
        let mut body = paid_out();
        let list = &mut body["Result"]["ResultParameters"]["ResultParameter"];
        list.as_array_mut().expect("a list").remove(missing);
        unreadable(Hook::Payout, &body);
    }
    let mut body = paid_out();
    body["Result"]["ResultParameters"] = Value::Null;
    unreadable(Hook::Payout, &body);
}

fn failed(code: &Value) -> PayoutOutcome {
    payout_ended(&json!({"Result": {
        "ResultType": 0, "ResultCode": code, "ResultDesc": "The initiator information is invalid.",
        "OriginatorConversationID": "o", "ConversationID": "c", "TransactionID": "NLJ0000000",
        "ReferenceData": {"ReferenceItem": {"Key": "QueueTimeoutURL"}},
    }}))
}

#[test]
fn every_code_of_a_payout_is_what_the_table_says() {
    let faults = [
        (Fault::Float, &["1"][..]),
        (Fault::Sender, &["2", "3", "24", "25", "29", "R000002"]),
        (Fault::Receiver, &["4", "8", "2040", "SFC_IC0003"]),
        (Fault::Credentials, &["11", "18", "20", "21", "22", "2001", "2006", "2028", "8006"]),
    ];
    for (fault, codes) in faults {
        for code in codes {
            let code = (*code).to_owned();
            assert_eq!(failed(&json!(code)), PayoutOutcome::NotDone { code, fault });
        }
    }
    for code in ["15", "17", "19", "26", "100000000", "100000011", "31337", "X"] {
        let code = code.to_owned();
        assert_eq!(failed(&json!(code)), PayoutOutcome::Undecided { code });
    }
    let number = PayoutOutcome::NotDone { code: "2001".to_owned(), fault: Fault::Credentials };
    assert_eq!(failed(&json!(2001)), number);
    let done_before = PayoutOutcome::Done { receipt: None, amount: None, phone: None };
    assert_eq!(failed(&json!("R000001")), done_before);
}

#[test]
fn a_reversal_is_done_with_its_own_receipt() {
    let reversed = json!({"Result": {
        "ResultType": 0, "ResultCode": 0, "OriginatorConversationID": "o", "ConversationID": "c",
        "TransactionID": "SKE52PAWR9",
        "ResultParameters": {"ResultParameter": [
            {"Key": "DebitAccountBalance", "Value": "Utility Account|KES|51661.00|51661.00|0.00|0.00"},
            {"Key": "Amount", "Value": 1.00},
            {"Key": "TransCompletedTime", "Value": 20_241_114_132_711_u64},
            {"Key": "OriginalTransactionID", "Value": "SKC82PACB8"},
            {"Key": "Charge", "Value": 0.00},
            {"Key": "CreditPartyPublicName", "Value": "254705912645 - NICHOLAS JOHN SONGOK"},
            {"Key": "DebitPartyPublicName", "Value": "600992 - Sample"},
        ]},
    }});
    let expected = PayoutOutcome::Done {
        receipt: Some("SKE52PAWR9".to_owned()),
        amount: Some(fiat("1")),
        phone: Msisdn::parse("254705912645").ok(),
    };
    assert_eq!(payout_ended(&reversed), expected);
}

#[test]
fn a_reversal_with_an_unfit_receipt_is_unreadable() {
    let with = |receipt: Value| {
        json!({"Result": {
            "ResultCode": 0, "ConversationID": "c", "TransactionID": receipt,
            "ResultParameters": {"ResultParameter": [
                {"Key": "Amount", "Value": 1}, {"Key": "OriginalTransactionID", "Value": "SKC82PACB8"},
            ]},
        }})
    };
    unreadable(Hook::Payout, &with(json!("SKE5\u{0}")));
    unreadable(Hook::Payout, &with(json!("S".repeat(65))));
    let untold = payout_ended(&with(Value::Null));
    assert!(matches!(untold, PayoutOutcome::Done { receipt: None, .. }), "{untold:?}");
}

#[test]
fn a_result_must_name_a_conversation() {
    unreadable(Hook::Payout, &json!({"Result": {"ResultType": 0, "ResultCode": 1}}));
    unreadable(Hook::Payout, &json!({"Result": {"ResultType": 0, "ConversationID": "c"}}));
    unreadable(Hook::Status, &json!({"Result": {"ResultType": 0, "ResultCode": 1}}));
}

const COMPLETED: &str = r#"{"Result":{"ResultType":0,"ResultCode":0,"ResultDesc":"The service request is processed successfully.",
 "OriginatorConversationID":"3213-416199-2","ConversationID":"AG_20180223_0000493344ae97d86f75","TransactionID":"MBN0000000",
 "ResultParameters":{"ResultParameter":[
  {"Key":"DebitPartyName","Value":"600310 - Safaricom333"},{"Key":"DebitPartyName","Value":"254708374149 - John Doe"},
  {"Key":"OriginatorConversationID","Value":"3211-416020-3"},{"Key":"InitiatedTime","Value":"20180223054112"},
  {"Key":"DebitAccountType","Value":"Utility Account"},{"Key":"DebitPartyCharges","Value":"Fee For B2C Payment|KES|22.40"},
  {"Key":"TransactionReason"},{"Key":"ReasonType","Value":"Business Payment to Customer via API"},
  {"Key":"TransactionStatus","Value":"Completed"},{"Key":"FinalisedTime","Value":"20180223054112"},
  {"Key":"Amount","Value":"300"},{"Key":"ConversationID","Value":"AG_20180223_000041b09c22e613d6c9"},{"Key":"ReceiptNo","Value":"MBN31H462N"}]},
 "ReferenceData":{"ReferenceItem":{"Key":"Occasion"}}}}"#;

fn fate(body: &Value) -> Fate {
    match told(Hook::Status, body) {
        Notice::Status(notice) => notice.fate,
        other => panic!("{other:?}"),
    }
}

fn status_of(word: &str) -> Value {
    serde_json::from_str(&COMPLETED.replace("\"Completed\"", &format!("\"{word}\""))).expect("JSON")
}

#[test]
fn the_published_status_is_completed() {
    let notice = read_notice(Hook::Status, false, COMPLETED.as_bytes()).expect("readable");
    let expected = StatusNotice {
        conversation_id: "AG_20180223_0000493344ae97d86f75".to_owned(),
        fate: Fate::Completed {
            receipt: "MBN31H462N".to_owned(),
            amount: fiat("300"),
            charge: Some(fiat("22.40")),
            phone: Some(phone()),
        },
    };
    assert_eq!(notice, Notice::Status(expected));
}

#[test]
fn a_status_is_final_in_few_words() {
    for word in ["Cancelled", "Declined", "Expired", "Failed", "Reversed", "rejected"] {
        assert_eq!(fate(&status_of(word)), Fate::Failed(word.to_owned()));
    }
    for word in ["Initiated", "Authorized", "Pending Authorized", "Tomorrow's word"] {
        assert_eq!(fate(&status_of(word)), Fate::Pending(word.to_owned()));
    }
    let mut waiting = status_of("Completed");
    waiting["Result"]["ResultType"] = json!("1");
    assert!(matches!(fate(&waiting), Fate::Pending(_)));
}

#[test]
fn a_completed_status_needs_its_amount_and_receipt() {
    for field in ["Amount", "ReceiptNo", "TransactionStatus"] {
        let body = COMPLETED.replace(&format!("\"{field}\""), "\"Gone\"");
        unreadable(Hook::Status, &serde_json::from_str(&body).expect("JSON"));
    }
    let other = COMPLETED.replace("22.40", "22.404").replace("254708374149 -", "John -");
    let fate = fate(&serde_json::from_str(&other).expect("JSON"));
    assert!(matches!(fate, Fate::Completed { charge: None, phone: None, .. }), "{fate:?}");
}

#[test]
fn a_status_with_control_characters_is_none() {
    for word in ["Comple\\u0000ted", "\\u0007Cancelled", &"x".repeat(201)] {
        unreadable(Hook::Status, &status_of(word));
    }
}

#[test]
fn two_phones_are_no_phone() {
    let body = COMPLETED.replace("600310 - Safaricom333", "254705912645 - Jane");
    let fate = fate(&serde_json::from_str(&body).expect("JSON"));
    assert!(matches!(fate, Fate::Completed { phone: None, .. }), "{fate:?}");
}

#[test]
fn a_question_that_fails_says_nothing_of_the_payment() {
    let failed = |code: &str| json!({"Result": {"ResultType": "0", "ResultCode": code, "ConversationID": "c"}});
    for code in ["18", "20", "21", "22", "2001", "8006"] {
        let expected = Fate::NoAnswer { code: code.to_owned(), fault: Some(Fault::Credentials) };
        assert_eq!(fate(&failed(code)), expected);
    }
    for code in ["25", "2032", "15"] {
        let expected = Fate::NoAnswer { code: code.to_owned(), fault: None };
        assert_eq!(fate(&failed(code)), expected);
    }
}

fn balance(text: &str) -> Value {
    json!({"Result": {"ResultType": "0", "ResultCode": "0", "ConversationID": "c",
    "ResultParameters": {"ResultParameter": [
        {"Key": "AccountBalance", "Value": text}, {"Key": "BOCompletedTime", "Value": 20_200_109_125_710_u64},
    ]}}})
}

fn read_balance(body: &Value) -> Result<Notice, domain::ports::Unreadable> {
    read_notice(Hook::Status, true, body.to_string().as_bytes())
}

#[test]
fn a_balance_is_what_may_be_spent() {
    let text = "Working Account|KES|700000.00|690000.00|0.00|0.00&Float Account|KES|0.00|0.00|0.00|0.00\
        &Utility Account|KES|228037.00|228036.50|0.00|0.00&Charges Paid Account|KES|-1540.00|-1540.00|0.00|0.00";
    let expected = BalanceNotice { utility: fiat("228036.50"), working: Some(fiat("690000")) };
    assert_eq!(read_balance(&balance(text)), Ok(Notice::Balance(expected)));
    let alone = balance("Utility Account|KES|1.00|1.00|0.00|0.00");
    let expected = BalanceNotice { utility: fiat("1"), working: None };
    assert_eq!(read_balance(&alone), Ok(Notice::Balance(expected)));
}

#[test]
fn a_balance_without_a_utility_account_is_unreadable() {
    for text in ["", "Utility Account", "Utility Account|USD|1|1", "Utility Account|KES|1|-1"] {
        assert!(read_balance(&balance(text)).is_err(), "{text}");
    }
}

#[test]
fn a_balance_that_is_refused_names_whose_fault_it_is() {
    for (code, fault) in [(2001, Some(Fault::Credentials)), (26, None)] {
        let failed =
            json!({"Result": {"ResultType": 0, "ResultCode": code, "ConversationID": "c"}});
        let fate = Fate::NoAnswer { code: code.to_string(), fault };
        let notice = StatusNotice { conversation_id: String::new(), fate };
        assert_eq!(read_balance(&failed), Ok(Notice::Status(notice)));
    }
}

#[test]
fn a_payment_to_our_bill_number_is_read() {
    let body = json!({"TransactionType": "Pay Bill", "TransID": "RKTQDM7W6S", "TransTime": "20191122063845",
        "TransAmount": "5.00", "BusinessShortCode": "600638", "BillRefNumber": "K7Q2M9X4A1B3",
        "InvoiceNumber": "", "OrgAccountBalance": "49197.00", "ThirdPartyTransID": "",
        "MSISDN": "2547 ***** 126", "FirstName": "John", "MiddleName": "", "LastName": "Doe"});
    let expected = BillNotice {
        receipt: "RKTQDM7W6S".to_owned(),
        amount: fiat("5"),
        account_reference: "K7Q2M9X4A1B3".to_owned(),
    };
    assert_eq!(told(Hook::Bill, &body), Notice::Bill(expected));
    unreadable(Hook::Bill, &json!({"TransID": "RKTQDM7W6S"}));
    unreadable(Hook::Bill, &json!({"TransAmount": "5.00"}));
}

#[test]
fn a_queue_timeout_is_one_whatever_it_holds() {
    for body in ["", "no JSON", r#"{"SecurityCredential":"x"}"#, PAID_OUT, "{\"Result\":{}}"] {
        let notice = read_notice(Hook::QueueTimeout, false, body.as_bytes());
        assert_eq!(notice, Ok(Notice::QueueTimeout));
    }
}

#[test]
fn what_is_unreadable_is_not_repeated() {
    let secret = "254708374149";
    for body in [secret.repeat(2), format!("{{\"a\":\"{secret}"), format!("[\"{secret}\"]")] {
        for hook in [Hook::Collection, Hook::Payout, Hook::Status, Hook::Bill] {
            let error = read_notice(hook, false, body.as_bytes()).expect_err("unreadable");
            assert!(!format!("{error} {error:?}").contains(secret));
        }
    }
}
