//! A payment goes back to the phone that made it: the reversal of its receipt, done once.

use domain::order::{Actor, OrderEvent};
use e2e::{RailApp, at_once};
use serde_json::json;
use twins::daraja::{Endpoint, Fault, FaultKind};

use super::ground::{becomes, disbursements, operate, order_id, phone, proven, review_comes, text};

/// An order that was paid for and cannot be delivered.
pub(crate) async fn undeliverable(rail: &RailApp, phone: &str, coins: u32) -> String {
    let id = rail.buy(coins).await;
    rail.pay(&id, phone).await.expect(200);
    rail.reaches(&id, "processing").await;
    let event = OrderEvent::DeliveryFailed { tx_hash: "dead".to_owned() };
    rail.engine().record_event(order_id(&id), Actor::System, &event).await.expect("a fact");
    id
}

/// The payment went back once, and everybody says so.
async fn refunded(rail: &RailApp, id: &str, phone: &str, reason: &str) {
    becomes(rail, id, "refunded").await;
    let order = rail.order(id).await;
    assert_eq!(order["status"], "failed", "{phone}");
    assert_eq!(order["status_reason"], reason, "{phone}");
    assert_eq!(disbursements(rail, id).await, ["1 paid"], "{phone}");
    let oracle = rail.oracle();
    let paid: Vec<_> = oracle.payments.iter().filter(|p| p.msisdn == phone).collect();
    let [payment] = paid.as_slice() else { panic!("one payment: {paid:?}") };
    assert!(payment.reversed, "{phone}");
    assert_eq!(oracle.credits(phone), oracle.debits(phone), "{phone}");
    assert_eq!(order["mpesa_receipt_number"]["String"], json!(payment.receipt), "{phone}");
    let open = "SELECT account || ' ' || sum(amount) FROM ledger_postings
        JOIN ledger_entries ON ledger_entries.id = entry_id
        WHERE order_id = $1::text::uuid AND asset = 'KES'
        GROUP BY account HAVING sum(amount) <> 0";
    assert_eq!(text(rail, open, id).await, Vec::<String>::new(), "{phone}: the ledger is even");
}

#[tokio::test]
async fn what_cannot_be_delivered_is_paid_back() {
    let rail = proven().await;
    let phone = phone(1);
    let id = undeliverable(&rail, &phone, 100).await;
    refunded(&rail, &id, &phone, "delivery_failed").await;
    let story = rail.story(&id).await;
    let story: Vec<&str> = story.iter().map(String::as_str).collect();
    let end = ["payment_confirmed", "delivery_failed", "refund_started", "refund_confirmed"];
    assert_eq!(story[story.len() - 4..], end);
    assert_eq!(rail.control().requests(Endpoint::Reversal), 1);
    rail.finish().await;
}

#[tokio::test]
async fn a_refund_in_doubt_is_repeated_and_done_once() {
    let rail = proven().await;
    let kinds = [
        FaultKind::Drop { accepted: true },
        FaultKind::Hang { accepted: true },
        FaultKind::Drop { accepted: false },
        FaultKind::Status { status: 500, accepted: true },
        FaultKind::Truncated { accepted: true },
        FaultKind::CallbackDrop,
        FaultKind::CallbackNotJson,
        FaultKind::CallbackBeforeAnswer,
        FaultKind::SpikeArrest,
        FaultKind::SystemBusy,
    ];
    for (number, kind) in kinds.into_iter().enumerate() {
        let phone = phone(number);
        rail.control().add_fault(Fault::once(Endpoint::Reversal, kind.clone()));
        if kind == (FaultKind::Drop { accepted: true }) {
            rail.control().add_fault(Fault::once(Endpoint::Reversal, FaultKind::CallbackDrop));
        }
        let id = undeliverable(&rail, &phone, 100).await;
        refunded(&rail, &id, &phone, "delivery_failed").await;
    }
    assert_eq!(
        rail.app.sql.number("SELECT count(*) FROM reviews WHERE kind <> 'unreadable'").await,
        0
    );
    rail.finish().await;
}

#[tokio::test]
async fn a_reversal_that_was_done_before_counts_as_done() {
    let rail = proven().await;
    let phone = phone(1);
    let lost = Fault::always(Endpoint::Reversal, FaultKind::CallbackDrop);
    rail.control().add_fault(Fault { times: Some(2), ..lost });
    let id = undeliverable(&rail, &phone, 100).await;
    refunded(&rail, &id, &phone, "delivery_failed").await;
    assert_eq!(rail.control().requests(Endpoint::Reversal), 3, "twice R000001");
    rail.finish().await;
}

#[tokio::test]
async fn many_refunds_at_once_are_each_done_once() {
    let rail = proven().await;
    let phones: Vec<String> = (1..=12).map(phone).collect();
    let orders = at_once(phones.iter().map(|phone| undeliverable(&rail, phone, 10))).await;
    at_once(
        orders.iter().zip(&phones).map(|(id, phone)| refunded(&rail, id, phone, "delivery_failed")),
    )
    .await;
    assert_eq!(rail.control().requests(Endpoint::Reversal), 12);
    rail.finish().await;
}

/// However much it is: the rail refuses to reverse a receipt twice, so another try can do no harm.
#[tokio::test]
async fn a_refused_refund_is_an_operators() {
    let rail = proven().await;
    let refused = FaultKind::Outcome("R000002".to_owned());
    rail.control().add_fault(Fault::always(Endpoint::Reversal, refused));
    let cases = [(phone(1), 5), (phone(2), 100)];
    let orders = at_once(cases.iter().map(async |(phone, coins)| {
        let id = undeliverable(&rail, phone, *coins).await;
        becomes(&rail, &id, "on_hold").await;
        assert_eq!(rail.order(&id).await["status_reason"], "under_review", "{phone}");
        assert_eq!(disbursements(&rail, &id).await, ["1 failed_confirmed"], "{phone}");
        id
    }))
    .await;
    review_comes(&rail, "refund_failed", 2).await;
    assert!(rail.oracle().payments.iter().all(|payment| !payment.reversed));
    // The operator finds the reason and resumes: a new generation, of the same receipt.
    rail.control().clear_faults();
    at_once(orders.iter().map(async |id| {
        operate(&rail, id, OrderEvent::Resume).await.expect("an operator resumes");
        becomes(&rail, id, "refunded").await;
        assert_eq!(disbursements(&rail, id).await, ["1 failed_confirmed", "2 paid"]);
    }))
    .await;
    assert!(rail.oracle().payments.iter().all(|payment| payment.reversed));
    rail.finish().await;
}
