//! The end of a prompt: `Body.stkCallback`.

use domain::ports::Unreadable;
use domain::rail::{CollectionNotice, CollectionOutcome};
use serde_json::Value;

use super::lacking;
use crate::codes::{self, PushClass};
use crate::wire::reading::{Items, code, id, paid, phone, receipt};

pub(super) fn read(json: &Value) -> Result<CollectionNotice, Unreadable> {
    let body = json.get("Body").and_then(|body| body.get("stkCallback"));
    let told = body.ok_or_else(|| lacking("Body.stkCallback"))?;
    Ok(CollectionNotice {
        merchant_request_id: id(told, "MerchantRequestID")
            .ok_or_else(|| lacking("MerchantRequestID"))?,
        checkout_request_id: id(told, "CheckoutRequestID")
            .ok_or_else(|| lacking("CheckoutRequestID"))?,
        outcome: outcome(told)?,
    })
}

fn outcome(told: &Value) -> Result<CollectionOutcome, Unreadable> {
    let code = code(told, "ResultCode").ok_or_else(|| lacking("ResultCode"))?;
    if codes::push_class(&code) != PushClass::Paid {
        return Ok(codes::unpaid(code));
    }
    let items = Items::read(told.get("CallbackMetadata"), "Item");
    Ok(CollectionOutcome::Paid {
        receipt: items
            .one("MpesaReceiptNumber")
            .and_then(receipt)
            .ok_or_else(|| lacking("MpesaReceiptNumber"))?,
        amount: items.one("Amount").and_then(paid).ok_or_else(|| lacking("Amount"))?,
        phone: items.one("PhoneNumber").and_then(phone),
    })
}
