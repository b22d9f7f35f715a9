//! Rate limits: per authenticated caller, per address for everybody else.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use domain::ids::PartyId;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::error::ApiError;
use crate::settings::HttpSettings;

/// The buckets of all callers, shared by all workers of a process.
#[derive(Debug, Clone)]
pub struct Limits {
    callers: Arc<DefaultKeyedRateLimiter<PartyId>>,
    addresses: Arc<DefaultKeyedRateLimiter<IpAddr>>,
}

impl Limits {
    pub fn new(settings: &HttpSettings) -> Self {
        let at_least_one = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(settings.rate_per_second))
            .allow_burst(at_least_one(settings.rate_burst));
        Self {
            callers: Arc::new(RateLimiter::keyed(quota)),
            addresses: Arc::new(RateLimiter::keyed(quota)),
        }
    }

    pub fn admit_caller(&self, caller: PartyId) -> Result<(), ApiError> {
        self.callers.check_key(&caller).map_err(|until| limited(&until))
    }

    pub fn admit_address(&self, address: IpAddr) -> Result<(), ApiError> {
        self.addresses.check_key(&network_of(address)).map_err(|until| limited(&until))
    }

    /// Forgets callers whose bucket is full again; keeps the maps bounded.
    pub fn forget_idle(&self) {
        self.callers.retain_recent();
        self.addresses.retain_recent();
    }
}

fn limited(until: &governor::NotUntil<governor::clock::QuantaInstant>) -> ApiError {
    let wait = until.wait_time_from(DefaultClock::default().now());
    ApiError::RateLimited(wait.as_secs().saturating_add(1))
}

/// One IPv6 customer has a /64 of addresses: they share a bucket.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let bits = u128::from(v6) & (u128::MAX << 64);
            IpAddr::V6(bits.into())
        }
    }
}
