//! Every phone of the twin's table that concerns payouts ends as the table says.

use e2e::{at_once, eventually};
use twins::daraja::{SCENARIOS, Scenario};

use super::ground::{
    LARGE, asked, disbursements, goes_back, hasty, paid_once, review_comes, state,
};

/// How an order to a phone of the table ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Paid,
    GoesBack,
    /// Paid, and nobody says so: an operator is called.
    Unknown,
}

/// The rows that concern payouts; a row without an end here is new.
fn end_of(scenario: &Scenario) -> Option<End> {
    match scenario.name {
        "payout_answer_lost" | "payout_timeout_paid" | "payout_result_lost" | "payout_denied" => {
            Some(End::Paid)
        }
        "payout_timeout_failed" | "payout_unregistered" | "payout_limit" => Some(End::GoesBack),
        "payout_silent" => Some(End::Unknown),
        name => {
            assert!(!name.starts_with("payout"), "{name} has no end here");
            None
        }
    }
}

#[tokio::test]
async fn every_phone_of_the_table_ends_as_it_says() {
    let rail = hasty().await;
    let cases: Vec<(String, End)> = SCENARIOS
        .iter()
        .filter_map(|scenario| Some((scenario.phone(), end_of(scenario)?)))
        .collect();
    assert_eq!(cases.len(), 8);
    at_once(cases.iter().map(async |(phone, end)| {
        let id = rail.sell_to(phone, LARGE).await;
        match end {
            End::Paid => paid_once(&rail, &id, phone, LARGE).await,
            End::GoesBack => goes_back(&rail, &id, phone, "payout_failed").await,
            End::Unknown => {
                review_comes(&rail, "unknown_expired", 1).await;
                assert_eq!(state(&rail, &id).await, "paying_out");
                assert_eq!(disbursements(&rail, &id).await, ["1 accepted"]);
                let order = rail.order(&id).await;
                assert_eq!(order["last_error"]["code"], "outcome_unknown", "{order}");
                assert_eq!(order["waiting_for"]["actor"], "operator", "{order}");
                assert_eq!(order["waiting_for"]["then"], "nothing moves until it is known");
            }
        }
        assert_eq!(asked(&rail, phone).len(), 1, "{phone}");
    }))
    .await;
    eventually("the denied one is looked at", async || {
        rail.reviews("rail_contradiction").await == 1
    })
    .await;
    assert_eq!(rail.app.sql.number("SELECT count(*) FROM reviews").await, 2);
    // The silent one was paid, which only the twin knows.
    let mut believed = rail.oracle();
    believed.payouts.retain(|payout| payout.msisdn != "254700000027");
    e2e::check_rail_books(&rail.app.sql, &believed).await;
    rail.app.finish().await;
    rail.twin.stop().await;
}
