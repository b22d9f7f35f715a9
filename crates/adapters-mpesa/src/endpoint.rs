//! The calls of the API that we make: where each is found, and how long it may take.

use std::time::Duration;

use crate::config::Timeouts;

/// A call of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    Token,
    Push,
    Query,
    PayoutV3,
    PayoutV1,
    Reversal,
    Status,
    Balance,
    RegisterBills,
    RegisterStatements,
    Statement,
}

impl Endpoint {
    pub const ALL: [Self; 11] = [
        Self::Token,
        Self::Push,
        Self::Query,
        Self::PayoutV3,
        Self::PayoutV1,
        Self::Reversal,
        Self::Status,
        Self::Balance,
        Self::RegisterBills,
        Self::RegisterStatements,
        Self::Statement,
    ];

    /// As it stands in logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Push => "push",
            Self::Query => "query",
            Self::PayoutV3 => "payout_v3",
            Self::PayoutV1 => "payout_v1",
            Self::Reversal => "reversal",
            Self::Status => "status",
            Self::Balance => "balance",
            Self::RegisterBills => "register_bills",
            Self::RegisterStatements => "register_statements",
            Self::Statement => "statement",
        }
    }

    pub fn path(self) -> &'static str {
        match self {
            Self::Token => "/oauth/v1/generate?grant_type=client_credentials",
            Self::Push => "/mpesa/stkpush/v1/processrequest",
            Self::Query => "/mpesa/stkpushquery/v1/query",
            Self::PayoutV3 => "/mpesa/b2c/v3/paymentrequest",
            Self::PayoutV1 => "/mpesa/b2c/v1/paymentrequest",
            Self::Reversal => "/mpesa/reversal/v1/request",
            Self::Status => "/mpesa/transactionstatus/v1/query",
            Self::Balance => "/mpesa/accountbalance/v1/query",
            Self::RegisterBills => "/mpesa/c2b/v2/registerurl",
            Self::RegisterStatements => "/pulltransactions/v1/register",
            Self::Statement => "/pulltransactions/v1/query",
        }
    }

    pub(crate) fn timeout(self, timeouts: &Timeouts) -> Duration {
        Duration::from_millis(match self {
            Self::Push => timeouts.stk,
            Self::PayoutV3 | Self::PayoutV1 | Self::Reversal => timeouts.b2c,
            _ => timeouts.query,
        })
    }
}
