//! What our accounts hold: one string, `account|currency|current|available|..&account|..`.

use domain::money::Fiat;
use domain::ports::Unreadable;
use domain::rail::BalanceNotice;
use serde_json::Value;

use super::lacking;
use super::outcome::{is_final, parameters, result};
use crate::wire::reading::{code, fiat};

/// Payouts are paid from here.
const UTILITY: &str = "Utility Account";
/// The portal's name and the organisation's own for where payments arrive.
const WORKING: [&str; 2] = ["Working Account", "MMF Account"];

pub(super) fn read(json: &Value) -> Result<BalanceNotice, Unreadable> {
    let told = result(json)?;
    let code = code(told, "ResultCode").ok_or_else(|| lacking("ResultCode"))?;
    if code != "0" || !is_final(told) {
        return Err(Unreadable(format!("no balance: result {code}")));
    }
    let items = parameters(told);
    let text = items.one("AccountBalance").and_then(Value::as_str);
    let text = text.ok_or_else(|| lacking("AccountBalance"))?;
    Ok(BalanceNotice {
        utility: available(text, UTILITY).ok_or_else(|| lacking(UTILITY))?,
        working: WORKING.into_iter().find_map(|name| available(text, name)),
    })
}

/// The fourth field, what may be spent: the documentation agrees on no other but the third.
fn available(text: &str, account: &str) -> Option<Fiat> {
    let mut accounts = text.split('&').map(|account| account.split('|'));
    accounts.find_map(|mut fields| {
        let is_it = fields.next().is_some_and(|name| name.trim() == account);
        let is_shillings = is_it && fields.next().is_some_and(|name| name.trim() == "KES");
        let available = fields.nth(1).filter(|_| is_shillings)?;
        fiat(&Value::from(available))
    })
}
