//! What an STK query says, and how little that means.

use time::Duration;
use twins::daraja::{Behaviour, Endpoint, Fault, FaultKind, Options, Payer, Rules};

use crate::daraja::support::{Answered, Desk, PAYER, quiet};

fn pending(answer: &Answered) -> (u16, String) {
    let json = answer.json();
    let word = json["ResultCode"].as_str().or(json["errorMessage"].as_str());
    (answer.status, word.unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_prompt_in_flight_is_pending_in_three_wordings() {
    let desk = Desk::new().await;
    let id = desk.prompt(PAYER, 10).await;
    let expected =
        [(200, "4999"), (200, ""), (500, "The transaction is being processed"), (200, "4999")];
    for (status, word) in expected {
        assert_eq!(pending(&desk.query(&id).await), (status, word.to_owned()));
    }
}

#[tokio::test]
async fn a_finished_prompt_has_a_code_as_text_and_its_own_words() {
    let desk = Desk::new().await;
    desk.control().set_payer(PAYER, Payer::new(Behaviour::Ignore));
    let id = desk.prompt(PAYER, 10).await;
    desk.finish().await;
    let answer = desk.query(&id).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["ResultCode"], "1037");
    assert!(answer.field("ResponseDescription").ends_with("successsfully"));
    let called_back = desk.inbox.letters()[0].stk()["ResultDesc"].clone();
    assert_ne!(answer.json()["ResultDesc"], called_back);
    for absent in ["Amount", "MpesaReceiptNumber", "PhoneNumber"] {
        assert!(!answer.text.contains(absent));
    }
}

#[tokio::test]
async fn an_unknown_id_is_no_news() {
    let desk = Desk::new().await;
    let answer = desk.query("ws_CO_1").await;
    assert_eq!(answer.refusal(), (500, "500.001.1001".to_owned()));
    assert_eq!(answer.field("errorMessage"), "The transaction does not Exist");
}

#[tokio::test]
async fn a_finished_prompt_is_noisy_at_times() {
    let rules = Rules { query_noise_percent: 50, ..Rules::default() };
    let desk = Desk::with(Options { rules, ..quiet() }).await;
    let id = desk.prompt(PAYER, 10).await;
    desk.finish().await;
    let mut noise = 0;
    for _ in 0..20 {
        noise += u32::from(desk.query(&id).await.status == 500);
    }
    assert!((1..20).contains(&noise), "{noise} of 20");
}

#[tokio::test]
async fn a_query_can_contradict_flap_and_stay_pending() {
    let desk = Desk::new().await;
    let id = desk.prompt(PAYER, 10).await;
    desk.finish().await;
    let with = |kind| Fault::once(Endpoint::StkQuery, kind).of_phone(PAYER);
    desk.control().add_fault(with(FaultKind::QueryContradict));
    assert_eq!(desk.query(&id).await.field("ResultCode"), "1037");
    desk.control().add_fault(with(FaultKind::QueryPendingFor(Duration::minutes(10))));
    assert_eq!(desk.query(&id).await.field("ResultCode"), "4999");
    desk.control().add_fault(Fault::always(Endpoint::StkQuery, FaultKind::QueryFlap));
    let mut codes =
        [desk.query(&id).await.field("ResultCode"), desk.query(&id).await.field("ResultCode")];
    codes.sort();
    assert_eq!(codes, ["0", "1037"]);
    desk.control().clear_faults();
    assert_eq!(desk.query(&id).await.field("ResultCode"), "0");
}
