//! The calls of the API that the twin knows, and where each is found.

use serde::{Deserialize, Serialize};

/// One call of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    #[serde(rename = "oauth")]
    OAuth,
    StkPush,
    StkQuery,
    B2cV1,
    B2cV3,
    TransactionStatus,
    AccountBalance,
    Reversal,
    C2bRegister,
    PullRegister,
    PullQuery,
    /// Every other path.
    Unknown,
}

impl Endpoint {
    pub const ALL: [Self; 12] = [
        Self::OAuth,
        Self::StkPush,
        Self::StkQuery,
        Self::B2cV1,
        Self::B2cV3,
        Self::TransactionStatus,
        Self::AccountBalance,
        Self::Reversal,
        Self::C2bRegister,
        Self::PullRegister,
        Self::PullQuery,
        Self::Unknown,
    ];

    pub fn path(self) -> &'static str {
        match self {
            Self::OAuth => "/oauth/v1/generate",
            Self::StkPush => "/mpesa/stkpush/v1/processrequest",
            Self::StkQuery => "/mpesa/stkpushquery/v1/query",
            Self::B2cV1 => "/mpesa/b2c/v1/paymentrequest",
            Self::B2cV3 => "/mpesa/b2c/v3/paymentrequest",
            Self::TransactionStatus => "/mpesa/transactionstatus/v1/query",
            Self::AccountBalance => "/mpesa/accountbalance/v1/query",
            Self::Reversal => "/mpesa/reversal/v1/request",
            Self::C2bRegister => "/mpesa/c2b/v2/registerurl",
            Self::PullRegister => "/pulltransactions/v1/register",
            Self::PullQuery => "/pulltransactions/v1/query",
            Self::Unknown => "",
        }
    }

    pub(super) fn of(path: &str) -> Self {
        Self::ALL.into_iter().find(|endpoint| endpoint.path() == path).unwrap_or(Self::Unknown)
    }

    /// The field that a body with the wrong content type is said to lack.
    pub(super) fn first_field(self) -> &'static str {
        match self {
            Self::StkPush | Self::StkQuery => "BusinessShortCode",
            Self::B2cV3 => "OriginatorConversationID",
            Self::B2cV1 => "InitiatorName",
            Self::TransactionStatus | Self::AccountBalance | Self::Reversal => "Initiator",
            _ => "ShortCode",
        }
    }
}
