//! The control port: the same powers over HTTP, and the page.

use serde_json::{Value, json};
use twins::daraja::{Behaviour, Endpoint, JournalKind, Payer};

use crate::daraja::inbox::Letter;
use crate::daraja::support::{Answered, Desk, PAYER, answered};

async fn get(desk: &Desk, path: &str) -> Answered {
    let url = format!("{}{path}", desk.twin.control_url());
    answered(desk.client.get(url).send().await.expect("an answer")).await
}

async fn post(desk: &Desk, path: &str, body: Value) -> Answered {
    let url = format!("{}{path}", desk.twin.control_url());
    answered(desk.client.post(url).json(&body).send().await.expect("an answer")).await
}

#[tokio::test]
async fn a_person_plays_the_phone_over_http() {
    let desk = Desk::new().await;
    let by_hand = json!({ "behaviour": "by_hand" });
    assert_eq!(post(&desk, &format!("/payers/{PAYER}"), by_hand).await.status, 200);
    desk.prompt(PAYER, 10).await;
    let prompts = get(&desk, "/prompts").await.json();
    assert_eq!(prompts[0]["msisdn"], PAYER);
    assert_eq!(prompts[0]["amount_cents"], 1000);
    let approve = json!({ "answer": "approve" });
    assert_eq!(post(&desk, &format!("/prompts/{PAYER}"), approve.clone()).await.status, 200);
    assert_eq!(post(&desk, &format!("/prompts/{PAYER}"), approve).await.status, 404);
    let oracle = get(&desk, "/oracle").await.json();
    assert_eq!(oracle["payments"][0]["amount_cents"], 1000);
    assert_eq!(oracle["working_cents"], 1000);
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let desk = Desk::new().await;
    let page = get(&desk, "/").await;
    assert!(page.text.starts_with("<!doctype html>"));
    for outside in ["http://", "https://", "src=", "@import"] {
        assert!(!page.text.contains(outside), "{outside}");
    }
    for answer in ["approve", "cancel", "wrong_pin", "ignore"] {
        assert!(page.text.contains(answer));
    }
}

#[tokio::test]
async fn money_faults_rules_and_time_are_set_over_http() {
    let desk = Desk::new().await;
    post(&desk, "/float", json!({ "cents": 5 })).await;
    post(&desk, &format!("/wallets/{PAYER}"), json!({ "cents": 7 })).await;
    let oracle = get(&desk, "/oracle").await.json();
    assert_eq!((&oracle["float_cents"], &oracle["wallets"][PAYER]), (&json!(5), &json!(7)));

    let fault = json!({ "endpoint": "stk_push", "times": 1, "kind": "spike_arrest" });
    assert_eq!(post(&desk, "/faults", fault.clone()).await.status, 200);
    assert_eq!(desk.stk(PAYER, 10).await.status, 429);
    post(&desk, "/faults", fault).await;
    let url = format!("{}/faults", desk.twin.control_url());
    desk.client.delete(url).send().await.expect("an answer");
    assert_eq!(desk.stk(PAYER, 10).await.status, 200);
    let nested = json!({ "endpoint": "stk_push", "kind": { "drop": { "accepted": true } } });
    assert_eq!(post(&desk, "/faults", nested).await.status, 200);
    let timed = json!({ "endpoint": "b2c_v3", "kind": { "callback_delay": 86400 } });
    assert_eq!(post(&desk, "/faults", timed).await.status, 200);

    let before = desk.control().now();
    post(&desk, "/clock", json!({ "advance_s": 3600 })).await;
    assert!((desk.control().now() - before).whole_seconds() >= 3600);

    post(&desk, "/rules", json!({ "query_noise_percent": 3, "ocid_retention": 60 })).await;
    post(&desk, "/rules", json!({ "maintenance": false })).await;
    assert_eq!(post(&desk, "/rules", json!({ "unheard": 1 })).await.status, 400);
    assert_eq!(get(&desk, "/rules").await.json()["query_noise_percent"], 3);
    assert_eq!(desk.control().rules().ocid_retention, Some(time::Duration::minutes(1)));
}

#[tokio::test]
async fn the_rest_of_the_routes_do_what_they_say() {
    let desk = Desk::new().await;
    for route in ["/unregistered/254712345671", "/limited/254712345672"] {
        assert_eq!(post(&desk, route, json!({})).await.status, 200);
    }
    desk.b2c("a", "254712345671", 100).await;
    desk.b2c("b", "254712345672", 100).await;
    desk.finish().await;
    let mut codes: Vec<String> = desk.inbox.letters().iter().map(Letter::code).collect();
    codes.sort();
    assert_eq!(codes, ["2040", "8"]);
    post(&desk, "/default-payer", json!({ "behaviour": "cancel", "delay": 1 })).await;
    desk.prompt(PAYER, 10).await;
    desk.finish().await;
    assert_eq!(desk.inbox.letters().pop().expect("a callback").code(), "1032");
    post(&desk, "/reset-initiator-lock", json!({})).await;
    post(&desk, "/revoke-tokens", json!({})).await;
    assert_eq!(desk.stk(PAYER, 20).await.status, 404);
}

#[tokio::test]
async fn what_is_not_understood_is_refused_with_words() {
    let desk = Desk::new().await;
    assert_eq!(get(&desk, "/unheard").await.status, 404);
    let wrong = post(&desk, "/clock", json!({ "advance": 1 })).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.field("error").contains("advance"), "{}", wrong.text);
}

#[tokio::test]
async fn the_journal_keeps_everything_but_secrets() {
    let desk = Desk::new().await;
    desk.control().set_payer(PAYER, Payer::new(Behaviour::Approve));
    desk.prompt(PAYER, 10).await;
    desk.b2c("noted", PAYER, 100).await;
    desk.finish().await;
    let journal = desk.control().journal();
    for kind in [
        JournalKind::Request,
        JournalKind::Answer,
        JournalKind::Callback,
        JournalKind::CallbackAnswer,
    ] {
        assert!(journal.iter().any(|entry| entry.kind == kind), "{kind:?}");
    }
    let told = get(&desk, "/journal").await.text;
    let secrets = [desk.token.as_str(), "c0ffee", "twin-secret", &desk.twin.security_credential()];
    for secret in secrets {
        assert!(!told.contains(secret), "{secret}");
    }
    assert!(told.contains("K7Q2M9X4A1B3"));
    assert_eq!(desk.control().requests(Endpoint::StkPush), 1);
    assert!(desk.twin.certificate_pem().starts_with("-----BEGIN CERTIFICATE-----"));
}
