//! M-Pesa's rail with a tripwire in each of its calls.

use std::sync::Arc;

use async_trait::async_trait;
use domain::order::{ErrorCode, Leg};
use domain::ports::{
    Collecting, Disbursing, MobileMoney, NoStatement, PayoutRequest, PushRequest, ReversalRequest,
    Statement, Statements, StatusRequest, Unreadable,
};
use domain::rail::collection::PushRefs;
use domain::rail::{CallbackToken, CollectionOutcome, Doubt, Hook, Notice, Submission};
use time::OffsetDateTime;

use crate::tripwire::Tripwire;

fn unknown<T>(_: Submission<T>) -> Submission<T> {
    Submission::Unknown(Doubt::NoAnswer("the reply was lost".into()))
}

pub(crate) struct WiredRail {
    pub(crate) inner: Arc<dyn MobileMoney>,
    pub(crate) wire: Tripwire,
}

#[async_trait]
impl Collecting for WiredRail {
    async fn push(&self, request: &PushRequest) -> Submission<PushRefs> {
        self.wire.effect("push", self.inner.push(request), unknown).await
    }

    async fn query(&self, checkout_request_id: &str) -> CollectionOutcome {
        let undecided = |_| CollectionOutcome::Undecided { code: "lost".into() };
        self.wire.effect("query", self.inner.query(checkout_request_id), undecided).await
    }
}

#[async_trait]
impl Disbursing for WiredRail {
    async fn pay_out(&self, request: &PayoutRequest) -> Submission<String> {
        self.wire.effect("pay out", self.inner.pay_out(request), unknown).await
    }

    async fn reverse(&self, request: &ReversalRequest) -> Submission<String> {
        self.wire.effect("reverse", self.inner.reverse(request), unknown).await
    }

    async fn ask_status(&self, request: &StatusRequest) -> Submission<String> {
        self.wire.effect("ask status", self.inner.ask_status(request), unknown).await
    }

    async fn ask_balance(&self, a: &CallbackToken, b: &CallbackToken) -> Submission<String> {
        self.wire.effect("ask balance", self.inner.ask_balance(a, b), unknown).await
    }
}

#[async_trait]
impl Statements for WiredRail {
    async fn statement(
        &self,
        from: OffsetDateTime,
        to: OffsetDateTime,
    ) -> Result<Statement, NoStatement> {
        let none = |_| Err(NoStatement("lost".into()));
        self.wire.effect("statement", self.inner.statement(from, to), none).await
    }

    async fn register_bills(&self, token: &CallbackToken) -> Submission<()> {
        self.wire.effect("register bills", self.inner.register_bills(token), unknown).await
    }
}

impl MobileMoney for WiredRail {
    fn read(&self, hook: Hook, is_balance: bool, body: &[u8]) -> Result<Notice, Unreadable> {
        self.inner.read(hook, is_balance, body)
    }

    fn explain(&self, leg: Leg, code: &str) -> ErrorCode {
        self.inner.explain(leg, code)
    }
}
