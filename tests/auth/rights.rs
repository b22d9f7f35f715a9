//! The contract's table of rights, as data.

use e2e::{
    ADMIN, BUY_OFFER, BUYING_VENDOR, CUSTOMER, SELL_OFFER, SELLER, TestApp, VENDOR, buy, offer,
    sell, send, user, with,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::auth::{LIST, OFFERS, ORDERS, UNKNOWN, USERS};

/// The five callers of the table: customer, another customer, vendor, another vendor, admin.
fn callers(app: &TestApp) -> [&str; 5] {
    [&app.customer, &app.seller, &app.vendor, &app.buying_vendor, &app.admin]
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
        ((Method::POST, OFFERS.into(), offer()), [403, 403, 201, 403, 201]),
        ((Method::PATCH, amend, json!({ "description": "x" })), [403, 403, 200, 403, 200]),
        ((Method::POST, USERS.into(), user("Zuri")), [403, 403, 403, 403, 201]),
    ];
    for ((method, path, body), row) in table {
        for (token, status) in callers(&app).into_iter().zip(row) {
            let request = app.request(method.clone(), &path, token);
            let answer = send(request.json(&body)).await;
            assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.text);
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
        for (method, action) in
            [(Method::GET, "details"), (Method::GET, "events"), (Method::PUT, "cancel")]
        {
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
        assert_eq!(app.details(&token, placed.id()).await.status, status, "{role:?} {sub}");
    }
    app.finish().await;
}
