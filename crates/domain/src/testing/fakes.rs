//! Small ports for tests: a clock that is set by hand, entropy that counts, addresses by their
//! first letter.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use time::{Duration, OffsetDateTime};

use crate::address::{
    AddressBook, AddressError, ChainAddress, DeriveError, KeyAccount, Network, OwnerAddresses,
};
use crate::ports::{Clock, Entropy};

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct SetClock(Mutex<OffsetDateTime>);

impl SetClock {
    pub fn at(now: OffsetDateTime) -> Self {
        Self(Mutex::new(now))
    }

    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = now.saturating_add(by);
    }
}

impl Clock for SetClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// 1, 2, 3, …
#[derive(Debug, Default)]
pub struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn bits(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// Takes anything that begins like an address; derives `T-escrow-7`.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainAddressBook;

impl AddressBook for PlainAddressBook {
    fn parse(&self, text: &str) -> Result<ChainAddress, AddressError> {
        let network = match text {
            _ if text.starts_with('T') => Network::Tron,
            _ if text.starts_with("0x") => Network::Ethereum,
            _ => return Err(AddressError::UnknownForm),
        };
        Ok(ChainAddress::trusted(network, text.to_owned()))
    }

    fn owner(&self, address: &ChainAddress) -> OwnerAddresses {
        let text = address.as_str();
        let owner = text.strip_prefix("0x").or_else(|| text.strip_prefix('T')).unwrap_or(text);
        OwnerAddresses { tron: format!("T{owner}"), ethereum: format!("0x{owner}") }
    }

    fn account(&self, network: Network) -> KeyAccount {
        KeyAccount::new(network.as_str().to_owned())
    }

    fn escrow(&self, network: Network, index: u32) -> Result<ChainAddress, DeriveError> {
        let first = if network == Network::Tron { "T" } else { "0x" };
        Ok(ChainAddress::trusted(network, format!("{first}-escrow-{index}")))
    }
}
