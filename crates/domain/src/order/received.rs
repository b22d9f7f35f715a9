//! What an order has received, and how much of it is the order's own.

use super::evidence::{DepositStage, Payment};
use super::{Order, Ramp};
use crate::money::Crypto;

impl Order {
    /// The payment that an on-ramp order lives on: the one that its refund gives back, else the one of
    /// the right amount, else the first; never one that goes back by itself.
    pub(crate) fn applied_payment(&self) -> Option<&Payment> {
        let payments = (self.order_type.ramp() == Ramp::On).then_some(&self.evidence.payments)?;
        let mut kept = payments.iter().filter(|p| !self.evidence.is_returned(&p.receipt));
        if let Some(receipt) = &self.evidence.refunding {
            return kept.find(|payment| payment.receipt == *receipt);
        }
        kept.clone().find(|p| p.amount == self.collection_due()).or_else(|| kept.next())
    }

    /// The sum of in-time deposits at `stage`, without those that go back by themselves.
    pub(super) fn in_time(&self, stage: DepositStage) -> Crypto {
        let counted =
            self.evidence.deposits.iter().filter(|d| d.stage == stage && !self.is_late(d));
        let kept = counted.filter(|d| !self.evidence.is_returned(&d.id.cause()));
        kept.fold(Crypto::ZERO, |sum, d| sum.checked_add(d.amount).unwrap_or(sum))
    }

    /// What is here of the deposits and the order's own: the final ones, less an excess that goes back
    /// by itself.
    pub(crate) fn kept_deposits(&self) -> Crypto {
        let arrived = self.in_time(DepositStage::Final);
        let excess = self.evidence.excess.unwrap_or(Crypto::ZERO);
        arrived.checked_sub(excess).unwrap_or(Crypto::ZERO)
    }

    pub(super) fn has_received(&self) -> bool {
        self.applied_payment().is_some() || !self.kept_deposits().is_zero()
    }
}
