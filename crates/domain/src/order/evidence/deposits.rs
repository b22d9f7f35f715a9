//! What is known of deposits: how each stands, and what a re-org took back.

use super::{Deposit, DepositId, DepositStage, Evidence};
use crate::address::Network;

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

    /// Whether a deposit on this network gains confirmations with each block.
    pub fn gains_on(&self, network: Network) -> bool {
        self.deposits.iter().any(|known| known.gains_on(network))
    }

    /// Deposits that are not final stand as deep as the chain's head says now.
    pub fn follow_head(&mut self, network: Network, head: u64) {
        for known in self.deposits.iter_mut().filter(|known| known.gains_on(network)) {
            let above = known.height.map_or(0, |height| confirmations(height, head));
            known.confirmations = known.confirmations.max(above);
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

impl Deposit {
    fn gains_on(&self, network: Network) -> bool {
        self.stage == DepositStage::Seen && self.id.network == network && self.height.is_some()
    }
}

/// Blocks that stand on the block of this height, itself included; a head below it is one that lags.
pub fn confirmations(height: u64, head: u64) -> u32 {
    let above = head.saturating_sub(height).saturating_add(1);
    u32::try_from(above).unwrap_or(u32::MAX)
}
