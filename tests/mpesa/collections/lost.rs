//! Words that get lost, come twice or come too early: the money is found, and counted once.

use e2e::{Answer, RailApp};
use serde_json::json;
use twins::daraja::{Endpoint, Fault, FaultKind};

use super::{collected, evidence, fated, is_paid};

/// Pays from this phone; the rail's second word, the notification of our bill number, comes or not.
async fn pays(suffix: &str, has_bills: bool) -> (RailApp, String, Answer) {
    let rail = RailApp::start().await;
    if !has_bills {
        rail.control().unregister_urls();
    }
    let id = rail.buy(100).await;
    let started = rail.pay(&id, &fated(suffix)).await;
    is_paid(&rail, &id, &fated(suffix)).await;
    assert_eq!(collected(&rail).await, 1_460_000);
    assert_eq!(rail.control().requests(Endpoint::StkPush), 1, "nobody is asked twice");
    (rail, id, started)
}

#[tokio::test]
async fn a_lost_callback_is_made_good_by_a_bill() {
    let (rail, id, started) = pays("005", true).await;
    started.expect(200);
    assert_eq!(evidence(&rail, &id, "told").await, json!(null));
    rail.finish().await;
}

#[tokio::test]
async fn a_lost_callback_is_made_good_by_a_query_and_the_statement() {
    let (rail, id, started) = pays("005", false).await;
    started.expect(200);
    assert_eq!(evidence(&rail, &id, "told").await, json!(null));
    assert_eq!(evidence(&rail, &id, "billed").await, json!(null));
    assert!(evidence(&rail, &id, "pulled").await.is_object());
    rail.finish().await;
}

/// The answer is 202, honest about what is not known.
fn is_not_known(started: &Answer) {
    assert_eq!(started.status, 202, "{}", started.text);
    assert_eq!(started.json["success"], false);
    assert_eq!(started.json["state"], "submit_unknown");
    assert_eq!(started.json["checkout_request_id"], json!(null));
}

#[tokio::test]
async fn a_lost_answer_and_a_lost_callback_are_made_good_by_a_bill_and_a_status() {
    let (rail, id, started) = pays("006", true).await;
    is_not_known(&started);
    assert_eq!(evidence(&rail, &id, "told").await, json!(null));
    assert_eq!(rail.story(&id).await, ["place", "start_payment", "payment_confirmed"]);
    rail.finish().await;
}

#[tokio::test]
async fn a_lost_answer_and_a_lost_callback_are_made_good_by_the_statement() {
    let (rail, id, started) = pays("006", false).await;
    is_not_known(&started);
    assert!(evidence(&rail, &id, "pulled").await.is_object());
    rail.finish().await;
}

#[tokio::test]
async fn a_lost_answer_is_made_good_by_the_callback() {
    let (rail, id, started) = pays("013", true).await;
    is_not_known(&started);
    assert_eq!(evidence(&rail, &id, "refs_are_ours").await, json!(false));
    let order = rail.order(&id).await;
    let payment = rail.oracle().payments.remove(0);
    assert_eq!(order["checkout_request_id"]["String"], json!(payment.checkout_request_id));
    rail.finish().await;
}

#[tokio::test]
async fn a_lost_answer_and_a_callback_alone_take_one_question_more() {
    let (rail, id, started) = pays("013", false).await;
    is_not_known(&started);
    let asked = [evidence(&rail, &id, "stated").await, evidence(&rail, &id, "pulled").await];
    assert!(asked.iter().any(serde_json::Value::is_object), "what we asked ourselves: {asked:?}");
    rail.finish().await;
}

#[tokio::test]
async fn a_callback_that_is_faster_than_the_answer() {
    for has_bills in [true, false] {
        let (rail, id, started) = pays("014", has_bills).await;
        let started = started.expect(200);
        let order = rail.order(&id).await;
        assert_eq!(order["checkout_request_id"]["String"], started.json["checkout_request_id"]);
        assert_eq!(evidence(&rail, &id, "refs_are_ours").await, json!(true));
        assert_eq!(rail.reviews("forged").await, 0);
        rail.finish().await;
    }
}

#[tokio::test]
async fn five_callbacks_at_once_are_one_payment() {
    let (rail, _, started) = pays("008", true).await;
    started.expect(200);
    let stored = "SELECT count(*) FROM callbacks WHERE hook = 'c'";
    assert_eq!(rail.app.sql.number(stored).await, 1, "the same is stored once");
    rail.finish().await;
}

#[tokio::test]
async fn five_callbacks_of_different_bytes_are_one_payment() {
    let rail = RailApp::start().await;
    let copies = FaultKind::CallbackDuplicate { copies: 5, same_bytes: false };
    rail.control().add_fault(Fault::always(Endpoint::StkPush, copies));
    let id = rail.buy(100).await;
    rail.pay(&id, &super::payer(1)).await.expect(200);
    is_paid(&rail, &id, &super::payer(1)).await;
    let stored = "SELECT count(*) FROM callbacks WHERE hook = 'c'";
    assert_eq!(rail.app.sql.number(stored).await, 5);
    assert_eq!(collected(&rail).await, 1_460_000);
    let reviews = "SELECT count(*) FROM reviews";
    assert_eq!(rail.app.sql.number(reviews).await, 0, "a repetition is no contradiction");
    rail.finish().await;
}

#[tokio::test]
async fn a_query_that_answers_4999_for_long() {
    for has_bills in [true, false] {
        let (rail, id, started) = pays("010", has_bills).await;
        started.expect(200);
        assert_eq!(evidence(&rail, &id, "query_paid").await, json!(false));
        rail.finish().await;
    }
}

#[tokio::test]
async fn a_query_that_contradicts_the_callback() {
    for has_bills in [true, false] {
        let (rail, id, started) = pays("011", has_bills).await;
        started.expect(200);
        assert_eq!(evidence(&rail, &id, "query_paid").await, json!(false));
        rail.finish().await;
    }
}
