//! A payment to our bill number, as the rail confirms it. The phone is masked, so it is not read.

use domain::ports::Unreadable;
use domain::rail::BillNotice;
use serde_json::Value;

use super::lacking;
use crate::wire::reading::{paid, receipt, words};

pub(super) fn read(json: &Value) -> Result<BillNotice, Unreadable> {
    let receipt = json.get("TransID").and_then(receipt);
    let amount = json.get("TransAmount").and_then(paid);
    Ok(BillNotice {
        receipt: receipt.ok_or_else(|| lacking("TransID"))?,
        amount: amount.ok_or_else(|| lacking("TransAmount"))?,
        // Typed by the payer where it is not from a prompt, so it may be anything.
        account_reference: words(json, "BillRefNumber"),
    })
}
