//! The ledger, and the sums that must come out whatever happens.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::tables::{Tables, rejected};
use crate::ledger::{Account, AccountKey, Balances, Entry, LedgerAsset, position};
use crate::money::Crypto;
use crate::offer::Offer;
use crate::order::{HoldFate, Order};
use crate::ports::{FloatBooks, StoreError};
use crate::rail::Disbursement;
use crate::rail::disbursement::{DisbursementState, Purpose};

/// What postings sum up to in each asset in which that is not zero.
fn unbalanced(postings: &Balances) -> BTreeMap<LedgerAsset, i128> {
    let mut sums = BTreeMap::<_, i128>::new();
    for (key, amount) in postings {
        let sum = sums.entry(key.asset).or_default();
        *sum = sum.saturating_add((*amount).into());
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

fn total<'a>(entries: impl Iterator<Item = &'a Entry>) -> Balances {
    let mut total = Balances::new();
    for (key, amount) in entries.flat_map(|entry| &entry.postings) {
        let sum = total.entry(*key).or_default();
        *sum = sum.saturating_add(*amount);
    }
    total.retain(|_, sum| *sum != 0);
    total
}

fn cents<'a>(payouts: impl Iterator<Item = &'a Disbursement>) -> i64 {
    payouts.map(|payout| payout.amount.minor()).sum()
}

fn count<T>(of: impl Iterator<Item = T>) -> i64 {
    i64::try_from(of.count()).unwrap_or(i64::MAX)
}

impl Tables {
    pub(super) fn post(&mut self, entry: &Entry) -> Result<bool, StoreError> {
        let is_empty = entry.postings.is_empty() || entry.postings.values().any(|it| *it == 0);
        if is_empty || !unbalanced(&entry.postings).is_empty() {
            return Err(rejected("an entry has postings, none of nothing, that sum to zero"));
        }
        if entry.order_id.is_some_and(|id| !self.orders.contains_key(&id)) {
            return Err(rejected("an entry of an order needs its order"));
        }
        let is_new = self.entries.iter().all(|known| known.cause != entry.cause);
        self.entries.extend(is_new.then(|| entry.clone()));
        Ok(is_new)
    }

    pub(super) fn float_books(&self, since: OffsetDateTime) -> FloatBooks {
        let all = total(self.entries.iter());
        let of_float = all.iter().filter(|(key, _)| {
            key.account == Account::MpesaUtility && key.asset == LedgerAsset::Kes
        });
        let is_payout = |it: &&Disbursement| it.purpose == Purpose::Payout;
        let payouts = || self.disbursements.values().filter(is_payout);
        let is_recent =
            |it: &&Disbursement| it.state == DisbursementState::Paid && it.updated_at > since;
        let opens = |entry: &Entry| {
            let is_of_float = entry.postings.keys().any(|key| key.account == Account::MpesaUtility);
            is_of_float && entry.cause.starts_with("opening:")
        };
        FloatBooks {
            is_opened: self.entries.iter().any(opens),
            utility: of_float.map(|(_, amount)| amount).sum(),
            under_way: cents(payouts().filter(|it| it.state.is_under_way())),
            recent: cents(payouts().filter(is_recent)),
            uncharged: count(payouts().filter(|it| it.state.is_under_way() || is_recent(it))),
        }
    }

    pub(super) fn balances(&self) -> Vec<(AccountKey, i128)> {
        let mut sums = BTreeMap::<AccountKey, i128>::new();
        for (key, amount) in self.entries.iter().flat_map(|entry| &entry.postings) {
            let sum = sums.entry(*key).or_default();
            *sum = sum.saturating_add((*amount).into());
        }
        sums.into_iter().filter(|(_, sum)| *sum != 0).collect()
    }

    pub(super) fn books(&self) -> Result<(), String> {
        self.offers.values().try_for_each(|offer| self.check_holds(offer))?;
        for entry in &self.entries {
            let left = unbalanced(&entry.postings);
            if !left.is_empty() {
                return Err(format!("entry {} leaves {left:?}", entry.cause));
            }
        }
        self.orders.values().try_for_each(|order| self.check_postings(order))
    }

    fn check_holds(&self, offer: &Offer) -> Result<(), String> {
        let open = self.orders.values().filter(|order| {
            order.offer_id == offer.id && order.state.hold_fate() == HoldFate::Kept
        });
        let owed = open.map(|order| order.crypto).try_fold(Crypto::ZERO, Crypto::checked_add);
        if owed == Some(offer.held) {
            return Ok(());
        }
        Err(format!("offer {} holds {}, owes {owed:?}", offer.id, offer.held))
    }

    fn check_postings(&self, order: &Order) -> Result<(), String> {
        let events = format!("{}:", order.id);
        let posted = total(self.entries.iter().filter(|entry| entry.cause.starts_with(&events)));
        let position = position(order);
        if posted == position {
            return Ok(());
        }
        Err(format!("order {} has posted {posted:?} and stands at {position:?}", order.id))
    }
}
