//! Callbacks that are wrong: what they say is credited only when it is proven, and never what they say
//! of the amount or the phone.

use e2e::{RailApp, eventually};
use serde_json::{Value, json};
use twins::daraja::{Behaviour, Endpoint, Fault, FaultKind};

use super::{
    after, all_is_said, attempt, collected, evidence, fated, finish_under_review, is_paid, payer,
};

/// The money came, and the callback lies about it: an operator is called, and what it says is credited
/// to nobody. Where bill and query were faster than the lie, the order has moved already.
async fn is_an_operators(rail: RailApp, id: &str, phone: &str, kind: &str) {
    rail.pay(id, phone).await.expect(200);
    eventually("an operator is called", async || rail.reviews(kind).await == 1).await;
    all_is_said(&rail).await;
    assert_eq!(rail.reviews(kind).await, 1, "once, however often it is told");
    assert_eq!(rail.oracle().debits(phone), 1_460_000);
    if attempt(&rail, id).await == "paid" {
        is_paid(&rail, id, phone).await;
        assert_eq!(collected(&rail).await, 1_460_000, "what was paid, not what was told");
        return rail.finish().await;
    }
    assert_eq!(attempt(&rail, id).await, "review");
    let order = rail.order(id).await;
    assert_eq!(order["status"], "pending", "{order}");
    assert_eq!(order["status_reason"], Value::Null, "{order}");
    assert_eq!(rail.story(id).await, ["place", "start_payment", "collection_accepted"]);
    finish_under_review(rail).await;
}

#[tokio::test]
async fn a_wrong_amount() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    is_an_operators(rail, &id, &fated("009"), "rail_contradiction").await;
}

#[tokio::test]
async fn a_wrong_amount_where_nobody_else_has_told() {
    let rail = RailApp::start().await;
    rail.control().unregister_urls();
    let id = rail.buy(100).await;
    is_an_operators(rail, &id, &fated("009"), "rail_contradiction").await;
}

#[tokio::test]
async fn a_wrong_phone() {
    let rail = RailApp::start().await;
    rail.control().add_fault(Fault::always(Endpoint::StkPush, FaultKind::CallbackWrongPhone));
    let id = rail.buy(100).await;
    is_an_operators(rail, &id, &payer(1), "wrong_phone").await;
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
