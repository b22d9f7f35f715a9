//! What our accounts hold: one string, `account|currency|current|available|..&account|..`.

use domain::money::Fiat;
use domain::ports::Unreadable;
use domain::rail::{BalanceNotice, Fate, Notice, StatusNotice};
use serde_json::Value;

use super::lacking;
use super::outcome::{is_final, parameters, result};
use crate::codes;
use crate::wire::reading::{code, fiat};

/// Payouts are paid from here.
const UTILITY: &str = "Utility Account";
/// The portal's name and the organisation's own for where payments arrive.
const WORKING: [&str; 2] = ["Working Account", "MMF Account"];

/// A question that failed is told as a status question's failure: it is our initiator that failed.
pub(super) fn read(json: &Value) -> Result<Notice, Unreadable> {
    let told = result(json)?;
    let code = code(told, "ResultCode").ok_or_else(|| lacking("ResultCode"))?;
    if code == "0" && is_final(told) {
        return balances(told).map(Notice::Balance);
    }
    let fault = codes::status_fault(&code);
    let fate = Fate::NoAnswer { code, fault };
    Ok(Notice::Status(StatusNotice { conversation_id: String::new(), fate }))
}

fn balances(told: &Value) -> Result<BalanceNotice, Unreadable> {
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
