//! Every request goes over this desk, in one order: what the journal has, what the bytes say, what the
//! limits allow, what may follow what; then a signature, a line on disk, and an answer.

use std::sync::Arc;

use alloy::primitives::hex;
use domain::address::Network;
use domain::chain::transfer::{Signed, Wallet};
use domain::ports::{Clock, SignerError, SigningRequest};
use time::OffsetDateTime;

use super::config::{Limits, SignerConfig};
use super::error::KeyError;
use super::journal::{Claim, Entry, Journal, Page, Stamp};
use super::keys::{Key, Keyring};
use super::look::{self, Contracts, ensure, mismatch};
use super::seal::Sealed;
use super::{account, rules, seal};
use crate::address::owner::Owner;

pub(super) struct Desk {
    pub(super) keys: Keyring,
    contracts: Contracts,
    limits: Limits,
    journal: Journal,
    clock: Arc<dyn Clock>,
    expiry_by_clock: bool,
}

impl Desk {
    pub(super) fn open(config: &SignerConfig, clock: Arc<dyn Clock>) -> Result<Self, KeyError> {
        Ok(Self {
            keys: Keyring::open(&config.hot, &config.escrow)?,
            contracts: Contracts::of(config)?,
            limits: config.limits,
            journal: Journal::open(&config.journal)?,
            clock,
            expiry_by_clock: config.expiry_by_clock,
        })
    }

    pub(super) fn address(&self, network: Network, wallet: Wallet) -> Result<String, KeyError> {
        let key = self.keys.key(network, wallet)?;
        Ok(account::spell(network, key.address().into_array()))
    }

    pub(super) fn sign(&self, request: &SigningRequest) -> Result<Signed, SignerError> {
        let plan = &request.plan;
        self.journal.with(|page| {
            match page.find(&plan.key, request.generation, request.variant)? {
                Some(entry) => self.again(request, &entry),
                None => self.first(request, page),
            }
        })
    }

    /// What was signed for this the first time, whatever the bytes are now.
    fn again(&self, request: &SigningRequest, entry: &Entry) -> Result<Signed, SignerError> {
        self.agrees(request, entry)?;
        entry.signed().ok_or_else(|| mismatch("what was signed before cannot be read"))
    }

    /// A signature that the journal has not.
    fn first(&self, request: &SigningRequest, page: &mut Page<'_>) -> Result<Signed, SignerError> {
        let key = self.key(request)?;
        let from = key.address().into_array();
        self.look(request, from)?;
        let at = self.clock.now();
        self.follows(request, page, from, at)?;
        let sealed = seal::seal(request.plan.network, &key, &request.unsigned)?;
        is_own(request, &sealed, from)?;
        page.append(&Entry::of(request, &sealed, Stamp { from, at }))?;
        Ok(Signed {
            tx_hash: sealed.tx_hash,
            raw: sealed.raw,
            sequence: request.sequence,
            terms: request.terms.clone(),
        })
    }

    /// Whether the journal allows it, and has nothing else for the same transfer.
    fn follows(
        &self,
        request: &SigningRequest,
        page: &Page<'_>,
        from: Owner,
        now: OffsetDateTime,
    ) -> Result<(), SignerError> {
        let network = request.plan.network;
        let digest = seal::digest(network, &request.unsigned)?;
        let claim = Claim::of(network, from, request.sequence, digest);
        let now = Some(now).filter(|_| self.expiry_by_clock);
        let before = rules::follows(page, request, &claim, now)?;
        before.iter().try_for_each(|entry| self.agrees(request, entry))
    }

    fn key(&self, request: &SigningRequest) -> Result<Key, SignerError> {
        let key = self.keys.key(request.plan.network, request.plan.wallet);
        key.map_err(|error| mismatch(&error.to_string()))
    }

    /// Whether the bytes are the transfer, on its terms, and within what is allowed.
    fn look(&self, request: &SigningRequest, from: Owner) -> Result<(), SignerError> {
        let plan = &request.plan;
        let seen = look::read(plan.network, &self.contracts, &request.unsigned)?;
        look::facts(plan, &seen, from, &self.contracts)?;
        look::terms(&request.terms, request.sequence, &seen)?;
        look::limits(plan, &seen, self.keys.hot_owner(plan.network), &self.limits)
    }

    /// Whether what was signed before moves what the plan says, by its bytes.
    fn agrees(&self, request: &SigningRequest, entry: &Entry) -> Result<(), SignerError> {
        let plan = &request.plan;
        ensure(entry.network == plan.network, "what was signed before is for another network")?;
        let raw = hex::decode(&entry.raw);
        let raw = raw.map_err(|_| mismatch("what was signed before cannot be read"))?;
        let opened = seal::open(entry.network, &raw)?;
        ensure(opened.tx_hash == entry.tx_hash, "the journal's line contradicts itself")?;
        let seen = look::read(plan.network, &self.contracts, &opened.unsigned)?;
        look::facts(plan, &seen, opened.signer, &self.contracts)
    }
}

/// Opens what was just sealed: a key that signs something else, or as somebody else, must not get out.
fn is_own(request: &SigningRequest, sealed: &Sealed, from: Owner) -> Result<(), SignerError> {
    let opened = seal::open(request.plan.network, &sealed.raw)?;
    ensure(opened.unsigned == request.unsigned, "what was signed is not what was asked")?;
    ensure(opened.signer == from, "the signature is another key's")?;
    ensure(opened.tx_hash == sealed.tx_hash, "the signature has another hash")
}
