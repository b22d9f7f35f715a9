//! What operators do while money is on its way, and what they are refused.

use domain::order::{OrderEvent, Refusal};
use domain::service::ServiceError;
use time::Duration;
use twins::daraja::{Endpoint, FaultKind};

use super::ground::{
    LARGE, asked, becomes, disbursements, goes_back, held_back, operate, paid_once, phone, proven,
    review_comes, spoil_payout, state,
};

fn refusal(result: Result<(), ServiceError>) -> Refusal {
    match result {
        Err(ServiceError::Refused(refused)) => refused.refusal,
        other => panic!("it should be refused: {other:?}"),
    }
}

#[tokio::test]
async fn what_is_held_before_it_is_sent_waits_for_resume() {
    let rail = proven().await;
    let phone = phone(1);
    rail.engine().open_circuit("an operator's word").await.expect("a database");
    let id = rail.sell_to(&phone, LARGE).await;
    operate(&rail, &id, OrderEvent::Hold).await.expect("an operator holds");
    rail.engine().close_circuit().await.expect("a database");
    held_back(&rail, 1, "review").await;
    assert!(asked(&rail, &phone).is_empty(), "nothing is sent");
    assert_eq!(disbursements(&rail, &id).await, Vec::<String>::new());
    review_comes(&rail, "held", 1).await;
    operate(&rail, &id, OrderEvent::Resume).await.expect("an operator resumes");
    paid_once(&rail, &id, &phone, LARGE).await;
    assert_eq!(asked(&rail, &phone).len(), 1);
    rail.finish().await;
}

#[tokio::test]
async fn a_refund_that_comes_before_the_payout_wins() {
    let rail = proven().await;
    let phone = phone(1);
    rail.engine().open_circuit("an operator's word").await.expect("a database");
    let id = rail.sell_to(&phone, LARGE).await;
    operate(&rail, &id, OrderEvent::Hold).await.expect("an operator holds");
    operate(&rail, &id, OrderEvent::Refund).await.expect("an operator refunds");
    rail.engine().close_circuit().await.expect("a database");
    let over = "SELECT count(*) FROM outbox WHERE kind = 'pay_out' AND done_at IS NULL";
    e2e::eventually("the payout is given up", async || rail.app.sql.number(over).await == 0).await;
    goes_back(&rail, &id, &phone, "refunded_by_operator").await;
    assert!(asked(&rail, &phone).is_empty(), "nothing was sent");
    assert!(!rail.story(&id).await.contains(&"payout_started".to_owned()));
    rail.finish().await;
}

#[tokio::test]
async fn a_payout_under_way_cannot_be_refunded_beside_it() {
    let rail = proven().await;
    let phone = phone(1);
    spoil_payout(&rail, &phone, FaultKind::CallbackDelay(Duration::seconds(60)));
    let id = rail.sell_to(&phone, LARGE).await;
    e2e::eventually("the rail takes it", async || {
        rail.story(&id).await.contains(&"payout_accepted".to_owned())
    })
    .await;
    operate(&rail, &id, OrderEvent::Hold).await.expect("an operator holds");
    let refund = operate(&rail, &id, OrderEvent::Refund).await;
    assert_eq!(refusal(refund), Refusal::LegUnderWay);
    // The fact reaches through the hold.
    review_comes(&rail, "fact_on_hold", 1).await;
    assert_eq!(state(&rail, &id).await, "on_hold");
    operate(&rail, &id, OrderEvent::Resume).await.expect("an operator resumes");
    paid_once(&rail, &id, &phone, LARGE).await;
    assert_eq!(rail.control().requests(Endpoint::B2cV3), 2);
    rail.finish().await;
}

#[tokio::test]
async fn holds_and_refunds_that_race_the_payout_end_in_one_leg_back_or_out() {
    let rail = proven().await;
    let phones: Vec<String> = (1..=16).map(phone).collect();
    let orders = e2e::at_once(phones.iter().map(async |phone| {
        let id = rail.sell_to(phone, LARGE).await;
        let held = operate(&rail, &id, OrderEvent::Hold).await;
        if held.is_ok() && operate(&rail, &id, OrderEvent::Refund).await.is_err() {
            let resumed = operate(&rail, &id, OrderEvent::Resume).await;
            resumed.expect("an operator resumes");
        }
        id
    }))
    .await;
    for (id, phone) in orders.iter().zip(&phones) {
        e2e::eventually("it ends", async || {
            ["completed", "refunding"].contains(&state(&rail, id).await.as_str())
        })
        .await;
        if state(&rail, id).await == "completed" {
            paid_once(&rail, id, phone, LARGE).await;
        } else {
            becomes(&rail, id, "refunding").await;
            assert!(rail.oracle().payouts_to(phone).is_empty(), "{phone}: back, and not out");
            goes_back(&rail, id, phone, "refunded_by_operator").await;
        }
    }
    rail.finish().await;
}
