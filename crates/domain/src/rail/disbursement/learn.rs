//! THE MACHINE of a disbursement: what each fact makes of it. The rule that it exists for: no failure
//! is believed before it is proven, because paying again after a false one is how one pays twice.

use time::OffsetDateTime;
use uuid::Uuid;

use super::{Disbursement, DisbursementState as S, Purpose};
use crate::money::Fiat;
use crate::order::{AttemptError, OrderEvent};
use crate::party::Msisdn;
use crate::rail::{
    Consequence, Doubt, Fate, Fault, NotDone, OutcomeNotice, PayoutOutcome, RailReview, Tempo,
    WhyNot,
};

/// What can be learned of money out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisbursementFact {
    /// The rail took the request under this conversation.
    Accepted(String),
    NotDone(NotDone),
    Doubtful(Doubt),
    /// The process that was sending it is gone.
    Abandoned,
    /// A callback to its own URL; `from_rail` when it came from an address of the rail.
    Told {
        notice: OutcomeNotice,
        from_rail: bool,
    },
    /// It waited too long in the rail's queue, and may still be done.
    QueueTimedOut,
    /// The answer to a status question about it.
    Stated(Fate),
    /// We have asked for its status, or repeated a reversal.
    Asked,
    /// Time has passed.
    Waited,
}

impl Disbursement {
    /// Marks it as being sent: a fresh one, or one that the gateway had turned away.
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
        fact: DisbursementFact,
        tempo: &Tempo,
        now: OffsetDateTime,
    ) -> Vec<Consequence> {
        let before = self.clone();
        let mut consequences = match fact {
            DisbursementFact::Accepted(conversation) => self.accept(conversation),
            DisbursementFact::NotDone(not_done) => self.turn_away(&not_done, now),
            DisbursementFact::Doubtful(doubt) => self.doubt(&doubt),
            DisbursementFact::Abandoned => self.doubt(&Doubt::NoAnswer("abandoned".into())),
            DisbursementFact::Told { notice, from_rail } => {
                self.hear(notice, from_rail, tempo.keyed, now)
            }
            DisbursementFact::QueueTimedOut => self.doubt(&Doubt::Unclear("queue".into())),
            DisbursementFact::Stated(fate) => self.note_fate(fate),
            DisbursementFact::Asked => self.note_asked(),
            DisbursementFact::Waited if !tempo.keyed => self.note_asked(),
            DisbursementFact::Waited => vec![],
        };
        consequences.extend(self.believe(tempo, now));
        if *self != before {
            self.updated_at = now;
        }
        consequences
    }

    fn accept(&mut self, conversation: String) -> Vec<Consequence> {
        if matches!(self.state, S::Sending | S::SubmitUnknown) {
            self.state = S::Accepted;
        }
        self.evidence.is_known = true;
        match self.purpose {
            Purpose::Payout => {
                let conversation_id = self.conversation_id.get_or_insert(conversation).clone();
                vec![Consequence::Tell(OrderEvent::PayoutAccepted { conversation_id })]
            }
            // Each repetition of a reversal is a conversation of its own.
            Purpose::Refund { .. } => {
                self.conversation_id = Some(conversation);
                vec![]
            }
        }
    }

    /// Nothing was queued: it goes again under the same reference.
    fn turn_away(&mut self, not_done: &NotDone, now: OffsetDateTime) -> Vec<Consequence> {
        if self.state == S::Sending {
            self.state = S::Created;
        }
        self.evidence.turned_away = self.evidence.turned_away.saturating_add(1);
        let error = AttemptError::new(self.leg(), not_done.why.error_code(), now);
        let mut consequences = vec![Consequence::Tell(OrderEvent::AttemptFailed { error })];
        match not_done.why {
            WhyNot::Credentials => {
                consequences.push(Consequence::OpenCircuit(not_done.detail.clone()));
            }
            WhyNot::Rejected => consequences.extend([
                Consequence::OpenCircuit(not_done.detail.clone()),
                review(RailReview::Blocked, &not_done.detail),
            ]),
            WhyNot::NotSent | WhyNot::PhoneBusy | WhyNot::Throttled => {}
        }
        consequences
    }

    fn doubt(&mut self, doubt: &Doubt) -> Vec<Consequence> {
        if matches!(self.state, S::Sending | S::Accepted) {
            self.state = S::SubmitUnknown;
        }
        self.evidence.is_known |= *doubt == Doubt::Duplicate;
        vec![]
    }

    fn hear(
        &mut self,
        notice: OutcomeNotice,
        from_rail: bool,
        keyed: bool,
        now: OffsetDateTime,
    ) -> Vec<Consequence> {
        // With hyphens or without, in capitals or not.
        let named = Uuid::parse_str(&notice.originator_conversation_id) == Ok(self.id);
        let known = self.conversation_id.as_ref();
        let converses = known.is_none_or(|known| *known == notice.conversation_id);
        // A reversal has no name of ours, and the conversation of a repetition may be unknown.
        let is_ours = if keyed { named } else { converses };
        if self.purpose == Purpose::Payout && !is_ours {
            return vec![review(RailReview::Forged, "the result names another payout")];
        }
        let is_known = match self.purpose {
            Purpose::Payout => self.conversation_id.is_some(),
            Purpose::Refund { .. } => {
                self.conversation_id.as_ref() == Some(&notice.conversation_id)
            }
        };
        match notice.outcome {
            PayoutOutcome::Done { receipt, amount, phone } => {
                self.hear_done(receipt, amount, phone.as_ref())
            }
            PayoutOutcome::NotDone { code, fault } => {
                self.hear_not_done(code, fault, from_rail && is_known, now)
            }
            PayoutOutcome::Undecided { .. } => self.oppose("result"),
        }
    }

    fn hear_done(
        &mut self,
        receipt: Option<String>,
        amount: Option<Fiat>,
        phone: Option<&Msisdn>,
    ) -> Vec<Consequence> {
        let amount_fits = amount.is_none_or(|amount| amount == self.amount);
        let phone_fits = phone.is_none_or(|phone| *phone == self.phone);
        let told_all = matches!(self.purpose, Purpose::Refund { .. })
            || (amount.is_some() && phone.is_some() && receipt.is_some());
        if !(amount_fits && phone_fits) {
            let mut consequences = self.oppose("another amount or phone");
            let detail = "the result names another amount or phone";
            consequences.push(review(RailReview::Contradiction, detail));
            return consequences;
        }
        // What is not told, or cannot be read, contradicts nothing: the rail is asked.
        if !told_all {
            return self.oppose("a result that does not name everything");
        }
        let mut consequences = self.pay(receipt);
        consequences.push(Consequence::CredentialsWork);
        consequences
    }

    /// What does not go with a failure, and is no success either.
    fn oppose(&mut self, what: &str) -> Vec<Consequence> {
        self.note_opposed();
        self.doubt(&Doubt::Unclear(what.to_owned()))
    }

    /// Whoever says it knows our reference.
    fn note_opposed(&mut self) {
        (self.evidence.opposed, self.evidence.is_known) = (true, true);
    }

    /// The quiet time begins when the failure is first told with all that a callback can show.
    fn hear_not_done(
        &mut self,
        code: String,
        fault: Fault,
        is_well: bool,
        now: OffsetDateTime,
    ) -> Vec<Consequence> {
        if self.state == S::Paid {
            return vec![review(RailReview::Contradiction, "a failure is told after a success")];
        }
        let opens = fault == Fault::Credentials;
        let reason = format!("the rail refuses our initiator: result {code}");
        let mut consequences: Vec<_> =
            opens.then_some(Consequence::OpenCircuit(reason)).into_iter().collect();
        if is_well && !self.evidence.told_well {
            self.evidence.told_failed = None;
            consequences.extend((fault == Fault::Float).then(|| self.short()));
        }
        self.evidence.told_failed.get_or_insert((code, fault, now));
        self.evidence.told_well |= is_well;
        if self.state.is_under_way() {
            self.state = S::FailedUnconfirmed;
        }
        consequences
    }

    fn note_fate(&mut self, fate: Fate) -> Vec<Consequence> {
        match fate {
            Fate::Completed { receipt, amount, charge, .. } => {
                if amount != self.amount {
                    let detail = "the status names another amount";
                    self.note_opposed();
                    return vec![review(RailReview::Contradiction, detail)];
                }
                self.evidence.charge = self.evidence.charge.or(charge);
                let denied = self.evidence.told_failed.is_some() && self.state != S::Paid;
                let mut consequences = self.pay(Some(receipt));
                consequences.push(Consequence::CredentialsWork);
                consequences.extend(denied.then(|| {
                    review(RailReview::Contradiction, "a callback says failed, the rail says paid")
                }));
                consequences
            }
            Fate::Failed(how) => {
                self.evidence.stated_failed.get_or_insert(how);
                let denied = self.state == S::Paid;
                let detail = "the rail says failed after a success";
                let contradiction = denied.then(|| review(RailReview::Contradiction, detail));
                std::iter::once(Consequence::CredentialsWork).chain(contradiction).collect()
            }
            Fate::NoAnswer { code, fault: Some(Fault::Credentials) } => {
                vec![Consequence::OpenCircuit(format!("a status question was refused: {code}"))]
            }
            Fate::Pending(_) => {
                self.note_opposed();
                vec![Consequence::CredentialsWork]
            }
            Fate::NoAnswer { .. } => vec![],
        }
    }

    fn note_asked(&mut self) -> Vec<Consequence> {
        self.evidence.asked = self.evidence.asked.saturating_add(1);
        vec![]
    }

    /// A success is taken from any state and at any age.
    fn pay(&mut self, receipt: Option<String>) -> Vec<Consequence> {
        if self.state == S::Paid {
            return self.compare_receipts(receipt.as_deref());
        }
        self.state = S::Paid;
        let reference = receipt.unwrap_or_else(|| format!("reversed:{}", self.id));
        self.receipt = Some(reference.clone());
        vec![Consequence::Tell(match &self.purpose {
            Purpose::Payout => OrderEvent::PayoutConfirmed { receipt: reference },
            Purpose::Refund { refund, .. } => {
                OrderEvent::RefundConfirmed { refund: refund.clone(), reference }
            }
        })]
    }

    /// Two receipts under one reference: the rail may have paid twice.
    fn compare_receipts(&self, told: Option<&str>) -> Vec<Consequence> {
        let is_other = told.is_some() && told != self.receipt.as_deref();
        let is_payout = self.purpose == Purpose::Payout;
        let call = || review(RailReview::Contradiction, "the rail names two receipts");
        (is_payout && is_other).then(call).into_iter().collect()
    }
}

fn review(kind: RailReview, detail: &str) -> Consequence {
    Consequence::Review { kind, detail: detail.to_owned() }
}
