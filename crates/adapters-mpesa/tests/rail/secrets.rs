//! Nothing secret and no phone in what is printed, told or logged.

use adapters_mpesa::{Answer, gateway_error};
use domain::ports::{
    Collecting as _, Disbursing as _, MobileMoney as _, Statements as _, StatusKey,
};
use domain::rail::Hook;

use crate::support::{
    CREDENTIAL, Logs, PASSKEY, Server, Step, at, config, payout, push, rail, reversal, status,
    token,
};

/// What must not be seen anywhere.
fn secrets() -> Vec<String> {
    let mut secrets: Vec<String> =
        ["consumer-key", "consumer-secret", "Y29uc3VtZXIt", "token-1", "token-2", PASSKEY]
            .map(str::to_owned)
            .to_vec();
    secrets
        .extend(["254708374149", "254705912645", "254722000000", "708374149"].map(str::to_owned));
    secrets.extend(["a", "b", "c", "d", "e", "f"].map(|digit| digit.repeat(40)));
    secrets.push(CREDENTIAL.get(..40).unwrap_or_default().to_owned());
    secrets
}

fn assert_clean(what: &str, text: &str) {
    for secret in secrets() {
        assert!(!text.contains(&secret), "{what} holds {secret}: {text}");
    }
}

#[test]
fn settings_and_the_rail_print_no_secret() {
    let settings = config("https://api.example.co.ke");
    assert_clean("the settings", &format!("{settings:?} {:?} {:?}", settings.stk, settings.b2c));
    assert_clean("the rail", &format!("{:?}", rail(settings)));
}

/// Errors that repeat what they were sent.
fn echoing(request: &crate::support::Request) -> Step {
    let bearer = request.header("authorization").unwrap_or_default().replace("Bearer ", "");
    let message =
        format!("Error Occurred - Invalid Access Token - {bearer} for 254708374149 with {PASSKEY}");
    let body = serde_json::json!({"requestId": "ws_CO_27112025133814625708374149",
        "errorCode": "401.002.01", "errorMessage": message});
    Step::Answer(401, body.to_string())
}

#[tokio::test]
async fn answers_that_echo_secrets_are_told_without_them() {
    Logs::listen();
    let server = Server::start(echoing);
    let rail = rail(config(&server.url));
    let mut told = vec![
        format!("{:?}", rail.push(&push()).await),
        format!("{:?}", rail.query("ws_CO_27112025133814625708374149").await),
        format!("{:?}", rail.pay_out(&payout()).await),
        format!("{:?}", rail.reverse(&reversal()).await),
        format!("{:?}", rail.ask_status(&status(StatusKey::Receipt("R1".to_owned()))).await),
        format!("{:?}", rail.ask_balance(&token("b"), &token("c")).await),
        format!("{:?}", rail.register_bills(&token("f")).await),
        format!("{:?}", rail.statement(at(), at()).await),
    ];
    for hook in Hook::ALL {
        told.push(format!("{:?}", rail.read(hook, false, b"254708374149 token-1")));
    }
    assert_clean("what was told", &told.join("\n"));
    let logged = Logs::text();
    assert!(
        logged.contains("endpoint=\"push\"") && logged.contains("class=\"credentials\""),
        "{logged}"
    );
    assert!(logged.contains("http_status=401"), "{logged}");
    let ours = logged.lines().filter(|line| line.contains("adapters_mpesa"));
    assert_clean("the log", &ours.collect::<Vec<_>>().join("\n"));
    // The client's own lines, at the finest level, hold neither headers nor bodies.
    let others = logged.lines().filter(|line| !line.contains("adapters_mpesa"));
    assert_clean("the client's log", &others.collect::<Vec<_>>().join("\n"));
}

#[test]
fn errors_and_answers_print_no_secret() {
    let token = "c9SQxWWhmdVRlyh0zh8gZDTkubVF";
    for message in [format!("Invalid Access Token - {token}"), format!("key {token} is wrong")] {
        let body =
            serde_json::json!({"errorCode": "401.002.01", "errorMessage": message}).to_string();
        let error = gateway_error(401, body.as_bytes());
        assert!(!format!("{error:?} {}", error.detail()).contains(token));
        let answer = Answer { status: 401, body: body.into_bytes() };
        assert!(!format!("{answer:?}").contains(token));
    }
}
