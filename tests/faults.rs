//! What happens when clients stall, the database goes away or the service is stopped: bounded
//! answers, nothing half done, and recovery without a restart.

use e2e::{
    Answer, Connection, Outage, SELL_OFFER, Sql, Stage, TestApp, at_once, buy, buy_of, eventually,
    offer, send, with,
};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use tokio::task::JoinSet;

const ORDERS: &str = "/api/v1/auth/orders";
const LIST: &str = "/api/v1/auth/orders?page_id=1&page_size=10";

/// How long a stalled connection may live: the time-out of the stage below, and some air.
const BOUNDED: Duration = Duration::from_secs(8);

fn impatient() -> Stage {
    Stage::test().set("KIVUKO__HTTP__REQUEST_TIMEOUT_MS", 500).set("KIVUKO__HTTP__KEEP_ALIVE_S", 1)
}

/// The beginning of a request whose body does not come to its end.
fn unfinished(method: &str, path: &str, token: &str, framing: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: kivuko\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\n{framing}"
    )
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up_and_its_connection_closed() {
    let app = impatient().start().await;
    let placed = app.place(&app.customer, &buy()).await;
    let cancel = format!("/api/v1/auth/order/id/{}/cancel", placed.id());
    let offer_path = format!("/api/v1/auth/offers/{SELL_OFFER}");
    let framings = [
        "content-length: 1000\r\n\r\n{\"customer_id\":",
        "content-length: 1000\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n10\r\n{\"customer_id\":",
        "transfer-encoding: chunked\r\n\r\n",
    ];
    let good = app.customer.as_str();
    let routes = [
        ("POST", ORDERS, good, 408),
        ("PUT", cancel.as_str(), good, 408),
        ("PATCH", offer_path.as_str(), app.vendor.as_str(), 408),
        // These need no body, and do not wait for one.
        ("GET", LIST, good, 200),
        ("POST", ORDERS, "nobody", 401),
        ("POST", "/nothing", good, 404),
        ("DELETE", ORDERS, good, 405),
        ("POST", "/healthz", good, 405),
    ];
    let cases = routes.iter().flat_map(|route| framings.map(|framing| (route, framing)));
    at_once(cases.map(async |((method, path, token, status), framing)| {
        let mut connection = Connection::open(&app.url).await;
        connection.say(&unfinished(method, path, token, framing)).await;
        let spoken = connection.hear_the_end(BOUNDED).await;
        assert_eq!(spoken.status, *status, "{method} {path} {framing:?}: {}", spoken.text);
        if *status != 200 {
            assert!(spoken.text.contains("application/problem+json"), "{}", spoken.text);
        }
        assert_eq!(spoken.text.matches("HTTP/1.1").count(), 1, "one answer: {}", spoken.text);
    }))
    .await;
    let still = app.details(&app.customer, placed.id()).await;
    assert_eq!(still.json["status"], "pending");
    app.finish().await;
}

#[tokio::test]
async fn slow_headers_and_idle_connections_are_closed() {
    let app = impatient().start().await;
    let head = format!("GET {LIST} HTTP/1.1\r\nhost: kivuko\r\n");
    let whole = "GET /healthz HTTP/1.1\r\nhost: kivuko\r\n\r\n";
    let beginnings = [("", 0), ("GET", 408), (&head, 408), (whole, 200)];
    at_once(beginnings.map(async |(beginning, status)| {
        let mut connection = Connection::open(&app.url).await;
        connection.say(beginning).await;
        let spoken = connection.hear_the_end(BOUNDED).await;
        let told = spoken.status == status || (spoken.status == 408 && status == 0);
        assert!(told, "{beginning:?}: {}", spoken.text);
    }))
    .await;
    app.get(LIST, &app.customer).await.expect(200);
    app.finish().await;
}

#[track_caller]
fn assert_is_away(answer: &Answer) {
    answer.problem_with(503, "unavailable", &[]);
    let wait: u64 =
        answer.header("retry-after").and_then(|text| text.parse().ok()).expect("seconds");
    assert!(wait >= 1);
    for inside in ["postgres", "socket", "/tmp", "pool", "SQL"] {
        assert!(!answer.text.contains(inside), "{}", answer.text);
    }
}

#[tokio::test]
async fn the_service_outlives_its_database() {
    let mut cluster = Outage::prepare().await;
    let mut app = Stage::test().start_on(&cluster.database()).await;
    let placed = app.place(&app.customer, &buy()).await;
    for _ in 0..2 {
        cluster.begin().await;
        for path in [LIST, "/readyz", "/api/v1/auth/offers?page_id=1&page_size=10"] {
            assert_is_away(&app.get(path, &app.customer).await);
        }
        assert_is_away(&app.post(ORDERS, &app.customer, &buy()).await);
        assert_is_away(&app.cancel(&app.customer, placed.id()).await);
        app.get("/healthz", "").await.expect(200);
        app.get("/metrics", "").await.expect(200);
        app.get(LIST, "nobody").await.problem(401, "token_invalid");

        cluster.end().await;
        eventually("the service is ready", async || app.get("/readyz", "").await.status == 200)
            .await;
        eventually("every worker has let go of its dead connections", async || {
            let asked = at_once((0..20).map(|_| app.get(LIST, &app.customer))).await;
            asked.iter().all(|answer| answer.status == 200)
        })
        .await;
        app.sql = Sql::connect(&cluster.database().url).await;
    }
    app.place(&app.customer, &buy()).await;
    let overdue = format!("UPDATE orders SET expires_at = now() WHERE id = '{}'", placed.id());
    app.sql.execute(&overdue).await;
    eventually("the workers work again", async || {
        app.details(&app.customer, placed.id()).await.json["status_reason"] == "expired"
    })
    .await;
    app.finish().await;
}

const CUT_ALL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test]
async fn connections_cut_under_load_cost_503s_and_no_order() {
    let app = TestApp::start().await;
    let offered = app
        .post(
            "/api/v1/auth/offers",
            &app.vendor,
            &with(offer(), &json!({ "crypto_amount": "500" })),
        )
        .await
        .expect(201);
    let body = buy_of(offered.id());
    let attempt = async |number: usize| {
        let request = app.request(Method::POST, ORDERS, &app.customer);
        send(request.header("idempotency-key", format!("order-{number}")).json(&body)).await
    };
    let cut = async || {
        for _ in 0..5 {
            app.sql.rows(CUT_ALL, &[]).await;
        }
    };
    for round in 0..5 {
        let orders = at_once((0..30).map(|number| attempt(round * 30 + number)));
        let lists = at_once((0..20).map(|_| app.get(LIST, &app.customer)));
        let (orders, lists, ()) = tokio::join!(orders, lists, cut());
        for answer in orders.iter().chain(&lists) {
            match answer.status {
                200 | 201 => {}
                _ => assert_is_away(answer),
            }
        }
    }
    for number in 0..150 {
        eventually("the order is placed", async || attempt(number).await.status == 201).await;
    }
    let count = app.sql.number("SELECT count(*) FROM orders").await;
    assert_eq!(count, 150, "an unknown outcome was asked again under its key");
    assert_eq!(app.offer(offered.id()).await.json["held_amount"], "150.00000000");
    app.finish().await;
}

const LOCK_OFFERS: &str = "BEGIN; SELECT FROM offers FOR UPDATE";
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

#[tokio::test]
async fn what_somebody_else_holds_for_long_is_busy() {
    let app = Stage::test().set("KIVUKO__DATABASE__LOCK_TIMEOUT_MS", 200).start().await;
    let placed = app.place(&app.customer, &buy()).await;
    let holder = Sql::connect(&app.settings.database.url).await;
    holder.execute(LOCK_OFFERS).await;
    let amend = format!("/api/v1/auth/offers/{SELL_OFFER}");
    let (body, rate) = (buy(), json!({ "rate": "147.00" }));
    let amend = app.patch(&amend, &app.vendor, &rate);
    let place = app.post(ORDERS, &app.customer, &body);
    let cancel = app.cancel(&app.customer, placed.id());
    let (amended, placing, cancelled) = tokio::join!(amend, place, cancel);
    for answer in [amended, placing, cancelled] {
        answer.problem_with(409, "busy", &[]);
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    holder.execute("ROLLBACK").await;
    app.cancel(&app.customer, placed.id()).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn a_pool_without_a_free_connection_answers_503_in_bounded_time() {
    let stage = Stage::test()
        .set("KIVUKO__HTTP__WORKERS", 1)
        .set("KIVUKO__DATABASE__POOL_SIZE", 1)
        .set("KIVUKO__DATABASE__POOL_WAIT_MS", 1_000);
    let app = stage.start().await;
    let holder = Sql::connect(&app.settings.database.url).await;
    holder.execute(LOCK_OFFERS).await;
    let body = buy();
    let placing = app.post(ORDERS, &app.customer, &body);
    let others = async {
        eventually("the connection is taken", async || app.sql.number(WAITING).await > 0).await;
        let answer = app.get(LIST, &app.customer).await;
        holder.execute("ROLLBACK").await;
        answer
    };
    let (held, refused) = tokio::join!(placing, others);
    assert_is_away(&refused);
    held.expect(201);
    app.get(LIST, &app.customer).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn a_request_under_way_ends_before_the_service_does() {
    let mut app = TestApp::start().await;
    let holder = Sql::connect(&app.settings.database.url).await;
    holder.execute(LOCK_OFFERS).await;
    let request = app.request(Method::POST, ORDERS, &app.customer).json(&buy());
    let mut under_way = JoinSet::new();
    under_way.spawn(send(request));
    eventually("the request waits", async || app.sql.number(WAITING).await > 0).await;
    let stopping = app.begin_stop();
    let refused = async || tokio::net::TcpStream::connect(app.address()).await.is_err();
    eventually("nobody else is let in", refused).await;
    holder.execute("ROLLBACK").await;
    let answer = under_way.join_next().await.expect("one").expect("no panic");
    answer.expect(201);
    stopping.await;
    assert_eq!(app.sql.number("SELECT count(*) FROM orders").await, 1);
    app.finish().await;
}

#[tokio::test]
async fn whoever_asks_too_often_waits_and_nobody_else_does() {
    let stage =
        Stage::test().set("KIVUKO__HTTP__RATE_PER_SECOND", 1).set("KIVUKO__HTTP__RATE_BURST", 3);
    let app = stage.start().await;
    for (token, within) in [(app.customer.as_str(), 200), ("guess", 401)] {
        let answers = at_once((0..20).map(|_| app.get(LIST, token))).await;
        let (limited, served): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status == 429);
        assert!((3..=6).contains(&served.len()), "{} of 20", served.len());
        assert!(served.iter().all(|answer| answer.status == within));
        for answer in limited {
            answer.problem_with(429, "rate_limited", &[]);
            let wait: u64 =
                answer.header("retry-after").and_then(|t| t.parse().ok()).expect("seconds");
            assert!((1..=2).contains(&wait), "{wait}");
        }
    }
    app.get(LIST, &app.vendor).await.expect(200);
    app.get("/healthz", "").await.expect(200);
    eventually("the customer is let in again", async || {
        app.get(LIST, &app.customer).await.status == 200
    })
    .await;
    app.finish().await;
}
