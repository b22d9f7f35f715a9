//! The signer as others see it.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use domain::address::Network;
use domain::chain::transfer::{Signed, Wallet};
use domain::ports::{Clock, Signer, SignerError, SigningRequest};

use super::config::SignerConfig;
use super::desk::Desk;
use super::error::KeyError;
use super::guard::{self, KeyUse};
use super::keys::AccountXpubs;

/// Signs with keys in this process's memory, behind a journal on this machine's disk.
#[derive(Clone)]
pub struct LocalSigner {
    desk: Arc<Desk>,
}

impl LocalSigner {
    /// Reads the keys, and the whole journal.
    pub fn open(config: &SignerConfig, clock: Arc<dyn Clock>) -> Result<Self, KeyError> {
        Ok(Self { desk: Arc::new(Desk::open(config, clock)?) })
    }

    /// The address of a wallet, as the address book spells it.
    pub fn address(&self, network: Network, wallet: Wallet) -> Result<String, KeyError> {
        self.desk.address(network, wallet)
    }

    /// The account keys of the escrow mnemonic, for whoever gives out addresses.
    pub fn account_xpubs(&self) -> AccountXpubs {
        self.desk.keys.xpubs()
    }

    /// Refuses to start where addresses are given out that this signer has no keys of.
    pub fn require_xpubs(&self, tron: &str, ethereum: &str) -> Result<(), KeyError> {
        guard::require_xpubs(&self.desk, tron, ethereum)
    }

    /// Refuses to start with published keys, but where every network is configured as a test one and
    /// outside production.
    pub fn refuse_test_keys(
        &self,
        networks: &[KeyUse],
        is_production: bool,
    ) -> Result<(), KeyError> {
        guard::refuse_test_keys(&self.desk, networks, is_production)
    }

    /// Refuses to start with one mnemonic for both wallets: production asks this.
    pub fn refuse_shared_mnemonic(&self) -> Result<(), KeyError> {
        guard::refuse_shared_mnemonic(&self.desk)
    }
}

#[async_trait]
impl Signer for LocalSigner {
    async fn sign(&self, request: &SigningRequest) -> Result<Signed, SignerError> {
        let (desk, request) = (Arc::clone(&self.desk), request.clone());
        // It waits for a lock and for the disk. Whoever stops waiting for it loses nothing: the
        // signature is in the journal, and asking again gets it.
        let signed = tokio::task::spawn_blocking(move || desk.sign(&request)).await;
        signed.unwrap_or_else(|_| Err(SignerError::Away("a signature broke off".to_owned())))
    }
}

/// There is nothing to see.
impl fmt::Debug for LocalSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSigner").finish_non_exhaustive()
    }
}
