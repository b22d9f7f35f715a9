//! Callbacks that are lost, late, doubled, wrong or forged.

use serde_json::{Value, json};
use time::Duration;
use twins::daraja::{Endpoint, Fault, FaultKind};

use crate::daraja::faults::{codes, pushed};
use crate::daraja::inbox::Letter;
use crate::daraja::support::{Desk, PAYER};

/// The callbacks of an approved prompt under a fault.
async fn called_back(kind: FaultKind) -> Vec<Letter> {
    let (desk, answer) = pushed(kind).await;
    assert_eq!(answer.expect("an answer").status, 200);
    desk.finish().await;
    assert_eq!(desk.control().oracle().payments.len(), 1);
    desk.inbox.letters()
}

#[tokio::test]
async fn callbacks_can_be_lost_delayed_and_doubled() {
    assert!(called_back(FaultKind::CallbackDrop).await.is_empty());
    let twins = called_back(FaultKind::CallbackDuplicate { copies: 3, same_bytes: true }).await;
    assert!(twins.len() == 3 && twins.iter().all(|one| one.body == twins[0].body));
    let cousins = called_back(FaultKind::CallbackDuplicate { copies: 2, same_bytes: false }).await;
    assert!(cousins[0].body != cousins[1].body && cousins[0].json() == cousins[1].json());

    let (desk, _) = pushed(FaultKind::CallbackDelay(Duration::days(1))).await;
    desk.control().advance(Duration::minutes(5));
    assert_eq!(desk.control().oracle().payments.len(), 1);
    assert!(desk.inbox.letters().is_empty());
    desk.control().advance(Duration::days(1));
    assert!(desk.control().delivered(std::time::Duration::from_secs(10)).await);
    assert_eq!(desk.inbox.letters().len(), 1);
}

#[tokio::test]
async fn callbacks_can_overtake_the_answer_and_each_other() {
    let (desk, answer) = pushed(FaultKind::CallbackBeforeAnswer).await;
    let known = desk.inbox.letters();
    assert_eq!(known.len(), 1, "the callback was there first");
    let id = answer.expect("an answer").field("CheckoutRequestID");
    assert_eq!(known[0].stk()["CheckoutRequestID"], id.as_str());

    let late = FaultKind::CallbackDelay(Duration::minutes(10));
    desk.control().add_fault(Fault::once(Endpoint::StkPush, late));
    let first = desk.prompt("254712345671", 10).await;
    let second = desk.prompt("254712345672", 10).await;
    desk.finish().await;
    let ids =
        desk.inbox.letters().into_iter().skip(1).map(|one| one.stk()["CheckoutRequestID"].clone());
    assert_eq!(ids.collect::<Vec<_>>(), [json!(second), json!(first)]);
}

#[tokio::test]
async fn callbacks_can_be_wrong_in_every_part() {
    let amount = called_back(FaultKind::CallbackWrongAmount).await;
    assert!(amount[0].body.contains(r#""Value":11.00"#));
    let phone = called_back(FaultKind::CallbackWrongPhone).await;
    assert_eq!(phone[0].item("PhoneNumber"), 254_712_345_679_u64);
    let (desk, answer) = pushed(FaultKind::CallbackWrongId).await;
    desk.finish().await;
    let told = desk.inbox.letters()[0].stk()["CheckoutRequestID"].clone();
    assert_ne!(told, answer.expect("an answer").json()["CheckoutRequestID"]);
    let code = called_back(FaultKind::CallbackUnknownCode).await;
    assert_eq!(code[0].stk()["ResultCode"], 7777);
    let text = called_back(FaultKind::CallbackCodeAsText).await;
    assert_eq!(text[0].stk()["ResultCode"], "0");
    let single = called_back(FaultKind::CallbackParametersAsObject).await;
    assert!(single[0].stk()["CallbackMetadata"]["Item"].is_object());
    let extra = called_back(FaultKind::CallbackExtraFields).await;
    assert!(extra[0].body.contains("Novelty"));
    let missing = called_back(FaultKind::CallbackMissingFields).await;
    assert_eq!(missing[0].item("MpesaReceiptNumber"), Value::Null);
    let oversize = called_back(FaultKind::CallbackOversize).await;
    assert!(oversize[0].body.len() > 64 * 1024);
    let not_json = called_back(FaultKind::CallbackNotJson).await;
    assert!(not_json[0].body.starts_with('<'));
}

#[tokio::test]
async fn callbacks_can_change_their_mind() {
    let late = called_back(FaultKind::FailureThenSuccess(Duration::hours(1))).await;
    assert_eq!(codes(&late), ["1037", "0"]);
    let denied = called_back(FaultKind::CallbackSuccessThenFailure).await;
    assert_eq!(codes(&denied), ["0", "1037"]);
    let lied = called_back(FaultKind::CallbackFailureThoughPaid).await;
    assert_eq!(codes(&lied), ["1037"]);
}

#[tokio::test]
async fn callbacks_can_be_forged() {
    let token = called_back(FaultKind::ForgedToken).await;
    assert_eq!(token[0].path, format!("/cb/collections/{}", "0".repeat(32)));
    assert_eq!(token[0].item("MpesaReceiptNumber"), "FORGED0000");
    assert_eq!(token[1].path, "/cb/collections/c0ffee");

    let source = called_back(FaultKind::ForgedSource("203.0.113.9".to_owned())).await;
    assert!(source[0].head.contains("x-forwarded-for: 203.0.113.9"));
    assert!(!source[1].head.contains("x-forwarded-for"));

    let desk = Desk::new().await;
    let first = desk.prompt("254712345671", 10).await;
    desk.finish().await;
    desk.control().add_fault(Fault::once(Endpoint::StkPush, FaultKind::ForgedReplay));
    desk.prompt(PAYER, 10).await;
    desk.finish().await;
    let replayed = &desk.inbox.letters()[1];
    assert_eq!(replayed.stk()["CheckoutRequestID"], first.as_str());
}
