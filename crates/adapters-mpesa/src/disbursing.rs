//! Payouts and reversals, and the questions that the rail answers by calling back.

use async_trait::async_trait;
use domain::ports::{Disbursing, PayoutRequest, ReversalRequest, StatusKey, StatusRequest};
use domain::rail::{CallbackToken, Hook, NotDone, Submission, WhyNot};
use secrecy::ExposeSecret as _;
use serde::Serialize;

use crate::Mpesa;
use crate::classify::classify_payout;
use crate::collecting::{unfit, whole_shillings, wire_phone};
use crate::config::{B2cApi, B2cConfig, StatusKeyField};
use crate::endpoint::Endpoint;
use crate::wire::requests::{Balance, Payout, Reversal, Status, Urls};

/// Remarks must have 2 to 100 characters; nobody but the portal's users sees them.
const PAYOUT_REMARKS: &str = "Payout";
const REVERSAL_REMARKS: &str = "Refund";
const STATUS_REMARKS: &str = "Status";
const BALANCE_REMARKS: &str = "Balance";
/// The party is an organisation's short code.
const SHORT_CODE: &str = "4";
/// The same, in Daraja's other numbering for reversals.
const REVERSAL_SHORT_CODE: &str = "11";

#[async_trait]
impl Disbursing for Mpesa {
    async fn pay_out(&self, request: &PayoutRequest) -> Submission<String> {
        let endpoint = match self.shared.config.b2c.as_ref().map(|b2c| b2c.api) {
            Some(B2cApi::V1) => Endpoint::PayoutV1,
            Some(B2cApi::V3) | None => Endpoint::PayoutV3,
        };
        self.order(endpoint, self.payout_body(request)).await
    }

    async fn reverse(&self, request: &ReversalRequest) -> Submission<String> {
        self.order(Endpoint::Reversal, self.reversal_body(request)).await
    }

    async fn ask_status(&self, request: &StatusRequest) -> Submission<String> {
        self.order(Endpoint::Status, self.status_body(request)).await
    }

    async fn ask_balance(
        &self,
        result_token: &CallbackToken,
        timeout_token: &CallbackToken,
    ) -> Submission<String> {
        self.order(Endpoint::Balance, self.balance_body(result_token, timeout_token)).await
    }
}

impl Mpesa {
    async fn order<B: Serialize + Sync>(
        &self,
        endpoint: Endpoint,
        body: Result<B, NotDone>,
    ) -> Submission<String> {
        match body {
            Ok(body) => {
                let call = self.shared.caller.ask(endpoint, &body).await;
                call.submission(|answer| classify_payout(endpoint, answer))
            }
            Err(not_done) => Submission::NotDone(not_done),
        }
    }

    /// Who may move money out. A process that only takes requests is not told.
    fn initiator(&self) -> Result<&B2cConfig, NotDone> {
        let detail = "this process has no initiator: mpesa.initiator is not set";
        self.shared
            .config
            .b2c
            .as_ref()
            .ok_or_else(|| NotDone { why: WhyNot::Credentials, detail: detail.to_owned() })
    }

    fn balance_body(
        &self,
        result_token: &CallbackToken,
        timeout_token: &CallbackToken,
    ) -> Result<Balance<'_>, NotDone> {
        let b2c = self.initiator()?;
        Ok(Balance {
            initiator: &b2c.initiator,
            security_credential: b2c.security_credential.expose_secret(),
            command_id: "AccountBalance",
            party_a: b2c.short_code,
            identifier_type: SHORT_CODE,
            remarks: BALANCE_REMARKS,
            urls: self.urls(Hook::Status, result_token, timeout_token),
        })
    }

    fn payout_body(&self, request: &PayoutRequest) -> Result<Payout<'_>, NotDone> {
        let b2c = self.initiator()?;
        let carries_reference = b2c.api == B2cApi::V3;
        Ok(Payout {
            originator_conversation_id: carries_reference.then(|| request.reference.to_string()),
            initiator_name: &b2c.initiator,
            security_credential: b2c.security_credential.expose_secret(),
            command_id: "BusinessPayment",
            amount: whole_shillings(request.amount)?,
            party_a: b2c.short_code,
            party_b: wire_phone(&request.phone)?,
            remarks: PAYOUT_REMARKS,
            urls: self.urls(Hook::Payout, &request.result_token, &request.timeout_token),
            occassion: PAYOUT_REMARKS,
        })
    }

    /// The receiver is whoever got the payment that goes back: where prompts are paid to.
    fn reversal_body<'a>(&'a self, request: &'a ReversalRequest) -> Result<Reversal<'a>, NotDone> {
        let (config, b2c) = (&self.shared.config, self.initiator()?);
        if request.receipt.trim().is_empty() {
            return Err(unfit("the receipt must not be empty"));
        }
        Ok(Reversal {
            initiator: &b2c.initiator,
            security_credential: b2c.security_credential.expose_secret(),
            command_id: "TransactionReversal",
            receipt: &request.receipt,
            amount: whole_shillings(request.amount)?,
            receiver_party: config.stk.party_b,
            receiver_identifier_type: REVERSAL_SHORT_CODE,
            urls: self.urls(Hook::Payout, &request.result_token, &request.timeout_token),
            remarks: REVERSAL_REMARKS,
        })
    }

    /// A receipt is one of the short code that prompts are paid to; a reference is one of payouts.
    fn status_body<'a>(&'a self, request: &'a StatusRequest) -> Result<Status<'a>, NotDone> {
        let (config, b2c) = (&self.shared.config, self.initiator()?);
        let (receipt, reference, party_a) = match &request.key {
            StatusKey::Receipt(receipt) => (Some(receipt.as_str()), None, config.stk.short_code),
            StatusKey::Reference(id) => (None, Some(id.to_string()), b2c.short_code),
        };
        let (original, originator) = match config.status_key_field {
            StatusKeyField::Original => (reference, None),
            StatusKeyField::Originator => (None, reference),
        };
        Ok(Status {
            initiator: &b2c.initiator,
            security_credential: b2c.security_credential.expose_secret(),
            command_id: "TransactionStatusQuery",
            receipt,
            original,
            originator,
            party_a,
            identifier_type: SHORT_CODE,
            urls: self.urls(Hook::Status, &request.result_token, &request.timeout_token),
            remarks: STATUS_REMARKS,
        })
    }

    fn urls(&self, hook: Hook, result: &CallbackToken, timeout: &CallbackToken) -> Urls {
        Urls {
            timeout: self.callback(Hook::QueueTimeout, timeout),
            result: self.callback(hook, result),
        }
    }
}
