//! Money in: prompts, questions about them, and the statement.

use async_trait::async_trait;
use time::OffsetDateTime;

use super::MemoryMobileMoney;
use super::book::{Prompt, PromptAnswer};
use super::faults::{MoneyCall, MoneyFault, submitted};
use crate::money::Fiat;
use crate::ports::{Collecting, NoStatement, PushRequest, Statement, StatementRow, Statements};
use crate::rail::collection::PushRefs;
use crate::rail::{CallbackToken, CollectionOutcome, Submission};
use crate::testing::rail::push_refs;

#[async_trait]
impl Collecting for MemoryMobileMoney {
    async fn push(&self, request: &PushRequest) -> Submission<PushRefs> {
        let asked_at = self.now();
        let fault = self.called(MoneyCall::Push).await;
        submitted(fault, |_| {
            let mut book = self.book();
            let refs = push_refs(book.prompts.len().saturating_add(1));
            let (request, answer) = (request.clone(), None);
            book.prompts.push(Prompt { request, refs: refs.clone(), asked_at, answer });
            Submission::Accepted(refs)
        })
    }

    async fn query(&self, checkout_request_id: &str) -> CollectionOutcome {
        if self.called(MoneyCall::Query).await.is_some() {
            return CollectionOutcome::Undecided { code: "no answer".to_owned() };
        }
        let book = self.book();
        let mut all = book.prompts.iter();
        let prompt = all.find(|prompt| prompt.refs.checkout_request_id == checkout_request_id);
        match prompt.and_then(|prompt| prompt.answer.as_ref()) {
            Some(PromptAnswer::Paid { .. }) => {
                CollectionOutcome::Paid { receipt: String::new(), amount: Fiat::ZERO, phone: None }
            }
            Some(PromptAnswer::Declined) => CollectionOutcome::NotPaid { code: "1032".to_owned() },
            None => CollectionOutcome::Undecided { code: "4999".to_owned() },
        }
    }
}

#[async_trait]
impl Statements for MemoryMobileMoney {
    async fn statement(
        &self,
        from: OffsetDateTime,
        to: OffsetDateTime,
    ) -> Result<Statement, NoStatement> {
        if self.called(MoneyCall::Statement).await.is_some() {
            return Err(NoStatement("as the test has it".to_owned()));
        }
        let book = self.book();
        let asked = book.paid_in.iter().filter(|paid| (from..=to).contains(&paid.at));
        Ok(Statement::whole(asked.map(StatementRow::from).collect()))
    }

    async fn register_bills(&self, token: &CallbackToken) -> Submission<()> {
        let fault: Option<MoneyFault> = self.called(MoneyCall::RegisterBills).await;
        submitted(fault, |_| {
            self.book().bills = Some(token.clone());
            Submission::Accepted(())
        })
    }
}
