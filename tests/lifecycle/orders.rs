//! Orders from their placing to their end.

use e2e::{
    BUY_OFFER, CUSTOMER, Stage, TestApp, VENDOR, buy, buy_of, eventually, now, sell, send, with,
};
use reqwest::Method;
use serde_json::{Value, json};
use time::Duration;
use time::format_description::well_known::Rfc3339;

use crate::lifecycle::{ORDERS, held, page, publish};

fn ahead(by: Duration) -> String {
    (now() + by).format(&Rfc3339).expect("a time")
}

#[tokio::test]
async fn an_order_is_placed_seen_everywhere_and_cancelled_once() {
    let app = TestApp::start().await;
    let id = publish(&app, &json!({ "description": null })).await;
    let placed = app.place(&app.customer, &buy_of(&id)).await;
    assert_eq!(held(&app, &id).await, "1.00000000");
    for token in [&app.customer, &app.vendor, &app.admin] {
        for path in ["orders", "orders/pending"] {
            let path = format!("/api/v1/auth/{path}?page_id=1&page_size=5");
            assert_eq!(page(&app, &path, token).await.ids(), [placed.id()]);
        }
        let details = app.details(token, placed.id()).await.expect(200);
        assert_eq!(details.json["created_at"], placed.json["created_at"]);
    }
    let cancelled = app.cancel(&app.customer, placed.id()).await.expect(200);
    assert_eq!(cancelled.json["status"], "cancelled");
    assert_eq!(cancelled.json["status_reason"], "cancelled_by_customer");
    assert_ne!(cancelled.json["updated_at"], placed.json["updated_at"]);
    assert_eq!(held(&app, &id).await, "0.00000000");
    for token in [&app.customer, &app.vendor, &app.admin] {
        let again = app.cancel(token, placed.id()).await.expect(200);
        assert_eq!(again.text, cancelled.text, "the order as it is");
    }
    let path = format!("{ORDERS}/pending?page_id=1&page_size=5");
    assert!(page(&app, &path, &app.customer).await.rows().is_empty());
    app.finish().await;
}

#[tokio::test]
async fn the_history_tells_who_did_what_and_is_chained() {
    let app = TestApp::start().await;
    let placed = app.place(&app.customer, &buy()).await;
    let request = app.request(
        Method::PUT,
        &format!("/api/v1/auth/order/id/{}/cancel", placed.id()),
        &app.vendor,
    );
    let request = request.json(&json!({ "reason": "out of coin" }));
    let cancelled = send(request).await.expect(200);
    assert_eq!(cancelled.json["status_reason"], "cancelled_by_vendor");
    let history = app.events(&app.customer, placed.id()).await.expect(200);
    let [first, second] = history.rows() else { panic!("two events: {}", history.text) };
    let nothing = "0".repeat(64);
    for (event, seq, actor, actor_id, kind, state) in [
        (first, 1, "customer", CUSTOMER, "place", "awaiting_payment"),
        (second, 2, "vendor", VENDOR, "cancel", "cancelled"),
    ] {
        let told =
            json!([event["seq"], event["actor"], event["actor_id"], event["kind"], event["state"]]);
        assert_eq!(told, json!([seq, actor, actor_id, kind, state]));
        assert_eq!(event["payload"]["event"], kind);
    }
    assert_eq!(first["prev_hash"], nothing.as_str());
    assert_eq!(first["at"], placed.json["created_at"]);
    assert_eq!(second["prev_hash"], first["hash"]);
    assert_eq!(second["at"], cancelled.json["updated_at"]);
    app.finish().await;
}

#[tokio::test]
async fn whoever_cancels_is_named_in_the_reason() {
    let app = TestApp::start().await;
    for (body, token, reason) in [
        (buy(), &app.customer, "cancelled_by_customer"),
        (buy(), &app.vendor, "cancelled_by_vendor"),
        (buy(), &app.admin, "cancelled_by_operator"),
        (sell(), &app.seller, "cancelled_by_customer"),
        (sell(), &app.buying_vendor, "cancelled_by_vendor"),
    ] {
        let placed = app.place(&app.admin, &body).await;
        let cancelled = app.cancel(token, placed.id()).await.expect(200);
        assert_eq!(cancelled.json["status_reason"], reason);
    }
    app.finish().await;
}

#[tokio::test]
async fn an_order_expires_by_itself_and_gives_its_hold_back() {
    let app = TestApp::start().await;
    let sell_id = publish(&app, &json!({})).await;
    let soon = json!({ "expires_at": ahead(Duration::seconds(1)) });
    let bought = app.place(&app.customer, &with(buy_of(&sell_id), &soon)).await;
    let sold = app.place(&app.seller, &with(sell(), &soon)).await;
    assert_eq!(held(&app, &sell_id).await, "1.00000000");
    for (token, order) in [(&app.customer, &bought), (&app.seller, &sold)] {
        let deadline = order.text_of("expires_at").to_owned();
        eventually("the order expires", async || {
            app.details(token, order.id()).await.json["status"] == "cancelled"
        })
        .await;
        let expired = app.details(token, order.id()).await;
        assert_eq!(expired.json["status_reason"], "expired");
        assert_eq!(expired.json["waiting_for"], Value::Null);
        assert_eq!(expired.json["completed_at"]["Valid"], false);
        let events = app.events(token, order.id()).await;
        let last = events.rows().last().expect("events");
        assert_eq!(last["actor"], "system");
        assert_eq!(last["actor_id"], Value::Null);
        let parse = |text: &str| time::OffsetDateTime::parse(text, &Rfc3339).expect("a time");
        assert!(parse(last["at"].as_str().expect("a time")) >= parse(&deadline));
        let again = app.cancel(token, order.id()).await.expect(200);
        assert_eq!(again.json["status_reason"], "expired");
    }
    assert_eq!(held(&app, &sell_id).await, "0.00000000");
    assert_eq!(held(&app, &BUY_OFFER.to_string()).await, "0.00000000");
    app.finish().await;
}

#[tokio::test]
async fn an_overdue_order_is_not_pending_even_before_anybody_has_told_it() {
    let hourly = Stage::test().set("KIVUKO__WORKERS__EXPIRY_INTERVAL_MS", 3_600_000);
    let app = hourly.start().await;
    let bought = app.place(&app.customer, &buy()).await;
    let sold = app.place(&app.seller, &sell()).await;
    let path = format!("{ORDERS}/pending?page_id=1&page_size=5");
    let with_crypto = format!("{path}&include=awaiting_crypto");
    assert_eq!(page(&app, &path, &app.admin).await.ids(), [bought.id()]);
    let both = page(&app, &with_crypto, &app.admin).await;
    assert_eq!(both.ids(), [sold.id(), bought.id()]);
    assert_eq!(both.json[0]["rate"], "141.00");
    app.sql.execute("UPDATE orders SET expires_at = now()").await;
    assert!(page(&app, &with_crypto, &app.admin).await.rows().is_empty());
    assert_eq!(app.details(&app.customer, bought.id()).await.json["status"], "pending");
    app.finish().await;
}

#[tokio::test]
async fn while_a_collection_is_open_neither_cancel_nor_expiry_ends_the_order() {
    let app = TestApp::start().await;
    let waiting = app.place(&app.customer, &buy()).await;
    app.sql.execute("UPDATE orders SET collection_id = gen_random_uuid()").await;
    for token in [&app.customer, &app.vendor, &app.admin] {
        let refused = app.cancel(token, waiting.id()).await;
        refused.problem(409, "payment_in_flight");
    }
    app.sql.execute("UPDATE orders SET expires_at = now()").await;
    let witness = app.place(&app.customer, &buy()).await;
    let overdue = format!("UPDATE orders SET expires_at = now() WHERE id = '{}'", witness.id());
    app.sql.execute(&overdue).await;
    eventually("the worker passes by", async || {
        app.details(&app.customer, witness.id()).await.json["status"] == "cancelled"
    })
    .await;
    assert_eq!(app.details(&app.customer, waiting.id()).await.json["status"], "pending");
    app.sql.execute("UPDATE orders SET collection_id = NULL").await;
    eventually("the order expires", async || {
        app.details(&app.customer, waiting.id()).await.json["status_reason"] == "expired"
    })
    .await;
    app.finish().await;
}
