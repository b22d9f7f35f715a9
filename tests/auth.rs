//! Who gets in, and who may do what once inside.

use e2e::{
    ADMIN, Answer, BUY_OFFER, BUYING_VENDOR, CUSTOMER, Connection, Database, EDDSA, EDDSA_2, ES256,
    RS256, SELL_OFFER, SELLER, Stage, TestApp, TestKey, VENDOR, buy, claims, eventually, jwks,
    jwks_file, now, offer, sell, send, serve_text, sign_hmac, user, with,
};
use jsonwebtoken::Algorithm;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const ORDERS: &str = "/api/v1/auth/orders";
const OFFERS: &str = "/api/v1/auth/offers";
const USERS: &str = "/api/v1/auth/users/provision";
const LIST: &str = "/api/v1/auth/orders?page_id=1&page_size=10";
const UNKNOWN: &str = "00000000-0000-7000-8000-00000000dead";

/// Every route behind the gate, and addresses behind it that do not exist.
fn gated_routes() -> Vec<(Method, String)> {
    let order = format!("/api/v1/auth/order/id/{UNKNOWN}");
    vec![
        (Method::POST, ORDERS.into()),
        (Method::GET, LIST.into()),
        (
            Method::GET,
            format!("{ORDERS}/pending?page_id=1&page_size=10"),
        ),
        (Method::GET, format!("{order}/details")),
        (Method::GET, format!("{order}/events")),
        (Method::PUT, format!("{order}/cancel")),
        (Method::POST, OFFERS.into()),
        (Method::GET, format!("{OFFERS}?page_id=1&page_size=10")),
        (Method::GET, format!("{OFFERS}/{SELL_OFFER}")),
        (Method::PATCH, format!("{OFFERS}/{SELL_OFFER}")),
        (
            Method::GET,
            format!("{OFFERS}/type/SELL?page_id=1&page_size=10"),
        ),
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

#[track_caller]
fn assert_is_shut_out(answer: &Answer, code: &str) {
    answer.problem_with(401, code, &[]);
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    assert!(challenge.starts_with("Bearer"), "{challenge}");
}

/// Values of `Authorization` that prove nothing, with the code that each is refused with.
fn wrong_values(app: &TestApp) -> Vec<(&'static str, String, &'static str)> {
    let secret = app.settings.auth.shared_secret.as_bytes();
    let signed = |changes: Value| {
        let claims = claims(ADMIN, "admin", &changes);
        format!("Bearer {}", sign_hmac(Algorithm::HS256, secret, &claims))
    };
    let good = claims(ADMIN, "admin", &json!({}));
    let at = |seconds: i64| now().unix_timestamp() + seconds;
    let parts: Vec<&str> = app.admin.split('.').collect();
    let (none, lowercase) = ("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "eyJhbGciOiJOT05FIn0");
    let missing = "token_missing";
    let invalid = "token_invalid";
    vec![
        ("empty", String::new(), missing),
        ("bare", app.admin.clone(), missing),
        ("scheme only", "Bearer".into(), missing),
        ("basic", "Basic YWRtaW46YWRtaW4=".into(), missing),
        ("token scheme", format!("Token {}", app.admin), missing),
        ("garbage", "Bearer abc".into(), invalid),
        ("three parts of garbage", "Bearer a.b.c".into(), invalid),
        (
            "two tokens",
            format!("Bearer {} {}", app.admin, app.admin),
            invalid,
        ),
        ("quoted", format!("Bearer \"{}\"", app.admin), invalid),
        (
            "cut",
            format!("Bearer {}", &app.admin[..app.admin.len() - 1]),
            invalid,
        ),
        ("alg none", format!("Bearer {none}.{}.", parts[1]), invalid),
        (
            "alg none, signed",
            format!("Bearer {none}.{}.{}", parts[1], parts[2]),
            invalid,
        ),
        (
            "alg NONE",
            format!("Bearer {lowercase}.{}.", parts[1]),
            invalid,
        ),
        (
            "no signature",
            format!("Bearer {}.{}.", parts[0], parts[1]),
            invalid,
        ),
        ("long", format!("Bearer {}", "x".repeat(20_000)), invalid),
        (
            "expired",
            signed(json!({ "exp": at(-600) })),
            "token_expired",
        ),
        (
            "expired beyond the leeway",
            signed(json!({ "exp": at(-40) })),
            "token_expired",
        ),
        ("not valid yet", signed(json!({ "nbf": at(600) })), invalid),
        ("without exp", signed(json!({ "exp": null })), invalid),
        (
            "exp as text",
            signed(json!({ "exp": at(600).to_string() })),
            invalid,
        ),
        ("without sub", signed(json!({ "sub": null })), invalid),
        ("sub is no uuid", signed(json!({ "sub": "admin" })), invalid),
        ("sub is a number", signed(json!({ "sub": 1 })), invalid),
        ("without role", signed(json!({ "role": null })), invalid),
        (
            "role in capitals",
            signed(json!({ "role": "Admin" })),
            invalid,
        ),
        ("unknown role", signed(json!({ "role": "root" })), invalid),
        (
            "roles as a list",
            signed(json!({ "role": ["admin"] })),
            invalid,
        ),
        (
            "another secret",
            format!("Bearer {}", sign_hmac(Algorithm::HS256, &[7; 32], &good)),
            invalid,
        ),
        (
            "an empty secret",
            format!("Bearer {}", sign_hmac(Algorithm::HS256, b"", &good)),
            invalid,
        ),
        (
            "HS384",
            format!("Bearer {}", sign_hmac(Algorithm::HS384, secret, &good)),
            invalid,
        ),
        (
            "HS512",
            format!("Bearer {}", sign_hmac(Algorithm::HS512, secret, &good)),
            invalid,
        ),
        ("EdDSA", format!("Bearer {}", EDDSA.sign(&good)), invalid),
        ("ES256", format!("Bearer {}", ES256.sign(&good)), invalid),
        ("RS256", format!("Bearer {}", RS256.sign(&good)), invalid),
    ]
}

#[tokio::test]
async fn no_route_opens_to_a_wrong_token() {
    let app = TestApp::start().await;
    let values = wrong_values(&app);
    for (method, path) in gated_routes() {
        let nobody = send(app.request(method.clone(), &path, "")).await;
        assert_is_shut_out(&nobody, "token_missing");
        for (name, value, code) in &values {
            let answer = ask(&app, method.clone(), &path, value).await;
            assert_eq!(
                answer.status, 401,
                "{name} at {method} {path}: {}",
                answer.text
            );
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
        (
            json!({ "iss": "https://issuer.example.com.evil", "aud": aud }),
            false,
        ),
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

/// The five callers of the table: customer, another customer, vendor, another vendor, admin.
fn callers(app: &TestApp) -> [&str; 5] {
    [
        &app.customer,
        &app.seller,
        &app.vendor,
        &app.buying_vendor,
        &app.admin,
    ]
}

/// The contract's table of rights for what is sent; the order and the offer are the first
/// customer's and the first vendor's.
#[tokio::test]
async fn writing_is_allowed_as_the_table_says() {
    let app = TestApp::start().await;
    let by_vendor = with(sell(), &json!({ "customer_id": VENDOR }));
    let with_oneself = with(buy(), &json!({ "customer_id": VENDOR }));
    let for_another = with(buy(), &json!({ "customer_id": SELLER }));
    let order = |body| (Method::POST, ORDERS.to_owned(), body);
    let amend = format!("{OFFERS}/{SELL_OFFER}");
    let table: [((Method, String, Value), [u16; 5]); 7] = [
        (order(buy()), [201, 403, 403, 403, 201]),
        (order(for_another), [403, 201, 403, 403, 201]),
        (order(by_vendor), [403, 403, 201, 403, 201]),
        (order(with_oneself), [403, 403, 403, 403, 422]),
        (
            (Method::POST, OFFERS.into(), offer()),
            [403, 403, 201, 403, 201],
        ),
        (
            (Method::PATCH, amend, json!({ "description": "x" })),
            [403, 403, 200, 403, 200],
        ),
        (
            (Method::POST, USERS.into(), user("Zuri")),
            [403, 403, 403, 403, 201],
        ),
    ];
    for ((method, path, body), row) in table {
        for (token, status) in callers(&app).into_iter().zip(row) {
            let request = app.request(method.clone(), &path, token);
            let answer = send(request.json(&body)).await;
            assert_eq!(
                answer.status, status,
                "{method} {path} {body}: {}",
                answer.text
            );
            if status == 403 {
                answer.problem_with(403, "forbidden", &[]);
            }
        }
    }
    app.finish().await;
}

/// The contract's table of rights for one order.
#[tokio::test]
async fn an_order_is_its_parties_and_the_admins_alone() {
    let app = TestApp::start().await;
    let bought = app.place(&app.customer, &buy()).await;
    let sold = app.place(&app.seller, &sell()).await;
    let tables = [
        (buy(), bought.id(), [true, false, true, false, true]),
        (sell(), sold.id(), [false, true, false, true, true]),
    ];
    for (body, id, row) in tables {
        for (token, own) in callers(&app).into_iter().zip(row) {
            let status = if own { 200 } else { 404 };
            assert_eq!(app.details(token, id).await.status, status);
            assert_eq!(app.events(token, id).await.status, status);
            let listed = app.get(LIST, token).await.expect(200).ids();
            assert_eq!(listed.contains(&id.to_owned()), own);
            let pending =
                format!("{ORDERS}/pending?page_id=1&page_size=10&include=awaiting_crypto");
            let pending = app.get(&pending, token).await.expect(200).ids();
            assert_eq!(pending.contains(&id.to_owned()), own);

            let another = app.place(&app.admin, &body).await;
            assert_eq!(app.cancel(token, another.id()).await.status, status);
            let after = app.details(&app.admin, another.id()).await;
            assert_eq!(after.json["status"] == "cancelled", own);
            app.cancel(&app.admin, another.id()).await.expect(200);
        }
    }
    for token in callers(&app) {
        for path in [
            format!("{OFFERS}?page_id=1&page_size=10"),
            format!("{OFFERS}/type/BUY?page_id=1&page_size=10"),
            format!("{OFFERS}/{BUY_OFFER}"),
        ] {
            app.get(&path, token).await.expect(200);
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_foreign_order_is_told_exactly_like_an_unknown_one() {
    let app = TestApp::start().await;
    let placed = app.place(&app.customer, &buy()).await;
    for token in [&app.seller, &app.buying_vendor] {
        for (method, action) in [
            (Method::GET, "details"),
            (Method::GET, "events"),
            (Method::PUT, "cancel"),
        ] {
            let ask = async |id: &str| {
                let path = format!("/api/v1/auth/order/id/{id}/{action}");
                let request = app.request(method.clone(), &path, token);
                let answer = send(request.header("x-request-id", "the-same")).await;
                answer.problem_with(404, "not_found", &[]);
                let names: Vec<_> = answer.headers.keys().cloned().collect();
                (answer.text, names)
            };
            assert_eq!(ask(placed.id()).await, ask(UNKNOWN).await, "{action}");
        }
    }
    app.finish().await;
}

/// Settings that take tokens of one algorithm, with the keys of `fixtures/jwks.json`.
fn with_jwks(algorithm: &str) -> Stage {
    Stage::test()
        .set("KIVUKO__AUTH__ALGORITHM", algorithm)
        .set("KIVUKO__AUTH__JWKS_FILE", jwks_file().display())
}

#[tokio::test]
async fn every_algorithm_takes_its_own_keys_tokens_only() {
    let all: [(&str, TestKey); 3] = [("EdDSA", EDDSA), ("ES256", ES256), ("RS256", RS256)];
    let good = claims(ADMIN, "admin", &json!({}));
    for (name, own) in all {
        let app = with_jwks(name).start().await;
        app.get(LIST, &own.sign(&good)).await.expect(200);
        let others = all.iter().filter(|(_, key)| *key != own);
        let mut wrong: Vec<String> = others
            .flat_map(|(_, key)| [key.sign(&good), key.sign_as(Some(own.kid), &good)])
            .collect();
        // The classic confusion: a public key is no secret, so it must not serve as one.
        let public = own.public();
        for part in ["x", "n"] {
            let text = public[part].as_str().unwrap_or_default();
            wrong.push(sign_hmac(Algorithm::HS256, text.as_bytes(), &good));
        }
        wrong.push(sign_hmac(
            Algorithm::HS256,
            public.to_string().as_bytes(),
            &good,
        ));
        wrong.push(sign_hmac(
            Algorithm::HS256,
            jwks().to_string().as_bytes(),
            &good,
        ));
        let local = app.settings.auth.shared_secret.as_bytes();
        wrong.push(sign_hmac(Algorithm::HS256, local, &good));
        for kid in [
            "",
            "nobody",
            "../../../../dev/null",
            "' OR 1=1 --",
            "https://evil.example/k",
        ] {
            wrong.push(own.sign_as(Some(kid), &good));
        }
        for token in wrong {
            assert_is_shut_out(&app.get(LIST, &token).await, "token_invalid");
        }
        app.finish().await;
    }
}

#[tokio::test]
async fn the_kid_chooses_the_key_and_may_be_left_out_only_when_there_is_one() {
    let good = claims(ADMIN, "admin", &json!({}));
    let two = with_jwks("EdDSA").start().await;
    for key in [EDDSA, EDDSA_2] {
        two.get(LIST, &key.sign(&good)).await.expect(200);
        let unnamed = two.get(LIST, &key.sign_as(None, &good)).await;
        assert_is_shut_out(&unnamed, "token_invalid");
    }
    let swapped = two.get(LIST, &EDDSA.sign_as(Some("eddsa-2"), &good)).await;
    assert_is_shut_out(&swapped, "token_invalid");
    two.finish().await;

    let one = with_jwks("ES256").start().await;
    one.get(LIST, &ES256.sign_as(None, &good)).await.expect(200);
    one.finish().await;
}

#[tokio::test]
async fn keys_by_url_are_read_again_and_kept_when_they_cannot_be() {
    let set = |keys: &[TestKey]| {
        let keys: Vec<Value> = keys.iter().map(|key| key.public()).collect();
        json!({ "keys": keys }).to_string()
    };
    let good = claims(ADMIN, "admin", &json!({}));
    let (old, new) = (EDDSA.sign(&good), EDDSA_2.sign(&good));
    let issuer = serve_text(&set(&[EDDSA])).await;
    let stage = Stage::test()
        .set("KIVUKO__AUTH__ALGORITHM", "EdDSA")
        .set("KIVUKO__AUTH__JWKS_URL", &issuer.url)
        .set("KIVUKO__AUTH__JWKS_REFRESH_S", 1);
    let app = stage.start().await;
    app.get(LIST, &old).await.expect(200);
    assert_is_shut_out(&app.get(LIST, &new).await, "token_invalid");

    issuer.say(&set(&[EDDSA, EDDSA_2]));
    eventually("the new key is known", async || {
        app.get(LIST, &new).await.status == 200
    })
    .await;
    app.get(LIST, &old).await.expect(200);
    issuer.say(&set(&[EDDSA_2]));
    eventually("the old key is gone", async || {
        app.get(LIST, &old).await.status == 401
    })
    .await;

    issuer.say("out of order");
    let asked = issuer.times_asked();
    eventually("the broken set is read", async || {
        issuer.times_asked() > asked + 1
    })
    .await;
    app.get(LIST, &new).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn a_service_without_usable_keys_does_not_start() {
    let database = Database::fresh().await;
    let ed25519_only = json!({ "keys": [EDDSA.public()] }).to_string();
    let issuer = serve_text(&ed25519_only).await;
    let by = |algorithm: &str, variable: &str, value: &str| {
        let stage = Stage::test().set("KIVUKO__AUTH__ALGORITHM", algorithm);
        stage.set(variable, value).settings(&database)
    };
    let cases = [
        (by("RS256", "KIVUKO__AUTH__JWKS_URL", &issuer.url), "RS256"),
        (
            by("EdDSA", "KIVUKO__AUTH__JWKS_URL", "http://127.0.0.1:1/"),
            "KIVUKO__AUTH__JWKS_URL",
        ),
        (
            by("EdDSA", "KIVUKO__AUTH__JWKS_FILE", "/nowhere"),
            "KIVUKO__AUTH__JWKS_FILE",
        ),
        (
            by("EdDSA", "KIVUKO__AUTH__ISSUER", "x"),
            "KIVUKO__AUTH__JWKS_FILE",
        ),
        (
            by("HS512", "KIVUKO__AUTH__ISSUER", "x"),
            "KIVUKO__AUTH__ALGORITHM",
        ),
        (
            by("none", "KIVUKO__AUTH__ISSUER", "x"),
            "KIVUKO__AUTH__ALGORITHM",
        ),
        (
            by("HS256", "KIVUKO__AUTH__SHARED_SECRET", "short"),
            "KIVUKO__AUTH__SHARED_SECRET",
        ),
    ];
    for (settings, named) in cases {
        let refused = TestApp::try_start(settings, &database).await;
        let error = refused.err().map(|error| format!("{error:#}"));
        let error = error.expect("the service does not start");
        assert!(error.contains(named), "{named} in: {error}");
    }
}

#[tokio::test]
async fn the_role_of_the_token_decides_and_not_the_partys() {
    let app = TestApp::start().await;
    let placed = app.place(&app.customer, &buy()).await;
    for (role, sub, status) in [
        (e2e::Role::Admin, CUSTOMER, 200),
        (e2e::Role::Customer, VENDOR, 404),
        (e2e::Role::Vendor, CUSTOMER, 200),
        (e2e::Role::Customer, ADMIN, 404),
        (e2e::Role::Vendor, BUYING_VENDOR, 404),
    ] {
        let token = app.token(role, sub);
        assert_eq!(
            app.details(&token, placed.id()).await.status,
            status,
            "{role:?} {sub}"
        );
    }
    app.finish().await;
}
