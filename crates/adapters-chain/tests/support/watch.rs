//! Which addresses are ours, as the store would say it.

use std::collections::HashSet;
use std::sync::Mutex;

use async_trait::async_trait;
use domain::address::Network;
use domain::ports::{StoreError, WatchList};

/// Addresses of ours on one network, and what was asked.
#[derive(Debug)]
pub(crate) struct Watch {
    network: Network,
    pub(crate) ours: HashSet<String>,
    pub(crate) asked: Mutex<Vec<Vec<String>>>,
}

impl Watch {
    pub(crate) fn of(network: Network, ours: HashSet<String>) -> Self {
        Self { network, ours, asked: Mutex::default() }
    }
}

#[async_trait]
impl WatchList for Watch {
    async fn ours(
        &self,
        network: Network,
        addresses: &[String],
    ) -> Result<HashSet<String>, StoreError> {
        assert_eq!(network, self.network);
        self.asked.lock().expect("a fixture").push(addresses.to_vec());
        Ok(addresses.iter().filter(|address| self.ours.contains(*address)).cloned().collect())
    }
}
