//! Whether a failure is proven. A failure that is not, followed by another payout, is how one pays
//! twice.

use time::OffsetDateTime;

use super::{Disbursement, DisbursementState as S, Purpose};
use crate::order::{OrderEvent, PayoutFailure};
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
        let fault = self.evidence.told_failed.as_ref().map(|(_, fault, _)| *fault);
        vec![Consequence::Tell(match &self.purpose {
            Purpose::Payout => OrderEvent::PayoutFailed {
                failure: match fault {
                    Some(Fault::Receiver) => PayoutFailure::Receiver,
                    Some(Fault::Sender | Fault::Credentials) | None => PayoutFailure::Sender,
                },
            },
            Purpose::Refund { refund, .. } => OrderEvent::RefundFailed { refund: refund.clone() },
        })]
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
