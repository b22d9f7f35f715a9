//! What must be paid before a transaction is executed, and what must be true of it: bandwidth, the
//! memo's fee, and the rules of its kind. Nothing is changed here.

use super::account::Account;
use super::address::Address;
use super::codes::{BroadcastCode, Refusal};
use super::ledger::Ledger;
use super::options::Rules;
use super::transaction::{Action, Tx};

/// Beside the signed bytes, for the result.
const RESULT_BYTES: i64 = 64;

/// The state that a transaction finds.
pub(super) struct Setting<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) rules: &'a Rules,
    pub(super) height: u64,
    pub(super) now_ms: i64,
}

/// What the owner has left after bandwidth and memo, and what those cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bill {
    pub(super) account: Account,
    pub(super) net_usage: i64,
    pub(super) net_fee: i64,
    /// Bandwidth that was burned, and the memo.
    pub(super) fee: i64,
}

/// # Errors
/// The node's refusal, in the node's order.
pub(super) fn bill(setting: &Setting<'_>, tx: &Tx) -> Result<Bill, Refusal> {
    let owner = tx.owner();
    let account = setting.ledger.account(owner, setting.height);
    let account = account
        .ok_or_else(|| Refusal::invalid(format_args!("account [{owner}] does not exist")))?;
    let mut bill = Bill { account, net_usage: 0, net_fee: 0, fee: 0 };
    bandwidth(setting, tx, &mut bill)?;
    memo(setting, tx, &mut bill)?;
    valid(setting, tx, &bill)?;
    Ok(bill)
}

fn bandwidth(setting: &Setting<'_>, tx: &Tx, bill: &mut Bill) -> Result<(), Refusal> {
    let bytes = tx.size() + RESULT_BYTES;
    let rules = setting.rules;
    if activated(setting, tx).is_some() {
        bill.net_fee = rules.create_account_fee_sun;
    } else if bill.account.bandwidth.at(setting.now_ms) + bytes <= rules.free_bandwidth {
        bill.account.bandwidth.add(bytes, setting.now_ms);
        bill.net_usage = bytes;
        return Ok(());
    } else {
        bill.net_fee = bytes * rules.bandwidth_price_sun;
    }
    burn(bill, bill.net_fee).ok_or_else(|| Refusal::of(BroadcastCode::BandwithError))
}

fn memo(setting: &Setting<'_>, tx: &Tx, bill: &mut Bill) -> Result<(), Refusal> {
    if tx.raw.data.is_empty() {
        return Ok(());
    }
    let paid = burn(bill, setting.rules.memo_fee_sun);
    paid.ok_or_else(|| Refusal::of(BroadcastCode::BandwithError))
}

fn burn(bill: &mut Bill, sun: i64) -> Option<()> {
    bill.account.sun = bill.account.sun.checked_sub(sun).filter(|left| *left >= 0)?;
    bill.fee += sun;
    Some(())
}

/// The account that a transfer of TRX brings into being.
pub(super) fn activated(setting: &Setting<'_>, tx: &Tx) -> Option<Address> {
    let Action::Transfer { to, .. } = tx.action else { return None };
    setting.ledger.account(to, setting.height).is_none().then_some(to)
}

fn valid(setting: &Setting<'_>, tx: &Tx, bill: &Bill) -> Result<(), Refusal> {
    match &tx.action {
        Action::Transfer { owner, to, amount } => {
            if *amount <= 0 {
                return Err(Refusal::invalid("Amount must be greater than 0."));
            }
            if owner == to {
                return Err(Refusal::invalid("Cannot transfer TRX to yourself."));
            }
            let fee = activated(setting, tx).map_or(0, |_| setting.rules.activation_fee_sun);
            if amount.saturating_add(fee) > bill.account.sun {
                let words = "Validate TransferContract error, balance is not sufficient.";
                return Err(Refusal::invalid(words));
            }
        }
        Action::Trigger { contract, call_value, .. } => {
            if !setting.ledger.tokens.contains_key(contract) {
                return Err(Refusal::invalid("No contract or not a valid smart contract"));
            }
            let most = setting.rules.max_fee_limit_sun;
            if !(0..=most).contains(&tx.raw.fee_limit) {
                let words = format!("feeLimit must be >= 0 and <= {most}");
                return Err(Refusal::invalid(words));
            }
            if *call_value < 0 || *call_value > bill.account.sun {
                return Err(Refusal::invalid("balance is not sufficient."));
            }
        }
    }
    Ok(())
}
