//! Money out: payouts under their reference, reversals, and questions that are answered by callback.

use async_trait::async_trait;

use super::MemoryMobileMoney;
use super::book::PaidOut;
use super::faults::{MoneyCall, submitted};
use crate::money::Fiat;
use crate::ports::{Disbursing, PayoutRequest, ReversalRequest, StatusKey, StatusRequest};
use crate::rail::{
    BalanceNotice, CallbackToken, Doubt, Fate, Fault, Hook, Notice, OutcomeNotice, PayoutOutcome,
    StatusNotice, Submission,
};

/// Cents that the rail charges for a payout.
const CHARGE: i64 = 1_100;
/// Cents of the float before the first payout.
const FLOAT: i64 = 1_000_000_000;

#[async_trait]
impl Disbursing for MemoryMobileMoney {
    async fn pay_out(&self, request: &PayoutRequest) -> Submission<String> {
        let fault = self.called(MoneyCall::PayOut).await;
        self.book().references.push(request.reference);
        submitted(fault, |calls_back| self.execute(request, calls_back))
    }

    async fn reverse(&self, request: &ReversalRequest) -> Submission<String> {
        let fault = self.called(MoneyCall::Reverse).await;
        submitted(fault, |calls_back| {
            let conversation_id = self.book().conversation();
            let notice = Notice::Outcome(OutcomeNotice {
                originator_conversation_id: String::new(),
                conversation_id: conversation_id.clone(),
                outcome: self.give_back(request),
            });
            if calls_back {
                self.call_back(Hook::Payout, &request.result_token, &notice);
            }
            Submission::Accepted(conversation_id)
        })
    }

    async fn ask_status(&self, request: &StatusRequest) -> Submission<String> {
        let fault = self.called(MoneyCall::AskStatus).await;
        submitted(fault, |calls_back| {
            let conversation_id = self.book().conversation();
            let fate = self.fate(&request.key);
            let notice = StatusNotice { conversation_id: conversation_id.clone(), fate };
            if calls_back {
                self.call_back(Hook::Status, &request.result_token, &Notice::Status(notice));
            }
            Submission::Accepted(conversation_id)
        })
    }

    async fn ask_balance(
        &self,
        result_token: &CallbackToken,
        _timeout_token: &CallbackToken,
    ) -> Submission<String> {
        let fault = self.called(MoneyCall::AskBalance).await;
        submitted(fault, |calls_back| {
            let notice = BalanceNotice { utility: self.float(), working: None };
            if calls_back {
                self.call_back(Hook::Status, result_token, &Notice::Balance(notice));
            }
            Submission::Accepted(self.book().conversation())
        })
    }
}

impl MemoryMobileMoney {
    /// Pays once per reference.
    fn execute(&self, request: &PayoutRequest, calls_back: bool) -> Submission<String> {
        let mut book = self.book();
        if book.find_payout(request.reference).is_some() {
            return Submission::Unknown(Doubt::Duplicate);
        }
        let conversation_id = book.conversation();
        let outcome = if book.unpayable.contains(&request.phone) {
            PayoutOutcome::NotDone { code: "2040".to_owned(), fault: Fault::Receiver }
        } else {
            PayoutOutcome::Done {
                receipt: Some(format!("QKA81L{:04}", book.next())),
                amount: Some(request.amount),
                phone: Some(request.phone.clone()),
            }
        };
        book.paid_out.push(PaidOut {
            reference: request.reference,
            phone: request.phone.clone(),
            amount: request.amount,
            conversation_id: conversation_id.clone(),
            outcome: outcome.clone(),
        });
        drop(book);
        let notice = Notice::Outcome(OutcomeNotice {
            originator_conversation_id: request.reference.to_string(),
            conversation_id: conversation_id.clone(),
            outcome,
        });
        if calls_back {
            self.call_back(Hook::Payout, &request.result_token, &notice);
        }
        Submission::Accepted(conversation_id)
    }

    /// A receipt is reversed once; asked again, the rail says that it was.
    fn give_back(&self, request: &ReversalRequest) -> PayoutOutcome {
        let mut book = self.book();
        let number = book.next();
        let mut all = book.paid_in.iter_mut();
        let paid =
            all.find(|paid| paid.receipt == request.receipt && paid.amount == request.amount);
        let Some(paid) = paid else {
            return PayoutOutcome::NotDone { code: "2028".to_owned(), fault: Fault::Sender };
        };
        let receipt = (!paid.is_reversed).then(|| format!("RKB52M{number:04}"));
        paid.is_reversed = true;
        PayoutOutcome::Done { receipt, amount: None, phone: None }
    }

    fn fate(&self, key: &StatusKey) -> Fate {
        let book = self.book();
        let unknown = Fate::NoAnswer { code: "2032".to_owned(), fault: None };
        match key {
            StatusKey::Receipt(receipt) => {
                let paid = book.paid_in.iter().find(|paid| paid.receipt == *receipt);
                paid.map_or(unknown, |paid| Fate::Completed {
                    receipt: receipt.clone(),
                    amount: paid.amount,
                    charge: None,
                    phone: Some(paid.phone.clone()),
                })
            }
            StatusKey::Reference(reference) => match book.find_payout(*reference) {
                None => unknown,
                Some(paid) => match paid.receipt() {
                    None => Fate::Failed("Declined".to_owned()),
                    Some(receipt) => Fate::Completed {
                        receipt: receipt.to_owned(),
                        amount: paid.amount,
                        charge: Fiat::from_minor(CHARGE),
                        phone: Some(paid.phone.clone()),
                    },
                },
            },
        }
    }

    /// What the utility account holds: what it began with, less payouts and what they cost.
    pub fn float(&self) -> Fiat {
        let spent: i64 =
            self.paid_out().iter().map(|paid| paid.amount.minor().saturating_add(CHARGE)).sum();
        Fiat::from_minor(FLOAT.saturating_sub(spent)).expect("no test spends more")
    }
}
