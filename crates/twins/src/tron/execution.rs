//! A transaction's execution in a block.

use super::account::Account;
use super::address::Address;
use super::billing::{Bill, Setting, activated, bill};
use super::codes::Refusal;
use super::ledger::Ledger;
use super::options::Rules;
use super::receipt::{Called, Outcome, Receipt};
use super::token::{Frame, Ran};
use super::transaction::{Action, Tx};

/// The block that is being made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Making<'a> {
    pub(super) rules: &'a Rules,
    pub(super) height: u64,
    pub(super) now_ms: i64,
}

/// Executes it; `doom` is an end that was decided on for it.
///
/// # Errors
/// When it cannot be in a block at all; then nothing has changed.
pub(super) fn execute(
    ledger: &mut Ledger,
    making: Making<'_>,
    tx: &Tx,
    doom: Option<Outcome>,
) -> Result<Receipt, Refusal> {
    let bill = bill(&making.setting(ledger), tx)?;
    Ok(match &tx.action {
        Action::Transfer { to, amount, .. } => pay_sun(ledger, making, tx, bill, (*to, *amount)),
        Action::Trigger { contract, call_value, data, .. } => {
            let setting = making.setting(ledger);
            let frame = Frame::open(&setting, *contract, tx.owner());
            let ran = frame.map(|frame| frame.run(*call_value, data)).unwrap_or_default();
            call(ledger, making, tx, bill, (ran, doom))
        }
    })
}

impl<'a> Making<'a> {
    fn setting(self, ledger: &'a Ledger) -> Setting<'a> {
        let Self { rules, height, now_ms } = self;
        Setting { ledger, rules, height, now_ms }
    }
}

fn pay_sun(
    ledger: &mut Ledger,
    making: Making<'_>,
    tx: &Tx,
    bill: Bill,
    (to, amount): (Address, i64),
) -> Receipt {
    let is_new = activated(&making.setting(ledger), tx).is_some();
    let fee = if is_new { making.rules.activation_fee_sun } else { 0 };
    let mut sender = bill.account;
    sender.sun -= amount + fee;
    ledger.set_account(tx.owner(), making.height, sender);
    let fresh = Account { is_active: true, created_ms: making.now_ms, ..Account::default() };
    let mut recipient = ledger.account(to, making.height).unwrap_or(fresh);
    recipient.sun = recipient.sun.saturating_add(amount);
    ledger.set_account(to, making.height, recipient);
    let Bill { net_usage, net_fee, .. } = bill;
    Receipt { fee: bill.fee + fee, net_usage, net_fee, ..Receipt::default() }
}

/// Pays for a call, and lets it have its effects if it ends well.
fn call(
    ledger: &mut Ledger,
    making: Making<'_>,
    tx: &Tx,
    bill: Bill,
    (ran, doom): (Ran, Option<Outcome>),
) -> Receipt {
    let Action::Trigger { contract, .. } = tx.action else { return Receipt::default() };
    let Bill { mut account, net_usage, net_fee, fee } = bill;
    let price = making.rules.energy_price_sun.max(1);
    let staked = account.energy_left(making.now_ms);
    // The fee limit caps staked energy too.
    let limit = (staked + account.sun / price).min(tx.raw.fee_limit / price);
    let (outcome, energy_total) = ending(&ran, limit, doom);
    let energy_usage = energy_total.min(staked);
    let energy_fee = (energy_total - energy_usage) * price;
    account.energy.add(energy_usage, making.now_ms);
    account.sun -= energy_fee;
    ledger.set_account(tx.owner(), making.height, account);
    let called = Some(effects(ledger, making.height, contract, outcome, ran));
    let fee = fee + energy_fee;
    Receipt { fee, net_usage, net_fee, energy_usage, energy_fee, energy_total, called }
}

/// Running out burns all that the limit allows; a revert only what it used.
fn ending(ran: &Ran, limit: i64, doom: Option<Outcome>) -> (Outcome, i64) {
    let is_reverted = ran.is_reverted || doom == Some(Outcome::Revert);
    if ran.energy > limit || doom == Some(Outcome::OutOfEnergy) {
        (Outcome::OutOfEnergy, limit)
    } else if is_reverted {
        (Outcome::Revert, ran.energy)
    } else {
        (Outcome::Success, ran.energy)
    }
}

/// A failed call has no effects and no logs.
fn effects(
    ledger: &mut Ledger,
    height: u64,
    contract: Address,
    outcome: Outcome,
    ran: Ran,
) -> Called {
    if outcome != Outcome::Success {
        return Called { contract, outcome, returned: Vec::new(), logs: Vec::new() };
    }
    for (holder, units) in ran.holdings {
        ledger.set_units(contract, holder, height, units);
    }
    Called { contract, outcome, returned: ran.returned, logs: ran.logs }
}
