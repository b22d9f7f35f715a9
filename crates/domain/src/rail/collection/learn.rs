//! THE MACHINE of a collection: what each fact makes of it. Facts arrive in any order, any number of
//! times, and some are lies; evidence is added first, then judged as a whole.

use time::OffsetDateTime;

use super::judge::{OTHER_PHONE, Verdict};
use super::{Claim, Collection, CollectionState as S, PushRefs};
use crate::order::{
    AttemptError, CollectionRefs, ErrorCode, Leg, OrderEvent, Payment, PaymentDoubt,
};
use crate::rail::{
    CollectionNotice, CollectionOutcome, Consequence, Doubt, Fate, Fault, NotDone, RailReview,
    Tempo,
};

/// What can be learned of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CollectionFact {
    /// The rail took the request.
    Accepted(PushRefs),
    NotDone(NotDone),
    Doubtful(Doubt),
    /// The process that was sending it is gone.
    Abandoned,
    /// A callback to this attempt's own URL.
    Told(CollectionNotice),
    /// The answer to a query about it.
    Queried(CollectionOutcome),
    /// A notification of our bill number names its reference.
    Billed(Claim),
    /// A statement that we asked for names its reference.
    Pulled(Claim),
    /// The answer to a status question about the claimed receipt.
    Stated(Fate),
    /// A whole statement up to this time does not name its reference.
    AbsentUntil(OffsetDateTime),
    /// We have asked for a status.
    StatusAsked,
}

impl CollectionFact {
    /// The payment that it claims. A second callback under one name is no second payment.
    fn receipt(&self) -> Option<&str> {
        match self {
            Self::Billed(claim) | Self::Pulled(claim) => Some(&claim.receipt),
            Self::Accepted(_)
            | Self::NotDone(_)
            | Self::Doubtful(_)
            | Self::Abandoned
            | Self::Told(_)
            | Self::Queried(_)
            | Self::Stated(_)
            | Self::AbsentUntil(_)
            | Self::StatusAsked => None,
        }
    }
}

impl Collection {
    /// Marks the attempt as being sent; only one that nobody has sent.
    pub fn start_sending(&mut self, at: OffsetDateTime) -> bool {
        let fresh = self.state == S::Created;
        if fresh {
            (self.state, self.sent_at, self.updated_at) = (S::Sending, Some(at), at);
        }
        fresh
    }

    /// Takes a fact in and says what follows from it.
    pub fn learn(
        &mut self,
        fact: CollectionFact,
        tempo: &Tempo,
        now: OffsetDateTime,
    ) -> Vec<Consequence> {
        let before = self.clone();
        let heard = fact.receipt().map(str::to_owned);
        let mut consequences = self.take_in(fact, tempo, now);
        if let Some(verdict) = self.judge(tempo, now) {
            consequences.extend(self.settle(verdict, now));
        }
        consequences.extend(self.spare(&before, heard));
        consequences.extend(self.second_thoughts(&before));
        if *self != before {
            self.updated_at = now;
        }
        consequences
    }

    fn take_in(
        &mut self,
        fact: CollectionFact,
        tempo: &Tempo,
        now: OffsetDateTime,
    ) -> Vec<Consequence> {
        match fact {
            CollectionFact::Accepted(refs) => return self.accept(refs),
            CollectionFact::NotDone(not_done) if self.state == S::Sending => {
                self.state = S::Refused;
                self.evidence.not_done = Some(not_done);
                return vec![self.failed(now)];
            }
            CollectionFact::Doubtful(_) | CollectionFact::Abandoned if self.state == S::Sending => {
                self.state = S::SubmitUnknown;
            }
            CollectionFact::Doubtful(_)
            | CollectionFact::Abandoned
            | CollectionFact::NotDone(_) => {}
            CollectionFact::Told(notice) => return self.hear(notice),
            CollectionFact::Queried(outcome) => self.note_query(outcome, now),
            CollectionFact::Billed(claim) => {
                let is_first = self.claimed_receipt().is_none();
                self.evidence.billed.get_or_insert(claim);
                self.evidence.absent &= !is_first;
            }
            CollectionFact::Pulled(claim) => drop(self.evidence.pulled.get_or_insert(claim)),
            CollectionFact::Stated(fate) => return self.note_fate(fate),
            CollectionFact::AbsentUntil(at) => self.note_absence(at, tempo),
            CollectionFact::StatusAsked => {
                self.evidence.statuses_asked = self.evidence.statuses_asked.saturating_add(1);
            }
        }
        vec![]
    }

    /// Our own answer is right about the ids: what a callback told under others was about nothing of
    /// ours.
    fn accept(&mut self, refs: PushRefs) -> Vec<Consequence> {
        let mut consequences = vec![];
        if self.refs.as_ref().is_some_and(|told| !told.names_the_same(&refs)) {
            (self.evidence.told, self.evidence.told_not) = (None, None);
            consequences.push(review(RailReview::Forged, "an earlier callback named other ids"));
        }
        if matches!(self.state, S::Sending | S::SubmitUnknown) {
            self.state = S::Awaiting;
        }
        self.evidence.refs_are_ours = true;
        self.refs = Some(refs);
        consequences.push(self.accepted());
        consequences
    }

    /// A body is about this attempt when it names its ids. Where our own answer was lost, the first
    /// ones told are taken, and prove less: see [`Collection::judge`].
    fn hear(&mut self, notice: CollectionNotice) -> Vec<Consequence> {
        let told = PushRefs {
            merchant_request_id: notice.merchant_request_id,
            checkout_request_id: notice.checkout_request_id,
            response_code: String::new(),
            response_description: String::new(),
            customer_message: String::new(),
        };
        if self.refs.as_ref().is_some_and(|refs| !refs.names_the_same(&told)) {
            return vec![review(RailReview::Forged, "the callback names other ids")];
        }
        let is_first = self.refs.is_none();
        self.refs.get_or_insert(told);
        let mut consequences = self.note_outcome(notice.outcome);
        consequences.extend(is_first.then(|| self.accepted()));
        consequences
    }

    fn note_outcome(&mut self, outcome: CollectionOutcome) -> Vec<Consequence> {
        match outcome {
            CollectionOutcome::Paid { receipt, amount, phone } => {
                let claim = Claim { receipt, amount, phone };
                // A statement before the first claim says nothing about it.
                self.evidence.absent &= self.claimed_receipt().is_some();
                match &self.evidence.told {
                    Some(known) if *known != claim => {
                        return vec![review(RailReview::Contradiction, "two callbacks differ")];
                    }
                    _ => self.evidence.told = Some(claim),
                }
            }
            CollectionOutcome::NotPaid { code } => {
                self.evidence.told_not.get_or_insert(code);
            }
            CollectionOutcome::Undecided { .. } => {}
        }
        vec![]
    }

    fn note_query(&mut self, outcome: CollectionOutcome, now: OffsetDateTime) {
        let claimed = self.evidence.told.is_some() || self.evidence.billed.is_some();
        if claimed || self.state == S::NotPaid {
            self.evidence.proofs_asked = self.evidence.proofs_asked.saturating_add(1);
        }
        match outcome {
            CollectionOutcome::Paid { .. } => self.evidence.query_paid = true,
            CollectionOutcome::NotPaid { code } => {
                let first = self.evidence.query_not.as_ref().map_or(now, |(_, first, _)| *first);
                self.evidence.query_not = Some((code, first, now));
            }
            CollectionOutcome::Undecided { .. } => {}
        }
    }

    /// A status names the receipt that was claimed, or it is about something else.
    fn note_fate(&mut self, fate: Fate) -> Vec<Consequence> {
        match fate {
            Fate::Completed { receipt, amount, phone, .. }
                if self.claimed_receipt() == Some(receipt.as_str()) =>
            {
                self.evidence.stated = Some(Claim { receipt, amount, phone });
                vec![Consequence::CredentialsWork]
            }
            Fate::Completed { .. } => {
                vec![review(RailReview::Contradiction, "the status names another receipt")]
            }
            Fate::Failed(_) => {
                self.evidence.denied = true;
                vec![Consequence::CredentialsWork]
            }
            Fate::NoAnswer { code, fault: Some(Fault::Credentials) } => {
                vec![Consequence::OpenCircuit(format!("a status question was refused: {code}"))]
            }
            Fate::NoAnswer { .. } | Fate::Pending(_) => vec![],
        }
    }

    /// A statement that ends too early proves nothing: the prompt may have been paid after it.
    fn note_absence(&mut self, until: OffsetDateTime, tempo: &Tempo) {
        let ends = |sent: OffsetDateTime| sent.saturating_add(tempo.statement_age());
        self.evidence.absent |= self.sent_at.is_some_and(|sent| until >= ends(sent));
    }

    /// Payments that name this attempt beside the one that it is paid by. Somebody paid them, and
    /// they are told to no order: an operator must find out whose they are.
    fn spare(&self, before: &Self, heard: Option<String>) -> Vec<Consequence> {
        let is_paid = self.state == S::Paid;
        let was_known = if before.state == S::Paid { before.evidence.receipts() } else { vec![] };
        let kept = self.evidence.receipts();
        let new = kept.iter().filter(|receipt| is_paid && !was_known.contains(receipt));
        let mut spare: Vec<_> = new.map(|receipt| (*receipt).to_owned()).collect();
        spare.extend(heard.filter(|heard| is_paid || !kept.contains(&heard.as_str())));
        spare.retain(|receipt| self.receipt.as_ref() != Some(receipt));
        spare.sort_unstable();
        spare.dedup();
        let call = |receipt| format!("payment {receipt} names this attempt too");
        spare.into_iter().map(|receipt| review(RailReview::Unmatched, &call(receipt))).collect()
    }

    /// What is told of the payment after it was credited, and does not fit. It stays credited.
    fn second_thoughts(&self, before: &Self) -> Option<Consequence> {
        let receipt = before.receipt.as_ref()?;
        let credited = before.evidence.claims().find(|claim| claim.receipt == *receipt)?;
        let is_news = |claim: &&Claim| before.evidence.claims().all(|known| known != *claim);
        let mut news = self.evidence.claims().filter(is_news);
        let odd = news.find(|claim| claim.receipt == *receipt)?;
        if odd.amount != credited.amount {
            let detail = format!(
                "{receipt} is credited with {}, another source says {}",
                credited.amount, odd.amount
            );
            return Some(review(RailReview::Contradiction, &detail));
        }
        let is_other = odd.phone.as_ref().is_some_and(|phone| *phone != self.phone);
        is_other.then(|| review(RailReview::WrongPhone, OTHER_PHONE))
    }

    fn settle(&mut self, verdict: Verdict, now: OffsetDateTime) -> Vec<Consequence> {
        match verdict {
            Verdict::Paid(claim, doubt) => self.pay(claim, doubt),
            Verdict::Unreceipted => {
                self.state = S::PaidUnreceipted;
                vec![]
            }
            Verdict::NotPaid => {
                self.state = S::NotPaid;
                vec![self.failed(now)]
            }
            Verdict::Review(kind, detail) => {
                self.state = S::Review;
                vec![review(kind, detail)]
            }
        }
    }

    fn pay(&mut self, claim: Claim, doubt: Option<PaymentDoubt>) -> Vec<Consequence> {
        self.state = S::Paid;
        self.receipt = Some(claim.receipt.clone());
        let phone = claim.phone.unwrap_or_else(|| self.phone.clone());
        let payment = Payment { receipt: claim.receipt, amount: claim.amount, phone };
        vec![Consequence::Tell(OrderEvent::PaymentConfirmed { payment, doubt })]
    }

    fn failed(&self, at: OffsetDateTime) -> Consequence {
        let error = Some(self.error(at));
        Consequence::Tell(OrderEvent::CollectionFailed { collection: self.id, error })
    }

    /// Why it came to nothing, as far as anybody has said: the rail's code, or how it was refused. One
    /// that a statement does not name was answered by nobody.
    fn error(&self, at: OffsetDateTime) -> AttemptError {
        let e = &self.evidence;
        let queried = e.query_not.as_ref().map(|(code, _, _)| code);
        match (e.told_not.as_ref().or(queried), &e.not_done) {
            (Some(code), _) => AttemptError::told(Leg::Collection, code, at),
            (None, Some(not_done)) => {
                AttemptError::new(Leg::Collection, not_done.why.error_code(), at)
            }
            (None, None) => AttemptError::new(Leg::Collection, ErrorCode::NoResponse, at),
        }
    }

    fn accepted(&self) -> Consequence {
        let id =
            |of: fn(&PushRefs) -> &String| self.refs.as_ref().map(of).cloned().unwrap_or_default();
        let refs = CollectionRefs {
            collection: self.id,
            merchant_request_id: id(|refs| &refs.merchant_request_id),
            checkout_request_id: id(|refs| &refs.checkout_request_id),
        };
        Consequence::Tell(OrderEvent::CollectionAccepted { refs })
    }
}

fn review(kind: RailReview, detail: &str) -> Consequence {
    Consequence::Review { kind, detail: detail.to_owned() }
}
