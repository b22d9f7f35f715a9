//! What is known of deposits: how each stands, and what a re-org took back.

use super::{Deposit, DepositId, DepositStage, Evidence};

impl Evidence {
    /// A deposit comes again when it gains confirmations, becomes final, or is re-mined elsewhere.
    /// What was final is not un-made by a late "seen". What was final and is gone stays so, and its
    /// coming back is news.
    pub(super) fn add_deposit(&mut self, told: &Deposit, stage: DepositStage) -> bool {
        let told = Deposit { stage, ..told.clone() };
        let Some(known) = self.deposits.iter_mut().find(|known| known.id == told.id) else {
            self.deposits.push(told);
            return true;
        };
        match known.stage {
            DepositStage::Final => false,
            DepositStage::Reverted => stage == DepositStage::Final,
            DepositStage::Seen | DepositStage::Orphaned => {
                let told = Deposit { detected_at: known.detected_at, ..told };
                let is_new = *known != told;
                *known = told;
                is_new
            }
        }
    }

    pub(super) fn orphan_deposit(&mut self, id: &DepositId) -> bool {
        let Some(known) = self.deposits.iter_mut().find(|known| known.id == *id) else {
            return false;
        };
        known.stage = match known.stage {
            DepositStage::Seen => DepositStage::Orphaned,
            DepositStage::Final => DepositStage::Reverted,
            DepositStage::Orphaned | DepositStage::Reverted => return false,
        };
        true
    }

    pub(in crate::order) fn was_reverted(&self, id: &DepositId) -> bool {
        self.deposits.iter().any(|d| d.id == *id && d.stage == DepositStage::Reverted)
    }
}
