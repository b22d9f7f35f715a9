//! What every answer proves: one row per code and shape.

use adapters_mpesa::{
    Answer, Endpoint, Meaning, Shape, classify_error, classify_payout, classify_push, gateway_error,
};
use domain::money::Fiat;
use domain::ports::Collecting as _;
use domain::rail::{CollectionOutcome, Doubt, Submission};

use crate::support::{Server, config, push, rail};

const HTML: &str = "<html><body>Request unsuccessful. Incapsula incident ID: 1-2</body></html>";
const SPIKE: &str = r#"{"fault":{"faultstring":"Spike arrest violation. Allowed rate : 1ps","detail":{"errorcode":"policies.ratelimit.SpikeArrestViolation"}}}"#;
const QUOTA: &str = r#"{"fault":{"faultstring":"Rate limit quota violation.","detail":{"errorcode":"policies.ratelimit.QuotaViolation"}}}"#;
const BAD_TOKEN: &str = r#"{"fault":{"faultstring":"Invalid access token","detail":{"errorcode":"oauth.v2.InvalidAccessToken"}}}"#;
const NO_PRODUCT: &str = r#"{"fault":{"faultstring":"Invalid API call as no apiproduct match found","detail":{"errorcode":"keymanagement.service.InvalidAPICallAsNoApiProductMatchFound"}}}"#;
const BEHIND: &str = r#"{"fault":{"faultstring":"Gateway Timeout","detail":{"errorcode":"messaging.adaptors.http.flow.GatewayTimeout"}}}"#;

fn daraja(code: &str, message: &str) -> String {
    format!(
        r#"{{"requestId":"1c5b-4ba8-815c-ac45c57a3db01495926","errorCode":"{code}","errorMessage":"{message}"}}"#
    )
}

/// A submission in one word.
fn word<T>(submission: &Submission<T>) -> String {
    match submission {
        Submission::Accepted(_) => "accepted".to_owned(),
        Submission::NotDone(not_done) => format!("{:?}", not_done.why),
        Submission::Unknown(Doubt::NoAnswer(_)) => "NoAnswer?".to_owned(),
        Submission::Unknown(Doubt::Duplicate) => "Duplicate?".to_owned(),
        Submission::Unknown(Doubt::Unclear(_)) => "Unclear?".to_owned(),
    }
}

fn of_push(status: u16, body: &str) -> String {
    word(&classify_push(&Answer { status, body: body.into() }))
}

fn of_payout(endpoint: Endpoint, status: u16, body: &str) -> String {
    word(&classify_payout(endpoint, &Answer { status, body: body.into() }))
}

/// Status, body, what it proves of a prompt, of a payout, and of one by the first version.
#[rustfmt::skip]
fn table() -> Vec<(u16, String, &'static str, &'static str, &'static str)> {
    vec![
        (400, daraja("400.002.02", "Bad Request - Invalid BusinessShortCode"), "Rejected", "Rejected", "Rejected"),
        (400, daraja("400.002.05", "Invalid Request Payload"), "Rejected", "Rejected", "Rejected"),
        (400, daraja("400.003.01", "Invalid Access Token"), "Credentials", "Credentials", "Credentials"),
        (400, daraja("400.003.02", "Bad Request"), "Rejected", "Rejected", "Rejected"),
        (400, daraja("400.008.01", "Invalid Authentication passed"), "Credentials", "Credentials", "Credentials"),
        (401, daraja("401.002.01", "Error Occurred - Invalid Access Token - x"), "Credentials", "Credentials", "Credentials"),
        (401, daraja("401.003.01", "Error Occurred - Invalid Access Token - x"), "Credentials", "Credentials", "Credentials"),
        (404, daraja("404.001.03", "Invalid Access Token"), "Credentials", "Credentials", "Credentials"),
        (401, NO_PRODUCT.into(), "Credentials", "Credentials", "Credentials"),
        (401, BAD_TOKEN.into(), "Credentials", "Credentials", "Credentials"),
        (401, String::new(), "Credentials", "Credentials", "Credentials"),
        (403, daraja("403.002.1001", "You are not authorized to initiate this transaction"), "Credentials", "Credentials", "Credentials"),
        (404, daraja("404.001.01", "Resource not found"), "Rejected", "Rejected", "Rejected"),
        (404, daraja("404.001.04", "Invalid Authentication Header"), "Rejected", "Rejected", "Rejected"),
        (405, daraja("405.001", "Method Not Allowed"), "Rejected", "Rejected", "Rejected"),
        (500, daraja("500.001.1001", "Unable to lock subscriber, a transaction is already in process for the current subscriber"), "PhoneBusy", "Unclear?", "Unclear?"),
        (200, daraja("500.001.1001", "Unable to lock subscriber, a transaction is already in process for the current subscriber"), "PhoneBusy", "Unclear?", "Unclear?"),
        (500, daraja("500.001.1001", "[MerchantValidate] - Wrong credentials"), "Credentials", "Unclear?", "Unclear?"),
        (500, daraja("500.001.1001", "Merchant does not exist"), "Credentials", "Unclear?", "Unclear?"),
        (500, daraja("500.001.1001", ""), "Unclear?", "Unclear?", "Unclear?"),
        (200, daraja("500.001.1001", ""), "Unclear?", "Unclear?", "Unclear?"),
        (500, daraja("500.001.1001", "Something new"), "Unclear?", "Unclear?", "Unclear?"),
        (500, daraja("500.002.1001", "Duplicate OriginatorConversationID."), "Unclear?", "Duplicate?", "Duplicate?"),
        (200, daraja("500.002.1001", "Duplicate OriginatorConversationID."), "Unclear?", "Duplicate?", "Duplicate?"),
        (500, daraja("500.003.1001", "Internal Server Error"), "Unclear?", "Unclear?", "Unclear?"),
        (500, daraja("500.003.02", "System is busy. Please try again in few minutes."), "Throttled", "Throttled", "Unclear?"),
        (500, daraja("500.003.02", "Error Occurred: Spike Arrest Violation"), "Throttled", "Throttled", "Unclear?"),
        (500, daraja("500.003.03", "Quota Violation"), "Throttled", "Throttled", "Unclear?"),
        (503, daraja("00.002.1001", "Service is currently under maintenance"), "Throttled", "Throttled", "Unclear?"),
        (500, daraja("599.9.9", "A code of tomorrow"), "Unclear?", "Unclear?", "Unclear?"),
        (429, daraja("599.9.9", "A code of tomorrow"), "Throttled", "Throttled", "Unclear?"),
        (500, SPIKE.into(), "Throttled", "Throttled", "Unclear?"),
        (429, SPIKE.into(), "Throttled", "Throttled", "Unclear?"),
        (429, QUOTA.into(), "Throttled", "Throttled", "Unclear?"),
        (504, BEHIND.into(), "Unclear?", "Unclear?", "Unclear?"),
        (403, HTML.into(), "Throttled", "Throttled", "Unclear?"),
        (429, String::new(), "Throttled", "Throttled", "Unclear?"),
        (400, String::new(), "Unclear?", "Unclear?", "Unclear?"),
        (200, String::new(), "Unclear?", "Unclear?", "Unclear?"),
        (200, HTML.into(), "Unclear?", "Unclear?", "Unclear?"),
        (302, String::new(), "Unclear?", "Unclear?", "Unclear?"),
        (500, "upstream connect error".into(), "Unclear?", "Unclear?", "Unclear?"),
        (502, HTML.into(), "Unclear?", "Unclear?", "Unclear?"),
        (200, "[]".into(), "Unclear?", "Unclear?", "Unclear?"),
        (200, "{}".into(), "Unclear?", "Unclear?", "Unclear?"),
        (200, r#"{"ResponseCode":"0","MerchantRequestID":"1","CheckoutRe"#.into(), "Unclear?", "Unclear?", "Unclear?"),
        (200, r#"{"ResponseCode":"0","ResponseDescription":"no ids"}"#.into(), "Unclear?", "Unclear?", "Unclear?"),
        (200, r#"{"ResponseCode":"0","MerchantRequestID":"1","CheckoutRequestID":"","ConversationID":""}"#.into(), "Unclear?", "Unclear?", "Unclear?"),
        (200, r#"{"ResponseCode":"1","MerchantRequestID":"1","CheckoutRequestID":"2","ConversationID":"3"}"#.into(), "Unclear?", "Unclear?", "Unclear?"),
        (200, r#"{"ResponseCode":"1","ResponseDescription":"Duplicate OriginatorConversationID."}"#.into(), "Unclear?", "Duplicate?", "Duplicate?"),
        (200, r#"{"ResponseCode":"0","MerchantRequestID":"1","CheckoutRequestID":"2","ConversationID":"3"}"#.into(), "accepted", "accepted", "accepted"),
        (500, r#"{"ResponseCode":"0","MerchantRequestID":"1","CheckoutRequestID":"2","ConversationID":"3"}"#.into(), "accepted", "accepted", "accepted"),
        (200, r#"{"ResponseCode":0,"MerchantRequestID":"1","CheckoutRequestID":"2","ConversationID":"3"}"#.into(), "accepted", "accepted", "accepted"),
        (200, r#"{"ResponseCode":"0","MerchantRequestID":"1","CheckoutRequestID":"2","ConversationID":"3","errorCode":"400.002.02"}"#.into(), "Unclear?", "Unclear?", "Unclear?"),
    ]
}

#[test]
fn every_code_and_shape_proves_what_it_proves() {
    let mut wrong = Vec::new();
    for (status, body, push, payout, first_version) in table() {
        let found = [
            (of_push(status, &body), push),
            (of_payout(Endpoint::PayoutV3, status, &body), payout),
            (of_payout(Endpoint::PayoutV1, status, &body), first_version),
        ];
        if found.iter().any(|(found, expected)| found != expected) {
            wrong.push(format!("{status} {body}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_official_samples_are_accepted() {
    let body = r#"{"MerchantRequestID":"2654-4b64-97ff-b827b542881d3130","CheckoutRequestID":"ws_CO_1007202409152617172396192",
        "ResponseCode":"0","ResponseDescription":"Success. Request accepted for processing",
        "CustomerMessage":"Success. Request accepted for processing"}"#;
    let submission = classify_push(&Answer { status: 200, body: body.into() });
    let Submission::Accepted(refs) = submission else { panic!("{submission:?}") };
    assert_eq!(refs.merchant_request_id, "2654-4b64-97ff-b827b542881d3130");
    assert_eq!(refs.checkout_request_id, "ws_CO_1007202409152617172396192");
    assert_eq!(refs.response_code, "0");
    assert_eq!(refs.customer_message, "Success. Request accepted for processing");
    let body = r#"{"ConversationID":"AG_20240706_20106e9209f64bebd05b","OriginatorConversationID":"0c8b2d1e-6d2e-4f0a-9a57-2f1e6f3f9b11",
        "ResponseCode":"0","ResponseDescription":"Accept the service request successfully."}"#;
    let answer = Answer { status: 200, body: body.into() };
    let expected = Submission::Accepted("AG_20240706_20106e9209f64bebd05b".to_owned());
    assert_eq!(classify_payout(Endpoint::Status, &answer), expected);
}

#[test]
fn what_only_resembles_an_acceptance_is_none() {
    for (field, value) in [
        ("ResponseCode", "\\u00000"),
        ("ResponseCode", "0\\u0007"),
        ("ResponseStatus", "0"),
        ("ResponseCode\":\"x\\u0000\",\"ResponseStatus", "0"),
    ] {
        let body = format!(
            r#"{{"{field}":"{value}","MerchantRequestID":"1","CheckoutRequestID":"2","ConversationID":"c"}}"#
        );
        assert_eq!(of_push(200, &body), "Unclear?", "{body}");
        for endpoint in Endpoint::ALL.into_iter().filter(|e| *e != Endpoint::RegisterStatements) {
            assert_eq!(of_payout(endpoint, 200, &body), "Unclear?", "{body}");
        }
    }
    let body = r#"{"ResponseCode":"0","MerchantRequestID":"1\u0000","CheckoutRequestID":"2","ConversationID":"c\u0000"}"#;
    assert_eq!(of_push(200, body), "Unclear?");
    assert_eq!(of_payout(Endpoint::PayoutV3, 200, body), "Unclear?");
}

#[test]
fn the_four_shapes_are_told_apart() {
    let shape = |body: &str| gateway_error(500, body.as_bytes()).shape;
    assert_eq!(shape(&daraja("1", "x")), Shape::Daraja);
    assert_eq!(shape(SPIKE), Shape::Apigee);
    assert_eq!((shape(""), shape(" \n")), (Shape::Empty, Shape::Empty));
    assert_eq!(shape(HTML), Shape::Html);
    assert_eq!((shape("{}"), shape("[1]")), (Shape::Json, Shape::Json));
    assert_eq!(shape("{\"errorCode\":\"4"), Shape::Other);
    let error = gateway_error(400, daraja("400.002.02", "Bad Request - Invalid Amount").as_bytes());
    assert_eq!(error.request_id.as_deref(), Some("1c5b-4ba8-815c-ac45c57a3db01495926"));
    assert_eq!(error.detail(), "http 400: 400.002.02 Bad Request - Invalid Amount");
    assert_eq!(error.meaning(Endpoint::Push), Meaning::Rejected);
}

#[test]
fn urls_that_are_registered_already_stay_as_they_are() {
    let body = daraja("500.003.1001", "Urls are already registered.");
    let told: Submission<()> = classify_error(Endpoint::RegisterBills, 500, body.as_bytes());
    assert_eq!(word(&told), "Rejected");
    let told: Submission<()> = classify_error(Endpoint::PayoutV3, 500, body.as_bytes());
    assert_eq!(word(&told), "Unclear?");
}

#[tokio::test]
async fn an_answer_is_classified_the_same_over_the_wire() {
    for (status, body, expected, ..) in table() {
        let server = Server::answering(status, &body);
        let submission = rail(config(&server.url)).push(&push()).await;
        assert_eq!(word(&submission), expected, "{status} {body}");
    }
}

fn answer_to_query(code: &str) -> String {
    format!(
        r#"{{"ResponseCode":"0","ResponseDescription":"The service request has been accepted successsfully",
        "MerchantRequestID":"22205-34066-1","CheckoutRequestID":"ws_CO_1","ResultCode":{code},"ResultDesc":"x"}}"#
    )
}

async fn queried(status: u16, body: &str) -> CollectionOutcome {
    let server = Server::answering(status, body);
    rail(config(&server.url)).query("ws_CO_1").await
}

#[tokio::test]
async fn a_query_decides_on_final_codes_alone() {
    let paid = CollectionOutcome::Paid { receipt: String::new(), amount: Fiat::ZERO, phone: None };
    assert_eq!(queried(200, &answer_to_query("\"0\"")).await, paid);
    assert_eq!(queried(200, &answer_to_query("0")).await, paid);
    for code in ["1", "17", "1032", "1037", "2001", "2028", "SFC_IC0003"] {
        let expected = CollectionOutcome::NotPaid { code: code.to_owned() };
        assert_eq!(queried(200, &answer_to_query(&format!("\"{code}\""))).await, expected);
    }
    for code in ["4999", "777", "500.001.1001"] {
        let expected = CollectionOutcome::Undecided { code: code.to_owned() };
        assert_eq!(queried(200, &answer_to_query(&format!("\"{code}\""))).await, expected);
    }
}

#[tokio::test]
async fn errors_to_a_query_say_nothing() {
    for (status, message) in [
        (500, "The transaction is being processed"),
        (500, "The transaction does not Exist"),
        (200, ""),
    ] {
        let told = queried(status, &daraja("500.001.1001", message)).await;
        assert_eq!(told, CollectionOutcome::Undecided { code: "500.001.1001".to_owned() });
    }
    let others = [
        (429, SPIKE.to_owned()),
        (403, HTML.to_owned()),
        (200, String::new()),
        (200, r#"{"ResponseCode":"0"}"#.to_owned()),
        (200, answer_to_query("null")),
        (200, answer_to_query("\"0\"").replace("\"ResponseCode\":\"0\"", "\"ResponseCode\":\"1\"")),
        (200, answer_to_query("\"0\"").replace("ws_CO_1", "ws_CO_2")),
    ];
    for (status, body) in others {
        let told = queried(status, &body).await;
        assert!(matches!(told, CollectionOutcome::Undecided { .. }), "{status} {body}: {told:?}");
    }
}
