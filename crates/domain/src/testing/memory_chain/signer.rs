//! A signer that keeps the rules of a real one: it reads the bytes itself, and its journal is its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::faults::{Fault, step};
use super::transaction::{Body, hash, seal};
use crate::address::Network;
use crate::chain::transfer::{Signed, Terms};
use crate::ports::{Signer, SignerError, SigningRequest};

/// What was signed: the transfer, its generation and variant.
type Name = (String, i32, i32);

#[derive(Debug, Default)]
struct Journal {
    signed: BTreeMap<Name, Signed>,
    /// Whose an Ethereum nonce is, and of which generation.
    nonces: BTreeMap<(String, u64), (String, i32)>,
    faults: Vec<Fault>,
    limit: Option<u64>,
}

/// Signs, and remembers. Clones have one journal.
#[derive(Debug, Clone, Default)]
pub struct MemorySigner(Arc<Mutex<Journal>>);

impl MemorySigner {
    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next request goes wrong.
    pub fn fail(&self, fault: Fault) {
        self.journal().faults.push(fault);
    }

    /// Signs no more units than this in one transfer.
    pub fn limit(&self, units: Option<u64>) {
        self.journal().limit = units;
    }

    /// Signs bytes and remembers nothing.
    pub fn sign_bytes(network: Network, unsigned: &[u8], terms: &Terms, sequence: u64) -> Signed {
        let raw = seal(unsigned);
        Signed { tx_hash: hash(network, &raw), raw, sequence, terms: terms.clone() }
    }

    /// The hashes of everything that was ever signed for a transfer, oldest first.
    pub fn signed(&self, key: &str) -> Vec<String> {
        let journal = self.journal();
        let of_it = journal.signed.iter().filter(|((of, ..), _)| of == key);
        of_it.map(|(_, signed)| signed.tx_hash.clone()).collect()
    }
}

impl Journal {
    fn sign(&mut self, request: &SigningRequest) -> Result<Signed, SignerError> {
        let plan = &request.plan;
        let body = Body::read(&request.unsigned);
        if body != Some(Body::of(plan, &request.terms, request.sequence)) {
            return Err(SignerError::Mismatch("they say something else".into()));
        }
        let name = (plan.key.clone(), request.generation, request.variant);
        if let Some(known) = self.signed.get(&name) {
            return Ok(known.clone());
        }
        if self.limit.is_some_and(|limit| plan.value.units().unwrap_or(0) > limit) {
            return Err(SignerError::Limit("too much at once".into()));
        }
        self.check_generation(request)?;
        self.check_nonce(request)?;
        let (bytes, terms, sequence) = (&request.unsigned, &request.terms, request.sequence);
        let signed = MemorySigner::sign_bytes(plan.network, bytes, terms, sequence);
        self.signed.insert(name, signed.clone());
        Ok(signed)
    }

    /// A generation needs the death of the one before, a variant the one before beside it.
    fn check_generation(&self, request: &SigningRequest) -> Result<(), SignerError> {
        let has = |generation: i32, variant: i32| {
            self.signed.get(&(request.plan.key.clone(), generation, variant))
        };
        let (generation, variant) = (request.generation, request.variant);
        let later = has(generation.saturating_add(1), 0).is_some();
        let is_next = if variant == 0 {
            let before = generation.saturating_sub(1);
            generation == 1 || (has(before, 0).is_some() && request.death.is_some())
        } else {
            let before = has(generation, variant.saturating_sub(1));
            before.is_some_and(|it| it.sequence == request.sequence)
        };
        if is_next && !later {
            return Ok(());
        }
        Err(SignerError::AlreadySigned(format!("no death before {generation}.{variant}")))
    }

    fn check_nonce(&mut self, request: &SigningRequest) -> Result<(), SignerError> {
        if matches!(request.terms, Terms::Tron { .. }) || request.plan.network == Network::Tron {
            return Ok(());
        }
        let ours = (request.plan.key.clone(), request.generation);
        let nonce = (request.plan.from.clone(), request.sequence);
        let owner = self.nonces.entry(nonce).or_insert_with(|| ours.clone());
        if *owner == ours {
            return Ok(());
        }
        Err(SignerError::AlreadySigned(format!("the nonce is that of {}", owner.0)))
    }
}

#[async_trait]
impl Signer for MemorySigner {
    async fn sign(&self, request: &SigningRequest) -> Result<Signed, SignerError> {
        step().await;
        let mut journal = self.journal();
        let fault = (!journal.faults.is_empty()).then(|| journal.faults.remove(0));
        let away = || SignerError::Away("as the test has it".into());
        match fault {
            Some(Fault::Away | Fault::Lagging(_)) => Err(away()),
            Some(Fault::Contradiction) => Err(SignerError::Mismatch("as the test has it".into())),
            Some(Fault::LostReply) => journal.sign(request).and(Err(away())),
            None => journal.sign(request),
        }
    }
}
