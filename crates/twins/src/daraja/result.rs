//! The `Result` envelope of payouts, status requests, balances and reversals.

use super::codes::described;
use super::facts::{FORGED_RECEIPT, Facts, UNKNOWN_CODE, other_id, other_phone};
use super::fault::FaultKind;
use super::wire::{Wire, code, number, object, text};

/// What a failed result carries in place of a receipt.
const PLACEHOLDER: &str = "NLJ0000000";
/// The failure that a lie names: no money moved, the receiver has to act.
const LIE: &str = "8";

#[expect(clippy::struct_excessive_bools, reason = "independent twists, not a state")]
#[derive(Debug, Clone)]
pub(super) struct ResultFacts {
    pub(super) code: String,
    pub(super) ocid: String,
    pub(super) conversation_id: String,
    pub(super) receipt: Option<String>,
    /// A parameter without a value is `None`.
    pub(super) parameters: Vec<(&'static str, Option<Wire>)>,
    /// What a forged success would say.
    pub(super) claim: Vec<(&'static str, Option<Wire>)>,
    pub(super) reference: Wire,
    result_type: u8,
    is_code_text: bool,
    is_parameter_single: bool,
    has_extra: bool,
    has_gaps: bool,
}

impl ResultFacts {
    pub(super) fn new(code: &str, ocid: &str, conversation_id: &str) -> Self {
        Self {
            code: code.to_owned(),
            ocid: ocid.to_owned(),
            conversation_id: conversation_id.to_owned(),
            receipt: None,
            parameters: Vec::new(),
            claim: Vec::new(),
            reference: object([
                ("Key", text("QueueTimeoutURL")),
                ("Value", text("https://internal.example/b2cresults/v1/submit")),
            ]),
            result_type: 0,
            is_code_text: false,
            is_parameter_single: false,
            has_extra: false,
            has_gaps: false,
        }
    }

    fn replace(&mut self, keys: &[&str], change: impl Fn(&str) -> Wire) {
        for (key, value) in &mut self.parameters {
            let written = match value {
                Some(Wire::Text(old) | Wire::Number(old)) if keys.contains(key) => change(old),
                _ => continue,
            };
            *value = Some(written);
        }
    }

    fn parameters(&self) -> Wire {
        let is_gap = |key: &str| self.has_gaps && key == "TransactionReceipt";
        let shown = self.parameters.iter().filter(|(key, _)| !is_gap(key));
        let mut list: Vec<Wire> = shown
            .map(|(key, value)| {
                let mut parameter = object([("Key", text(*key))]);
                if let Some(value) = value {
                    parameter.push("Value", value.clone());
                }
                parameter
            })
            .collect();
        if self.has_extra {
            list.push(object([("Key", text("Novelty"))]));
        }
        let list = match (self.is_parameter_single, list.first()) {
            (true, Some(first)) => first.clone(),
            _ => Wire::List(list),
        };
        object([("ResultParameter", list)])
    }
}

/// An amount with one shilling more, in the form that it came in.
fn one_more(old: &str) -> Wire {
    let (whole, cents) = old.split_once('.').map_or((old, None), |(a, b)| (a, Some(b)));
    let whole = whole.parse::<i64>().unwrap_or_default() + 1;
    cents.map_or_else(|| number(whole), |cents| number(format_args!("{whole}.{cents}")))
}

impl Facts for ResultFacts {
    fn alter(&mut self, fault: &FaultKind) {
        match fault {
            FaultKind::CallbackWrongAmount => {
                self.replace(&["TransactionAmount", "Amount"], one_more);
            }
            FaultKind::CallbackWrongPhone => self.replace(&["ReceiverPartyPublicName"], |old| {
                let (msisdn, name) = old.split_once(' ').unwrap_or((old, ""));
                text(format!("{} {name}", other_phone(msisdn)))
            }),
            FaultKind::CallbackWrongId => {
                self.ocid = other_id(&self.ocid);
                self.conversation_id = other_id(&self.conversation_id);
            }
            FaultKind::CallbackUnknownCode => {
                UNKNOWN_CODE.clone_into(&mut self.code);
                self.parameters.clear();
            }
            FaultKind::CallbackCodeAsText => self.is_code_text = true,
            FaultKind::CallbackParametersAsObject => self.is_parameter_single = true,
            FaultKind::CallbackExtraFields => self.has_extra = true,
            FaultKind::CallbackMissingFields => self.has_gaps = true,
            FaultKind::CallbackFailureThoughPaid => *self = self.as_failure(),
            _ => {}
        }
    }

    fn as_success(&self) -> Self {
        let receipt = Some(FORGED_RECEIPT.to_owned());
        let parameters = self.claim.clone();
        Self { code: "0".to_owned(), receipt, parameters, ..self.clone() }
    }

    fn as_failure(&self) -> Self {
        Self { code: LIE.to_owned(), receipt: None, parameters: Vec::new(), ..self.clone() }
    }

    fn as_interim(&self) -> Option<Self> {
        Some(Self { result_type: 1, receipt: None, parameters: Vec::new(), ..self.clone() })
    }

    fn body(&self) -> String {
        let as_text = |value: &str| if self.is_code_text { text(value) } else { code(value) };
        let mut result = object([
            ("ResultType", as_text(&self.result_type.to_string())),
            ("ResultCode", as_text(&self.code)),
            ("ResultDesc", text(described(&self.code))),
            ("OriginatorConversationID", text(self.ocid.as_str())),
            ("ConversationID", text(self.conversation_id.as_str())),
            ("TransactionID", text(self.receipt.as_deref().unwrap_or(PLACEHOLDER))),
        ]);
        if !self.parameters.is_empty() {
            result.push("ResultParameters", self.parameters());
        }
        result.push("ReferenceData", object([("ReferenceItem", self.reference.clone())]));
        object([("Result", result)]).to_string()
    }
}
