//! Tokens that are wrong, and the gate that they meet.

use e2e::{
    ADMIN, Answer, Connection, EDDSA, ES256, RS256, SELL_OFFER, Stage, TestApp, claims, now, send,
    sign_hmac,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

use crate::auth::{LIST, OFFERS, ORDERS, UNKNOWN, USERS, assert_is_shut_out};

/// Every route behind the gate, and addresses behind it that do not exist.
fn gated_routes() -> Vec<(Method, String)> {
    let order = format!("/api/v1/auth/order/id/{UNKNOWN}");
    vec![
        (Method::POST, ORDERS.into()),
        (Method::GET, LIST.into()),
        (Method::GET, format!("{ORDERS}/pending?page_id=1&page_size=10")),
        (Method::GET, format!("{order}/details")),
        (Method::GET, format!("{order}/events")),
        (Method::PUT, format!("{order}/cancel")),
        (Method::POST, OFFERS.into()),
        (Method::GET, format!("{OFFERS}?page_id=1&page_size=10")),
        (Method::GET, format!("{OFFERS}/{SELL_OFFER}")),
        (Method::PATCH, format!("{OFFERS}/{SELL_OFFER}")),
        (Method::GET, format!("{OFFERS}/type/SELL?page_id=1&page_size=10")),
        (Method::POST, USERS.into()),
        (Method::DELETE, ORDERS.into()),
        (Method::GET, "/api/v1/auth/nothing".into()),
        (Method::GET, "/api/v1/auth".into()),
    ]
}

async fn ask(app: &TestApp, method: Method, path: &str, authorization: &str) -> Answer {
    let request = app.request(method, path, "");
    send(request.header("authorization", authorization)).await
}

/// A value of `Authorization`, its name, and the code that it is refused with.
type Wrong = (&'static str, String, &'static str);

const MISSING: &str = "token_missing";
const INVALID: &str = "token_invalid";
const EXPIRED: &str = "token_expired";

/// Values that carry no token, or one that has been tampered with.
fn broken_values(app: &TestApp) -> Vec<Wrong> {
    let good = &app.admin;
    let parts: Vec<&str> = good.split('.').collect();
    let [head, claims, seal] = parts.as_slice() else { panic!("three parts: {good}") };
    // {"alg":"none","typ":"JWT"} and {"alg":"NONE"}
    let (none, capitals) = ("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "eyJhbGciOiJOT05FIn0");
    let bearer = |name, token: String| (name, format!("Bearer {token}"), INVALID);
    vec![
        ("empty", String::new(), MISSING),
        ("bare", good.clone(), MISSING),
        ("scheme only", "Bearer".into(), MISSING),
        ("basic", "Basic YWRtaW46YWRtaW4=".into(), MISSING),
        ("token scheme", format!("Token {good}"), MISSING),
        bearer("garbage", "abc".into()),
        bearer("three parts of garbage", "a.b.c".into()),
        bearer("two tokens", format!("{good} {good}")),
        bearer("quoted", format!("\"{good}\"")),
        bearer("cut", good[..good.len() - 1].to_owned()),
        bearer("alg none", format!("{none}.{claims}.")),
        bearer("alg none, signed", format!("{none}.{claims}.{seal}")),
        bearer("alg NONE", format!("{capitals}.{claims}.")),
        bearer("no signature", format!("{head}.{claims}.")),
        bearer("long", "x".repeat(20_000)),
    ]
}

/// Tokens that are well signed and say the wrong thing.
fn wrong_claims(app: &TestApp) -> Vec<Wrong> {
    let secret = app.settings.auth.shared_secret.as_bytes();
    let at = |seconds: i64| now().unix_timestamp() + seconds;
    let cases = [
        ("expired", json!({ "exp": at(-600) }), EXPIRED),
        ("expired beyond the leeway", json!({ "exp": at(-40) }), EXPIRED),
        ("not valid yet", json!({ "nbf": at(600) }), INVALID),
        ("without exp", json!({ "exp": null }), INVALID),
        ("exp as text", json!({ "exp": at(600).to_string() }), INVALID),
        ("without sub", json!({ "sub": null }), INVALID),
        ("sub is no uuid", json!({ "sub": "admin" }), INVALID),
        ("sub is a number", json!({ "sub": 1 }), INVALID),
        ("without role", json!({ "role": null }), INVALID),
        ("role in capitals", json!({ "role": "Admin" }), INVALID),
        ("unknown role", json!({ "role": "root" }), INVALID),
        ("roles as a list", json!({ "role": ["admin"] }), INVALID),
    ];
    let signed = cases.map(|(name, changes, code)| {
        let claims = claims(ADMIN, "admin", &changes);
        let token = sign_hmac(Algorithm::HS256, secret, &claims);
        (name, format!("Bearer {token}"), code)
    });
    signed.into()
}

/// Tokens that say the right thing under a key or an algorithm that is not the configured one.
fn wrong_keys(app: &TestApp) -> Vec<Wrong> {
    let secret = app.settings.auth.shared_secret.as_bytes();
    let good = claims(ADMIN, "admin", &json!({}));
    let hmac = |algorithm, secret: &[u8]| sign_hmac(algorithm, secret, &good);
    let tokens = [
        ("another secret", hmac(Algorithm::HS256, &[7; 32])),
        ("an empty secret", hmac(Algorithm::HS256, b"")),
        ("HS384", hmac(Algorithm::HS384, secret)),
        ("HS512", hmac(Algorithm::HS512, secret)),
        ("EdDSA", EDDSA.sign(&good)),
        ("ES256", ES256.sign(&good)),
        ("RS256", RS256.sign(&good)),
    ];
    let values = tokens.map(|(name, token)| (name, format!("Bearer {token}"), INVALID));
    [values.to_vec(), critical(secret, &good)].concat()
}

/// Well signed tokens with a header that must be understood, and is not (RFC 7515, 4.1.11).
fn critical(secret: &[u8], claims: &Value) -> Vec<Wrong> {
    let key = EncodingKey::from_secret(secret);
    let lists: [&[&str]; 4] = [&["b64"], &["exp"], &["https://example.com/x", "alg"], &[]];
    let token = |list: &[&str]| {
        let crit = Some(list.iter().map(|name| (*name).to_owned()).collect());
        encode(&Header { crit, ..Header::default() }, claims, &key).expect("a key signs")
    };
    lists.map(|list| ("critical", format!("Bearer {}", token(list)), INVALID)).to_vec()
}

#[tokio::test]
async fn no_route_opens_to_a_wrong_token() {
    let app = TestApp::start().await;
    let values = [broken_values(&app), wrong_claims(&app), wrong_keys(&app)].concat();
    for (method, path) in gated_routes() {
        let nobody = send(app.request(method.clone(), &path, "")).await;
        assert_is_shut_out(&nobody, "token_missing");
        for (name, value, code) in &values {
            let answer = ask(&app, method.clone(), &path, value).await;
            assert_eq!(answer.status, 401, "{name} at {method} {path}: {}", answer.text);
            assert_is_shut_out(&answer, code);
        }
    }
    let by_query = format!("{LIST}&access_token={}&token={}", app.admin, app.admin);
    assert_is_shut_out(&app.get(&by_query, "").await, "token_missing");
    app.finish().await;
}

#[tokio::test]
async fn a_token_is_good_in_any_spelling_of_its_scheme_and_within_the_leeway() {
    let app = TestApp::start().await;
    let secret = app.settings.auth.shared_secret.as_bytes();
    let recent = json!({ "exp": now().unix_timestamp() - 10, "nbf": now().unix_timestamp() + 10 });
    let late = sign_hmac(Algorithm::HS256, secret, &claims(ADMIN, "admin", &recent));
    for value in [
        format!("Bearer {}", app.admin),
        format!("bearer {}", app.admin),
        format!("BEARER {}", app.admin),
        format!("Bearer {late}"),
    ] {
        ask(&app, Method::GET, LIST, &value).await.expect(200);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_token_of_a_megabyte_is_refused_without_being_read() {
    let app = TestApp::start().await;
    let mut connection = Connection::open(&app.url).await;
    let request = format!(
        "GET {LIST} HTTP/1.1\r\nhost: kivuko\r\nauthorization: Bearer {}\r\n\r\n",
        "x".repeat(1024 * 1024)
    );
    connection.say_what_is_heard(&request).await;
    let spoken = connection.hear_the_end(Duration::from_secs(5)).await;
    // A reset may overtake the answer; a good answer it cannot be.
    assert!(matches!(spoken.status, 0 | 400..=431), "{}", spoken.text);
    app.get(LIST, &app.admin).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn issuer_and_audience_are_held_to_when_they_are_configured() {
    let stage = Stage::test()
        .set("KIVUKO__AUTH__ISSUER", "https://issuer.example.com")
        .set("KIVUKO__AUTH__AUDIENCE", "kivuko");
    let app = stage.start().await;
    app.get(LIST, &app.customer).await.expect(200);
    let secret = app.settings.auth.shared_secret.as_bytes();
    let (iss, aud) = ("https://issuer.example.com", "kivuko");
    let cases = [
        (json!({ "iss": iss, "aud": aud }), true),
        (json!({ "iss": iss, "aud": ["other", aud] }), true),
        (json!({ "iss": iss }), false),
        (json!({ "aud": aud }), false),
        (json!({ "iss": iss, "aud": "other" }), false),
        (json!({ "iss": iss, "aud": [] }), false),
        (json!({ "iss": "https://issuer.example.com.evil", "aud": aud }), false),
        (json!({ "iss": "", "aud": "" }), false),
    ];
    for (changes, good) in cases {
        let token = sign_hmac(Algorithm::HS256, secret, &claims(ADMIN, "admin", &changes));
        let answer = app.get(LIST, &token).await;
        if good {
            answer.expect(200);
        } else {
            assert_is_shut_out(&answer, "token_invalid");
        }
    }
    app.finish().await;
}
