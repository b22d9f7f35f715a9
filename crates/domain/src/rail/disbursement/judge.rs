//! Whether a failure is proven. A failure that is not, followed by another payout, is how one pays
//! twice.

use time::OffsetDateTime;

use super::{Disbursement, DisbursementState as S, Purpose};
use crate::order::{AttemptError, ErrorCode, Leg, OrderEvent, PayoutFailure};
use crate::rail::{Consequence, Fault, Tempo};

impl Disbursement {
    /// Whether a failure that was told is proven by now.
    pub(super) fn believe(&mut self, tempo: &Tempo, now: OffsetDateTime) -> Vec<Consequence> {
        if matches!(self.state, S::Paid | S::FailedConfirmed | S::Created)
            || !self.has_failed(tempo, now)
        {
            return vec![];
        }
        self.state = S::FailedConfirmed;
        // What lacked only shillings goes again, and is told of where nobody has told it well.
        let is_news = self.lacked_float() && !self.evidence.told_well;
        let told = is_news.then(|| self.short());
        self.failure(now).into_iter().chain(told).collect()
    }

    /// What the order hears of the failure. Of a refund that is made again, nothing.
    fn failure(&self, now: OffsetDateTime) -> Option<Consequence> {
        let fault = self.evidence.told_failed.as_ref().map(|(_, fault, _)| *fault);
        let error = Some(self.error(now));
        let event = match &self.purpose {
            Purpose::Payout => OrderEvent::PayoutFailed {
                failure: match fault {
                    Some(Fault::Receiver) => PayoutFailure::Receiver,
                    Some(Fault::Float) => PayoutFailure::Float,
                    Some(Fault::Sender | Fault::Credentials) | None => PayoutFailure::Sender,
                },
                error,
            },
            Purpose::Refund { .. } if fault == Some(Fault::Float) => return None,
            Purpose::Refund { refund, .. } => {
                OrderEvent::RefundFailed { refund: refund.clone(), error }
            }
        };
        Some(Consequence::Tell(event))
    }

    /// The rail refused it because too little of ours was there: nothing is wrong with it but that.
    pub fn lacked_float(&self) -> bool {
        self.evidence.told_failed.as_ref().is_some_and(|(_, fault, _)| *fault == Fault::Float)
    }

    pub(super) fn short(&self) -> Consequence {
        match self.purpose {
            Purpose::Payout => Consequence::FloatShort(self.amount),
            Purpose::Refund { .. } => Consequence::RefundShort(self.amount),
        }
    }

    /// Why it failed, as far as anybody has said. What is our own fault is told without its reason.
    fn error(&self, at: OffsetDateTime) -> AttemptError {
        match &self.evidence.told_failed {
            Some((code, Fault::Receiver, _)) => AttemptError::told(self.leg(), code, at),
            Some((code, Fault::Sender | Fault::Credentials | Fault::Float, _)) => AttemptError {
                code: ErrorCode::ServiceFault,
                ..AttemptError::told(self.leg(), code, at)
            },
            None => AttemptError::new(self.leg(), ErrorCode::RailRefused, at),
        }
    }

    pub(crate) fn leg(&self) -> Leg {
        match self.purpose {
            Purpose::Payout => Leg::Payout,
            Purpose::Refund { .. } => Leg::Refund,
        }
    }

    fn has_failed(&self, tempo: &Tempo, now: OffsetDateTime) -> bool {
        if self.evidence.stated_failed.is_some() {
            return true;
        }
        let quiet = |at: OffsetDateTime| now >= at.saturating_add(tempo.quiet_period());
        let told = self.evidence.told_failed.as_ref().is_some_and(|(_, _, at)| quiet(*at));
        told && self.is_believable(tempo)
    }

    /// Whether a quiet time alone can prove the failure. Of a refund of any size: the rail refuses to
    /// reverse a receipt twice, and there is no other way to learn that it will never do it.
    pub(super) fn is_believable(&self, tempo: &Tempo) -> bool {
        let is_harmless = matches!(self.purpose, Purpose::Refund { .. }) || self.is_small(tempo);
        is_harmless && self.evidence.told_well && !self.evidence.opposed
    }

    /// So little that a well-told failure is believed after a quiet time.
    fn is_small(&self, tempo: &Tempo) -> bool {
        self.amount.minor() <= tempo.small_payout.saturating_mul(100)
    }
}
