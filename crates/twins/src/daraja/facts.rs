//! What a callback says, before and after it has been twisted.

use time::OffsetDateTime;

use super::codes::described;
use super::collection::Collection;
use super::fault::FaultKind;
use super::stamp;
use super::wire::{Wire, code, number, object, shillings, text};

/// Where a callback goes.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) key: String,
    pub(super) label: &'static str,
    pub(super) url: String,
    pub(super) short_code: u64,
}

/// Something that can be told truly, twisted, or made up.
pub(super) trait Facts: Clone {
    fn alter(&mut self, fault: &FaultKind);
    fn as_success(&self) -> Self;
    fn as_failure(&self) -> Self;
    /// The same, marked as not final; `None` where there is no such mark.
    fn as_interim(&self) -> Option<Self>;
    fn body(&self) -> String;
}

/// An unknown code, and the receipt of payments that never were.
pub(super) const UNKNOWN_CODE: &str = "7777";
pub(super) const FORGED_RECEIPT: &str = "FORGED0000";

/// A phone that is not the one it should be.
pub(super) fn other_phone(msisdn: &str) -> String {
    let last = if msisdn.ends_with('9') { '8' } else { '9' };
    format!("{}{last}", &msisdn[..msisdn.len().saturating_sub(1)])
}

/// An id that differs from the true one in its last character only.
pub(super) fn other_id(id: &str) -> String {
    let last = if id.ends_with('0') { '1' } else { '0' };
    let mut other = id.to_owned();
    other.pop();
    other.push(last);
    other
}

#[expect(clippy::struct_excessive_bools, reason = "independent twists, not a state")]
#[derive(Debug, Clone)]
pub(super) struct StkFacts {
    merchant_request_id: String,
    checkout_request_id: String,
    code: String,
    amount_cents: i64,
    msisdn: String,
    receipt: Option<String>,
    at: OffsetDateTime,
    has_balance_item: bool,
    is_code_text: bool,
    is_item_single: bool,
    has_extra: bool,
    has_gaps: bool,
}

impl StkFacts {
    pub(super) fn new(
        collection: &Collection,
        code: &str,
        receipt: Option<String>,
        at: OffsetDateTime,
        has_balance_item: bool,
    ) -> Self {
        Self {
            merchant_request_id: collection.merchant_request_id.clone(),
            checkout_request_id: collection.checkout_request_id.clone(),
            code: code.to_owned(),
            amount_cents: collection.amount_cents,
            msisdn: collection.msisdn.clone(),
            receipt,
            at,
            has_balance_item,
            is_code_text: false,
            is_item_single: false,
            has_extra: false,
            has_gaps: false,
        }
    }

    fn metadata(&self) -> Wire {
        let item = |name, value| object([("Name", text(name)), ("Value", value)]);
        let mut items = vec![item("Amount", number(shillings(self.amount_cents)))];
        if !self.has_gaps {
            let receipt = self.receipt.as_deref().unwrap_or_default();
            items.push(item("MpesaReceiptNumber", text(receipt)));
        }
        if self.has_balance_item {
            items.push(object([("Name", text("Balance"))]));
        }
        items.push(item("TransactionDate", number(stamp::compact(self.at))));
        items.push(item("PhoneNumber", number(&self.msisdn)));
        if self.has_extra {
            items.push(item("Novelty", text("unheard of")));
        }
        let items = match (self.is_item_single, items.first()) {
            (true, Some(first)) => first.clone(),
            _ => Wire::List(items),
        };
        object([("Item", items)])
    }
}

impl Facts for StkFacts {
    fn alter(&mut self, fault: &FaultKind) {
        match fault {
            FaultKind::CallbackWrongAmount => self.amount_cents += 100,
            FaultKind::CallbackWrongPhone => self.msisdn = other_phone(&self.msisdn),
            FaultKind::CallbackWrongId => {
                self.checkout_request_id = other_id(&self.checkout_request_id);
            }
            FaultKind::CallbackUnknownCode => UNKNOWN_CODE.clone_into(&mut self.code),
            FaultKind::CallbackCodeAsText => self.is_code_text = true,
            FaultKind::CallbackParametersAsObject => self.is_item_single = true,
            FaultKind::CallbackExtraFields => self.has_extra = true,
            FaultKind::CallbackMissingFields => self.has_gaps = true,
            FaultKind::CallbackFailureThoughPaid => *self = self.as_failure(),
            _ => {}
        }
    }

    fn as_success(&self) -> Self {
        let receipt = Some(FORGED_RECEIPT.to_owned());
        Self { code: "0".to_owned(), receipt, ..self.clone() }
    }

    fn as_failure(&self) -> Self {
        Self { code: "1037".to_owned(), receipt: None, ..self.clone() }
    }

    fn as_interim(&self) -> Option<Self> {
        None
    }

    fn body(&self) -> String {
        let mut callback = object([
            ("MerchantRequestID", text(self.merchant_request_id.as_str())),
            ("CheckoutRequestID", text(self.checkout_request_id.as_str())),
        ]);
        let told = if self.is_code_text { text(self.code.as_str()) } else { code(&self.code) };
        callback.push("ResultCode", told);
        if !self.has_gaps {
            callback.push("ResultDesc", text(described(&self.code)));
        }
        if self.has_extra {
            callback.push("Novelty", object([("Depth", number(2))]));
        }
        if self.code == "0" {
            callback.push("CallbackMetadata", self.metadata());
        }
        object([("Body", object([("stkCallback", callback)]))]).to_string()
    }
}
