//! The money itself: wallets, the short codes' accounts, and what moved between them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::oracle::{Oracle, Payment, Payout};

/// What the charges account shows, always: fees are taken from the float. It is below zero so that
/// whoever reads results meets a negative amount.
pub(super) const CHARGES_CENTS: i64 = -198_000;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Books {
    pub(super) float_cents: i64,
    pub(super) working_cents: i64,
    default_wallet: i64,
    wallets: BTreeMap<String, i64>,
    pub(super) payments: Vec<Payment>,
    pub(super) payouts: Vec<Payout>,
}

impl Books {
    pub(super) fn new(float_cents: i64, default_wallet: i64) -> Self {
        Self {
            float_cents,
            working_cents: 0,
            default_wallet,
            wallets: BTreeMap::new(),
            payments: Vec::new(),
            payouts: Vec::new(),
        }
    }

    pub(super) fn wallet(&mut self, msisdn: &str) -> &mut i64 {
        self.wallets.entry(msisdn.to_owned()).or_insert(self.default_wallet)
    }

    /// Takes the money from the phone; `false` where there is too little.
    pub(super) fn collect(&mut self, payment: Payment) -> bool {
        let wallet = self.wallet(&payment.msisdn);
        if *wallet < payment.amount_cents {
            return false;
        }
        *wallet -= payment.amount_cents;
        self.working_cents += payment.amount_cents;
        self.payments.push(payment);
        true
    }

    /// Pays out of the float, fee included; `false` where it is too small.
    pub(super) fn pay_out(&mut self, payout: Payout) -> bool {
        let cost = payout.amount_cents + payout.fee_cents;
        if self.float_cents < cost {
            return false;
        }
        self.float_cents -= cost;
        *self.wallet(&payout.msisdn) += payout.amount_cents;
        self.payouts.push(payout);
        true
    }

    /// Sends a payment back; the result code says how that went.
    pub(super) fn reverse(&mut self, receipt: &str, amount_cents: i64) -> &'static str {
        let found = self.payments.iter_mut().find(|payment| payment.receipt == receipt);
        let Some(payment) = found.filter(|payment| payment.amount_cents == amount_cents) else {
            return "R000002";
        };
        if payment.reversed {
            return "R000001";
        }
        if self.working_cents < amount_cents {
            return "1";
        }
        payment.reversed = true;
        let msisdn = payment.msisdn.clone();
        self.working_cents -= amount_cents;
        *self.wallet(&msisdn) += amount_cents;
        "0"
    }

    pub(super) fn knows(&self, receipt: &str) -> bool {
        self.payments.iter().any(|payment| payment.receipt == receipt)
            || self.payouts.iter().any(|payout| payout.receipt == receipt)
    }

    /// Payments since a moment, oldest first.
    pub(super) fn payments_since(&self, since: OffsetDateTime) -> Vec<&Payment> {
        self.payments.iter().filter(|payment| payment.at >= since).collect()
    }

    pub(super) fn oracle(&self) -> Oracle {
        Oracle {
            payments: self.payments.clone(),
            payouts: self.payouts.clone(),
            float_cents: self.float_cents,
            working_cents: self.working_cents,
            wallets: self.wallets.clone(),
        }
    }
}
