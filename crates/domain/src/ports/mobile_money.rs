//! The M-Pesa rail as the engine needs it. Every call is one external act; what its answer proves is
//! told by the type: see [`Submission`]. Nothing here retries.

use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;
use crate::money::Fiat;
use crate::order::{ErrorCode, Leg};
use crate::party::Msisdn;
use crate::rail::collection::PushRefs;
use crate::rail::{CallbackToken, CollectionOutcome, Hook, Notice, Submission};

/// A prompt to be sent to a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushRequest {
    pub phone: Msisdn,
    /// Whole shillings.
    pub amount: Fiat,
    pub account_reference: String,
    pub token: CallbackToken,
}

/// Shillings to be paid to a phone, under the one reference that they have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutRequest {
    pub reference: Uuid,
    pub phone: Msisdn,
    /// Whole shillings.
    pub amount: Fiat,
    pub result_token: CallbackToken,
    pub timeout_token: CallbackToken,
}

/// A payment to be given back to the phone that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReversalRequest {
    pub receipt: String,
    /// What was paid: whole shillings.
    pub amount: Fiat,
    pub result_token: CallbackToken,
    pub timeout_token: CallbackToken,
}

/// What a status question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusKey {
    Receipt(String),
    Reference(Uuid),
}

/// A question whose answer comes by callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusRequest {
    pub key: StatusKey,
    pub result_token: CallbackToken,
    pub timeout_token: CallbackToken,
}

/// A row of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRow {
    pub receipt: String,
    pub amount: Fiat,
    pub account_reference: String,
    /// Where the rail names it in full.
    pub phone: Option<Msisdn>,
}

/// What the rail listed. Its rows are payments, however little else was answered; only a whole
/// statement says anything of a payment that it does not list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statement {
    pub rows: Vec<StatementRow>,
    /// Why it is not whole: a page or a row is missing. Holds no secret.
    pub gap: Option<String>,
}

impl Statement {
    /// Every page was answered, and every row was read.
    pub fn whole(rows: Vec<StatementRow>) -> Self {
        Self { rows, gap: None }
    }

    /// Some of what the rail has.
    pub fn partial(rows: Vec<StatementRow>, gap: &str) -> Self {
        Self { rows, gap: Some(gap.to_owned()) }
    }

    pub fn is_whole(&self) -> bool {
        self.gap.is_none()
    }
}

/// Why the rail gave no statement. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no statement: {0}")]
pub struct NoStatement(pub String);

/// Why a callback makes no sense. Holds nothing of the body but its shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unreadable: {0}")]
pub struct Unreadable(pub String);

/// Money in.
#[async_trait]
pub trait Collecting: Send + Sync {
    /// Sends a prompt. There is no idempotency: twice is two prompts.
    async fn push(&self, request: &PushRequest) -> Submission<PushRefs>;

    /// Asks about a prompt. Tells neither receipt nor amount: a `Paid` has an empty receipt and the
    /// amount zero.
    async fn query(&self, checkout_request_id: &str) -> CollectionOutcome;
}

/// Money out, and questions about it. An accepted request answers with its conversation's id.
#[async_trait]
pub trait Disbursing: Send + Sync {
    async fn pay_out(&self, request: &PayoutRequest) -> Submission<String>;
    async fn reverse(&self, request: &ReversalRequest) -> Submission<String>;
    async fn ask_status(&self, request: &StatusRequest) -> Submission<String>;
    async fn ask_balance(
        &self,
        result_token: &CallbackToken,
        timeout_token: &CallbackToken,
    ) -> Submission<String>;
}

/// Payments as the rail remembers them.
#[async_trait]
pub trait Statements: Send + Sync {
    /// Every payment to our short code between two times, all pages. An answer that may mean "none"
    /// and may mean "I do not know you" is no statement.
    async fn statement(
        &self,
        from: OffsetDateTime,
        to: OffsetDateTime,
    ) -> Result<Statement, NoStatement>;

    /// Asks the rail to notify us of every payment to our bill number.
    async fn register_bills(&self, token: &CallbackToken) -> Submission<()>;
}

/// The rail's bearer token, as processes share it.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedToken {
    pub secret: String,
    pub expires_at: OffsetDateTime,
}

impl std::fmt::Debug for SharedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Where processes share the token: a new one may kill the old one, so that each asking for its own
/// would make them refuse each other for ever.
#[async_trait]
pub trait TokenShelf: Send + Sync {
    async fn read(&self) -> Result<Option<SharedToken>, StoreError>;
    /// Whether it is ours to ask for a new one. The claim ends with [`TokenShelf::put`], or by itself.
    async fn claim(&self) -> Result<bool, StoreError>;
    /// Shares a new token, or gives the claim up.
    async fn put(&self, token: Option<&SharedToken>) -> Result<(), StoreError>;
}

/// The M-Pesa rail.
pub trait MobileMoney: Collecting + Disbursing + Statements {
    /// Reads a callback's body. `balance` tells apart the two answers that share a door.
    fn read(&self, hook: Hook, is_balance: bool, body: &[u8]) -> Result<Notice, Unreadable>;

    /// What one of the rail's own codes says of an attempt that did not work. A code that is not known
    /// is unknown, and nothing else.
    fn explain(&self, _leg: Leg, _code: &str) -> ErrorCode {
        ErrorCode::Unknown
    }
}
