//! Every phone of the twin's table that is about collections ends as the table says.

use e2e::{RailApp, at_once, eventually};
use serde_json::{Value, json};
use twins::daraja::{Answer, SCENARIOS};

use super::{all_is_said, attempt, text};

/// What the client is told, where the attempt ends, and whether the order is paid.
struct Fate {
    status: u16,
    attempt: &'static str,
    is_paid: bool,
}

const fn fate(status: u16, attempt: &'static str, is_paid: bool) -> Fate {
    Fate { status, attempt, is_paid }
}

/// `None` for the phones of payouts.
fn of_name(name: &str) -> Option<Fate> {
    let fate = match name {
        "cancel" | "wrong_pin" | "ignore" | "insufficient" | "sandbox_number" => {
            fate(200, "not_paid", false)
        }
        "callback_lost" | "late_success" | "five_callbacks" | "query_pending"
        | "query_contradicts" | "callback_first" | "by_hand" => fate(200, "paid", true),
        "answer_and_callback_lost" | "answer_lost" => fate(202, "paid", true),
        // Paid, and an operator looks at it.
        "wrong_amount" => fate(200, "paid", true),
        "busy" => fate(409, "refused", false),
        name => {
            assert!(name.starts_with("payout_"), "a new row of the table: {name}");
            return None;
        }
    };
    Some(fate)
}

#[tokio::test]
async fn every_phone_of_the_table_ends_as_it_says() {
    let rail = RailApp::start().await;
    // A bill may be faster than the callback with the wrong amount, and prove the true one.
    rail.control().unregister_urls();
    let mut rows = Vec::new();
    for scenario in SCENARIOS {
        if let Some(fate) = of_name(scenario.name) {
            rows.push((scenario, fate, rail.buy(100).await));
        }
    }
    assert_eq!(rows.len(), 16);
    let phones: Vec<String> = rows.iter().map(|(scenario, _, _)| scenario.phone()).collect();
    let payments = rows.iter().zip(&phones);
    let answers = at_once(payments.map(|((_, _, id), phone)| rail.pay(id, phone))).await;
    for ((scenario, fate, _), answer) in rows.iter().zip(&answers) {
        assert_eq!(answer.status, fate.status, "{}: {}", scenario.name, answer.text);
    }
    let by_hand = phones.iter().find(|phone| phone.ends_with("015")).expect("a row");
    let answered = async || rail.control().answer_prompt(by_hand, Answer::Approve);
    eventually("the prompt stands", answered).await;

    for ((scenario, fate, id), phone) in rows.iter().zip(&phones) {
        let ends = async || attempt(&rail, id).await == fate.attempt;
        eventually(scenario.what_happens, ends).await;
        let order = rail.order(id).await;
        let status = if fate.is_paid { "processing" } else { "pending" };
        assert_eq!(order["status"], status, "{}", scenario.name);
        let is_odd = scenario.name == "wrong_amount";
        let reason = if is_odd { json!("under_review") } else { Value::Null };
        assert_eq!(order["status_reason"], reason, "{}", scenario.name);
        let oracle = rail.oracle();
        let receipt = oracle.payments.iter().find(|one| one.msisdn == *phone);
        let receipt = receipt.map(|one| one.receipt.as_str()).filter(|_| fate.is_paid);
        assert_eq!(text(&order, "mpesa_receipt_number"), receipt, "{}", scenario.name);
    }
    all_is_said(&rail).await;
    assert_eq!(rail.reviews("wrong_amount").await, 1);
    rail.finish().await;
}
