//! What is around a body: paths, methods, pages, headers.

use e2e::{SELL_OFFER, TestApp, buy, offer, send, user};
use reqwest::Method;
use serde_json::json;

use crate::bad_input::{OFFERS, ORDERS, USERS};

#[tokio::test]
async fn pages_and_filters_outside_their_bounds_are_refused() {
    let app = TestApp::start().await;
    let malformed = |field| (400, "missing_field", vec![(field, "missing_field")]);
    let outside = |field| (422, "out_of_range", vec![(field, "out_of_range")]);
    let text = |field| (400, "wrong_type", vec![(field, "wrong_type")]);
    let both = vec![("page_size", "missing_field"), ("page_id", "missing_field")];
    let everywhere = [
        ("", (400, "missing_field", both)),
        ("page_id=1", malformed("page_size")),
        ("page_size=10", malformed("page_id")),
        ("page_id=0&page_size=10", outside("page_id")),
        ("page_id=-1&page_size=10", outside("page_id")),
        ("page_id=9999999999&page_size=10", outside("page_id")),
        ("page_id=1&page_size=0", outside("page_size")),
        ("page_id=1&page_size=101", outside("page_size")),
        ("page_id=one&page_size=10", text("page_id")),
        ("page_id=1&page_size=ten", text("page_size")),
        ("page_id=1.5&page_size=10", text("page_id")),
        ("page_id=&page_size=10", text("page_id")),
        ("page_id=1&page_size=99999999999999999999", text("page_size")),
        ("page_size=10&cursor=here", (400, "invalid_cursor", vec![("cursor", "invalid_cursor")])),
        ("page_size=10&cursor=", (400, "invalid_cursor", vec![("cursor", "invalid_cursor")])),
        (
            "page_size=101&page_id=x&cursor=y",
            (
                400,
                "invalid_cursor",
                vec![
                    ("cursor", "invalid_cursor"),
                    ("page_id", "wrong_type"),
                    ("page_size", "out_of_range"),
                ],
            ),
        ),
    ];
    let by_type = format!("{OFFERS}/type/SELL");
    let pending = format!("{ORDERS}/pending");
    for path in [ORDERS, &pending, OFFERS, &by_type] {
        for (query, (status, code, expected)) in &everywhere {
            let answer = app.get(&format!("{path}?{query}"), &app.customer).await;
            let is_seeds = path.starts_with(ORDERS);
            if is_seeds || *code != "missing_field" {
                answer.problem_with(*status, code, expected);
            } else {
                answer.expect(200);
            }
        }
    }
    app.finish().await;
}

/// Every route of the API with a method that it has, and a path that leads somewhere.
fn routes(order: &str) -> Vec<(Method, String)> {
    let order = format!("/api/v1/auth/order/id/{order}");
    vec![
        (Method::GET, format!("{ORDERS}?page_id=1&page_size=1")),
        (Method::POST, ORDERS.to_owned()),
        (Method::GET, format!("{ORDERS}/pending?page_id=1&page_size=1")),
        (Method::POST, format!("{ORDERS}/payment")),
        (Method::GET, format!("{order}/details")),
        (Method::GET, format!("{order}/events")),
        (Method::GET, format!("{order}/deposits")),
        (Method::PUT, format!("{order}/cancel")),
        (Method::GET, OFFERS.to_owned()),
        (Method::POST, OFFERS.to_owned()),
        (Method::GET, format!("{OFFERS}/type/SELL")),
        (Method::GET, format!("{OFFERS}/{SELL_OFFER}")),
        (Method::PATCH, format!("{OFFERS}/{SELL_OFFER}")),
        (Method::POST, USERS.to_owned()),
    ]
}

#[tokio::test]
async fn a_parameter_that_nobody_knows_is_refused_by_name_everywhere() {
    let app = TestApp::start().await;
    let placed = app.place(&app.customer, &buy()).await;
    for (method, path) in routes(placed.id()) {
        let sign = if path.contains('?') { '&' } else { '?' };
        for name in ["mpesa_receipt_number", "status_reason", "client_reference", "Page_id", "utm"]
        {
            let request = app.request(method.clone(), &format!("{path}{sign}{name}=x"), &app.admin);
            let answer = send(request.json(&json!({}))).await;
            answer.problem_with(422, "unknown_parameter", &[(name, "unknown_parameter")]);
            assert!(answer.text_of("detail").contains(name), "{}", answer.text);
        }
    }
    let still = app.details(&app.customer, placed.id()).await;
    assert_eq!(still.json["status"], "pending", "nothing was done");
    let twice = format!("{ORDERS}?page_id=1&page_size=1&status=pending&status=completed");
    let answer = app.get(&twice, &app.admin).await;
    answer.problem_with(422, "duplicate_parameter", &[("status", "duplicate_parameter")]);
    let many = (0..500).map(|nth| format!("&p{nth}=1")).collect::<Vec<_>>().concat();
    let answer = app.get(&format!("{ORDERS}?page_id=1&page_size=1{many}"), &app.admin).await;
    assert!(answer.problem(422, "unknown_parameter").len() <= 20, "{}", answer.text.len());
    app.finish().await;
}

#[tokio::test]
async fn filters_that_nothing_can_match_are_refused() {
    let app = TestApp::start().await;
    let by_type = format!("{OFFERS}/type/SELL");
    let pending = format!("{ORDERS}/pending");
    let filters = [
        (ORDERS, "order_type=BARTER", "invalid_value"),
        (ORDERS, "status=PENDING", "invalid_value"),
        (ORDERS, "customer_id=me", "invalid_uuid"),
        (ORDERS, "vendor_id=", "invalid_uuid"),
        (ORDERS, "created_from=today", "invalid_time"),
        (ORDERS, "created_to=2026-01-01", "invalid_time"),
        (ORDERS, "updated_since=9999-12-31T23:59:59-01:00", "invalid_time"),
        (ORDERS, "created_from=0000-01-01T00:00:00%2B23:59", "invalid_time"),
        (ORDERS, "created_to=2027-06-30T23:59:60Z", "invalid_time"),
        (ORDERS, "status=", "invalid_value"),
        (ORDERS, "status=pending,", "invalid_value"),
        (ORDERS, "status=pending,open", "invalid_value"),
        (ORDERS, "status=pending completed", "invalid_value"),
        (ORDERS, "order_subtype=remittance_offramp", "invalid_value"),
        (ORDERS, "nulls=none", "invalid_value"),
        (&pending, "include=everything", "invalid_value"),
        (OFFERS, "status=open", "invalid_value"),
        (&by_type, "vendor_id=1", "invalid_uuid"),
    ];
    for (path, query, code) in filters {
        let answer =
            app.get(&format!("{path}?page_id=1&page_size=10&{query}"), &app.customer).await;
        let field = query.split('=').next().expect("a name");
        answer.problem_with(422, code, &[(field, code)]);
    }
    app.finish().await;
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_told_apart() {
    let app = TestApp::start().await;
    for path in [
        "/nothing",
        "/api/v1/auth/nothing",
        "/api/v1/auth/orders/",
        "/api/v1/auth/order",
        "/api/v1/auth/orders/payment/x",
        "/api/v1/auth/offers/type/sell",
        "/api/v2/auth/orders",
        "/api/v1/auth/../../../etc/passwd",
        "/healthz/x",
    ] {
        app.get(path, &app.admin).await.problem_with(404, "not_found", &[]);
    }
    let id = SELL_OFFER;
    for (path, allowed) in [
        (ORDERS.to_owned(), "GET, HEAD, POST"),
        (format!("{ORDERS}/pending"), "GET, HEAD"),
        (format!("/api/v1/auth/order/id/{id}/details"), "GET, HEAD"),
        (format!("/api/v1/auth/order/id/{id}/events"), "GET, HEAD"),
        (format!("/api/v1/auth/order/id/{id}/cancel"), "PUT"),
        (OFFERS.to_owned(), "GET, HEAD, POST"),
        (format!("{OFFERS}/{id}"), "GET, HEAD, PATCH"),
        (format!("{OFFERS}/type/SELL"), "GET, HEAD"),
        (USERS.to_owned(), "POST"),
        ("/healthz".to_owned(), "GET, HEAD"),
        ("/readyz".to_owned(), "GET, HEAD"),
        ("/metrics".to_owned(), "GET, HEAD"),
        ("/openapi.json".to_owned(), "GET, HEAD"),
    ] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
            if allowed.split(", ").any(|known| known == method) {
                continue;
            }
            let named = Method::from_bytes(method.as_bytes()).expect("a method");
            let answer = send(app.request(named, &path, &app.admin)).await;
            answer.problem_with(405, "method_not_allowed", &[]);
            assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn an_id_in_the_path_must_be_a_uuid() {
    let app = TestApp::start().await;
    let routes = [
        (Method::GET, "/api/v1/auth/order/id/{}/details"),
        (Method::GET, "/api/v1/auth/order/id/{}/events"),
        (Method::PUT, "/api/v1/auth/order/id/{}/cancel"),
        (Method::GET, "/api/v1/auth/offers/{}"),
        (Method::PATCH, "/api/v1/auth/offers/{}"),
    ];
    for (method, path) in routes {
        for id in [
            "x",
            "1",
            "%27%20OR%201=1--",
            "%00",
            "7c9a93117e7d47399abc34f7db00ff19",
            "7c9a9311-7e7d-4739-9abc-34f7db00ff1",
            "7c9a9311-7e7d-4739-9abc-34f7db00ff1g",
        ] {
            let mut request = app.request(method.clone(), &path.replace("{}", id), &app.admin);
            if method == Method::PATCH {
                request = request.json(&json!({}));
            }
            let answer = send(request).await;
            answer.problem_with(400, "invalid_uuid", &[("id", "invalid_uuid")]);
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn an_idempotency_key_is_short_and_visible() {
    let app = TestApp::start().await;
    let wrong: [&[u8]; 5] = [b"", &[b'k'; 129], b"two words", "ключ".as_bytes(), b"tab\there"];
    for (path, body) in [(ORDERS, buy()), (OFFERS, offer()), (USERS, user("Zuri"))] {
        for key in wrong {
            let request = app.request(Method::POST, path, &app.admin);
            let answer = send(request.header("idempotency-key", key).json(&body)).await;
            let expected = [("Idempotency-Key", "invalid_idempotency_key")];
            answer.problem_with(400, "invalid_idempotency_key", &expected);
        }
        let request = app.request(Method::POST, path, &app.admin);
        let longest = "~".repeat(128);
        let answer = send(request.header("idempotency-key", longest.clone()).json(&body)).await;
        // The last two use the same key for something else.
        assert_eq!(answer.status, if path == ORDERS { 201 } else { 422 }, "{}", answer.text);
    }
    app.finish().await;
}
