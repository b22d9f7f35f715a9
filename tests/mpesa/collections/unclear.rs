//! Answers that say neither yes nor no: the client is told so (202), nothing is sent again, and the
//! order learns the truth.

use e2e::{RailApp, SPEED, Stage, at_once, eventually, twin_with};
use serde_json::json;
use twins::daraja::{Behaviour, Endpoint, Fault, FaultKind, Options};

use super::{after, attempt, collected, evidence, fated, is_paid, is_payable, payer};

/// Ways in which an answer can be lost or spoilt.
fn spoilt(accepted: bool) -> [FaultKind; 8] {
    [
        FaultKind::Hang { accepted },
        FaultKind::Drop { accepted },
        FaultKind::Status { status: 500, accepted },
        FaultKind::Status { status: 502, accepted },
        FaultKind::Status { status: 503, accepted },
        FaultKind::Empty { accepted },
        FaultKind::Truncated { accepted },
        FaultKind::ResponseCodeOne { accepted },
    ]
}

/// Pays one order for each, all at once; every answer is 202.
async fn started(accepted: bool) -> (RailApp, Vec<(String, String)>) {
    let rail = RailApp::start().await;
    let mut orders = Vec::new();
    for (number, kind) in spoilt(accepted).into_iter().enumerate() {
        let phone = payer(number);
        rail.control().add_fault(Fault::always(Endpoint::StkPush, kind).of_phone(&phone));
        // Slower than the longest that we wait for an answer.
        rail.control().set_payer(&phone, after(300, Behaviour::Approve));
        orders.push((rail.buy(100).await, phone));
    }
    let answers = at_once(orders.iter().map(|(id, phone)| rail.pay(id, phone))).await;
    for (answer, kind) in answers.iter().zip(spoilt(accepted)) {
        assert_eq!(answer.status, 202, "{kind:?}: {}", answer.text);
        assert_eq!(answer.json["success"], false, "{kind:?}");
        assert_eq!(answer.json["checkout_request_id"], json!(null), "{kind:?}");
    }
    (rail, orders)
}

#[tokio::test]
async fn what_was_done_is_found_out() {
    let (rail, orders) = started(true).await;
    for (id, phone) in &orders {
        is_paid(&rail, id, phone).await;
    }
    assert_eq!(rail.control().requests(Endpoint::StkPush), orders.len(), "nothing is sent again");
    assert_eq!(rail.oracle().payments.len(), orders.len(), "each is debited once");
    assert_eq!(collected(&rail).await, 8 * 1_460_000);
    rail.finish().await;
}

#[tokio::test]
async fn what_was_not_done_ends_by_the_statement() {
    let (rail, orders) = started(false).await;
    // A statement without any row proves nothing: somebody else pays.
    let other = rail.buy(100).await;
    rail.pay(&other, &payer(60)).await.expect(200);
    is_paid(&rail, &other, &payer(60)).await;
    let (first, phone) = &orders[0];
    rail.pay(first, &payer(50)).await.problem(409, "payment_in_flight");
    assert_eq!(attempt(&rail, first).await, "submit_unknown");
    for (id, _) in &orders {
        is_payable(&rail, id, "not_paid").await;
        assert_eq!(evidence(&rail, id, "absent").await, json!(true));
    }
    let sent = rail.control().requests(Endpoint::StkPush);
    assert_eq!(sent, orders.len() + 1, "nothing is sent again");
    assert_eq!(rail.oracle().payments.len(), 1);

    rail.control().clear_faults();
    rail.pay(first, phone).await.expect(200);
    is_paid(&rail, first, phone).await;
    rail.finish().await;
}

/// "No records found or Organization Name not available", for ever, while the customer has paid.
#[tokio::test]
async fn what_a_statement_does_not_find_stays_undecided_until_an_operator_looks() {
    let stage = Stage::test().set("KIVUKO__MPESA__SECOND_MS", 2);
    let twin = twin_with(Options { speed: 5 * SPEED, ..Options::default() }).await;
    let rail = RailApp::start_as(stage, twin).await;
    rail.control().unregister_urls();
    rail.control().add_fault(Fault::always(Endpoint::PullQuery, FaultKind::NothingFound));
    let (id, phone) = (rail.buy(100).await, fated("006"));
    assert_eq!(rail.pay(&id, &phone).await.status, 202);
    let called = async || rail.reviews("unknown_expired").await == 1;
    eventually("an operator is called", called).await;
    assert_eq!(rail.oracle().debits(&phone), 1_460_000, "the customer has paid");
    assert_eq!(attempt(&rail, &id).await, "submit_unknown");
    assert_eq!(evidence(&rail, &id, "absent").await, json!(false));
    rail.pay(&id, &payer(1)).await.problem(409, "payment_in_flight");
    rail.app.cancel(&rail.app.customer, &id).await.problem(409, "payment_in_flight");
    let story = rail.story(&id).await;
    assert_eq!(story, ["place", "start_payment", "attempt_failed"], "never: pay again");
    let order = rail.order(&id).await;
    assert_eq!(order["last_error"]["code"], "outcome_unknown", "{order}");
    assert_eq!(order["waiting_for"]["actor"], "operator", "{order}");
    assert_eq!(order["waiting_for"]["then"], "nothing moves until it is known");

    rail.control().clear_faults();
    is_paid(&rail, &id, &phone).await;
    assert_eq!(collected(&rail).await, 1_460_000);
    rail.finish().await;
}

#[tokio::test]
async fn a_payment_that_overtakes_its_answer_is_told_at_once() {
    let rail = RailApp::start().await;
    let hang = FaultKind::Hang { accepted: true };
    rail.control().add_fault(Fault::always(Endpoint::StkPush, hang));
    rail.control().set_payer(&payer(1), after(1, Behaviour::Approve));
    let id = rail.buy(100).await;
    let answer = rail.pay(&id, &payer(1)).await.expect(200);
    assert_eq!(answer.json["state"], "paid");
    is_paid(&rail, &id, &payer(1)).await;
    let order = rail.order(&id).await;
    assert_eq!(order["checkout_request_id"]["String"], answer.json["checkout_request_id"]);
    rail.finish().await;
}
