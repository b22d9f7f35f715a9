//! Who has what, at every height: accounts, holdings of tokens, and the tokens themselves.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::address::Address;
use super::token::Token;
use super::versions::Versions;
use crate::keeping::pairs;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Ledger {
    accounts: HashMap<Address, Versions<Account>>,
    /// By token and holder.
    #[serde(with = "pairs")]
    holdings: HashMap<(Address, Address), Versions<u128>>,
    pub(super) tokens: BTreeMap<Address, Token>,
}

impl Ledger {
    /// The account, if the chain knows it.
    pub(super) fn account(&self, address: Address, height: u64) -> Option<Account> {
        let account = self.accounts.get(&address)?.at(height)?;
        account.is_active.then_some(*account)
    }

    pub(super) fn set_account(&mut self, address: Address, height: u64, account: Account) {
        self.accounts.entry(address).or_default().set(height, account);
    }

    pub(super) fn units(&self, token: Address, holder: Address, height: u64) -> u128 {
        let held = self.holdings.get(&(token, holder));
        held.and_then(|held| held.at(height)).copied().unwrap_or_default()
    }

    pub(super) fn set_units(&mut self, token: Address, holder: Address, height: u64, units: u128) {
        self.holdings.entry((token, holder)).or_default().set(height, units);
    }

    /// A change of an account as if it had always been so.
    pub(super) fn rewrite_account(&mut self, address: Address, change: impl Fn(&mut Account)) {
        self.accounts.entry(address).or_default().rewrite(change);
    }

    /// Tokens as if they had always been there: no Transfer tells of them.
    pub(super) fn grant_units(&mut self, token: Address, holder: Address, units: u128) {
        let held = self.holdings.entry((token, holder)).or_default();
        held.rewrite(|held| *held = held.saturating_add(units));
    }

    pub(super) fn roll_back(&mut self, height: u64) {
        self.accounts.values_mut().for_each(|account| account.roll_back(height));
        self.holdings.values_mut().for_each(|held| held.roll_back(height));
    }

    /// Every holding that is not nothing.
    pub(super) fn all_units(&self, height: u64) -> BTreeMap<(Address, Address), u128> {
        let held = self.holdings.iter().filter_map(|(key, held)| Some((*key, *held.at(height)?)));
        held.filter(|(_, units)| *units > 0).collect()
    }

    /// The TRX of every account.
    pub(super) fn all_sun(&self, height: u64) -> BTreeMap<Address, i64> {
        let known = self.accounts.keys();
        known.filter_map(|key| Some((*key, self.account(*key, height)?.sun))).collect()
    }
}
