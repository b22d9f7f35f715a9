//! What all evidence of a collection together proves. A callback is a hint: a payment is proven by
//! two sources that do not depend on one URL, one of which we asked.

use time::OffsetDateTime;

use super::{Claim, Collection, CollectionState as S};
use crate::order::PaymentDoubt;
use crate::party::Msisdn;
use crate::rail::{RailReview, Tempo};

pub(super) const OTHER_PHONE: &str = "another phone has paid";

/// What the evidence says now, when it says something new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Proven; what is odd about it is the order's to know.
    Paid(Claim, Option<PaymentDoubt>),
    Unreceipted,
    NotPaid,
    Review(RailReview, &'static str),
}

impl Collection {
    /// The receipt that somebody claims and that nothing has proven yet.
    pub fn claimed_receipt(&self) -> Option<&str> {
        let claim = self.evidence.told.as_ref().or(self.evidence.billed.as_ref())?;
        Some(&claim.receipt)
    }

    pub(super) fn judge(&self, tempo: &Tempo, now: OffsetDateTime) -> Option<Verdict> {
        if matches!(self.state, S::Paid | S::Created) {
            return None;
        }
        if let Some(claim) = self.proven() {
            return Some(self.weigh(claim));
        }
        if matches!(self.state, S::Review) {
            return None;
        }
        if self.claimed_receipt().is_some() {
            return self
                .is_disproven()
                .map(|detail| Verdict::Review(RailReview::Contradiction, detail));
        }
        if self.evidence.query_paid {
            return (self.state != S::PaidUnreceipted).then_some(Verdict::Unreceipted);
        }
        let open = matches!(self.state, S::Sending | S::Awaiting | S::SubmitUnknown);
        (open && self.is_not_paid(tempo, now)).then_some(Verdict::NotPaid)
    }

    /// The payment as its strongest source tells it, if it is proven.
    fn proven(&self) -> Option<Claim> {
        let e = &self.evidence;
        if let Some(claim) = e.pulled.as_ref().or(e.stated.as_ref()) {
            return Some(claim.clone());
        }
        // What the rail itself says is no payment takes more than callbacks and a query.
        if e.denied {
            return None;
        }
        let told = e.told.as_ref();
        let both = told.zip(e.billed.as_ref()).filter(|(told, billed)| {
            told.receipt == billed.receipt && told.amount == billed.amount
        });
        if let Some((told, _)) = both {
            return Some(told.clone());
        }
        // A query tells neither receipt nor amount: it confirms the only claim there is, of exactly
        // what was asked, and only under a name that the rail gave us itself.
        let claim = told.xor(e.billed.as_ref())?;
        let as_asked = claim.amount == self.amount;
        (e.query_paid && e.refs_are_ours && as_asked).then(|| claim.clone())
    }

    /// What is claimed and does not exist, as far as the rail knows.
    fn is_disproven(&self) -> Option<&'static str> {
        if self.evidence.denied {
            return Some("a callback says paid, the rail says it is not");
        }
        self.evidence.absent.then_some("a callback says paid, the statement does not know it")
    }

    /// Another phone than the one asked, or sources that name different amounts, are never credited by
    /// themselves: the order stops with the payment in its books, and an operator credits or returns it.
    fn weigh(&self, claim: Claim) -> Verdict {
        let e = &self.evidence;
        let other = e.claims().find(|other| other.amount != claim.amount);
        let told = e.told.as_ref().and_then(|told| told.phone.as_ref());
        let is_other = |phone: Option<&Msisdn>| phone.is_some_and(|phone| *phone != self.phone);
        let doubt = match other {
            Some(other) => Some(PaymentDoubt::Amount(other.amount)),
            None if is_other(claim.phone.as_ref()) || is_other(told) => Some(PaymentDoubt::Phone),
            None => None,
        };
        Verdict::Paid(claim, doubt)
    }

    /// Told by the callback; or by the query twice, of an attempt old enough; or missing from a whole
    /// statement.
    fn is_not_paid(&self, tempo: &Tempo, now: OffsetDateTime) -> bool {
        let e = &self.evidence;
        let sent = self.sent_at.unwrap_or(self.created_at);
        let queried = e.query_not.as_ref().is_some_and(|(_, first, last)| {
            *last >= first.saturating_add(tempo.query_gap())
                && now >= sent.saturating_add(tempo.query_age())
        });
        e.told_not.is_some() || queried || e.absent
    }
}
