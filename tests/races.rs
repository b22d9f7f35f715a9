//! Many at once: whatever the order of things, the counts are exact and the books balance.

use e2e::{
    Answer, CUSTOMER, Database, PartyId, Role, SELLER, Stage, TestApp, at_once, buy, buy_of,
    eventually, offer, send, user, with,
};
use reqwest::Method;
use serde_json::{Value, json};

const ORDERS: &str = "/api/v1/auth/orders";
const OFFERS: &str = "/api/v1/auth/offers";
const USERS: &str = "/api/v1/auth/users/provision";

/// Publishes an offer of so many coins; answers its id.
async fn publish(app: &TestApp, coins: u32) -> String {
    let terms = with(offer(), &json!({ "crypto_amount": coins.to_string() }));
    let published = app.post(OFFERS, &app.vendor, &terms).await;
    published.expect(201).id().to_owned()
}

async fn post_with_key(app: &TestApp, path: &str, token: &str, key: &str, body: &Value) -> Answer {
    let request = app.request(Method::POST, path, token);
    send(request.header("idempotency-key", key).json(body)).await
}

fn is_replay(answer: &Answer) -> bool {
    answer.header("idempotent-replayed") == Some("true")
}

#[tokio::test]
async fn a_hundred_orders_for_the_last_ten_coins_get_exactly_ten() {
    let app = TestApp::start().await;
    let id = publish(&app, 10).await;
    let body = buy_of(&id);
    let answers = at_once((0..100).map(|_| app.post(ORDERS, &app.customer, &body))).await;
    let (placed, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status == 201);
    assert_eq!(placed.len(), 10);
    for answer in refused {
        let expected = [("crypto_amount", "insufficient_liquidity")];
        answer.problem_with(409, "insufficient_liquidity", &expected);
    }
    assert_eq!(app.offer(&id).await.json["held_amount"], "10.00000000");
    let freed = app.cancel(&app.customer, placed[0].id()).await;
    freed.expect(200);
    let answers = at_once((0..20).map(|_| app.post(ORDERS, &app.customer, &body))).await;
    assert_eq!(answers.iter().filter(|a| a.status == 201).count(), 1);
    app.finish().await;
}

#[tokio::test]
async fn one_key_fifty_times_at_once_is_one_change_and_forty_nine_replays() {
    let app = TestApp::start().await;
    let count = "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM offers)
        + (SELECT count(*) FROM parties)";
    let before = app.sql.number(count).await;
    let cases = [
        (ORDERS, buy(), json!({ "usdt_amount": "1200.01" })),
        (OFFERS, offer(), json!({ "rate": "146.01" })),
        (USERS, user("Zuri"), json!({ "last_name": "Otieno" })),
    ];
    for (number, (path, body, change)) in (1..).zip(cases) {
        let key = format!("key-{number}");
        let once = || post_with_key(&app, path, &app.admin, &key, &body);
        let answers = at_once((0..50).map(|_| once())).await;
        for answer in &answers {
            assert_eq!(answer.status, 201, "{}", answer.text);
            assert_eq!(answer.text, answers[0].text, "byte for byte");
        }
        let replays = answers.iter().filter(|answer| is_replay(answer)).count();
        assert_eq!(replays, 49, "{path}");
        assert_eq!(app.sql.number(count).await, before + number, "{path}");

        let another = with(body.clone(), &change);
        let reused = post_with_key(&app, path, &app.admin, &key, &another).await;
        reused.problem(422, "idempotency_key_reused");
        let respaced = serde_json::to_string_pretty(&body).expect("JSON");
        let request = app.request(Method::POST, path, &app.admin);
        let request = request.header("idempotency-key", &key);
        let request = request.header("content-type", "application/json");
        let again = send(request.body(respaced)).await.expect(201);
        assert!(is_replay(&again), "spaces do not make another body");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_key_is_its_callers_alone_and_bound_to_its_route() {
    let app = TestApp::start().await;
    let first = post_with_key(&app, ORDERS, &app.customer, "shared", &buy()).await;
    let others = with(buy(), &json!({ "customer_id": SELLER }));
    let second = post_with_key(&app, ORDERS, &app.seller, "shared", &others).await;
    assert_ne!(first.expect(201).id(), second.clone().expect(201).id());
    assert!(!is_replay(&second));

    let other_admin = app.token(Role::Admin, PartyId(uuid::Uuid::from_u128(7)));
    for token in [&app.admin, &other_admin] {
        let offered = post_with_key(&app, OFFERS, token, "shared", &offer()).await;
        assert!(!is_replay(&offered.expect(201)));
    }
    let elsewhere = post_with_key(&app, USERS, &app.admin, "shared", &user("Zuri")).await;
    elsewhere.problem(422, "idempotency_key_reused");
    let provisioned = post_with_key(&app, USERS, &other_admin, "users", &user("Zuri")).await;
    provisioned.expect(201);
    let taken = post_with_key(&app, USERS, &app.admin, "users", &user("Zuri")).await;
    taken.problem(409, "email_taken");
    let retried = post_with_key(&app, USERS, &app.admin, "users", &user("Neema")).await;
    retried.expect(201);
    app.finish().await;
}

#[tokio::test]
async fn a_refused_request_does_not_use_its_key_up() {
    let app = TestApp::start().await;
    let id = publish(&app, 10).await;
    let whole = with(buy_of(&id), &json!({ "usdt_amount": "10", "fiat_amount": "1460" }));
    let held = app.place(&app.customer, &whole).await;
    let order = || post_with_key(&app, ORDERS, &app.customer, "patient", &whole);
    order().await.problem(409, "insufficient_liquidity");
    app.cancel(&app.customer, held.id()).await.expect(200);
    let placed = order().await.expect(201);
    assert!(!is_replay(&placed));
    assert!(is_replay(&order().await));
    app.finish().await;
}

#[tokio::test]
async fn twenty_cancellations_at_once_are_one() {
    let app = TestApp::start().await;
    let placed = app.place(&app.customer, &buy()).await;
    let callers = [&app.customer, &app.vendor, &app.admin];
    let cancels = callers.iter().cycle().take(20);
    let answers = at_once(cancels.map(|token| app.cancel(token, placed.id()))).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.text), (200, &answers[0].text));
    }
    let events = app.events(&app.customer, placed.id()).await;
    let kinds: Vec<_> = events.rows().iter().map(|event| &event["kind"]).collect();
    assert_eq!(kinds, ["place", "cancel"]);
    app.finish().await;
}

#[tokio::test]
async fn orders_placed_and_cancelled_at_once_leave_exact_holds() {
    let app = TestApp::start().await;
    let id = publish(&app, 25).await;
    let body = buy_of(&id);
    let mut open: Vec<String> = vec![];
    for _ in 0..4 {
        let requests = at_once((0..20).map(|_| app.post(ORDERS, &app.customer, &body)));
        let cancels = at_once(open.iter().map(|id| app.cancel(&app.customer, id)));
        let (answers, cancelled) = tokio::join!(requests, cancels);
        assert!(cancelled.iter().all(|answer| answer.status == 200));
        let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status == 201);
        for answer in refused {
            answer.problem(409, "insufficient_liquidity");
        }
        open = made.iter().map(|answer| answer.id().to_owned()).collect();
        let held = format!("{}.00000000", open.len());
        assert_eq!(app.offer(&id).await.json["held_amount"], held.as_str());
    }
    app.finish().await;
}

#[tokio::test]
async fn an_order_has_the_rate_that_it_was_judged_by() {
    let app = TestApp::start().await;
    let id = publish(&app, 1000).await;
    let path = format!("{OFFERS}/{id}");
    let body = buy_of(&id);
    let rates = ["150.00", "146.00", "151.00", "146.00", "152.00", "146.00"];
    let changes = async {
        for rate in rates {
            let changed = app.patch(&path, &app.vendor, &json!({ "rate": rate })).await;
            changed.expect(200);
        }
    };
    let places = at_once((0..60).map(|_| app.post(ORDERS, &app.customer, &body)));
    let ((), answers) = tokio::join!(changes, places);
    for answer in &answers {
        match answer.status {
            201 => {}
            422 => drop(answer.problem(422, "rate_mismatch")),
            _ => drop(answer.problem(409, "busy")),
        }
    }
    let others = app.sql.number("SELECT count(*) FROM orders WHERE rate <> 146.00").await;
    assert_eq!(others, 0);
    app.finish().await;
}

/// Makes every open order overdue in one stroke.
const OVERDUE: &str = "UPDATE orders SET expires_at = now() WHERE state = 'awaiting_payment'";

#[tokio::test]
async fn two_services_expire_every_overdue_order_exactly_once() {
    let database = Database::fresh().await;
    let stage = || Stage::test().set("KIVUKO__WORKERS__EXPIRY_BATCH", 7);
    let (left, right) = tokio::join!(stage().start_on(&database), stage().start_on(&database));
    let id = publish(&left, 200).await;
    let body = buy_of(&id);
    let requests = (0..100).map(|turn| {
        let app = if turn % 2 == 0 { &left } else { &right };
        app.place(&app.customer, &body)
    });
    let placed = at_once(requests).await;
    let overdue = left.sql.execute(OVERDUE);
    // Customers who change their minds at the last moment are in the race too.
    let cancels =
        at_once(placed[..20].iter().map(|order| right.cancel(&right.customer, order.id())));
    let ((), cancelled) = tokio::join!(overdue, cancels);
    assert!(cancelled.iter().all(|answer| answer.status == 200));
    eventually("every order ends", async || {
        let open = "SELECT count(*) FROM orders WHERE state <> 'cancelled'";
        left.sql.number(open).await == 0
    })
    .await;
    let histories = "SELECT count(*) FROM (SELECT FROM order_events GROUP BY order_id
        HAVING count(*) = 2 AND count(*) FILTER (WHERE kind IN ('deadline_passed', 'cancel')) = 1) AS exact";
    assert_eq!(left.sql.number(histories).await, 100);
    let expired = "SELECT count(*) FROM orders WHERE state_reason = 'expired'";
    assert!(left.sql.number(expired).await >= 80);
    assert_eq!(right.offer(&id).await.json["held_amount"], "0.00000000");
    left.finish().await;
    right.finish().await;
}

#[tokio::test]
async fn services_that_start_together_on_an_empty_database_share_it() {
    let database = Database::empty().await;
    let starts = at_once((0..3).map(|_| Stage::test().start_on(&database))).await;
    let body = with(buy(), &json!({ "customer_id": CUSTOMER }));
    for app in &starts {
        app.place(&app.customer, &body).await;
    }
    for app in starts {
        assert_eq!(app.sql.number("SELECT count(*) FROM orders").await, 3);
        app.finish().await;
    }
}
