//! Every phone of the table does what the table says.

use std::collections::BTreeSet;

use serde_json::json;
use time::Duration;
use twins::daraja::{Answer, Endpoint, SCENARIOS};

use crate::daraja::inbox::Letter;
use crate::daraja::support::Desk;

fn phone(suffix: &str) -> String {
    format!("254700000{suffix}")
}

/// The codes that were called back.
fn codes(desk: &Desk) -> Vec<String> {
    desk.inbox.letters().iter().map(Letter::code).collect()
}

#[test]
fn every_row_is_tested_here_and_told_in_the_docs() {
    let tests = include_str!("scenarios.rs");
    let docs = include_str!("../../src/daraja/scenarios.rs");
    let phones: BTreeSet<String> = SCENARIOS.iter().map(twins::daraja::Scenario::phone).collect();
    assert_eq!(phones.len(), SCENARIOS.len());
    for scenario in SCENARIOS {
        assert!(tests.contains(&format!("\"{}\"", scenario.suffix)), "{scenario:?}");
        assert!(docs.contains(&format!("//! | `{}` |", scenario.phone())), "{scenario:?}");
        assert!(!scenario.name.is_empty() && scenario.what_happens.ends_with('.'));
    }
}

#[tokio::test]
async fn payers_that_do_not_pay() {
    let cases = [("001", "1032"), ("002", "2001"), ("003", "1037"), ("004", "1")];
    for (suffix, code) in cases {
        let desk = Desk::new().await;
        desk.prompt(&phone(suffix), 10).await;
        desk.finish().await;
        assert_eq!(codes(&desk), [code], "{suffix}");
        assert!(desk.control().oracle().payments.is_empty());
    }
    let desk = Desk::new().await;
    let test_number = SCENARIOS.iter().find(|one| one.suffix == "374149").expect("a row").phone();
    assert_eq!(test_number, "254708374149");
    desk.prompt(&test_number, 10).await;
    desk.finish().await;
    assert_eq!(codes(&desk), ["1037"]);
}

#[tokio::test]
async fn payers_whose_callback_goes_wrong() {
    let none: [&str; 0] = [];
    let cases: [(&str, &[&str]); 4] =
        [("005", &none), ("007", &["1037", "0"]), ("008", &["0"; 5]), ("014", &["0"])];
    for (suffix, expected) in cases {
        let desk = Desk::new().await;
        let id = desk.prompt(&phone(suffix), 10).await;
        desk.finish().await;
        assert_eq!(codes(&desk), expected, "{suffix}");
        assert_eq!(desk.control().oracle().debits(&phone(suffix)), 1000);
        assert_eq!(desk.query(&id).await.field("ResultCode"), "0");
    }
    let desk = Desk::new().await;
    desk.prompt(&phone("009"), 10).await;
    desk.finish().await;
    assert!(desk.inbox.letters()[0].body.contains("11.00"));
    assert_eq!(desk.control().oracle().debits(&phone("009")), 1000);
}

#[tokio::test]
async fn payers_whose_answer_is_lost() {
    for (suffix, callbacks) in [("006", 0), ("013", 1)] {
        let desk = Desk::new().await;
        let body = desk.stk_body(&phone(suffix), 10);
        assert!(desk.try_post(Endpoint::StkPush, &body).await.is_err());
        desk.finish().await;
        assert_eq!(desk.inbox.letters().len(), callbacks, "{suffix}");
        assert_eq!(desk.control().oracle().payments.len(), 1);
    }
}

#[tokio::test]
async fn payers_whom_the_query_knows_not() {
    let desk = Desk::new().await;
    let id = desk.prompt(&phone("010"), 10).await;
    desk.finish().await;
    assert_eq!(codes(&desk), ["0"]);
    desk.control().advance(Duration::minutes(10));
    assert_eq!(desk.query(&id).await.field("ResultCode"), "4999");
    desk.control().advance(Duration::minutes(6));
    assert_eq!(desk.query(&id).await.field("ResultCode"), "0");
    let id = desk.prompt(&phone("011"), 10).await;
    desk.finish().await;
    assert_eq!(desk.query(&id).await.field("ResultCode"), "1037");
    assert_eq!(codes(&desk), ["0", "0"]);
}

#[tokio::test]
async fn payers_that_are_busy_or_played_by_hand() {
    let desk = Desk::new().await;
    let busy = desk.stk(&phone("012"), 10).await;
    assert!(busy.field("errorMessage").starts_with("Unable to lock subscriber"));
    desk.prompt(&phone("015"), 10).await;
    desk.control().advance(Duration::seconds(100));
    assert!(desk.control().answer_prompt(&phone("015"), Answer::Approve));
    desk.finish().await;
    assert_eq!(codes(&desk), ["0"]);
    desk.prompt(&phone("015"), 20).await;
    desk.finish().await;
    assert_eq!(codes(&desk), ["0", "1037"], "nobody came");
}

#[tokio::test]
async fn payouts_that_fail() {
    for (suffix, code) in [("024", "2040"), ("025", "8")] {
        let desk = Desk::new().await;
        desk.b2c("one", &phone(suffix), 100).await;
        desk.finish().await;
        assert_eq!(codes(&desk), [code], "{suffix}");
        assert!(desk.control().oracle().payouts.is_empty());
    }
    let desk = Desk::new().await;
    desk.b2c("one", &phone("023"), 100).await;
    desk.finish().await;
    assert_eq!(desk.inbox.at("late/c0ffee").len(), 1);
    assert_eq!(desk.inbox.at("payouts/c0ffee")[0].code(), "SFC_IC0003");
    assert!(desk.control().oracle().payouts.is_empty());
}

#[tokio::test]
async fn a_payout_whose_answer_is_lost_is_a_duplicate_when_sent_again() {
    let desk = Desk::new().await;
    let body = desk.b2c_body("one", &phone("021"), 100);
    assert!(desk.try_post(Endpoint::B2cV3, &body).await.is_err());
    let again = desk.post(Endpoint::B2cV3, &body).await;
    assert_eq!(again.refusal(), (500, "500.002.1001".to_owned()));
    desk.finish().await;
    assert_eq!(codes(&desk), ["0"]);
    assert_eq!(desk.control().oracle().payouts.len(), 1);
}

#[tokio::test]
async fn payouts_that_are_made_and_badly_reported() {
    let cases: [(&str, &[&str], Option<&str>); 4] = [
        ("022", &["0"], Some("Completed")),
        ("026", &[], Some("Completed")),
        ("027", &[], None),
        ("028", &["8"], Some("Completed")),
    ];
    for (suffix, results, status) in cases {
        let desk = Desk::new().await;
        desk.b2c("one", &phone(suffix), 100).await;
        desk.finish().await;
        let told: Vec<String> = desk.inbox.at("payouts/c0ffee").iter().map(Letter::code).collect();
        assert_eq!(told, results, "{suffix}");
        assert_eq!(desk.inbox.at("late/c0ffee").len(), usize::from(suffix == "022"));
        assert_eq!(desk.control().oracle().payouts_to(&phone(suffix)).len(), 1);
        desk.status(&json!({ "OriginalConversationID": "one" })).await;
        desk.finish().await;
        let answers = desk.inbox.at("results/c0ffee");
        let found = answers.first().map(|letter| letter.parameter("TransactionStatus"));
        assert_eq!(found, status.map(|word| json!(word)), "{suffix}");
    }
}
