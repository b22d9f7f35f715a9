//! Payments that no prompt of ours asked for: people type references by hand. They are an order's
//! when they name its attempt, and an operator's when they name nothing.

use domain::money::Fiat;
use domain::party::Msisdn;
use domain::ports::PushRequest;
use domain::rail::{CallbackToken, Submission};
use e2e::{RailApp, eventually};
use serde_json::json;
use twins::daraja::{Behaviour, Endpoint};

use super::{after, all_is_said, collected, evidence, is_paid, is_payable, payer};

/// Somebody pays to our bill number under this reference; nobody calls our doors about it.
async fn pays_by_hand(rail: &RailApp, phone: &str, shillings: i64, reference: &str) {
    let request = PushRequest {
        phone: Msisdn::parse(phone).expect("a phone"),
        amount: Fiat::from_minor(shillings * 100).expect("an amount"),
        account_reference: reference.to_owned(),
        token: CallbackToken::mint(|| 7),
    };
    let sent = rail.cashier().rail.push(&request).await;
    assert!(matches!(sent, Submission::Accepted(_)), "{sent:?}");
    let paid = async || rail.oracle().payments.iter().any(|one| one.msisdn == phone);
    eventually("somebody pays", paid).await;
}

async fn reference(rail: &RailApp, order: &str) -> String {
    let query = "SELECT account_reference::text FROM collections WHERE order_id = $1::text::uuid";
    rail.app.sql.rows(query, &[&order]).await.remove(0).get(0)
}

async fn parked(rail: &RailApp) -> i64 {
    let query =
        "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_postings WHERE account = 'parked'";
    -rail.app.sql.number(query).await
}

/// Waits until whole statements have been compared after this moment.
async fn statements_come(rail: &RailApp) {
    let seen = rail.control().requests(Endpoint::PullQuery);
    let more = async || rail.control().requests(Endpoint::PullQuery) >= seen + 2;
    eventually("two statements", more).await;
}

#[tokio::test]
async fn a_payment_that_names_nothing_is_parked() {
    let rail = RailApp::start().await;
    pays_by_hand(&rail, &payer(1), 500, "MAMAMBOGA").await;
    eventually("an operator is called", async || rail.reviews("unmatched").await == 1).await;
    assert_eq!((collected(&rail).await, parked(&rail).await), (50_000, 50_000));
    statements_come(&rail).await;
    all_is_said(&rail).await;
    assert_eq!(rail.reviews("unmatched").await, 1, "once, in however many statements");
    assert_eq!((collected(&rail).await, parked(&rail).await), (50_000, 50_000));
    rail.finish().await;
}

#[tokio::test]
async fn a_strangers_hundred_payments_are_one_review_with_a_count_and_a_list() {
    let rail = RailApp::start().await;
    let rail_itself = rail.cashier().rail;
    for number in 0..100 {
        let request = PushRequest {
            phone: Msisdn::parse(&payer(number)).expect("a phone"),
            amount: Fiat::from_minor(1_000).expect("an amount"),
            account_reference: format!("STRAY{number}"),
            token: CallbackToken::mint(|| 7),
        };
        let sent = rail_itself.push(&request).await;
        assert!(matches!(sent, Submission::Accepted(_)), "{sent:?}");
    }
    eventually("all are seen", async || rail.reviews("unmatched").await == 100).await;
    let sql = &rail.app.sql;
    assert_eq!(sql.number("SELECT count(*) FROM reviews WHERE closed_at IS NULL").await, 1);
    assert_eq!(sql.number("SELECT items::bigint FROM reviews").await, 100);
    assert_eq!(sql.number("SELECT count(DISTINCT cause) FROM review_items").await, 100);
    assert_eq!((collected(&rail).await, parked(&rail).await), (100_000, 100_000));
    rail.finish().await;
}

#[tokio::test]
async fn a_second_payment_under_an_orders_reference_is_parked() {
    for has_bills in [true, false] {
        let rail = RailApp::start().await;
        if !has_bills {
            rail.control().unregister_urls();
        }
        let id = rail.buy(100).await;
        rail.pay(&id, &payer(1)).await.expect(200);
        is_paid(&rail, &id, &payer(1)).await;
        let before = rail.order(&id).await;
        pays_by_hand(&rail, &payer(2), 500, &reference(&rail, &id).await).await;
        eventually("it is parked", async || parked(&rail).await == 50_000).await;
        all_is_said(&rail).await;
        assert!(rail.reviews("unmatched").await >= 1, "an operator is called");
        assert_eq!(collected(&rail).await, 1_460_000 + 50_000);
        assert_eq!(rail.order(&id).await, before, "the order has nothing to do with it");
        rail.finish().await;
    }
}

#[tokio::test]
async fn a_payment_by_hand_after_a_prompt_that_was_declined_is_the_orders() {
    let rail = RailApp::start().await;
    rail.control().change_rules(|rules| rules.same_amount_window = time::Duration::ZERO);
    let id = rail.buy(100).await;
    let phone = payer(1);
    rail.control().set_payer(&phone, after(1, Behaviour::Cancel));
    rail.pay(&id, &phone).await.expect(200);
    is_payable(&rail, &id, "not_paid").await;
    rail.control().set_payer(&phone, after(1, Behaviour::Approve));
    // As people type it: in small letters, and with letters that look like digits.
    let typed = reference(&rail, &id).await.to_lowercase().replace('0', "o").replace('1', "l");
    pays_by_hand(&rail, &phone, 14_600, &typed).await;
    is_paid(&rail, &id, &phone).await;
    assert_eq!(evidence(&rail, &id, "told").await, json!(null));
    assert_eq!((collected(&rail).await, parked(&rail).await), (1_460_000, 0));
    rail.finish().await;
}
