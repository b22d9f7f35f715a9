//! The life of orders and offers as their parties see it.

use e2e::{
    Answer, BUY_OFFER, BUYING_VENDOR, CUSTOMER, PartyId, Role, SELL_OFFER, SELLER, Stage, TestApp,
    VENDOR, buy, buy_of, eventually, now, offer, sell, send, user, with,
};
use reqwest::Method;
use serde_json::{Value, json};
use time::Duration;
use time::format_description::well_known::Rfc3339;

const ORDERS: &str = "/api/v1/auth/orders";
const OFFERS: &str = "/api/v1/auth/offers";
const USERS: &str = "/api/v1/auth/users/provision";

fn ahead(by: Duration) -> String {
    (now() + by).format(&Rfc3339).expect("a time")
}

/// Publishes an offer with these changes; answers its id.
async fn publish(app: &TestApp, changes: &Value) -> String {
    let published = app.post(OFFERS, &app.vendor, &with(offer(), changes)).await;
    published.expect(201).id().to_owned()
}

async fn held(app: &TestApp, id: &str) -> Value {
    app.offer(id).await.json["held_amount"].clone()
}

async fn page(app: &TestApp, path: &str, token: &str) -> Answer {
    app.get(path, token).await.expect(200)
}

/// The ids that all pages have, by number until one is empty.
async fn by_number(app: &TestApp, path: &str, token: &str, size: usize) -> Vec<String> {
    let mut ids = vec![];
    for number in 1.. {
        let address = format!("{path}page_id={number}&page_size={size}");
        let page = page(app, &address, token).await.ids();
        if page.is_empty() {
            break;
        }
        ids.extend(page);
    }
    ids
}

/// The ids that all pages have, by following `Link` from the first.
async fn by_cursor(app: &TestApp, path: &str, token: &str, size: usize) -> Vec<String> {
    let mut ids = vec![];
    let mut next = Some(format!("{path}page_id=1&page_size={size}"));
    while let Some(address) = next {
        let page = page(app, &address, token).await;
        next = page.next();
        assert!(
            next.is_none() || page.rows().len() == size,
            "full pages until the last"
        );
        ids.extend(page.ids());
    }
    ids
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
    let [first, second] = history.rows() else {
        panic!("two events: {}", history.text)
    };
    let nothing = "0".repeat(64);
    for (event, seq, actor, actor_id, kind, state) in [
        (first, 1, "customer", CUSTOMER, "place", "awaiting_payment"),
        (second, 2, "vendor", VENDOR, "cancel", "cancelled"),
    ] {
        let told = json!([
            event["seq"],
            event["actor"],
            event["actor_id"],
            event["kind"],
            event["state"]
        ]);
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
    let bought = app
        .place(&app.customer, &with(buy_of(&sell_id), &soon))
        .await;
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
    app.sql
        .execute("UPDATE orders SET expires_at = now()")
        .await;
    assert!(page(&app, &with_crypto, &app.admin).await.rows().is_empty());
    assert_eq!(
        app.details(&app.customer, bought.id()).await.json["status"],
        "pending"
    );
    app.finish().await;
}

#[tokio::test]
async fn while_a_collection_is_open_neither_cancel_nor_expiry_ends_the_order() {
    let app = TestApp::start().await;
    let waiting = app.place(&app.customer, &buy()).await;
    app.sql
        .execute("UPDATE orders SET collection_id = gen_random_uuid()")
        .await;
    for token in [&app.customer, &app.vendor, &app.admin] {
        let refused = app.cancel(token, waiting.id()).await;
        refused.problem(409, "payment_in_flight");
    }
    app.sql
        .execute("UPDATE orders SET expires_at = now()")
        .await;
    let witness = app.place(&app.customer, &buy()).await;
    let overdue = format!(
        "UPDATE orders SET expires_at = now() WHERE id = '{}'",
        witness.id()
    );
    app.sql.execute(&overdue).await;
    eventually("the worker passes by", async || {
        app.details(&app.customer, witness.id()).await.json["status"] == "cancelled"
    })
    .await;
    assert_eq!(
        app.details(&app.customer, waiting.id()).await.json["status"],
        "pending"
    );
    app.sql
        .execute("UPDATE orders SET collection_id = NULL")
        .await;
    eventually("the order expires", async || {
        app.details(&app.customer, waiting.id()).await.json["status_reason"] == "expired"
    })
    .await;
    app.finish().await;
}

/// 57 orders of the customer on the demo vendor's offer, every third of them cancelled.
async fn fifty_seven_orders(app: &TestApp) -> Vec<String> {
    let mut placed = vec![];
    for number in 0..57 {
        let order = app.place(&app.customer, &buy()).await;
        if number % 3 == 0 {
            app.cancel(&app.customer, order.id()).await.expect(200);
        }
        placed.push(order.id().to_owned());
    }
    placed.reverse();
    placed
}

#[tokio::test]
async fn walking_by_cursor_sees_what_walking_by_page_sees() {
    let app = TestApp::start().await;
    let placed = fifty_seven_orders(&app).await;
    let cancelled: Vec<_> = placed.iter().rev().step_by(3).rev().cloned().collect();
    let pending: Vec<_> = placed
        .iter()
        .filter(|id| !cancelled.contains(id))
        .cloned()
        .collect();
    let walks = [
        (format!("{ORDERS}?"), &placed),
        (
            format!("{ORDERS}?order_type=ON_RAMP_BUY&status=cancelled&"),
            &cancelled,
        ),
        (
            format!("{ORDERS}?vendor_id={VENDOR}&status=pending&"),
            &pending,
        ),
        (format!("{ORDERS}/pending?"), &pending),
    ];
    for (path, expected) in walks {
        for size in [1, 7, 19, 57, 100] {
            assert_eq!(
                by_cursor(&app, &path, &app.customer, size).await,
                *expected,
                "{path}{size}"
            );
        }
        assert_eq!(
            by_number(&app, &path, &app.customer, 10).await,
            *expected,
            "{path}"
        );
    }
    let exact = page(
        &app,
        &format!("{ORDERS}?page_id=3&page_size=19"),
        &app.customer,
    )
    .await;
    assert_eq!(
        (exact.rows().len(), exact.next()),
        (19, None),
        "nothing follows"
    );
    let beyond = page(
        &app,
        &format!("{ORDERS}?page_id=9&page_size=19"),
        &app.customer,
    )
    .await;
    assert_eq!((beyond.text.as_str(), beyond.next()), ("[]", None));

    // A newcomer shifts pages and no cursor.
    let first = page(
        &app,
        &format!("{ORDERS}?page_id=1&page_size=10"),
        &app.customer,
    )
    .await;
    app.place(&app.customer, &buy()).await;
    let second = page(&app, &first.next().expect("more"), &app.customer).await;
    assert_eq!(second.ids(), placed[10..20]);
    app.finish().await;
}

#[tokio::test]
async fn filters_narrow_what_a_caller_sees_and_never_widen_it() {
    let app = TestApp::start().await;
    let bought = app.place(&app.customer, &buy()).await.id().to_owned();
    let sold = app.place(&app.seller, &sell()).await.id().to_owned();
    let as_customer = json!({ "customer_id": VENDOR });
    let vendors = app.place(&app.vendor, &with(sell(), &as_customer)).await;
    let (vendors, since) = (
        vendors.id().to_owned(),
        vendors.text_of("created_at").to_owned(),
    );
    let all = [&vendors, &sold, &bought];
    let cases = [
        (&app.admin, String::new(), all.to_vec()),
        (&app.customer, String::new(), vec![&bought]),
        (&app.seller, String::new(), vec![&sold]),
        // A vendor sees what they sell and what they buy.
        (&app.vendor, String::new(), vec![&vendors, &bought]),
        (&app.buying_vendor, String::new(), vec![&vendors, &sold]),
        (&app.vendor, format!("&vendor_id={VENDOR}"), vec![&bought]),
        (
            &app.vendor,
            format!("&customer_id={VENDOR}"),
            vec![&vendors],
        ),
        (&app.customer, format!("&customer_id={SELLER}"), vec![]),
        (&app.customer, format!("&vendor_id={BUYING_VENDOR}"), vec![]),
        (&app.admin, format!("&customer_id={SELLER}"), vec![&sold]),
        (
            &app.admin,
            "&order_type=OFF_RAMP_SELL".into(),
            vec![&vendors, &sold],
        ),
        (&app.admin, "&order_type=ON_RAMP_SELL".into(), vec![]),
        (
            &app.admin,
            "&status=awaiting_crypto".into(),
            vec![&vendors, &sold],
        ),
        (&app.admin, "&status=completed".into(), vec![]),
        (&app.admin, format!("&created_from={since}"), vec![&vendors]),
        (
            &app.admin,
            format!("&created_to={since}"),
            vec![&sold, &bought],
        ),
        (&app.admin, "&utm_source=mail".into(), all.to_vec()),
    ];
    for (token, filter, expected) in cases {
        let path = format!("{ORDERS}?page_id=1&page_size=10{filter}");
        let seen = page(&app, &path, token).await.ids();
        assert_eq!(seen.iter().collect::<Vec<_>>(), expected, "{filter}");
    }
    // A customer's role shows the customer's side only, even to a vendor.
    let modest = app.token(Role::Customer, VENDOR);
    let path = format!("{ORDERS}?page_id=1&page_size=10");
    assert_eq!(page(&app, &path, &modest).await.ids(), [vendors]);
    app.finish().await;
}

#[tokio::test]
async fn clients_may_ask_for_plain_nulls() {
    let app = TestApp::start().await;
    let sold = app.place(&app.seller, &sell()).await;
    let path = format!("/api/v1/auth/order/id/{}/details", sold.id());
    let by_query = app
        .get(&format!("{path}?nulls=plain"), &app.seller)
        .await
        .expect(200);
    let request = app.request(Method::GET, &path, &app.seller);
    let request = request.header("accept", "application/json; nulls=plain");
    let by_header = send(request).await.expect(200);
    assert_eq!(by_query.text, by_header.text);
    let plain = &by_query.json;
    assert_eq!(plain["payment_phone_number"], "254727648169");
    assert_eq!(plain["escrow_network"], "tron");
    for empty in [
        "completed_at",
        "deleted_at",
        "deposit_tx_hash",
        "sender_name",
        "status_reason",
    ] {
        assert_eq!(plain[empty], Value::Null, "{empty}");
    }
    let names = |text: &str| {
        e2e::fields(text)
            .into_iter()
            .map(|f| f.name)
            .collect::<Vec<_>>()
    };
    let wrapped = app.details(&app.seller, sold.id()).await;
    assert_eq!(names(&by_query.text), names(&wrapped.text));
    for path in ["orders", "offers", "orders/pending", "offers/type/SELL"] {
        let path = format!(
            "/api/v1/auth/{path}?page_id=1&page_size=1&include=awaiting_crypto&nulls=plain"
        );
        assert_eq!(
            page(&app, &path, &app.seller).await.json[0]["deleted_at"],
            Value::Null
        );
    }
    let created = app
        .post(&format!("{ORDERS}?nulls=plain"), &app.customer, &buy())
        .await;
    assert_eq!(created.expect(201).json["completed_at"], Value::Null);
    app.finish().await;
}

#[tokio::test]
async fn an_offer_is_published_read_and_amended() {
    let app = TestApp::start().await;
    let part = json!({ "crypto_amount": "100", "available_amount": "60", "max_order": "50" });
    let published = app
        .post(OFFERS, &app.vendor, &with(offer(), &part))
        .await
        .expect(201);
    let expected = json!({
        "vendor_id": VENDOR, "offer_type": "SELL", "asset": "USDT",
        "crypto_amount": "100.00000000", "usdt_amount": "100.00000000",
        "available_amount": "60.00000000", "held_amount": "0.00000000", "rate": "146.00",
        "fiat_currency": "KES", "min_order": "1.00000000", "max_order": "50.00000000",
        "description": "ten coins", "status": "active",
        "deleted_at": { "Time": "0001-01-01T00:00:00Z", "Valid": false },
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&published.json[name], value, "{name}");
    }
    assert_eq!(app.offer(published.id()).await.text, published.text);
    let second = publish(&app, &json!({})).await;
    for path in ["offers?", "offers/type/SELL?", "offers?status=active&"] {
        let path = format!("/api/v1/auth/{path}vendor_id={VENDOR}&page_id=1&page_size=10");
        let mut listed = page(&app, &path, &app.customer).await.ids();
        listed.retain(|id| *id != SELL_OFFER.to_string());
        assert_eq!(listed, [&second, published.id()], "newest first");
    }
    for path in [OFFERS, "/api/v1/auth/offers/type/SELL"] {
        let all = page(
            &app,
            &format!("{path}?page_id=1&page_size=10"),
            &app.customer,
        )
        .await;
        let walked = by_cursor(&app, &format!("{path}?"), &app.customer, 1).await;
        assert_eq!(walked, all.ids());
    }
    let path = "/api/v1/auth/offers/type/BUY?page_id=1&page_size=10";
    assert_eq!(
        page(&app, path, &app.customer).await.ids(),
        [BUY_OFFER.to_string()]
    );

    let path = format!("{OFFERS}/{}", published.id());
    let change = json!({ "status": "inactive", "rate": "147.5", "min_order": "2",
        "max_order": "40", "available_amount": "70", "description": "fewer" });
    let amended = app.patch(&path, &app.vendor, &change).await.expect(200);
    let shown = json!({ "status": "inactive", "rate": "147.50", "min_order": "2.00000000",
        "max_order": "40.00000000", "available_amount": "70.00000000", "description": "fewer",
        "crypto_amount": "100.00000000", "created_at": published.json["created_at"] });
    for (name, value) in shown.as_object().expect("an object") {
        assert_eq!(&amended.json[name], value, "{name}");
    }
    assert_eq!(app.offer(published.id()).await.text, amended.text);
    app.finish().await;
}

#[tokio::test]
async fn an_offer_cannot_fall_below_its_holds_and_orders_keep_their_rate() {
    let app = TestApp::start().await;
    let id = publish(&app, &json!({})).await;
    let three = json!({ "usdt_amount": "3", "fiat_amount": "438" });
    let placed = app.place(&app.customer, &with(buy_of(&id), &three)).await;
    let path = format!("{OFFERS}/{id}");
    let below = json!({ "available_amount": "2.99999999" });
    let refused = app.patch(&path, &app.vendor, &below).await;
    refused.problem_with(422, "below_held", &[("available_amount", "below_held")]);
    let change = json!({ "available_amount": "3", "rate": "150.00" });
    app.patch(&path, &app.vendor, &change).await.expect(200);

    let details = app.details(&app.customer, placed.id()).await;
    assert_eq!(details.json["offer_rate"], "150.00", "the offer's rate now");
    assert_eq!(details.json["fiat_amount"], "438.00");
    let pending = format!("{ORDERS}/pending?page_id=1&page_size=1");
    let pending = page(&app, &pending, &app.customer).await;
    assert_eq!(pending.json[0]["rate"], "146.00", "the order's own");
    let exhausted = with(buy_of(&id), &json!({ "fiat_amount": "150" }));
    app.post(ORDERS, &app.customer, &exhausted)
        .await
        .problem(409, "insufficient_liquidity");

    let inactive = json!({ "status": "inactive" });
    app.patch(&path, &app.vendor, &inactive).await.expect(200);
    app.cancel(&app.customer, placed.id()).await.expect(200);
    assert_eq!(
        held(&app, &id).await,
        "0.00000000",
        "also when the offer rests"
    );
    app.finish().await;
}

#[tokio::test]
async fn provisioned_parties_can_trade_and_nobody_else() {
    let app = TestApp::start().await;
    let stranger = PartyId(uuid::Uuid::from_u128(0x0123_4567));
    let token = app.token(Role::Customer, stranger);
    let order = with(buy(), &json!({ "customer_id": stranger }));
    let refused = app.post(ORDERS, &token, &order).await;
    refused.problem(422, "customer_not_provisioned");

    let named = with(user("Zuri"), &json!({ "id": stranger }));
    let party = app.post(USERS, &app.admin, &named).await.expect(201);
    let shown = json!({ "id": stranger, "role": "customer", "email": "Zuri@example.com",
        "phone_number": "+254712345679", "first_name": "Zuri", "last_name": "Mwangi" });
    for (name, value) in shown.as_object().expect("an object") {
        assert_eq!(&party.json[name], value, "{name}");
    }
    let placed = app.place(&token, &order).await;
    let details = app.details(&token, placed.id()).await;
    assert_eq!(details.json["customer_email"], "Zuri@example.com");

    let vendor = with(user("Baraka"), &json!({ "role": "vendor" }));
    let vendor = app.post(USERS, &app.admin, &vendor).await.expect(201);
    let vendor_id = PartyId(vendor.id().parse().expect("a UUID"));
    let selling = app.token(Role::Vendor, vendor_id);
    let terms = with(offer(), &json!({ "vendor_id": vendor_id }));
    let offered = app.post(OFFERS, &selling, &terms).await.expect(201);
    let order = with(buy_of(offered.id()), &json!({ "vendor_id": vendor_id }));
    let placed = app.place(&app.customer, &order).await;
    app.cancel(&selling, placed.id()).await.expect(200);
    app.finish().await;
}
