//! Requests that are wrong, each in one way, and what exactly they are told. Whatever is refused
//! leaves nothing behind.

mod bodies;
mod requests;
mod terms;
mod values;

use e2e::{Answer, TestApp, send, with};
use reqwest::Method;
use serde_json::{Value, json};

const ORDERS: &str = "/api/v1/auth/orders";
const OFFERS: &str = "/api/v1/auth/offers";
const USERS: &str = "/api/v1/auth/users/provision";
const UNKNOWN: &str = "00000000-0000-7000-8000-00000000dead";

/// A change to a body, and the status, code and field that it is refused with.
type Case = (Value, u16, &'static str, &'static str);

/// A change that makes a body break a rule.
fn rule(change: Value, code: &'static str, field: &'static str) -> Case {
    (change, 422, code, field)
}

/// A rule that a field breaks by what it says.
fn said(field: &'static str, text: impl std::fmt::Display, code: &'static str) -> Case {
    rule(json!({ field: text.to_string() }), code, field)
}

/// Sends `body` with every case's change and checks what it is told.
async fn refuses(app: &TestApp, token: &str, path: &str, body: &Value, cases: &[Case]) {
    for (change, status, code, field) in cases {
        let answer = app.post(path, token, &with(body.clone(), change)).await;
        let told = answer.problem(*status, code);
        let expected = ((*field).to_owned(), (*code).to_owned());
        assert_eq!(told, [expected], "{change}: {}", answer.text);
    }
}

async fn post_text(app: &TestApp, path: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = app.request(Method::POST, path, &app.admin);
    let request = request.header("content-type", "application/json");
    send(request.body(body)).await
}

async fn orders(app: &TestApp) -> i64 {
    app.sql.number("SELECT count(*) FROM orders").await
}
