//! What really happened on the rail, whoever was told of it.

use std::collections::VecDeque;

use time::OffsetDateTime;
use uuid::Uuid;

use super::faults::{MoneyCall, MoneyFault};
use crate::money::Fiat;
use crate::party::Msisdn;
use crate::ports::{PushRequest, Received};
use crate::rail::collection::PushRefs;
use crate::rail::{CallbackToken, PayoutOutcome};

/// A prompt that a phone got.
#[derive(Debug, Clone)]
pub struct Prompt {
    pub request: PushRequest,
    pub refs: PushRefs,
    /// When the service asked for it.
    pub asked_at: OffsetDateTime,
    /// What the phone's owner did about it; nothing so far when empty.
    pub answer: Option<PromptAnswer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PromptAnswer {
    Paid { receipt: String },
    Declined,
}

/// A payment that reached our short code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidIn {
    pub receipt: String,
    pub amount: Fiat,
    pub phone: Msisdn,
    pub account_reference: String,
    pub at: OffsetDateTime,
    pub is_reversed: bool,
}

/// A payout that was carried out, or refused for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidOut {
    pub reference: Uuid,
    pub phone: Msisdn,
    pub amount: Fiat,
    pub conversation_id: String,
    pub outcome: PayoutOutcome,
}

impl PaidOut {
    /// The receipt, when the money went out.
    pub fn receipt(&self) -> Option<&str> {
        match &self.outcome {
            PayoutOutcome::Done { receipt, .. } => receipt.as_deref(),
            PayoutOutcome::NotDone { .. } | PayoutOutcome::Undecided { .. } => None,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) prompts: Vec<Prompt>,
    pub(super) paid_in: Vec<PaidIn>,
    pub(super) paid_out: Vec<PaidOut>,
    /// Every reference under which a payout was asked for, in order.
    pub(super) references: Vec<Uuid>,
    pub(super) callbacks: Vec<Received>,
    /// Where every payment is told, once bills are registered.
    pub(super) bills: Option<CallbackToken>,
    pub(super) faults: VecDeque<(MoneyCall, MoneyFault)>,
    pub(super) called: Vec<MoneyCall>,
    /// Phones that cannot be paid.
    pub(super) unpayable: Vec<Msisdn>,
    numbers: u32,
}

impl Book {
    /// A number that nothing has had yet.
    pub(super) fn next(&mut self) -> u32 {
        self.numbers = self.numbers.saturating_add(1);
        self.numbers
    }

    pub(super) fn conversation(&mut self) -> String {
        format!("AG_{}", self.next())
    }

    pub(super) fn find_payout(&self, reference: Uuid) -> Option<&PaidOut> {
        self.paid_out.iter().find(|paid| paid.reference == reference)
    }
}
