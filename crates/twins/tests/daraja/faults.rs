//! Faults of answers, payouts and the world. Those of callbacks are in `callbacks.rs`.

use serde_json::{Value, json};
use std::time::Duration as Real;
use time::Duration;
use twins::daraja::{Endpoint, Fault, FaultKind};

use crate::daraja::inbox::Letter;
use crate::daraja::support::{Answered, Desk, PAYER};

/// A prompt under a fault of its push, as the adapter sees it.
pub(crate) async fn pushed(kind: FaultKind) -> (Desk, reqwest::Result<Answered>) {
    let desk = Desk::new().await;
    desk.control().add_fault(Fault::once(Endpoint::StkPush, kind));
    let answer = desk.try_post(Endpoint::StkPush, &desk.stk_body(PAYER, 10)).await;
    (desk, answer)
}

async fn payments(desk: &Desk) -> usize {
    desk.finish().await;
    desk.control().oracle().payments.len()
}

pub(crate) fn codes(letters: &[Letter]) -> Vec<String> {
    letters.iter().map(Letter::code).collect()
}

#[tokio::test]
async fn the_gateways_refusals_move_no_money() {
    let cases = [
        (FaultKind::SpikeArrest, 429, "Spike arrest violation"),
        (FaultKind::SystemBusy, 500, "500.003.02"),
        (FaultKind::QuotaViolation, 500, "500.003.03"),
        (FaultKind::WafHtml, 403, "Incapsula incident ID"),
        (FaultKind::Maintenance, 503, "00.002.1001"),
        (FaultKind::LockedSubscriber, 500, "Unable to lock subscriber"),
        (FaultKind::InvalidToken, 404, "404.001.03"),
        (FaultKind::ProductMissing, 401, "no apiproduct match found"),
        (FaultKind::NotAuthorised, 403, "403.002.1001"),
        (FaultKind::Status { status: 500, accepted: false }, 500, "Internal Server Error"),
        (FaultKind::Status { status: 502, accepted: false }, 502, "<html>"),
        (FaultKind::Status { status: 503, accepted: false }, 503, "<html>"),
        (FaultKind::ResponseCodeOne { accepted: false }, 200, r#""ResponseCode":"1""#),
    ];
    for (kind, status, words) in cases {
        let (desk, answer) = pushed(kind.clone()).await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, status, "{kind:?}");
        assert!(answer.text.contains(words), "{kind:?}: {}", answer.text);
        assert_eq!(payments(&desk).await, 0, "{kind:?}");
        assert_eq!(desk.stk(PAYER, 10).await.status, 200, "once is once");
    }
}

#[tokio::test]
async fn an_answer_can_be_lost_before_or_after_the_money_moves() {
    for accepted in [false, true] {
        for kind in [FaultKind::Drop { accepted }, FaultKind::Truncated { accepted }] {
            let (desk, answer) = pushed(kind.clone()).await;
            let error = answer.expect_err("no answer");
            assert!(!error.is_connect() && !error.is_timeout(), "{kind:?}: {error:?}");
            assert_eq!(payments(&desk).await, usize::from(accepted), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_can_be_spoilt_after_the_money_moved() {
    let cases = [
        (FaultKind::Status { status: 500, accepted: true }, 500, "500.003.1001"),
        (FaultKind::Empty { accepted: true }, 200, ""),
        (FaultKind::ResponseCodeOne { accepted: true }, 200, r#""ResponseCode":"1""#),
        (FaultKind::SlowDrip { byte_ms: 1 }, 200, "CheckoutRequestID"),
    ];
    for (kind, status, words) in cases {
        let (desk, answer) = pushed(kind.clone()).await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, status, "{kind:?}");
        assert!(answer.text.contains(words), "{kind:?}: {}", answer.text);
        assert_eq!(payments(&desk).await, 1, "{kind:?}");
    }
}

#[tokio::test]
async fn an_answer_can_hang() {
    let desk = Desk::new().await;
    desk.control().add_fault(Fault::once(Endpoint::StkPush, FaultKind::Hang { accepted: true }));
    let url = format!("{}{}", desk.twin.base_url(), Endpoint::StkPush.path());
    let request = desk.client.post(url).bearer_auth(&desk.token).json(&desk.stk_body(PAYER, 10));
    let error = request.timeout(Real::from_millis(300)).send().await.expect_err("no answer");
    assert!(error.is_timeout());
    assert_eq!(payments(&desk).await, 1);
}

#[tokio::test]
async fn an_answer_can_be_late_in_virtual_time() {
    let desk = Desk::new().await;
    let kind = FaultKind::Delay(Duration::minutes(5));
    desk.control().add_fault(Fault::once(Endpoint::StkPush, kind));
    let control = desk.control();
    let body = desk.stk_body(PAYER, 10);
    let push = desk.try_post(Endpoint::StkPush, &body);
    let wake = async {
        while control.requests(Endpoint::StkPush) == 0 {
            tokio::task::yield_now().await;
        }
        control.advance(Duration::minutes(5));
    };
    let (answer, ()) = futures_util::future::join(push, wake).await;
    assert_eq!(answer.expect("an answer").status, 200);
}

#[tokio::test]
async fn a_whole_world_can_be_under_maintenance() {
    let desk = Desk::new().await;
    desk.control().maintenance(true);
    assert_eq!(desk.stk(PAYER, 10).await.refusal(), (503, "00.002.1001".to_owned()));
    desk.control().maintenance(false);
    assert_eq!(desk.stk(PAYER, 10).await.status, 200);
}

#[tokio::test]
async fn a_fault_can_be_for_one_phone_one_amount_one_call_or_by_chance() {
    let desk = Desk::new().await;
    let fault = Fault {
        amount: Some(20),
        nth: Some(2),
        ..Fault::always(Endpoint::StkPush, FaultKind::SystemBusy).of_phone(PAYER)
    };
    desk.control().add_fault(fault);
    let mut statuses = Vec::new();
    for (phone, amount) in
        [(PAYER, 10), ("254712345679", 20), (PAYER, 20), (PAYER, 20), (PAYER, 20)]
    {
        statuses.push(desk.stk(phone, amount).await.status);
        desk.finish().await;
    }
    assert_eq!(statuses, [200, 200, 200, 500, 200]);
    let by_chance = Fault::always(Endpoint::StkQuery, FaultKind::SystemBusy);
    desk.control().add_fault(Fault { probability: Some(50), ..by_chance });
    let mut refused = 0;
    for _ in 0..20 {
        refused += u32::from(desk.query("ws_CO_1").await.field("errorCode") == "500.003.02");
    }
    assert!((1..20).contains(&refused), "{refused} of 20");
}

#[tokio::test]
async fn a_prompt_or_payout_can_end_in_any_code() {
    let (desk, _) = pushed(FaultKind::Outcome("SFC_IC0003".to_owned())).await;
    desk.finish().await;
    assert_eq!(desk.inbox.letters()[0].stk()["ResultCode"], "SFC_IC0003");
    let results = paid_out(FaultKind::Outcome("26".to_owned()), 0).await;
    assert_eq!(results[0].result()["ResultCode"], 26);
}

/// What a payout under a fault sends, and how often it moved money.
async fn paid_out(kind: FaultKind, times: usize) -> Vec<Letter> {
    let desk = Desk::new().await;
    desk.control().add_fault(Fault::once(Endpoint::B2cV3, kind));
    assert_eq!(desk.b2c("one", PAYER, 100).await.status, 200);
    desk.finish().await;
    assert_eq!(desk.control().oracle().payouts.len(), times);
    desk.inbox.letters()
}

#[tokio::test]
async fn results_of_payouts_suffer_too() {
    assert!(paid_out(FaultKind::CallbackDrop, 1).await.is_empty());
    assert_eq!(paid_out(FaultKind::CallbackBeforeAnswer, 1).await.len(), 1);
    let amount = paid_out(FaultKind::CallbackWrongAmount, 1).await;
    assert_eq!(amount[0].parameter("TransactionAmount"), 101);
    let phone = paid_out(FaultKind::CallbackWrongPhone, 1).await;
    let name = phone[0].parameter("ReceiverPartyPublicName");
    assert_eq!(name, "254712345679 - JANE SAMPLE DOE");
    let id = paid_out(FaultKind::CallbackWrongId, 1).await;
    assert_ne!(id[0].result()["OriginatorConversationID"], "one");
    let code = paid_out(FaultKind::CallbackUnknownCode, 1).await;
    assert_eq!(code[0].code(), "7777");
    let text = paid_out(FaultKind::CallbackCodeAsText, 1).await;
    assert_eq!(
        (&text[0].result()["ResultCode"], &text[0].result()["ResultType"]),
        (&json!("0"), &json!("0"))
    );
    let single = paid_out(FaultKind::CallbackParametersAsObject, 1).await;
    assert!(single[0].result()["ResultParameters"]["ResultParameter"].is_object());
    let missing = paid_out(FaultKind::CallbackMissingFields, 1).await;
    assert_eq!(missing[0].parameter("TransactionReceipt"), Value::Null);
    let extra = paid_out(FaultKind::CallbackExtraFields, 1).await;
    assert!(extra[0].body.contains(r#"{"Key":"Novelty"}"#));
    let interim = paid_out(FaultKind::CallbackInterim, 1).await;
    let types: Vec<Value> = interim.iter().map(|one| one.result()["ResultType"].clone()).collect();
    assert_eq!(types, [json!(1), json!(0)]);
    let late = paid_out(FaultKind::FailureThenSuccess(Duration::hours(1)), 1).await;
    assert_eq!(codes(&late), ["8", "0"]);
    let denied = paid_out(FaultKind::CallbackSuccessThenFailure, 1).await;
    assert_eq!(codes(&denied), ["0", "8"]);
    let forged = paid_out(FaultKind::ForgedToken, 1).await;
    assert_eq!(
        (codes(&forged), forged[0].path == forged[1].path),
        (vec!["0".to_owned(); 2], false)
    );
}

#[tokio::test]
async fn a_forged_payout_result_looks_whole() {
    let desk = Desk::new().await;
    desk.control().set_float(0);
    desk.control().add_fault(Fault::once(Endpoint::B2cV3, FaultKind::ForgedToken));
    desk.b2c("forged", PAYER, 100).await;
    desk.finish().await;
    let letters = desk.inbox.letters();
    assert_eq!(codes(&letters), ["0", "1"]);
    assert_eq!(letters[0].parameter("TransactionAmount"), 100);
    assert_eq!(letters[0].parameter("TransactionReceipt"), "FORGED0000");
    assert!(desk.control().oracle().payouts.is_empty());
}

#[tokio::test]
async fn a_status_can_stay_silent_and_a_confirmation_can_be_lost() {
    let desk = Desk::new().await;
    desk.b2c("silent", PAYER, 100).await;
    desk.finish().await;
    let silent = Fault::always(Endpoint::TransactionStatus, FaultKind::StatusNoResult);
    desk.control().add_fault(silent.of_phone(PAYER));
    let ack = desk.status(&json!({ "OriginalConversationID": "silent" })).await;
    assert_eq!(ack.field("ResponseCode"), "0");
    desk.finish().await;
    assert!(desk.inbox.at("results/c0ffee").is_empty());

    let url = desk.inbox.url("confirmed");
    let body = json!({
        "ShortCode": 174_379, "ResponseType": "Completed",
        "ConfirmationURL": url, "ValidationURL": url,
    });
    desk.post(Endpoint::C2bRegister, &body).await;
    desk.control().add_fault(Fault::once(Endpoint::StkPush, FaultKind::ConfirmationDrop));
    desk.prompt(PAYER, 10).await;
    desk.finish().await;
    assert!(desk.inbox.at("confirmed").is_empty());
    assert_eq!(desk.inbox.at("collections/c0ffee").len(), 1);
}

#[tokio::test]
async fn clocks_can_be_askew() {
    let desk = Desk::new().await;
    desk.control().change_rules(|rules| rules.clock_skew = Duration::days(-1));
    let id = desk.prompt(PAYER, 10).await;
    assert!(id.starts_with("ws_CO_20112026"), "{id}");
}
