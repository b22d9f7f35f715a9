//! The bodies that we send, field by field as Daraja spells them, misspellings included. Numbers
//! are JSON integers: that satisfies every reading of the documentation. None of these prints itself:
//! they hold passwords, credentials and phones.

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Push<'a> {
    pub(crate) business_short_code: u32,
    pub(crate) password: String,
    pub(crate) timestamp: String,
    pub(crate) transaction_type: &'static str,
    pub(crate) amount: i64,
    pub(crate) party_a: u64,
    pub(crate) party_b: u32,
    pub(crate) phone_number: u64,
    #[serde(rename = "CallBackURL")]
    pub(crate) callback_url: String,
    pub(crate) account_reference: &'a str,
    pub(crate) transaction_desc: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Query<'a> {
    pub(crate) business_short_code: u32,
    pub(crate) password: String,
    pub(crate) timestamp: String,
    #[serde(rename = "CheckoutRequestID")]
    pub(crate) checkout_request_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Payout<'a> {
    /// Unknown to the first version of the API.
    #[serde(rename = "OriginatorConversationID", skip_serializing_if = "Option::is_none")]
    pub(crate) originator_conversation_id: Option<String>,
    pub(crate) initiator_name: &'a str,
    pub(crate) security_credential: &'a str,
    #[serde(rename = "CommandID")]
    pub(crate) command_id: &'static str,
    pub(crate) amount: i64,
    pub(crate) party_a: u32,
    pub(crate) party_b: u64,
    pub(crate) remarks: &'static str,
    #[serde(flatten)]
    pub(crate) urls: Urls,
    /// Spelt so by Daraja, for this call alone.
    pub(crate) occassion: &'static str,
}

/// Where the answer comes to, and where it is told that the request waited too long.
#[derive(Serialize)]
pub(crate) struct Urls {
    #[serde(rename = "QueueTimeOutURL")]
    pub(crate) timeout: String,
    #[serde(rename = "ResultURL")]
    pub(crate) result: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Reversal<'a> {
    pub(crate) initiator: &'a str,
    pub(crate) security_credential: &'a str,
    #[serde(rename = "CommandID")]
    pub(crate) command_id: &'static str,
    #[serde(rename = "TransactionID")]
    pub(crate) receipt: &'a str,
    pub(crate) amount: i64,
    pub(crate) receiver_party: u32,
    /// Misspelt by Daraja.
    #[serde(rename = "RecieverIdentifierType")]
    pub(crate) receiver_identifier_type: &'static str,
    #[serde(flatten)]
    pub(crate) urls: Urls,
    pub(crate) remarks: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Status<'a> {
    pub(crate) initiator: &'a str,
    pub(crate) security_credential: &'a str,
    #[serde(rename = "CommandID")]
    pub(crate) command_id: &'static str,
    #[serde(rename = "TransactionID", skip_serializing_if = "Option::is_none")]
    pub(crate) receipt: Option<&'a str>,
    #[serde(rename = "OriginalConversationID", skip_serializing_if = "Option::is_none")]
    pub(crate) original: Option<String>,
    #[serde(rename = "OriginatorConversationID", skip_serializing_if = "Option::is_none")]
    pub(crate) originator: Option<String>,
    pub(crate) party_a: u32,
    pub(crate) identifier_type: &'static str,
    #[serde(flatten)]
    pub(crate) urls: Urls,
    pub(crate) remarks: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Balance<'a> {
    pub(crate) initiator: &'a str,
    pub(crate) security_credential: &'a str,
    #[serde(rename = "CommandID")]
    pub(crate) command_id: &'static str,
    pub(crate) party_a: u32,
    pub(crate) identifier_type: &'static str,
    pub(crate) remarks: &'static str,
    #[serde(flatten)]
    pub(crate) urls: Urls,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RegisterBills {
    pub(crate) short_code: u32,
    pub(crate) response_type: &'static str,
    #[serde(rename = "ConfirmationURL")]
    pub(crate) confirmation_url: String,
    #[serde(rename = "ValidationURL")]
    pub(crate) validation_url: String,
}

/// Texts, as in the portal's samples of this call.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RegisterStatements<'a> {
    pub(crate) short_code: String,
    pub(crate) request_type: &'static str,
    pub(crate) nominated_number: &'a str,
    #[serde(rename = "CallBackURL")]
    pub(crate) callback_url: String,
}

/// Texts, as in the portal's samples of this call.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Statement<'a> {
    pub(crate) short_code: String,
    pub(crate) start_date: &'a str,
    pub(crate) end_date: &'a str,
    /// How many rows to pass over; the capital S is Daraja's.
    #[serde(rename = "OffSetValue")]
    pub(crate) offset: String,
}
