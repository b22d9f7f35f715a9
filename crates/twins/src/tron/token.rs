//! The token's contract: what a call does, worked out without doing it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::abi::{self, Word};
use super::address::Address;
use super::billing::Setting;

/// The fee switch takes no more than this, in units.
const MAXIMUM_FEE: u128 = 50_000_000;
const ENERGY_OF_VIEW: i64 = 935;

pub(super) const TRANSFER: &str = "transfer(address,uint256)";
/// One transaction, many Transfer events: what exchanges pay out by.
pub(super) const BATCH: &str = "transferMany(address[],uint256[])";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Token {
    pub(super) symbol: String,
    /// `transfer` returns false on success, as USDT's does on Tron.
    pub(super) returns_false: bool,
    /// Takes the fees.
    pub(super) owner: Address,
    pub(super) fee_bps: u32,
    pub(super) is_paused: bool,
    pub(super) blacklist: BTreeSet<Address>,
}

/// A Transfer event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Log {
    pub(super) token: Address,
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) units: u128,
}

/// What a call comes to.
#[derive(Debug, Default)]
pub(super) struct Ran {
    pub(super) is_reverted: bool,
    pub(super) energy: i64,
    pub(super) returned: Vec<u8>,
    pub(super) logs: Vec<Log>,
    /// New holdings of this token.
    pub(super) holdings: BTreeMap<Address, u128>,
}

/// A call's contract and caller, and the state that it finds.
pub(super) struct Frame<'a> {
    setting: &'a Setting<'a>,
    contract: Address,
    token: &'a Token,
    caller: Address,
}

impl<'a> Frame<'a> {
    /// `None` where there is no contract.
    pub(super) fn open(
        setting: &'a Setting<'a>,
        contract: Address,
        caller: Address,
    ) -> Option<Self> {
        let token = setting.ledger.tokens.get(&contract)?;
        Some(Self { setting, contract, token, caller })
    }

    pub(super) fn run(&self, call_value: i64, data: &[u8]) -> Ran {
        let answered = if call_value == 0 { self.answer(data) } else { None };
        answered.unwrap_or_else(|| Ran {
            is_reverted: true,
            energy: self.setting.rules.energy_of_revert,
            ..Ran::default()
        })
    }

    /// `None` is a revert.
    fn answer(&self, data: &[u8]) -> Option<Ran> {
        let (selector, arguments) = data.split_at_checked(4)?;
        let is = |signature| selector == abi::selector(signature);
        if is(TRANSFER) {
            return self.transfer(&[(abi::word(arguments, 0)?, abi::word(arguments, 1)?)]);
        }
        if is(BATCH) {
            let (to, units) = (abi::list(arguments, 0)?, abi::list(arguments, 1)?);
            let pairs: Vec<(Word, Word)> = to.into_iter().zip(units).collect();
            return self.transfer(&pairs);
        }
        let holder = || abi::word(arguments, 0).map(|word| abi::address(&word));
        let returned = match () {
            () if is("balanceOf(address)") => abi::of_units(self.setting.ledger.units(
                self.contract,
                holder()?,
                self.setting.height,
            ))
            .to_vec(),
            () if is("isBlackListed(address)") => flag(self.token.blacklist.contains(&holder()?)),
            () if is("paused()") => flag(self.token.is_paused),
            () if is("decimals()") => abi::of_units(6).to_vec(),
            () if is("basisPointsRate()") => abi::of_units(self.token.fee_bps.into()).to_vec(),
            () if is("maximumFee()") => abi::of_units(MAXIMUM_FEE).to_vec(),
            () if is("symbol()") || is("name()") => abi::of_text(&self.token.symbol),
            () => return None,
        };
        Some(Ran { energy: ENERGY_OF_VIEW, returned, ..Ran::default() })
    }

    fn transfer(&self, pairs: &[(Word, Word)]) -> Option<Ran> {
        if self.token.is_paused || self.token.blacklist.contains(&self.caller) {
            return None;
        }
        let mut ran = Ran { returned: flag(!self.token.returns_false), ..Ran::default() };
        for (to, units) in pairs {
            self.pay(&mut ran, abi::address(to), abi::units(units)?)?;
        }
        Some(ran)
    }

    fn pay(&self, ran: &mut Ran, to: Address, units: u128) -> Option<()> {
        let fee = units.checked_mul(self.token.fee_bps.into())? / 10_000;
        let fee = fee.min(MAXIMUM_FEE);
        ran.energy += match self.held(ran, to) {
            0 => self.setting.rules.energy_to_newcomer,
            _ => self.setting.rules.energy_to_holder,
        };
        if self.held(ran, self.caller) < units || to.is_zero() {
            return None;
        }
        self.shift(ran, to, units - fee)?;
        if fee > 0 {
            self.shift(ran, self.token.owner, fee)?;
        }
        Some(())
    }

    fn shift(&self, ran: &mut Ran, to: Address, units: u128) -> Option<()> {
        let left = self.held(ran, self.caller).checked_sub(units)?;
        ran.holdings.insert(self.caller, left);
        let grown = self.held(ran, to).checked_add(units)?;
        ran.holdings.insert(to, grown);
        ran.logs.push(Log { token: self.contract, from: self.caller, to, units });
        Some(())
    }

    fn held(&self, ran: &Ran, holder: Address) -> u128 {
        let known = ran.holdings.get(&holder).copied();
        known.unwrap_or_else(|| {
            self.setting.ledger.units(self.contract, holder, self.setting.height)
        })
    }
}

fn flag(is_set: bool) -> Vec<u8> {
    abi::of_units(is_set.into()).to_vec()
}
