//! Callbacks that are wrong: what they say is credited only when it is proven, and never what they say
//! of the amount or the phone.

use domain::ids::OrderId;
use domain::order::{Actor, OrderEvent};
use e2e::{ADMIN, RailApp, eventually};
use serde_json::{Value, json};
use twins::daraja::{Behaviour, Endpoint, Fault, FaultKind};

use super::{after, all_is_said, collected, evidence, fated, is_paid, payer, text};

/// The money came, and the callback lies about it: the order stops with the money in its books, and
/// one review says what an operator must know. Where bill and query were faster than the lie, the
/// order has moved already, and only the review is called for.
async fn is_an_operators(rail: &RailApp, id: &str, phone: &str, kinds: [&str; 2]) -> bool {
    rail.pay(id, phone).await.expect(200);
    let all = "SELECT count(*) FROM reviews";
    eventually("an operator is called", async || rail.app.sql.number(all).await >= 1).await;
    all_is_said(rail).await;
    assert_eq!(rail.oracle().debits(phone), 1_460_000);
    let [held, moved] = kinds;
    let is_held = rail.order(id).await["status_reason"] == "under_review";
    assert_eq!(rail.reviews(if is_held { held } else { moved }).await, 1);
    if !is_held {
        is_paid(rail, id, phone).await;
    }
    assert_eq!(collected(rail).await, 1_460_000, "what was paid, not what was told");
    is_held
}

/// What the one review says, and what the order says meanwhile.
async fn is_held(rail: &RailApp, id: &str, words: &[&str]) {
    let query = "SELECT order_id::text || ' ' || detail FROM reviews";
    let reviews = rail.app.sql.rows(query, &[]).await;
    let [review] = reviews.as_slice() else { panic!("one review: {}", reviews.len()) };
    let review: String = review.get(0);
    let receipt = rail.oracle().payments.remove(0).receipt;
    for word in words.iter().chain([&id, &receipt.as_str()]) {
        assert!(review.contains(word), "{word}: {review}");
    }
    let order = rail.order(id).await;
    assert_eq!(order["status"], "processing", "{order}");
    assert_eq!(order["waiting_for"]["actor"], "operator", "{order}");
    assert_eq!(text(&order, "mpesa_receipt_number"), Some(receipt.as_str()));
    rail.pay(id, &payer(9)).await.problem(409, "under_review");
    rail.app.cancel(&rail.app.customer, id).await.problem(409, "under_review");
    assert_eq!(rail.story(id).await.last().map(String::as_str), Some("payment_confirmed"));
    let more = rail.control().requests(Endpoint::PullQuery) + 2;
    let compared = async || rail.control().requests(Endpoint::PullQuery) >= more;
    eventually("statements are compared again", compared).await;
    assert_eq!(rail.app.sql.number("SELECT count(*) FROM reviews").await, 1, "one, for ever");
}

async fn operate(rail: &RailApp, id: &str, event: &OrderEvent) {
    let order = OrderId(id.parse().expect("an id"));
    rail.engine().record_event(order, Actor::Operator(ADMIN), event).await.expect("an operator");
}

const WRONG_AMOUNT: [&str; 2] = ["wrong_amount", "rail_contradiction"];

#[tokio::test]
async fn a_wrong_amount() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    is_an_operators(&rail, &id, &fated("009"), WRONG_AMOUNT).await;
    rail.finish().await;
}

#[tokio::test]
async fn another_amount_than_was_asked_holds_the_order_with_one_review_and_is_credited() {
    let rail = RailApp::start().await;
    rail.control().unregister_urls();
    let id = rail.buy(100).await;
    assert!(is_an_operators(&rail, &id, &fated("009"), WRONG_AMOUNT).await);
    is_held(&rail, &id, &["14600.00", "14601.00"]).await;
    operate(&rail, &id, &OrderEvent::Resume).await;
    is_paid_and_resumed(&rail, &id).await;
    rail.finish().await;
}

async fn is_paid_and_resumed(rail: &RailApp, id: &str) {
    let order = rail.order(id).await;
    assert_eq!((&order["status"], &order["status_reason"]), (&json!("processing"), &Value::Null));
    assert_eq!(order["waiting_for"]["what"], "send the coin", "{order}");
}

#[tokio::test]
async fn another_amount_than_was_asked_holds_the_order_with_one_review_and_is_returned() {
    let rail = RailApp::start().await;
    rail.control().unregister_urls();
    let id = rail.buy(100).await;
    assert!(is_an_operators(&rail, &id, &fated("009"), WRONG_AMOUNT).await);
    is_held(&rail, &id, &["14600.00", "14601.00"]).await;
    operate(&rail, &id, &OrderEvent::Refund).await;
    rail.reaches(&id, "failed").await;
    let is_back = async || rail.oracle().credits(&fated("009")) == 1_460_000;
    eventually("the payment goes back", is_back).await;
    all_is_said(&rail).await;
    eventually("we know that", async || collected(&rail).await == 0).await;
    rail.finish().await;
}

#[tokio::test]
async fn a_wrong_phone() {
    let rail = RailApp::start().await;
    rail.control().add_fault(Fault::always(Endpoint::StkPush, FaultKind::CallbackWrongPhone));
    let id = rail.buy(100).await;
    is_an_operators(&rail, &id, &payer(1), ["wrong_phone", "wrong_phone"]).await;
    rail.finish().await;
}

#[tokio::test]
async fn a_payment_by_another_phone_holds_the_order_with_one_review() {
    let rail = RailApp::start().await;
    rail.control().unregister_urls();
    rail.control().add_fault(Fault::always(Endpoint::StkPush, FaultKind::CallbackWrongPhone));
    let id = rail.buy(100).await;
    assert!(is_an_operators(&rail, &id, &payer(1), ["wrong_phone", "wrong_phone"]).await);
    is_held(&rail, &id, &["another phone"]).await;
    operate(&rail, &id, &OrderEvent::Resume).await;
    is_paid_and_resumed(&rail, &id).await;
    rail.finish().await;
}

#[tokio::test]
async fn a_failure_that_is_not_true_only_frees_the_order() {
    for has_bills in [true, false] {
        let rail = RailApp::start().await;
        if !has_bills {
            rail.control().unregister_urls();
        }
        let lie = FaultKind::CallbackFailureThoughPaid;
        rail.control().add_fault(Fault::always(Endpoint::StkPush, lie));
        let id = rail.buy(100).await;
        // So quick that the lie comes before the first question.
        rail.control().set_payer(&payer(1), after(1, Behaviour::Approve));
        rail.pay(&id, &payer(1)).await.expect(200);
        is_paid(&rail, &id, &payer(1)).await;
        assert_eq!(evidence(&rail, &id, "told_not").await, json!("1037"));
        let story = rail.story(&id).await;
        assert!(story.contains(&"collection_failed".to_owned()) || has_bills, "{story:?}");
        rail.finish().await;
    }
}

/// What may be wrong with a callback of a payment that is as asked, and the review that it calls for.
const ODD: [(FaultKind, Option<&str>); 9] = [
    (FaultKind::CallbackCodeAsText, None),
    (FaultKind::CallbackExtraFields, None),
    (FaultKind::CallbackSuccessThenFailure, None),
    (FaultKind::CallbackUnknownCode, None),
    (FaultKind::CallbackOversize, None),
    (FaultKind::CallbackWrongId, Some("forged")),
    (FaultKind::CallbackNotJson, Some("unreadable")),
    (FaultKind::CallbackParametersAsObject, Some("unreadable")),
    (FaultKind::CallbackMissingFields, Some("unreadable")),
];

/// Pays one order per oddity.
async fn odd(has_bills: bool) {
    let rail = RailApp::start().await;
    if !has_bills {
        rail.control().unregister_urls();
    }
    let mut orders = Vec::new();
    for (number, (kind, _)) in ODD.into_iter().enumerate() {
        let fault = Fault::always(Endpoint::StkPush, kind).of_phone(&payer(number));
        rail.control().add_fault(fault);
        let id = rail.buy(100).await;
        rail.pay(&id, &payer(number)).await.expect(200);
        orders.push(id);
    }
    for (number, id) in orders.iter().enumerate() {
        is_paid(&rail, id, &payer(number)).await;
    }
    for kind in ["forged", "unreadable"] {
        let called = ODD.iter().filter(|(_, review)| *review == Some(kind)).count();
        assert_eq!(usize::try_from(rail.reviews(kind).await), Ok(called), "{kind}");
    }
    assert_eq!(collected(&rail).await, 9 * 1_460_000);
    rail.finish().await;
}

#[tokio::test]
async fn odd_callbacks_beside_bills() {
    odd(true).await;
}

#[tokio::test]
async fn odd_callbacks_alone() {
    odd(false).await;
}
