//! The doors of callbacks: what is kept, what is answered, and what happens while the database is away.

use std::path::Path;

use e2e::{Outage, RailApp, Stage, TestApp, eventually, send, twin};
use reqwest::Method;
use serde_json::json;
use twins::daraja::{Answer, Behaviour, Payer};

const PHONE: &str = "254711222444";
const ACCEPTED: &str = r#"{"ResultCode":0,"ResultDesc":"Accepted"}"#;

fn door(letter: &str, token: &str) -> String {
    format!("/hooks/{letter}/{token}")
}

async fn knock(app: &TestApp, path: &str, body: impl Into<reqwest::Body>) -> e2e::Answer {
    send(app.request(Method::POST, path, "").body(body)).await
}

#[tokio::test]
async fn every_callback_is_answered_alike_and_kept_as_it_came() {
    let rail = RailApp::start().await;
    let app = &rail.app;
    let token = "0123456789abcdef0123456789abcdef01234567";
    let bodies: [&[u8]; 5] = [b"{}", b"", b"not json", b"\x00\xff\xfe", b"{\"Result\":[[[["];
    for letter in ["c", "p", "q", "s", "b"] {
        for body in bodies {
            let answer = knock(app, &door(letter, token), body).await.expect(200);
            assert_eq!(answer.text, ACCEPTED);
        }
    }
    // The service's own questions are answered at doors of their own.
    let kept =
        &format!("SELECT count(*) FROM callbacks WHERE token_hash = sha256('{token}'::bytea)");
    assert_eq!(app.sql.number(kept).await, 25);
    knock(app, &door("c", token), bodies[0]).await.expect(200);
    assert_eq!(app.sql.number(kept).await, 25, "the same again is the same");
    eventually("all are read", async || {
        app.sql.number("SELECT count(*) FROM callbacks WHERE outcome = 'unknown token'").await == 25
    })
    .await;
    // No token of ours looks like these; they are answered like any other, and not kept.
    for odd in ["short", &"A".repeat(40), &"0".repeat(41), "..%2f"] {
        let answer = knock(app, &door("c", odd), bodies[0]).await.expect(200);
        assert_eq!(answer.text, ACCEPTED);
    }
    assert_eq!(app.sql.number(kept).await, 25);
    rail.finish().await;
}

#[tokio::test]
async fn a_door_that_is_none_a_body_too_large_and_other_methods_are_refused() {
    let rail = RailApp::start().await;
    let app = &rail.app;
    let token = "f".repeat(40);
    for letter in ["x", "cc", "C", ""] {
        let status = knock(app, &door(letter, &token), "{}").await.status;
        assert_eq!(status, 404, "{letter}");
    }
    knock(app, &door("c", &token), vec![b'x'; 65 * 1024]).await.problem(413, "body_too_large");
    let read = send(app.request(Method::GET, &door("c", &token), "")).await;
    read.problem(405, "method_not_allowed");
    let kept =
        format!("SELECT count(*) FROM callbacks WHERE token_hash = sha256('{token}'::bytea)");
    assert_eq!(app.sql.number(&kept).await, 0);
    rail.finish().await;
}

fn files(folder: &Path) -> usize {
    let kept = std::fs::read_dir(folder).into_iter().flatten().flatten();
    kept.filter(|file| file.path().extension().is_some_and(|kind| kind == "json")).count()
}

#[tokio::test]
async fn a_callback_while_the_database_is_away_is_kept_on_disk_and_counts_when_it_is_back() {
    let mut outage = Outage::prepare().await;
    let database = outage.database();
    adapters_db::migrate(&database.url).await.expect("migrated");
    let twin = twin().await;
    let impatient = Stage::test()
        .set("KIVUKO__DATABASE__POOL_WAIT_MS", 300)
        .set("KIVUKO__DATABASE__LOCK_TIMEOUT_MS", 2_000)
        .set("KIVUKO__DATABASE__STATEMENT_TIMEOUT_MS", 3_000);
    let mut app = impatient.with_rail(&twin).start_on(&database).await;
    let spool = app.settings.data_dir.join("spool");
    let by_hand = Payer::new(Behaviour::ByHand);
    twin.control().set_payer(PHONE, by_hand);
    let order = app.place(&app.customer, &e2e::buy()).await.id().to_owned();
    let body = json!({ "order_id": order, "phone_number": PHONE });
    app.post("/api/v1/auth/orders/payment", &app.customer, &body).await.expect(200);
    outage.begin().await;
    assert!(twin.control().answer_prompt(PHONE, Answer::Approve));
    eventually("the callback is on disk", async || files(&spool) == 1).await;
    outage.end().await;
    eventually("the spool is drained", async || files(&spool) == 0).await;
    eventually("the order is paid", async || {
        let details = app.details(&app.admin, &order).await;
        details.status == 200 && details.json["status"] == "processing"
    })
    .await;
    let payments = twin.control().oracle().payments;
    assert_eq!(payments.len(), 1);
    app.sql = e2e::Sql::connect(&database.url).await;
    app.finish().await;
    twin.stop().await;
}
