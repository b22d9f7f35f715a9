//! What the people with the phones do, and what really became of the money.

use super::MemoryMobileMoney;
use super::book::{PaidIn, PaidOut, Prompt, PromptAnswer};
use crate::money::Fiat;
use crate::party::Msisdn;
use crate::ports::StatementRow;
use crate::rail::{BillNotice, CollectionNotice, CollectionOutcome, Hook, Notice};

impl MemoryMobileMoney {
    pub fn prompts(&self) -> Vec<Prompt> {
        self.book().prompts.clone()
    }

    pub fn paid_in(&self) -> Vec<PaidIn> {
        self.book().paid_in.clone()
    }

    /// Payouts that were carried out, in order.
    pub fn paid_out(&self) -> Vec<PaidOut> {
        let all = self.book().paid_out.clone();
        all.into_iter().filter(|paid| paid.receipt().is_some()).collect()
    }

    /// Every reference under which a payout was asked for, in order.
    pub fn references(&self) -> Vec<uuid::Uuid> {
        self.book().references.clone()
    }

    /// No payout reaches this phone.
    pub fn make_unpayable(&self, phone: &Msisdn) {
        self.book().unpayable.push(phone.clone());
    }

    /// The owner of the phone authorises the prompt of this number, in time or not; answers the receipt.
    pub fn pay(&self, number: usize) -> String {
        let (prompt, receipt) = {
            let mut book = self.book();
            let receipt = format!("NLJ7RT{:04}", book.next());
            let prompt = book.prompts.get_mut(number).expect("there is such a prompt");
            prompt.answer = Some(PromptAnswer::Paid { receipt: receipt.clone() });
            (prompt.clone(), receipt)
        };
        let amount = prompt.request.amount;
        self.credit(&receipt, amount, &prompt.request.phone, &prompt.request.account_reference);
        let phone = Some(prompt.request.phone.clone());
        self.tell_end(&prompt, CollectionOutcome::Paid { receipt: receipt.clone(), amount, phone });
        receipt
    }

    /// The owner of the phone declines the prompt of this number.
    pub fn decline(&self, number: usize) {
        let prompt = {
            let mut book = self.book();
            let prompt = book.prompts.get_mut(number).expect("there is such a prompt");
            prompt.answer = Some(PromptAnswer::Declined);
            prompt.clone()
        };
        self.tell_end(&prompt, CollectionOutcome::NotPaid { code: "1032".to_owned() });
    }

    /// Pays every prompt that nobody has answered.
    pub fn pay_all(&self) {
        for (number, prompt) in self.prompts().iter().enumerate() {
            if prompt.answer.is_none() {
                self.pay(number);
            }
        }
    }

    /// A payment arrives under a reference, through a prompt or not.
    pub fn credit(&self, receipt: &str, amount: Fiat, phone: &Msisdn, account_reference: &str) {
        let paid = PaidIn {
            receipt: receipt.to_owned(),
            amount,
            phone: phone.clone(),
            account_reference: account_reference.to_owned(),
            at: self.now(),
            is_reversed: false,
        };
        let bills = {
            let mut book = self.book();
            book.paid_in.push(paid);
            book.bills.clone()
        };
        if let Some(token) = bills {
            let bill = BillNotice {
                receipt: receipt.to_owned(),
                amount,
                account_reference: account_reference.to_owned(),
            };
            self.call_back(Hook::Bill, &token, &Notice::Bill(bill));
        }
    }

    /// The body of a callback that tells how a prompt ended.
    pub fn end_of(prompt: &Prompt, outcome: CollectionOutcome) -> Notice {
        Notice::Collection(CollectionNotice {
            merchant_request_id: prompt.refs.merchant_request_id.clone(),
            checkout_request_id: prompt.refs.checkout_request_id.clone(),
            outcome,
        })
    }

    fn tell_end(&self, prompt: &Prompt, outcome: CollectionOutcome) {
        let notice = Self::end_of(prompt, outcome);
        self.call_back(Hook::Collection, &prompt.request.token, &notice);
    }
}

impl From<&PaidIn> for StatementRow {
    fn from(paid: &PaidIn) -> Self {
        Self {
            receipt: paid.receipt.clone(),
            amount: paid.amount,
            account_reference: paid.account_reference.clone(),
            phone: Some(paid.phone.clone()),
        }
    }
}
