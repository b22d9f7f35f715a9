//! The rail for tests: a fake that does nothing and remembers everything, and samples of what it is
//! asked for.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::ports::{
    Collecting, Disbursing, MobileMoney, NoStatement, PayoutRequest, PushRequest, ReversalRequest,
    Statement, Statements, StatusRequest, Unreadable,
};
use crate::rail::collection::PushRefs;
use crate::rail::{CallbackToken, CollectionOutcome, Hook, Notice, Submission};

/// What was asked of the rail, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    Push(PushRequest),
    Query(String),
    Payout(PayoutRequest),
    Reversal(ReversalRequest),
    Status(StatusRequest),
    Balance { result_token: CallbackToken, timeout_token: CallbackToken },
    Statement { from: OffsetDateTime, to: OffsetDateTime },
    Bills(CallbackToken),
}

#[derive(Debug, Default)]
struct Script {
    asked: Vec<Asked>,
    pushes: VecDeque<Submission<PushRefs>>,
    queries: VecDeque<CollectionOutcome>,
    disbursings: VecDeque<Submission<String>>,
    statement: Option<Result<Statement, NoStatement>>,
    notices: Vec<Notice>,
}

/// A rail in memory. It answers as told, one answer after the other; without any left it accepts
/// everything, knows the end of nothing, and has an empty statement.
#[derive(Debug, Default)]
pub struct FakeRail(Mutex<Script>);

impl FakeRail {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn answer_push(&self, answer: Submission<PushRefs>) {
        self.script().pushes.push_back(answer);
    }

    pub fn answer_query(&self, answer: CollectionOutcome) {
        self.script().queries.push_back(answer);
    }

    /// Answers the next payout, reversal, or question for a status or the balance.
    pub fn answer_disbursing(&self, answer: Submission<String>) {
        self.script().disbursings.push_back(answer);
    }

    /// Answers every statement from now on.
    pub fn answer_statements(&self, answer: Result<Statement, NoStatement>) {
        self.script().statement = Some(answer);
    }

    /// A callback's body that [`MobileMoney::read`] reads as `notice`.
    pub fn body(&self, notice: &Notice) -> Vec<u8> {
        let notices = &mut self.script().notices;
        let known = notices.iter().position(|known| known == notice);
        let index = known.unwrap_or_else(|| {
            notices.push(notice.clone());
            notices.len().saturating_sub(1)
        });
        index.to_string().into_bytes()
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.script().asked.clone()
    }

    pub fn pushes(&self) -> Vec<PushRequest> {
        self.only(|asked| if let Asked::Push(it) = asked { Some(it) } else { None })
    }

    pub fn payouts(&self) -> Vec<PayoutRequest> {
        self.only(|asked| if let Asked::Payout(it) = asked { Some(it) } else { None })
    }

    pub fn reversals(&self) -> Vec<ReversalRequest> {
        self.only(|asked| if let Asked::Reversal(it) = asked { Some(it) } else { None })
    }

    pub fn statuses(&self) -> Vec<StatusRequest> {
        self.only(|asked| if let Asked::Status(it) = asked { Some(it) } else { None })
    }

    fn only<T>(&self, wanted: fn(Asked) -> Option<T>) -> Vec<T> {
        self.asked().into_iter().filter_map(wanted).collect()
    }

    /// Notes what was asked; answers how many times anything was, which names what is accepted.
    fn note(&self, asked: Asked) -> usize {
        let all = &mut self.script().asked;
        all.push(asked);
        all.len()
    }

    fn disburse(&self, asked: Asked) -> Submission<String> {
        let number = self.note(asked);
        let told = self.script().disbursings.pop_front();
        told.unwrap_or_else(|| Submission::Accepted(format!("AG_{number}")))
    }
}

/// The names that the fake gives to the prompt that was the `number`th thing asked of it.
pub fn push_refs(number: usize) -> PushRefs {
    PushRefs {
        merchant_request_id: format!("29115-{number}"),
        checkout_request_id: format!("ws_CO_{number}"),
        response_code: "0".into(),
        response_description: "Success. Request accepted for processing".into(),
        customer_message: "Success. Request accepted for processing".into(),
    }
}

#[async_trait]
impl Collecting for FakeRail {
    async fn push(&self, request: &PushRequest) -> Submission<PushRefs> {
        let number = self.note(Asked::Push(request.clone()));
        let told = self.script().pushes.pop_front();
        told.unwrap_or_else(|| Submission::Accepted(push_refs(number)))
    }

    async fn query(&self, checkout_request_id: &str) -> CollectionOutcome {
        self.note(Asked::Query(checkout_request_id.to_owned()));
        let told = self.script().queries.pop_front();
        told.unwrap_or_else(|| CollectionOutcome::Undecided { code: "4999".into() })
    }
}

#[async_trait]
impl Disbursing for FakeRail {
    async fn pay_out(&self, request: &PayoutRequest) -> Submission<String> {
        self.disburse(Asked::Payout(request.clone()))
    }

    async fn reverse(&self, request: &ReversalRequest) -> Submission<String> {
        self.disburse(Asked::Reversal(request.clone()))
    }

    async fn ask_status(&self, request: &StatusRequest) -> Submission<String> {
        self.disburse(Asked::Status(request.clone()))
    }

    async fn ask_balance(
        &self,
        result_token: &CallbackToken,
        timeout_token: &CallbackToken,
    ) -> Submission<String> {
        let (result_token, timeout_token) = (result_token.clone(), timeout_token.clone());
        self.disburse(Asked::Balance { result_token, timeout_token })
    }
}

#[async_trait]
impl Statements for FakeRail {
    async fn statement(
        &self,
        from: OffsetDateTime,
        to: OffsetDateTime,
    ) -> Result<Statement, NoStatement> {
        self.note(Asked::Statement { from, to });
        self.script().statement.clone().unwrap_or_else(|| Ok(Statement::default()))
    }

    async fn register_bills(&self, token: &CallbackToken) -> Submission<()> {
        self.note(Asked::Bills(token.clone()));
        Submission::Accepted(())
    }
}

impl MobileMoney for FakeRail {
    fn read(&self, hook: Hook, is_balance: bool, body: &[u8]) -> Result<Notice, Unreadable> {
        let index = std::str::from_utf8(body).ok().and_then(|text| text.parse::<usize>().ok());
        let notice = index.and_then(|index| self.script().notices.get(index).cloned());
        let notice = notice.ok_or_else(|| Unreadable("no body of the fake's".into()))?;
        let door = match &notice {
            Notice::Collection(_) => Hook::Collection,
            Notice::Outcome(_) => Hook::Payout,
            Notice::QueueTimeout => Hook::QueueTimeout,
            Notice::Status(_) | Notice::Balance(_) => Hook::Status,
            Notice::Bill(_) => Hook::Bill,
        };
        if door != hook || is_balance != matches!(notice, Notice::Balance(_)) {
            return Err(Unreadable("the notice is for another door".into()));
        }
        Ok(notice)
    }
}
