//! Balances in one asset, while they are being added up.

use super::super::{Account, AccountKey, Balances, LedgerAsset};
use crate::ids::PartyId;

pub(super) struct Books {
    asset: LedgerAsset,
    balances: Balances,
}

impl Books {
    pub(super) fn of(asset: LedgerAsset) -> Self {
        Self { asset, balances: Balances::new() }
    }

    pub(super) fn add(&mut self, account: Account, party: Option<PartyId>, minor: i64) {
        let key = AccountKey { account, asset: self.asset, party };
        let slot = self.balances.entry(key).or_default();
        *slot = slot.saturating_add(minor);
    }

    /// The balances that are not zero.
    pub(super) fn balances(self) -> Balances {
        let mut balances = self.balances;
        balances.retain(|_, amount| *amount != 0);
        balances
    }
}
