//! What to do next about a collection, and when.

use time::OffsetDateTime;

use super::{Collection, CollectionState as S};
use crate::rail::Tempo;

/// The next act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CollectionStep {
    /// Send the prompt.
    Send,
    /// Whoever was sending is gone.
    Abandon,
    /// Ask about the prompt by the rail's name for it.
    Query(String),
    /// Ask for the status of a claimed receipt.
    AskStatus(String),
    /// Nothing can be asked: a callback or a statement must tell.
    Wait,
    /// Nothing is left to do.
    Finish,
}

impl Collection {
    /// What to do now that the attempt's job is due.
    pub fn next_step(&self) -> CollectionStep {
        match self.state {
            S::Created => CollectionStep::Send,
            S::Sending => CollectionStep::Abandon,
            S::Paid | S::Review => CollectionStep::Finish,
            // A success that is claimed late is asked about like any other.
            S::Refused | S::NotPaid if self.claimed_receipt().is_some() => self.question(),
            S::Refused => CollectionStep::Finish,
            S::NotPaid if self.was_asked_again() => CollectionStep::Finish,
            S::Awaiting | S::SubmitUnknown | S::NotPaid | S::PaidUnreceipted => self.question(),
        }
    }

    /// A query confirms a claim of what was asked for; anything else is for the status.
    fn question(&self) -> CollectionStep {
        let e = &self.evidence;
        let refs = self.refs.as_ref().filter(|_| e.refs_are_ours);
        let claim = e.told.as_ref().or(e.billed.as_ref());
        match (claim, refs) {
            (Some(claim), Some(refs)) if claim.amount == self.amount && !self.is_answered() => {
                CollectionStep::Query(refs.checkout_request_id.clone())
            }
            (Some(claim), _) => CollectionStep::AskStatus(claim.receipt.clone()),
            (None, Some(_)) if self.state == S::PaidUnreceipted => CollectionStep::Wait,
            (None, Some(refs)) => CollectionStep::Query(refs.checkout_request_id.clone()),
            (None, None) => CollectionStep::Wait,
        }
    }

    /// The query has said what it can, and that did not prove what is claimed.
    fn is_answered(&self) -> bool {
        self.evidence.query_not.is_some() || self.evidence.query_paid
    }

    /// A prompt that a callback called unpaid is asked about once more, or a few times if the rail
    /// does not say.
    fn was_asked_again(&self) -> bool {
        let e = &self.evidence;
        e.query_not.is_some() || e.absent || !e.refs_are_ours || e.proofs_asked >= 5
    }

    /// When the job is due again; `None` when it is done.
    pub fn due_again(&self, tempo: &Tempo, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let sent = self.sent_at.unwrap_or(self.created_at);
        let claimed = self.claimed_receipt().is_some();
        match self.next_step() {
            CollectionStep::Finish => None,
            CollectionStep::Send | CollectionStep::Abandon => Some(now),
            _ if self.state == S::NotPaid && !claimed => {
                Some(now.saturating_add(tempo.seconds(60)))
            }
            CollectionStep::Query(_) if claimed => {
                Some(tempo.next_proof(self.evidence.proofs_asked, now))
            }
            CollectionStep::AskStatus(_) => {
                Some(tempo.next_status(self.evidence.statuses_asked, now))
            }
            CollectionStep::Query(_) | CollectionStep::Wait => Some(tempo.next_query(sent, now)),
        }
    }

    /// Undecided for longer than any payment takes.
    pub fn is_overdue(&self, tempo: &Tempo, now: OffsetDateTime) -> bool {
        let sent = self.sent_at.unwrap_or(self.created_at);
        let is_open = match self.state {
            S::Paid => false,
            S::Refused | S::NotPaid => self.claimed_receipt().is_some(),
            S::Created
            | S::Sending
            | S::Awaiting
            | S::SubmitUnknown
            | S::PaidUnreceipted
            | S::Review => true,
        };
        is_open && now >= sent.saturating_add(tempo.collection_window())
    }
}
