//! The life of orders and offers as their parties see it.

mod lists;
mod offers;
mod orders;
mod reviews;
mod wallets;

use domain::ids::OrderId;
use e2e::{Answer, TestApp, offer, with};
use serde_json::Value;
use uuid::Uuid;

const ORDERS: &str = "/api/v1/auth/orders";
const OFFERS: &str = "/api/v1/auth/offers";
const USERS: &str = "/api/v1/auth/users/provision";

/// Publishes an offer with these changes; answers its id.
async fn publish(app: &TestApp, changes: &Value) -> String {
    let published = app.post(OFFERS, &app.vendor, &with(offer(), changes)).await;
    published.expect(201).id().to_owned()
}

fn order_id(text: &str) -> OrderId {
    OrderId(Uuid::parse_str(text).expect("an id"))
}

async fn held(app: &TestApp, id: &str) -> Value {
    app.offer(id).await.json["held_amount"].clone()
}

async fn page(app: &TestApp, path: &str, token: &str) -> Answer {
    app.get(path, token).await.expect(200)
}

/// The ids that all pages have, by following `Link` from the first.
async fn by_cursor(app: &TestApp, path: &str, token: &str, size: usize) -> Vec<String> {
    let mut ids = vec![];
    let mut next = Some(format!("{path}page_id=1&page_size={size}"));
    while let Some(address) = next {
        let page = page(app, &address, token).await;
        next = page.next();
        assert!(next.is_none() || page.rows().len() == size, "full pages until the last");
        ids.extend(page.ids());
    }
    ids
}
