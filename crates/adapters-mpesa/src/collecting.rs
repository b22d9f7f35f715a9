//! Prompts: how one is sent, and how the rail is asked about it.

use async_trait::async_trait;
use domain::money::Fiat;
use domain::party::Msisdn;
use domain::ports::{Collecting, PushRequest};
use domain::rail::collection::PushRefs;
use domain::rail::{CollectionOutcome, Hook, NotDone, Submission, WhyNot};
use serde_json::Value;

use crate::call::{Call, Outcome};
use crate::classify::{Answer, classify_push};
use crate::codes::{self, PushClass};
use crate::config::StkKind;
use crate::endpoint::Endpoint;
use crate::gateway::gateway_error;
use crate::wire::reading::{code, id, is_missing};
use crate::wire::requests::{Push, Query};
use crate::{Mpesa, stamp, urls};

/// Shown in the prompt; 1 to 13 characters, or the gateway answers "Invalid Remarks".
const DESCRIPTION: &str = "Payment";
/// The longest account reference that the documentation allows.
const REFERENCE_CHARS: usize = 12;

#[async_trait]
impl Collecting for Mpesa {
    async fn push(&self, request: &PushRequest) -> Submission<PushRefs> {
        match self.push_body(request) {
            Ok(body) => {
                let call = self.shared.caller.ask(Endpoint::Push, &body).await;
                call.submission(classify_push)
            }
            Err(not_done) => Submission::NotDone(not_done),
        }
    }

    async fn query(&self, checkout_request_id: &str) -> CollectionOutcome {
        let (timestamp, password) = self.stamped();
        let body = Query {
            business_short_code: self.shared.config.stk.short_code,
            password,
            timestamp,
            checkout_request_id,
        };
        let call = self.shared.caller.ask(Endpoint::Query, &body).await;
        let outcome = outcome(&call, checkout_request_id);
        codes::alarm_for_prompt(&outcome);
        call.tell(match &outcome {
            CollectionOutcome::Paid { .. } => "paid",
            CollectionOutcome::NotPaid { .. } => "not_paid",
            CollectionOutcome::Undecided { .. } => "undecided",
        });
        outcome
    }
}

impl Mpesa {
    fn push_body<'a>(&self, request: &'a PushRequest) -> Result<Push<'a>, NotDone> {
        let config = &self.shared.config;
        let reference = request.account_reference.as_str();
        let is_plain = reference.bytes().all(|b| b.is_ascii_alphanumeric());
        if reference.is_empty() || reference.len() > REFERENCE_CHARS || !is_plain {
            return Err(unfit("the account reference must be 1 to 12 letters and digits"));
        }
        let phone = wire_phone(&request.phone)?;
        let (timestamp, password) = self.stamped();
        Ok(Push {
            business_short_code: config.stk.short_code,
            password,
            timestamp,
            transaction_type: match config.stk.kind {
                StkKind::PayBill => "CustomerPayBillOnline",
                StkKind::Till => "CustomerBuyGoodsOnline",
            },
            amount: whole_shillings(request.amount)?,
            party_a: phone,
            party_b: config.stk.party_b,
            phone_number: phone,
            callback_url: self.callback(Hook::Collection, &request.token),
            account_reference: reference,
            transaction_desc: DESCRIPTION,
        })
    }

    /// A timestamp, and the password that is made of this very one.
    fn stamped(&self) -> (String, String) {
        let stk = &self.shared.config.stk;
        let timestamp = stamp::compact(self.shared.clock.now());
        let password = stamp::password(stk.short_code, &stk.passkey, &timestamp);
        (timestamp, password)
    }

    pub(crate) fn callback(&self, hook: Hook, token: &domain::rail::CallbackToken) -> String {
        urls::callback(&self.shared.config.callback_base, hook, token)
    }
}

/// Whole shillings, more than none: the rail moves nothing smaller, and nothing is rounded here.
pub(crate) fn whole_shillings(amount: Fiat) -> Result<i64, NotDone> {
    let minor = amount.minor();
    if minor > 0 && minor % 100 == 0 {
        Ok(minor / 100)
    } else {
        Err(unfit("the amount must be whole shillings"))
    }
}

/// An MSISDN as a JSON integer.
pub(crate) fn wire_phone(phone: &Msisdn) -> Result<u64, NotDone> {
    let parsed = Msisdn::parse(phone.as_str()).ok();
    let digits = parsed.and_then(|phone| phone.as_str().parse().ok());
    digits.ok_or_else(|| unfit("the phone must have the form 254XXXXXXXXX"))
}

/// What the gateway would refuse is not sent.
pub(crate) fn unfit(detail: &str) -> NotDone {
    NotDone { why: WhyNot::Rejected, detail: detail.to_owned() }
}

/// A query counts only where it was answered in full, about the prompt that was asked about, with a
/// code that is final. Errors say nothing, whatever they say.
fn outcome(call: &Call, checkout_request_id: &str) -> CollectionOutcome {
    match &call.outcome {
        Outcome::Answered(answer) => answered(answer, checkout_request_id),
        Outcome::Withheld(not_done) => undecided(not_done.detail.clone()),
        Outcome::NoAnswer(how) => undecided((*how).to_owned()),
    }
}

fn answered(answer: &Answer, checkout_request_id: &str) -> CollectionOutcome {
    let Some(json) = answer.acknowledgement() else {
        let error = gateway_error(answer.status, &answer.body);
        let is_named = !error.code.is_empty();
        return undecided(if is_named { error.code } else { error.detail() });
    };
    let told = id(&json, "CheckoutRequestID");
    let is_other =
        !is_missing(&json, "CheckoutRequestID") && told.as_deref() != Some(checkout_request_id);
    if is_other || code(&json, "ResponseCode").as_deref() != Some("0") {
        return undecided("the answer is about something else".to_owned());
    }
    result(&json)
}

fn result(json: &Value) -> CollectionOutcome {
    let Some(code) = code(json, "ResultCode") else {
        return undecided("no result code".to_owned());
    };
    if codes::push_class(&code) == PushClass::Paid {
        return CollectionOutcome::Paid { receipt: String::new(), amount: Fiat::ZERO, phone: None };
    }
    codes::unpaid(code)
}

fn undecided(code: String) -> CollectionOutcome {
    CollectionOutcome::Undecided { code }
}
