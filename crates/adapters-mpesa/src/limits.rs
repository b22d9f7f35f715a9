//! Our own token buckets, one per kind of call: the gateway's limits are not published, and running
//! into them costs more than waiting.

use std::num::NonZeroU32;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::config::Limits;
use crate::endpoint::Endpoint;

pub(crate) struct Buckets {
    push: DefaultDirectRateLimiter,
    query: DefaultDirectRateLimiter,
    payout: DefaultDirectRateLimiter,
    reversal: DefaultDirectRateLimiter,
    status: DefaultDirectRateLimiter,
    balance: DefaultDirectRateLimiter,
    statement: DefaultDirectRateLimiter,
}

impl Buckets {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            push: bucket(limits.stk_per_second),
            query: bucket(limits.query_per_second),
            payout: bucket(limits.b2c_per_second),
            reversal: bucket(limits.b2c_per_second),
            status: bucket(limits.status_per_second),
            balance: bucket(limits.status_per_second),
            statement: bucket(limits.statement_per_second),
        }
    }

    /// Whether one more may leave now; if so, it is counted.
    pub(crate) fn admits(&self, endpoint: Endpoint) -> bool {
        self.of(endpoint).is_none_or(|bucket| bucket.check().is_ok())
    }

    /// Waits until one more may leave, and counts it.
    pub(crate) async fn turn(&self, endpoint: Endpoint) {
        if let Some(bucket) = self.of(endpoint) {
            bucket.until_ready().await;
        }
    }

    fn of(&self, endpoint: Endpoint) -> Option<&DefaultDirectRateLimiter> {
        match endpoint {
            Endpoint::Push => Some(&self.push),
            Endpoint::Query => Some(&self.query),
            Endpoint::PayoutV3 | Endpoint::PayoutV1 => Some(&self.payout),
            Endpoint::Reversal => Some(&self.reversal),
            Endpoint::Status => Some(&self.status),
            Endpoint::Balance => Some(&self.balance),
            Endpoint::Statement => Some(&self.statement),
            // Asked for once in an hour, or once in a lifetime.
            Endpoint::Token | Endpoint::RegisterBills | Endpoint::RegisterStatements => None,
        }
    }
}

fn bucket(per_second: u32) -> DefaultDirectRateLimiter {
    // Zero is refused by the settings' check; one is the nearest thing to it.
    let rate = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
    RateLimiter::direct(Quota::per_second(rate))
}
