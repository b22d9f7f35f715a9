//! Somebody knows the address that a prompt's callback goes to, and the prompt's names: they can say
//! what they like, and it moves nothing that the rail does not confirm.

use e2e::{RailApp, Stage, eventually, twin};
use serde_json::{Value, json};
use twins::daraja::{Endpoint, Fault, FaultKind};

use super::tap::{Kept, Tap, post};
use super::{all_is_said, attempt_is, collected, evidence, fated, payer};

/// A callback that says paid.
pub(super) fn success(
    [merchant, checkout]: [&str; 2],
    receipt: &str,
    amount: u64,
    phone: &str,
) -> String {
    let item = |name: &str, value: Value| json!({ "Name": name, "Value": value });
    let items = [
        item("Amount", json!(amount)),
        item("MpesaReceiptNumber", json!(receipt)),
        item("PhoneNumber", json!(phone.parse::<u64>().expect("digits"))),
    ];
    let told = json!({
        "MerchantRequestID": merchant,
        "CheckoutRequestID": checkout,
        "ResultCode": 0,
        "CallbackMetadata": { "Item": items },
    });
    json!({ "Body": { "stkCallback": told } }).to_string()
}

/// A service behind a tap that has kept the true callback of an attempt back.
struct Leak {
    rail: RailApp,
    order: String,
    phone: String,
    kept: Kept,
    _tap: Tap,
}

impl Leak {
    async fn of(phone: &str, words: &str) -> Self {
        let tap = Tap::open().await;
        let stage = Stage::test().set("KIVUKO__MPESA__CALLBACK_BASE", &tap.url);
        let rail = RailApp::start_as(stage, twin().await).await;
        tap.leads_to(&rail.app.url);
        rail.control().unregister_urls();
        // Nobody else pays here, and an empty statement has to say so.
        rail.control().change_rules(|rules| rules.pull_empty_is_not_found = false);
        let order = rail.buy(100).await;
        rail.pay(&order, phone).await.expect(200);
        let kept = tap.keeps(words).await;
        Self { rail, order, phone: phone.to_owned(), kept, _tap: tap }
    }

    async fn post(&self, body: &str) {
        post(&self.rail.app.url, &self.kept.path, body).await.expect(200);
    }

    /// Says that this was paid, under the prompt's own names.
    async fn forge(&self, receipt: &str, amount: u64) {
        let told: Value = serde_json::from_str(&self.kept.body).expect("JSON");
        let told = &told["Body"]["stkCallback"];
        let names = ["MerchantRequestID", "CheckoutRequestID"];
        let names = names.map(|name| told[name].as_str().expect("a name"));
        self.post(&success(names, receipt, amount, &self.phone)).await;
    }

    async fn is_heard(&self) {
        let heard = async || evidence(&self.rail, &self.order, "told").await.is_object();
        eventually("the forged callback is read", heard).await;
    }

    /// Nothing has moved, and an operator must look.
    async fn ends_in_review(self) {
        let Self { rail, order, .. } = self;
        attempt_is(&rail, &order, "review").await;
        assert!(rail.reviews("rail_contradiction").await >= 1);
        assert_eq!(rail.order(&order).await["status"], "pending");
        assert_eq!(rail.story(&order).await, ["place", "start_payment", "collection_accepted"]);
        assert_eq!(rail.oracle().payments, []);
        assert_eq!(collected(&rail).await, 0);
        rail.finish().await;
    }
}

#[tokio::test]
async fn a_payment_that_never_was_starts_no_delivery() {
    let leak = Leak::of(&fated("001"), "1032").await;
    leak.forge("FORGED0001", 14_600).await;
    leak.is_heard().await;
    let others = success(["1", "ws_CO_1"], "FORGED0002", 14_600, &leak.phone);
    leak.post(&others).await;
    leak.forge("FORGED0003", 14_600).await;
    let differ = async || leak.rail.reviews("rail_contradiction").await == 1;
    eventually("two receipts differ", differ).await;
    eventually("other ids", async || leak.rail.reviews("forged").await == 1).await;
    // The truth, at last: the payer has cancelled.
    leak.post(&leak.kept.body).await;
    leak.ends_in_review().await;
}

#[tokio::test]
async fn another_amount_than_was_asked_for_starts_no_delivery() {
    let leak = Leak::of(&fated("001"), "1032").await;
    leak.forge("FORGED0001", 1).await;
    leak.is_heard().await;
    leak.ends_in_review().await;
}

#[tokio::test]
async fn a_body_that_is_no_callback_calls_an_operator_only() {
    let leak = Leak::of(&fated("001"), "1032").await;
    for body in ["", "null", "[]", "{}", "\u{0}", r#"{"Body":{"stkCallback":{"ResultCode":0}}}"#] {
        leak.post(body).await;
    }
    eventually("they are read", async || leak.rail.reviews("unreadable").await == 6).await;
    let open = "SELECT count(*) FROM reviews WHERE closed_at IS NULL";
    assert_eq!(leak.rail.app.sql.number(open).await, 1, "one thing to look at");
    leak.post(&leak.kept.body).await;
    attempt_is(&leak.rail, &leak.order, "not_paid").await;
    assert_eq!(leak.rail.oracle().payments, []);
    leak.rail.finish().await;
}

/// The order is credited with the payment that was made, whichever receipt was told first; an operator
/// hears of the false one, and the ledger has no payment that never was.
async fn counts_once(rail: &RailApp, order: &str) {
    rail.reaches(order, "processing").await;
    eventually("callbacks differ", async || rail.reviews("rail_contradiction").await == 1).await;
    let truth = json!(rail.oracle().payments.remove(0).receipt);
    let credited = async || rail.order(order).await["mpesa_receipt_number"]["String"].clone();
    let is_known = async || {
        credited().await == truth || evidence(rail, order, "pulled").await["receipt"] == truth
    };
    eventually("the true receipt is known", is_known).await;
    all_is_said(rail).await;
    if credited().await != truth {
        assert!(rail.reviews("unmatched").await >= 1, "the true receipt is shown to an operator");
    }
    let more = rail.control().requests(Endpoint::PullQuery) + 2;
    let compared = async || rail.control().requests(Endpoint::PullQuery) >= more;
    eventually("statements are compared again", compared).await;
    assert_eq!(collected(rail).await, 1_460_000);
    let story = rail.story(order).await;
    let confirmed = story.iter().filter(|kind| *kind == "payment_confirmed").count();
    assert_eq!(confirmed, 1, "{story:?}");
}

#[tokio::test]
async fn a_false_receipt_of_a_true_payment_is_no_second_payment() {
    let leak = Leak::of(&payer(1), "MpesaReceiptNumber").await;
    leak.forge("FORGED0001", 14_600).await;
    leak.is_heard().await;
    leak.post(&leak.kept.body).await;
    counts_once(&leak.rail, &leak.order).await;
    leak.rail.finish().await;
}

#[tokio::test]
async fn a_false_receipt_beside_a_bill_is_no_second_payment() {
    let rail = RailApp::start().await;
    let forged = FaultKind::ForgedSource("203.0.113.7".to_owned());
    rail.control().add_fault(Fault::always(Endpoint::StkPush, forged));
    let id = rail.buy(100).await;
    rail.pay(&id, &payer(1)).await.expect(200);
    counts_once(&rail, &id).await;
    rail.finish().await;
}
