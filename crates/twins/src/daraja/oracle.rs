//! What really happened to the money, whatever the twin told anyone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The truth at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Oracle {
    pub payments: Vec<Payment>,
    pub payouts: Vec<Payout>,
    /// The B2C short code's utility account.
    pub float_cents: i64,
    /// The account that payments are credited to.
    pub working_cents: i64,
    /// Phones that were set or have moved money.
    pub wallets: BTreeMap<String, i64>,
}

/// Money that left a phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub receipt: String,
    pub msisdn: String,
    pub amount_cents: i64,
    pub account_reference: String,
    pub checkout_request_id: String,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub reversed: bool,
}

/// Money that reached a phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    pub originator_conversation_id: String,
    pub receipt: String,
    pub msisdn: String,
    pub amount_cents: i64,
    pub fee_cents: i64,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

impl Oracle {
    pub fn payments_of(&self, account_reference: &str) -> Vec<&Payment> {
        let of = |payment: &&Payment| payment.account_reference == account_reference;
        self.payments.iter().filter(of).collect()
    }

    pub fn payouts_to(&self, msisdn: &str) -> Vec<&Payout> {
        self.payouts.iter().filter(|payout| payout.msisdn == msisdn).collect()
    }

    pub fn payouts_of(&self, originator_conversation_id: &str) -> Vec<&Payout> {
        let of = |payout: &&Payout| payout.originator_conversation_id == originator_conversation_id;
        self.payouts.iter().filter(of).collect()
    }

    /// Cents that left a phone, those that came back later included.
    pub fn debits(&self, msisdn: &str) -> i64 {
        let of = self.payments.iter().filter(|payment| payment.msisdn == msisdn);
        of.map(|payment| payment.amount_cents).sum()
    }

    /// Cents that reached a phone: payouts, and payments that were reversed.
    pub fn credits(&self, msisdn: &str) -> i64 {
        let back = self.payments.iter().filter(|p| p.msisdn == msisdn && p.reversed);
        let back: i64 = back.map(|payment| payment.amount_cents).sum();
        back + self.payouts_to(msisdn).iter().map(|payout| payout.amount_cents).sum::<i64>()
    }
}
