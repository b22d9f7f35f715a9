//! One prompt and what becomes of it: the answer, the payment, the callback.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::facts::{StkFacts, Target};
use super::fault::FaultKind;
use super::oracle::Payment;
use super::payer::{Answer, Prompt};
use super::scenarios;
use super::schedule::{Delivery, Event};
use super::stamp;
use super::wire::{object, shillings, text};
use super::world::World;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Collection {
    pub(super) checkout_request_id: String,
    pub(super) merchant_request_id: String,
    pub(super) msisdn: String,
    pub(super) amount_cents: i64,
    pub(super) account_reference: String,
    pub(super) callback_url: String,
    pub(super) submitted_at: OffsetDateTime,
    pub(super) faults: Vec<FaultKind>,
    /// Ends in this code, whatever the payer does.
    pub(super) forced: Option<String>,
    pub(super) outcome: Option<String>,
    /// How often it was asked about.
    pub(super) queries: u32,
}

impl Collection {
    /// A prompt that stands on the phone. Where the end is settled beforehand there is none.
    pub(super) fn is_open(&self) -> bool {
        self.outcome.is_none() && self.forced.is_none()
    }

    /// The prompt, which `then` ends in so many real milliseconds.
    pub(super) fn prompt(&self, (then, in_ms): (Answer, u64)) -> Prompt {
        Prompt {
            msisdn: self.msisdn.clone(),
            amount_cents: self.amount_cents,
            account_reference: self.account_reference.clone(),
            checkout_request_id: self.checkout_request_id.clone(),
            since: self.submitted_at,
            then,
            in_ms,
            scenario: scenarios::of_phone(&self.msisdn).map(|one| one.what_happens),
        }
    }

    fn late_success(&self) -> Option<Duration> {
        self.faults.iter().find_map(|fault| match fault {
            FaultKind::FailureThenSuccess(gap) => Some(*gap),
            _ => None,
        })
    }
}

impl World {
    /// The payer has answered, or the prompt has run out. Only the first answer counts.
    pub(super) fn decide(&mut self, checkout_request_id: &str, answer: Answer) {
        let undecided = |one: &&Collection| one.outcome.is_none();
        let found = self.collection(checkout_request_id).filter(undecided);
        let Some(collection) = found.cloned() else { return };
        let code = collection.forced.as_deref().unwrap_or(answer.code());
        match (code, collection.late_success()) {
            ("0", Some(gap)) => {
                let checkout_request_id = checkout_request_id.to_owned();
                self.after(gap, Event::ApproveLate { checkout_request_id });
                self.finish(&collection, "1037");
            }
            ("0", None) => self.collect(&collection),
            (code, _) => self.finish(&collection, code),
        }
    }

    pub(super) fn approve_late(&mut self, checkout_request_id: &str) {
        if let Some(collection) = self.collection(checkout_request_id).cloned() {
            self.collect(&collection);
        }
    }

    /// A payment to the pay bill that nobody was asked for; its receipt, `None` where the wallet has
    /// too little.
    pub(super) fn pay_bill(&mut self, msisdn: &str, cents: i64, account: &str) -> Option<String> {
        let receipt = self.receipt(msisdn);
        let unasked = Collection {
            checkout_request_id: String::new(),
            merchant_request_id: String::new(),
            msisdn: msisdn.to_owned(),
            amount_cents: cents,
            account_reference: account.to_owned(),
            callback_url: String::new(),
            submitted_at: self.now(),
            faults: Vec::new(),
            forced: None,
            outcome: None,
            queries: 0,
        };
        let is_paid = self.books.collect(self.payment(&unasked, &receipt));
        if is_paid {
            self.confirm(&unasked, &receipt);
        }
        is_paid.then_some(receipt)
    }

    fn payment(&self, collection: &Collection, receipt: &str) -> Payment {
        Payment {
            receipt: receipt.to_owned(),
            msisdn: collection.msisdn.clone(),
            amount_cents: collection.amount_cents,
            account_reference: collection.account_reference.clone(),
            checkout_request_id: collection.checkout_request_id.clone(),
            at: self.now(),
            reversed: false,
        }
    }

    fn collect(&mut self, collection: &Collection) {
        let receipt = self.receipt(&collection.msisdn);
        let is_paid = self.books.collect(self.payment(collection, &receipt));
        if is_paid {
            self.confirm(collection, &receipt);
        }
        self.finish_with(collection, if is_paid { "0" } else { "1" }, is_paid.then_some(receipt));
    }

    fn finish(&mut self, collection: &Collection, code: &str) {
        self.finish_with(collection, code, None);
    }

    fn finish_with(&mut self, collection: &Collection, code: &str, receipt: Option<String>) {
        if let Some(collection) = self.collection_mut(&collection.checkout_request_id) {
            collection.outcome = Some(code.to_owned());
        }
        let facts = StkFacts::new(collection, code, receipt, self.written(self.now()), {
            self.dice(&format!("balance {}", collection.msisdn)).percent(50)
        });
        let target = Target {
            key: collection.checkout_request_id.clone(),
            label: "stk callback",
            url: collection.callback_url.clone(),
            short_code: self.credentials.stk_short_code,
        };
        let is_early = collection.faults.contains(&FaultKind::CallbackBeforeAnswer);
        let wait = self.dice(&format!("callback {}", collection.msisdn)).below(3);
        let wait = if is_early { 0 } else { 1_i64.saturating_add_unsigned(wait) };
        self.tell(&facts, &target, &collection.faults, Duration::seconds(wait));
    }

    /// The second, independent word of a payment, where its URL is registered.
    fn confirm(&mut self, collection: &Collection, receipt: &str) {
        let Some(url) = self.confirmation_url.clone() else { return };
        if collection.faults.contains(&FaultKind::ConfirmationDrop) {
            return;
        }
        let short_code = self.credentials.stk_short_code;
        let (first, last) = (&collection.msisdn[..4], &collection.msisdn[9..]);
        let body = object([
            ("TransactionType", text("Pay Bill")),
            ("TransID", text(receipt)),
            ("TransTime", text(stamp::compact(self.written(self.now())))),
            ("TransAmount", text(shillings(collection.amount_cents))),
            ("BusinessShortCode", text(short_code.to_string())),
            ("BillRefNumber", text(collection.account_reference.as_str())),
            ("InvoiceNumber", text("")),
            ("OrgAccountBalance", text(shillings(self.books.working_cents))),
            ("ThirdPartyTransID", text("")),
            ("MSISDN", text(format!("{first} ***** {last}"))),
            ("FirstName", text("JANE")),
            ("MiddleName", text("SAMPLE")),
            ("LastName", text("DOE")),
        ]);
        let delivery = Delivery {
            key: receipt.to_owned(),
            label: "c2b confirmation".to_owned(),
            url,
            short_code,
            forwarded_for: self.rules.forwarded_for.clone(),
            body: body.to_string(),
            retries: 0,
        };
        self.after(Duration::seconds(2), Event::Send(delivery));
    }
}
