//! What to do next about money out, and when.

use time::OffsetDateTime;

use super::{Disbursement, DisbursementState as S, Purpose};
use crate::rail::Tempo;

/// The next act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisbursementStep {
    /// Send it, under its one reference.
    Send,
    /// Whoever was sending is gone.
    Abandon,
    /// Ask the rail how it ended.
    AskStatus,
    /// Send the same again under the same name: the rail refuses to do it twice.
    Repeat,
    /// Let time pass.
    Wait,
    /// Nothing is left to do.
    Finish,
}

impl Disbursement {
    /// What to do now that its job is due.
    pub fn next_step(&self, tempo: &Tempo) -> DisbursementStep {
        match self.state {
            S::Created => DisbursementStep::Send,
            S::Sending => DisbursementStep::Abandon,
            S::Paid if self.owes_charge(tempo) => DisbursementStep::AskStatus,
            S::Paid | S::FailedConfirmed => DisbursementStep::Finish,
            S::SubmitUnknown if self.may_resend(tempo) => DisbursementStep::Repeat,
            S::FailedUnconfirmed if self.is_believable(tempo) => DisbursementStep::Wait,
            S::Accepted | S::SubmitUnknown | S::FailedUnconfirmed => match self.purpose {
                Purpose::Payout if tempo.keyed => DisbursementStep::AskStatus,
                Purpose::Payout => DisbursementStep::Wait,
                Purpose::Refund { .. } => DisbursementStep::Repeat,
            },
        }
    }

    /// When the job is due again; `None` when it is done.
    pub fn due_again(&self, tempo: &Tempo, now: OffsetDateTime) -> Option<OffsetDateTime> {
        match self.next_step(tempo) {
            DisbursementStep::Finish => None,
            DisbursementStep::Abandon => Some(now),
            DisbursementStep::Send => Some(tempo.next_try(self.evidence.turned_away, now)),
            DisbursementStep::Wait => {
                let told = self.evidence.told_failed.as_ref().map_or(now, |(_, _, at)| *at);
                Some(told.saturating_add(tempo.quiet_period()).max(now))
            }
            DisbursementStep::AskStatus | DisbursementStep::Repeat => {
                Some(tempo.next_status(self.evidence.asked, now))
            }
        }
    }

    /// What the rail charged is not known yet; its status tells, and confirms the result beside.
    fn owes_charge(&self, tempo: &Tempo) -> bool {
        tempo.keyed
            && self.purpose == Purpose::Payout
            && self.evidence.charge.is_none()
            && self.evidence.asked < tempo.patience()
    }

    /// Two questions about it, and nothing shows that the rail ever had it: it goes again under its
    /// reference, soon enough for the rail to remember that.
    fn may_resend(&self, tempo: &Tempo) -> bool {
        tempo.resends
            && self.purpose == Purpose::Payout
            && !self.evidence.is_known
            && self.evidence.told_failed.is_none()
            && (2..4).contains(&self.evidence.asked)
    }

    /// Asked so often without an answer, or turned away so often, that an operator should look.
    pub fn is_overdue(&self, tempo: &Tempo) -> bool {
        let tries = tempo.patience().saturating_mul(2);
        let is_turned_away = self.state == S::Created && self.evidence.turned_away >= tries;
        let is_doubt =
            !tempo.keyed && self.purpose == Purpose::Payout && self.state == S::SubmitUnknown;
        is_turned_away
            || is_doubt
            || (self.state.is_under_way() && self.evidence.asked >= tempo.patience())
    }
}
