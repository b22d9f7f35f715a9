//! What leaves us, byte for byte where Daraja is particular.

use adapters_mpesa::{B2cApi, MpesaConfig, StatusKeyField, StkKind};
use domain::ports::{Collecting as _, Disbursing as _, Statements as _, StatusKey};
use domain::rail::{NotDone, Submission, WhyNot};
use serde_json::{Value, json};
use uuid::uuid;

use crate::support::{
    CREDENTIAL, Request, Server, Step, config, fiat, payout, push, rail, reversal, status, token,
};

const ACCEPTED: &str = r#"{"MerchantRequestID":"2654-4b64-97ff-b827b542881d3130","CheckoutRequestID":"ws_CO_1007202409152617172396192","ConversationID":"AG_1","OriginatorConversationID":"o","ResponseCode":"0","ResponseDescription":"Success"}"#;

fn hook(letter: &str, digit: &str) -> String {
    format!("https://pay.example.co.ke/hooks/{letter}/{}", digit.repeat(40))
}

/// The body as it was sent, and that nothing else was; the order of fields counts.
fn assert_body(request: &Request, path: &str, expected: &str) {
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", path));
    assert_eq!(request.body, expected.split_whitespace().collect::<String>());
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("authorization"), Some("Bearer token-1"));
}

#[tokio::test]
async fn a_token_is_asked_for_with_basic_authorization() {
    let server = Server::answering(200, ACCEPTED);
    rail(config(&server.url)).push(&push()).await;
    let request = server.requests().remove(0);
    assert_eq!(request.method, "GET");
    assert_eq!(request.path, "/oauth/v1/generate?grant_type=client_credentials");
    let basic = "Basic Y29uc3VtZXIta2V5OmNvbnN1bWVyLXNlY3JldA==";
    assert_eq!(request.header("authorization"), Some(basic));
}

#[tokio::test]
async fn a_prompt_is_spelt_as_in_the_official_sample() {
    let server = Server::answering(200, ACCEPTED);
    rail(config(&server.url)).push(&push()).await;
    let expected = format!(
        r#"{{"BusinessShortCode":174379,
        "Password":"MTc0Mzc5YmZiMjc5ZjlhYTliZGJjZjE1OGU5N2RkNzFhNDY3Y2QyZTBjODkzMDU5YjEwZjc4ZTZiNzJhZGExZWQyYzkxOTIwMjEwNjI4MDkyNDA4",
        "Timestamp":"20210628092408","TransactionType":"CustomerPayBillOnline","Amount":100,
        "PartyA":254708374149,"PartyB":174379,"PhoneNumber":254708374149,
        "CallBackURL":"{}","AccountReference":"K7Q2M9X4A1B3","TransactionDesc":"Payment"}}"#,
        hook("c", "a")
    );
    assert_body(&server.only_call(), "/mpesa/stkpush/v1/processrequest", &expected);
}

#[tokio::test]
async fn a_till_is_paid_by_its_own_number() {
    let server = Server::answering(200, ACCEPTED);
    let mut settings = config(&server.url);
    settings.stk.kind = StkKind::Till;
    settings.stk.party_b = 5_123_456;
    rail(settings).push(&push()).await;
    let body = server.only_call().json();
    assert_eq!(body["TransactionType"], "CustomerBuyGoodsOnline");
    assert_eq!((&body["PartyB"], &body["BusinessShortCode"]), (&json!(5_123_456), &json!(174_379)));
}

#[tokio::test]
async fn a_query_names_the_prompt_alone() {
    let server = Server::answering(200, ACCEPTED);
    rail(config(&server.url)).query("ws_CO_1").await;
    let expected = r#"{"BusinessShortCode":174379,
        "Password":"MTc0Mzc5YmZiMjc5ZjlhYTliZGJjZjE1OGU5N2RkNzFhNDY3Y2QyZTBjODkzMDU5YjEwZjc4ZTZiNzJhZGExZWQyYzkxOTIwMjEwNjI4MDkyNDA4",
        "Timestamp":"20210628092408","CheckoutRequestID":"ws_CO_1"}"#;
    assert_body(&server.only_call(), "/mpesa/stkpushquery/v1/query", expected);
}

#[tokio::test]
async fn a_payout_carries_our_reference() {
    let server = Server::answering(200, ACCEPTED);
    let submission = rail(config(&server.url)).pay_out(&payout()).await;
    assert_eq!(submission, Submission::Accepted("AG_1".to_owned()));
    let expected = format!(
        r#"{{"OriginatorConversationID":"0c8b2d1e-6d2e-4f0a-9a57-2f1e6f3f9b11",
        "InitiatorName":"testapi","SecurityCredential":"{CREDENTIAL}","CommandID":"BusinessPayment",
        "Amount":1500,"PartyA":600992,"PartyB":254705912645,"Remarks":"Payout",
        "QueueTimeOutURL":"{}","ResultURL":"{}","Occassion":"Payout"}}"#,
        hook("q", "c"),
        hook("p", "b")
    );
    assert_body(&server.only_call(), "/mpesa/b2c/v3/paymentrequest", &expected);
}

#[tokio::test]
async fn the_first_version_knows_no_reference() {
    let server = Server::answering(200, ACCEPTED);
    let mut settings = config(&server.url);
    settings.b2c.as_mut().expect("an initiator").api = B2cApi::V1;
    rail(settings).pay_out(&payout()).await;
    let request = server.only_call();
    assert_eq!(request.path, "/mpesa/b2c/v1/paymentrequest");
    assert_eq!(request.json().get("OriginatorConversationID"), None);
    assert!(!request.body.contains("0c8b2d1e"));
}

#[tokio::test]
async fn a_reversal_is_misspelt_on_purpose() {
    let server = Server::answering(200, ACCEPTED);
    rail(config(&server.url)).reverse(&reversal()).await;
    let expected = format!(
        r#"{{"Initiator":"testapi","SecurityCredential":"{CREDENTIAL}",
        "CommandID":"TransactionReversal","TransactionID":"NLJ7RT61SV","Amount":100,
        "ReceiverParty":174379,"RecieverIdentifierType":"11","QueueTimeOutURL":"{}",
        "ResultURL":"{}","Remarks":"Refund"}}"#,
        hook("q", "c"),
        hook("p", "b")
    );
    assert_body(&server.only_call(), "/mpesa/reversal/v1/request", &expected);
}

#[tokio::test]
async fn a_status_question_names_a_receipt_or_a_reference() {
    let reference = uuid!("0c8b2d1e-6d2e-4f0a-9a57-2f1e6f3f9b11");
    for (key, field, expected) in [
        (
            StatusKey::Receipt("SG632NMUAB".to_owned()),
            None,
            r#""TransactionID":"SG632NMUAB","PartyA":174379"#,
        ),
        (
            StatusKey::Reference(reference),
            None,
            r#""OriginalConversationID":"0c8b2d1e-6d2e-4f0a-9a57-2f1e6f3f9b11","PartyA":600992"#,
        ),
        (
            StatusKey::Reference(reference),
            Some(StatusKeyField::Originator),
            r#""OriginatorConversationID":"0c8b2d1e-6d2e-4f0a-9a57-2f1e6f3f9b11","PartyA":600992"#,
        ),
    ] {
        let server = Server::answering(200, ACCEPTED);
        let mut settings = config(&server.url);
        settings.status_key_field = field.unwrap_or_default();
        rail(settings).ask_status(&status(key)).await;
        let expected = format!(
            r#"{{"Initiator":"testapi","SecurityCredential":"{CREDENTIAL}",
            "CommandID":"TransactionStatusQuery",{expected},"IdentifierType":"4",
            "QueueTimeOutURL":"{}","ResultURL":"{}","Remarks":"Status"}}"#,
            hook("q", "e"),
            hook("s", "d")
        );
        assert_body(&server.only_call(), "/mpesa/transactionstatus/v1/query", &expected);
    }
}

#[tokio::test]
async fn a_balance_question_is_answered_at_the_door_of_statuses() {
    let server = Server::answering(200, ACCEPTED);
    rail(config(&server.url)).ask_balance(&token("1"), &token("2")).await;
    let expected = format!(
        r#"{{"Initiator":"testapi","SecurityCredential":"{CREDENTIAL}","CommandID":"AccountBalance",
        "PartyA":600992,"IdentifierType":"4","Remarks":"Balance","QueueTimeOutURL":"{}",
        "ResultURL":"{}"}}"#,
        hook("q", "2"),
        hook("s", "1")
    );
    assert_body(&server.only_call(), "/mpesa/accountbalance/v1/query", &expected);
}

#[tokio::test]
async fn notices_and_statements_are_registered_together() {
    let server = Server::start(|request| {
        let body = match request.path.as_str() {
            "/pulltransactions/v1/register" => {
                json!({"ResponseRefID": "1", "ResponseStatus": "1000"})
            }
            _ => json!({"OriginatorCoversationID": "1", "ResponseCode": "0"}),
        };
        Step::Answer(200, body.to_string())
    });
    let submission = rail(config(&server.url)).register_bills(&token("f")).await;
    assert_eq!(submission, Submission::Accepted(()));
    let [notices, statements] = &server.calls()[..] else { panic!("two calls") };
    let url = hook("b", "f");
    let expected = format!(
        r#"{{"ShortCode":174379,"ResponseType":"Completed","ConfirmationURL":"{url}","ValidationURL":"{url}"}}"#
    );
    assert_body(notices, "/mpesa/c2b/v2/registerurl", &expected);
    let expected = format!(
        r#"{{"ShortCode":"174379","RequestType":"Pull","NominatedNumber":"254722000000","CallBackURL":"{url}"}}"#
    );
    assert_body(statements, "/pulltransactions/v1/register", &expected);
}

/// A request that must not be sent is definitely not done.
fn assert_unfit<T: std::fmt::Debug>(submission: &Submission<T>, server: &Server) {
    let Submission::NotDone(not_done) = submission else { panic!("{submission:?}") };
    assert_eq!(not_done.why, WhyNot::Rejected);
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn cents_are_refused_and_never_rounded() {
    let server = Server::answering(200, ACCEPTED);
    let rail = rail(config(&server.url));
    for amount in ["100.50", "0", "0.01"] {
        let amount = fiat(amount);
        let (mut prompt, mut paid, mut back) = (push(), payout(), reversal());
        (prompt.amount, paid.amount, back.amount) = (amount, amount, amount);
        assert_unfit(&rail.push(&prompt).await, &server);
        assert_unfit(&rail.pay_out(&paid).await, &server);
        assert_unfit(&rail.reverse(&back).await, &server);
    }
}

#[tokio::test]
async fn account_references_have_twelve_characters_at_most() {
    let server = Server::answering(200, ACCEPTED);
    let rail = rail(config(&server.url));
    for reference in ["", "K7Q2M9X4A1B3X", "with space", "ünicode"] {
        let mut request = push();
        reference.clone_into(&mut request.account_reference);
        assert_unfit(&rail.push(&request).await, &server);
    }
}

#[tokio::test]
async fn numbers_are_json_integers() {
    let server = Server::answering(200, ACCEPTED);
    rail(config(&server.url)).push(&push()).await;
    let body = server.only_call().json();
    for field in ["BusinessShortCode", "Amount", "PartyA", "PartyB", "PhoneNumber"] {
        assert!(body.get(field).is_some_and(Value::is_u64), "{field}");
    }
}

#[tokio::test]
async fn without_an_initiator_prompts_are_sent_and_money_is_not() {
    let server = Server::start(|_| Step::Answer(200, "{}".to_owned()));
    let rail = rail(MpesaConfig { b2c: None, ..config(&server.url) });
    for refused in [
        rail.pay_out(&payout()).await,
        rail.reverse(&reversal()).await,
        rail.ask_status(&status(StatusKey::Receipt("NLJ7RT61SV".to_owned()))).await,
        rail.ask_balance(&token("a"), &token("b")).await,
    ] {
        let Submission::NotDone(NotDone { why, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(why, WhyNot::Credentials);
    }
    assert!(server.calls().is_empty());
    rail.push(&push()).await;
    assert_eq!(server.calls().len(), 1);
}
