//! Keys by file and by URL, and how one is chosen.

use e2e::{
    ADMIN, Database, EDDSA, EDDSA_2, ES256, RS256, Stage, TestApp, TestKey, claims, eventually,
    jwks, jwks_file, serve_text, sign_hmac,
};
use jsonwebtoken::{Algorithm, Header};
use serde_json::{Value, json};

use crate::auth::{LIST, assert_is_shut_out};

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
        wrong.push(sign_hmac(Algorithm::HS256, public.to_string().as_bytes(), &good));
        wrong.push(sign_hmac(Algorithm::HS256, jwks().to_string().as_bytes(), &good));
        let local = app.settings.auth.shared_secret.as_bytes();
        wrong.push(sign_hmac(Algorithm::HS256, local, &good));
        for kid in ["", "nobody", "../../../../dev/null", "' OR 1=1 --", "https://evil.example/k"] {
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
    eventually("the new key is known", async || app.get(LIST, &new).await.status == 200).await;
    app.get(LIST, &old).await.expect(200);
    issuer.say(&set(&[EDDSA_2]));
    eventually("the old key is gone", async || app.get(LIST, &old).await.status == 401).await;

    issuer.say("out of order");
    let asked = issuer.times_asked();
    eventually("the broken set is read", async || issuer.times_asked() > asked + 1).await;
    app.get(LIST, &new).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn a_token_under_a_new_key_is_good_at_once_and_invented_names_are_not_asked_for() {
    let set = |keys: &[TestKey]| {
        let keys: Vec<Value> = keys.iter().map(|key| key.public()).collect();
        json!({ "keys": keys }).to_string()
    };
    let good = claims(ADMIN, "admin", &json!({}));
    let issuer = serve_text(&set(&[EDDSA])).await;
    let stage = Stage::test()
        .set("KIVUKO__AUTH__ALGORITHM", "EdDSA")
        .set("KIVUKO__AUTH__JWKS_URL", &issuer.url)
        .set("KIVUKO__AUTH__JWKS_REFRESH_S", 3_600);
    let app = stage.start().await;
    app.get(LIST, &EDDSA.sign(&good)).await.expect(200);
    issuer.say(&set(&[EDDSA, EDDSA_2]));
    app.get(LIST, &EDDSA_2.sign(&good)).await.expect(200);
    let asked = issuer.times_asked();
    for number in 0..20 {
        let invented = EDDSA_2.sign_as(Some(&format!("invented-{number}")), &good);
        assert_is_shut_out(&app.get(LIST, &invented).await, "token_invalid");
    }
    assert!(issuer.times_asked() <= asked + 1, "{} times", issuer.times_asked() - asked);
    app.get(LIST, &EDDSA.sign(&good)).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn a_token_cannot_bring_its_own_key() {
    let set = |key: TestKey| json!({ "keys": [key.public()] }).to_string();
    let (issuer, impostor) = (serve_text(&set(EDDSA)).await, serve_text(&set(EDDSA_2)).await);
    let stage = Stage::test()
        .set("KIVUKO__AUTH__ALGORITHM", "EdDSA")
        .set("KIVUKO__AUTH__JWKS_URL", &issuer.url);
    let app = stage.start().await;
    let good = claims(ADMIN, "admin", &json!({}));
    let plain = Header::default;
    let named = || Some(EDDSA.kid.to_owned());
    let elsewhere = || Some(impostor.url.clone());
    let own = serde_json::from_value(EDDSA_2.public()).expect("a key");
    for header in [
        plain(),
        Header { kid: named(), ..plain() },
        Header { jku: elsewhere(), kid: Some(EDDSA_2.kid.into()), ..plain() },
        Header { jku: elsewhere(), kid: named(), ..plain() },
        Header { x5u: elsewhere(), kid: named(), ..plain() },
        Header { jwk: Some(own), kid: named(), ..plain() },
        Header { typ: Some("none".into()), ..plain() },
    ] {
        let token = EDDSA_2.sign_with(header, &good);
        assert_is_shut_out(&app.get(LIST, &token).await, "token_invalid");
    }
    assert_eq!(impostor.times_asked(), 0);
    app.get(LIST, &EDDSA.sign(&good)).await.expect(200);
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
        (by("EdDSA", "KIVUKO__AUTH__JWKS_URL", "http://127.0.0.1:1/"), "KIVUKO__AUTH__JWKS_URL"),
        (by("EdDSA", "KIVUKO__AUTH__JWKS_FILE", "/nowhere"), "KIVUKO__AUTH__JWKS_FILE"),
        (by("EdDSA", "KIVUKO__AUTH__ISSUER", "x"), "KIVUKO__AUTH__JWKS_FILE"),
        (by("HS512", "KIVUKO__AUTH__ISSUER", "x"), "KIVUKO__AUTH__ALGORITHM"),
        (by("none", "KIVUKO__AUTH__ISSUER", "x"), "KIVUKO__AUTH__ALGORITHM"),
        (by("HS256", "KIVUKO__AUTH__SHARED_SECRET", "short"), "KIVUKO__AUTH__SHARED_SECRET"),
    ];
    for (settings, named) in cases {
        let refused = TestApp::try_start(settings, &database).await;
        let error = refused.err().map(|error| format!("{error:#}"));
        let error = error.expect("the service does not start");
        assert!(error.contains(named), "{named} in: {error}");
    }
}
