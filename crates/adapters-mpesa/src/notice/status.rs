//! The answer to a status question. The outer code is the question's; the payment's fate is inside.

use domain::money::Fiat;
use domain::party::Msisdn;
use domain::ports::Unreadable;
use domain::rail::{Fate, StatusNotice};
use serde_json::Value;

use super::lacking;
use super::outcome::{is_final, parameters, result};
use crate::codes;
use crate::wire::reading::{Items, code, fiat, id, named_phone, paid, receipt, word};

pub(super) fn read(json: &Value) -> Result<StatusNotice, Unreadable> {
    let told = result(json)?;
    let conversation_id = id(told, "ConversationID").ok_or_else(|| lacking("ConversationID"))?;
    Ok(StatusNotice { conversation_id, fate: fate(told)? })
}

fn fate(told: &Value) -> Result<Fate, Unreadable> {
    let code = code(told, "ResultCode").ok_or_else(|| lacking("ResultCode"))?;
    if !is_final(told) {
        return Ok(Fate::Pending("waiting for further messages".to_owned()));
    }
    if code != "0" {
        let fault = codes::status_fault(&code);
        return Ok(Fate::NoAnswer { code, fault });
    }
    let items = parameters(told);
    let status = items.one("TransactionStatus").and_then(word);
    let status = status.ok_or_else(|| lacking("TransactionStatus"))?;
    if status.eq_ignore_ascii_case("completed") {
        completed(&items)
    } else if codes::is_final_failure(&status) {
        Ok(Fate::Failed(status))
    } else {
        Ok(Fate::Pending(status))
    }
}

fn completed(items: &Items<'_>) -> Result<Fate, Unreadable> {
    Ok(Fate::Completed {
        receipt: items.one("ReceiptNo").and_then(receipt).ok_or_else(|| lacking("ReceiptNo"))?,
        amount: items.one("Amount").and_then(paid).ok_or_else(|| lacking("Amount"))?,
        charge: items.one("DebitPartyCharges").and_then(charge),
        phone: party(items),
    })
}

/// `Fee For B2C Payment|KES|22.40`
fn charge(value: &Value) -> Option<Fiat> {
    let mut fields = value.as_str()?.rsplit('|');
    let amount = fields.next()?;
    let is_shillings = fields.next().is_some_and(|currency| currency.trim() == "KES");
    if is_shillings { fiat(&Value::from(amount)) } else { None }
}

/// The one phone among both parties; a portal's sample names both under the same key.
fn party(items: &Items<'_>) -> Option<Msisdn> {
    let names = items.all("DebitPartyName").chain(items.all("CreditPartyName"));
    let mut phones = names.filter_map(named_phone);
    let first = phones.next()?;
    phones.all(|phone| phone == first).then_some(first)
}
