//! What HTTP clients of every kind count on: HEAD, other origins, codings that are not
//! understood, and limits that count them and not their proxy.

use std::io::Read;

use e2e::{Answer, Stage, TestApp, buy, offer, send};
use reqwest::Method;

const ORDERS: &str = "/api/v1/auth/orders";
const LIST: &str = "/api/v1/auth/orders?page_id=1&page_size=50";
const SHOP: &str = "https://shop.example";

#[tokio::test]
async fn head_answers_as_get_does_without_the_body() {
    let app = TestApp::start().await;
    let placed = app.place(&app.customer, &buy()).await;
    let order = format!("/api/v1/auth/order/id/{}", placed.id());
    let [details, events] = ["details", "events"].map(|what| format!("{order}/{what}"));
    let paths = ["/healthz", "/openapi.json", "/docs/", LIST, &details, &events, "/nothing"];
    for path in paths {
        for token in [app.customer.as_str(), ""] {
            let get = app.get(path, token).await;
            let head = send(app.request(Method::HEAD, path, token)).await;
            assert_eq!(head.status, get.status, "{path}");
            assert_eq!(head.text, "", "{path}");
            for name in ["content-type", "content-length", "link", "www-authenticate"] {
                assert_eq!(head.header(name), get.header(name), "{name} of {path}");
            }
        }
    }
    for path in ["/readyz", "/metrics"] {
        let head = send(app.request(Method::HEAD, path, "")).await.expect(200);
        assert_eq!(head.text, "", "{path}");
    }
    // Where there is nothing to be read, there is nothing to be asked about either.
    let refused = send(app.request(Method::HEAD, &format!("{order}/cancel"), &app.customer)).await;
    assert_eq!((refused.status, refused.header("allow")), (405, Some("PUT")));
    app.finish().await;
}

async fn preflight(app: &TestApp, path: &str, origin: &str) -> Answer {
    let request = app.request(Method::OPTIONS, path, "").header("origin", origin);
    let request = request.header("access-control-request-method", "POST");
    let wanted = "authorization,content-type,idempotency-key";
    send(request.header("access-control-request-headers", wanted)).await
}

async fn from(app: &TestApp, origin: &str) -> Answer {
    send(app.request(Method::GET, LIST, &app.customer).header("origin", origin)).await
}

const ALLOWED: &str = "access-control-allow-origin";

#[tokio::test]
async fn browsers_may_call_from_the_configured_origins_and_from_no_others() {
    let origins = format!("{SHOP}, http://localhost:3000");
    let app = Stage::test().set("KIVUKO__HTTP__CORS_ORIGINS", origins).start().await;
    for origin in [SHOP, "http://localhost:3000"] {
        for path in [ORDERS, "/api/v1/auth/offers"] {
            let answer = preflight(&app, path, origin).await.expect(200);
            assert_eq!(answer.header(ALLOWED), Some(origin));
            let headers = answer.header("access-control-allow-headers").unwrap_or_default();
            assert!(headers.to_lowercase().contains("idempotency-key"), "{headers}");
            assert!(answer.header("access-control-allow-methods").is_some());
            assert_eq!(answer.header("access-control-allow-credentials"), None);
        }
        let answer = from(&app, origin).await.expect(200);
        assert_eq!(answer.header(ALLOWED), Some(origin));
        let exposed = answer.header("access-control-expose-headers").unwrap_or_default();
        assert!(exposed.to_lowercase().contains("x-request-id"), "{exposed}");
        // A refusal can be read by the page as well.
        let refused = app.request(Method::GET, LIST, "nonsense").header("origin", origin);
        assert_eq!(send(refused).await.expect(401).header(ALLOWED), Some(origin));
    }
    for origin in ["https://evil.example", "https://shop.example.evil", "http://shop.example"] {
        assert_eq!(preflight(&app, ORDERS, origin).await.header(ALLOWED), None);
        assert_eq!(from(&app, origin).await.header(ALLOWED), None);
    }
    app.finish().await;
}

#[tokio::test]
async fn without_configured_origins_no_browser_may_call_from_elsewhere() {
    let app = TestApp::start().await;
    assert_eq!(preflight(&app, ORDERS, SHOP).await.expect(401).header(ALLOWED), None);
    assert_eq!(from(&app, SHOP).await.expect(200).header(ALLOWED), None);
    app.finish().await;
    for wrong in ["*", "shop.example", "https://shop.example/", "https://shop.example/x", "ftp://a"]
    {
        let database = e2e::Database::fresh().await;
        let stage = Stage::test().set("KIVUKO__HTTP__CORS_ORIGINS", wrong);
        let refused = TestApp::try_start(stage.settings(&database), &database).await;
        let error = refused.err().map(|error| format!("{error:#}")).unwrap_or_default();
        assert!(error.contains("KIVUKO__HTTP__CORS_ORIGINS"), "{wrong}: {error}");
    }
}

#[tokio::test]
async fn a_body_in_a_coding_that_is_not_understood_is_refused_as_such() {
    let app = TestApp::start().await;
    // The head of a gzip stream: what follows is not looked at.
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec();
    let post = |coding: &str, body: Vec<u8>| {
        let request = app.request(Method::POST, "/api/v1/auth/offers", &app.vendor);
        let request = request.header("content-type", "application/json");
        send(request.header("content-encoding", coding).body(body))
    };
    for coding in ["gzip", "br", "GZIP", "gzip, identity"] {
        let answer = post(coding, gzip.clone()).await;
        answer.problem(415, "unsupported_content_encoding");
        assert_eq!(answer.header("accept-encoding"), Some("identity"));
    }
    post("identity", offer().to_string().into_bytes()).await.expect(201);
    app.finish().await;
}

#[tokio::test]
async fn a_client_that_reads_gzip_gets_a_page_in_a_fifth_of_its_size() {
    let app = TestApp::start().await;
    for _ in 0..20 {
        app.place(&app.customer, &buy()).await;
    }
    let plain = app.get(LIST, &app.customer).await.expect(200);
    assert_eq!(plain.header("content-encoding"), None, "nobody asked for it");
    for coding in ["gzip", "br, gzip;q=0.8", "gzip, deflate, br"] {
        let request = app.request(Method::GET, LIST, &app.customer);
        let answer = request.header("accept-encoding", coding).send().await.expect("an answer");
        assert_eq!(
            answer.headers().get("content-encoding").map(reqwest::header::HeaderValue::as_bytes),
            Some(&b"gzip"[..]),
            "{coding}"
        );
        assert_eq!(answer.headers()["vary"], "accept-encoding", "{coding}");
        let packed = answer.bytes().await.expect("a body");
        let mut text = String::new();
        let read = flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text);
        read.expect("gzip");
        assert_eq!(text, plain.text, "{coding}");
        assert!(packed.len() * 5 < text.len(), "{} of {}", packed.len(), text.len());
    }
    let other = app.request(Method::GET, LIST, &app.customer).header("accept-encoding", "br");
    assert_eq!(send(other).await.expect(200).text, plain.text, "as it is, for anybody else");
    let head = app.request(Method::HEAD, LIST, &app.customer).header("accept-encoding", "gzip");
    assert_eq!(send(head).await.expect(200).text, "");
    app.finish().await;
}

#[tokio::test]
async fn who_guesses_behind_a_proxy_of_ours_is_counted_and_nobody_else() {
    let stage = || {
        let stage = Stage::test().set("KIVUKO__HTTP__RATE_PER_SECOND", 1);
        stage.set("KIVUKO__HTTP__RATE_BURST", 3)
    };
    let app = stage().set("KIVUKO__MPESA__TRUSTED_PROXIES", "127.0.0.0/8").start().await;
    let guess = async |app: &TestApp, client: &str| {
        let request = app.request(Method::GET, LIST, "guess").header("x-forwarded-for", client);
        send(request).await.status
    };
    for _ in 0..20 {
        guess(&app, "198.51.100.7").await;
    }
    assert_eq!(guess(&app, "198.51.100.7").await, 429);
    // What a client writes there itself stands to the left of what the proxy adds.
    assert_eq!(guess(&app, "203.0.113.9, 198.51.100.7").await, 429);
    assert_eq!(guess(&app, "203.0.113.9").await, 401);
    app.get(LIST, &app.customer).await.expect(200);
    app.finish().await;

    // Who is no proxy of ours speaks for himself, whatever he writes.
    let app = stage().start().await;
    for number in 0..20 {
        guess(&app, &format!("198.51.100.{number}")).await;
    }
    assert_eq!(guess(&app, "203.0.113.9").await, 429);
    app.finish().await;
}
