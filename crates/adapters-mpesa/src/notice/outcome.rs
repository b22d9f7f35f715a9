//! The end of a payout or a reversal: `Result`.

use domain::ports::Unreadable;
use domain::rail::{OutcomeNotice, PayoutOutcome};
use serde_json::Value;

use super::lacking;
use crate::codes::{self, PayoutClass};
use crate::wire::reading::{Items, code, id, is_missing, named_phone, paid, receipt};

pub(super) fn read(json: &Value) -> Result<OutcomeNotice, Unreadable> {
    let told = result(json)?;
    let originator_conversation_id = named(told, "OriginatorConversationID")?;
    let conversation_id = named(told, "ConversationID")?;
    if originator_conversation_id.is_empty() && conversation_id.is_empty() {
        return Err(lacking("OriginatorConversationID and no ConversationID"));
    }
    Ok(OutcomeNotice { originator_conversation_id, conversation_id, outcome: outcome(told)? })
}

/// An id that may be missing, but not be unfit.
fn named(told: &Value, key: &str) -> Result<String, Unreadable> {
    if is_missing(told, key) {
        Ok(String::new())
    } else {
        id(told, key).ok_or_else(|| lacking(key))
    }
}

pub(super) fn result(json: &Value) -> Result<&Value, Unreadable> {
    json.get("Result").ok_or_else(|| lacking("Result"))
}

/// Type 1 waits for further messages, and an unknown one may; a missing one is taken for 0, as all of
/// one kind are.
pub(super) fn is_final(told: &Value) -> bool {
    is_missing(told, "ResultType") || code(told, "ResultType").is_some_and(|kind| kind == "0")
}

pub(super) fn parameters(told: &Value) -> Items<'_> {
    Items::read(told.get("ResultParameters"), "ResultParameter")
}

fn outcome(told: &Value) -> Result<PayoutOutcome, Unreadable> {
    let code = code(told, "ResultCode").ok_or_else(|| lacking("ResultCode"))?;
    if !is_final(told) {
        return Ok(PayoutOutcome::Undecided { code });
    }
    match codes::payout_class(&code) {
        PayoutClass::Done => done(told),
        PayoutClass::DoneBefore => {
            Ok(PayoutOutcome::Done { receipt: None, amount: None, phone: None })
        }
        PayoutClass::NotDone(fault) => Ok(PayoutOutcome::NotDone { code, fault }),
        PayoutClass::Undecided => Ok(PayoutOutcome::Undecided { code }),
    }
}

/// A reversal names the receipt that it reversed; a payout names its own.
fn done(told: &Value) -> Result<PayoutOutcome, Unreadable> {
    let items = parameters(told);
    if items.has("OriginalTransactionID") && !items.has("TransactionReceipt") {
        reversed(told, &items)
    } else {
        paid_out(&items)
    }
}

fn paid_out(items: &Items<'_>) -> Result<PayoutOutcome, Unreadable> {
    let receipt = items.one("TransactionReceipt").and_then(receipt);
    let amount = items.one("TransactionAmount").and_then(paid);
    Ok(PayoutOutcome::Done {
        receipt: Some(receipt.ok_or_else(|| lacking("TransactionReceipt"))?),
        amount: Some(amount.ok_or_else(|| lacking("TransactionAmount"))?),
        phone: items.one("ReceiverPartyPublicName").and_then(named_phone),
    })
}

/// The reversal's own receipt is the result's `TransactionID`.
fn reversed(told: &Value, items: &Items<'_>) -> Result<PayoutOutcome, Unreadable> {
    let amount = items.one("Amount").and_then(paid);
    let receipt = told.get("TransactionID").and_then(receipt);
    if receipt.is_none() && !is_missing(told, "TransactionID") {
        return Err(lacking("TransactionID"));
    }
    Ok(PayoutOutcome::Done {
        receipt,
        amount: Some(amount.ok_or_else(|| lacking("Amount"))?),
        phone: items.one("CreditPartyPublicName").and_then(named_phone),
    })
}
