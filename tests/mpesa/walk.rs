//! The two ways through, when nothing goes wrong.

use e2e::RailApp;
use serde_json::json;

const PHONE: &str = "254711222333";

#[tokio::test]
async fn a_buy_is_paid_for_and_moves_to_processing() {
    let rail = RailApp::start().await;
    let id = rail.buy(100).await;
    let paid = rail.pay(&id, PHONE).await.expect(200);
    assert_eq!(paid.json["success"], true);
    assert_eq!(paid.json["order_id"], json!(id));
    assert_eq!(paid.json["payment_method"], "mpesa");
    assert_eq!(paid.json["amount"], "14600");
    assert_eq!(paid.json["response_code"], "0");
    assert_eq!(paid.json["state"], "awaiting");
    let order = rail.reaches(&id, "processing").await;
    let oracle = rail.oracle();
    let [payment] = oracle.payments.as_slice() else { panic!("one payment: {oracle:?}") };
    assert_eq!((payment.msisdn.as_str(), payment.amount_cents), (PHONE, 1_460_000));
    let text = |name: &str| order[name]["String"].as_str().expect("a text").to_owned();
    assert_eq!(text("mpesa_receipt_number"), payment.receipt);
    assert_eq!(text("payment_txn_id"), payment.receipt);
    assert_eq!(text("checkout_request_id"), payment.checkout_request_id);
    assert_eq!(text("merchant_request_id"), paid.text_of("merchant_request_id"));
    assert_eq!(text("payment_phone_number"), PHONE);
    assert_eq!(
        rail.story(&id).await,
        ["place", "start_payment", "collection_accepted", "payment_confirmed"]
    );
    rail.finish().await;
}

#[tokio::test]
async fn a_sell_is_paid_out_and_completes() {
    let rail = RailApp::start().await;
    let id = rail.sell_as(PHONE, "799.99", "112798.59").await;
    let order = rail.reaches(&id, "completed").await;
    let oracle = rail.oracle();
    let [payout] = oracle.payouts.as_slice() else { panic!("one payout: {oracle:?}") };
    assert_eq!((payout.msisdn.as_str(), payout.amount_cents), (PHONE, 11_279_800));
    assert_eq!(order["mpesa_receipt_number"]["String"], json!(payout.receipt));
    let residue =
        "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_postings WHERE account = 'residue'";
    assert_eq!(rail.app.sql.number(residue).await, -59, "what rounding leaves is kept");
    rail.finish().await;
}
