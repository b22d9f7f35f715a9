//! One signature as a line of JSON.

use alloy::primitives::hex;
use domain::address::Network;
use domain::chain::transfer::{Death, Signed, Terms};
use domain::ports::SigningRequest;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::Claim;
use crate::address::owner::Owner;
use crate::signer::account;
use crate::signer::seal::Sealed;

/// A signature and what it was asked for. It holds no secret: whoever reads it can broadcast what was
/// meant to be broadcast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::signer) struct Entry {
    pub(in crate::signer) key: String,
    pub(in crate::signer) generation: i32,
    pub(in crate::signer) variant: i32,
    pub(in crate::signer) network: Network,
    pub(in crate::signer) from: String,
    pub(in crate::signer) sequence: u64,
    /// What the signature is over: SHA-256 (Tron) or Keccak (Ethereum), in hex.
    pub(in crate::signer) digest: String,
    pub(in crate::signer) tx_hash: String,
    /// The bytes to broadcast, in hex.
    pub(in crate::signer) raw: String,
    pub(in crate::signer) terms: Terms,
    /// What allowed it, if others came before.
    pub(in crate::signer) death: Option<Death>,
    #[serde(with = "time::serde::rfc3339")]
    pub(in crate::signer) at: OffsetDateTime,
}

/// Who signed, and when.
#[derive(Debug, Clone, Copy)]
pub(in crate::signer) struct Stamp {
    pub(in crate::signer) from: Owner,
    pub(in crate::signer) at: OffsetDateTime,
}

impl Entry {
    pub(in crate::signer) fn of(request: &SigningRequest, sealed: &Sealed, stamp: Stamp) -> Self {
        let network = request.plan.network;
        Self {
            key: request.plan.key.clone(),
            generation: request.generation,
            variant: request.variant,
            network,
            from: account::spell(network, stamp.from),
            sequence: request.sequence,
            digest: hex::encode(sealed.digest),
            tx_hash: sealed.tx_hash.clone(),
            raw: hex::encode(&sealed.raw),
            terms: request.terms.clone(),
            death: request.death.clone().filter(|_| request.generation > 1),
            at: stamp.at,
        }
    }

    /// What the caller gets, the first time and every other.
    pub(in crate::signer) fn signed(&self) -> Option<Signed> {
        Some(Signed {
            tx_hash: self.tx_hash.clone(),
            raw: hex::decode(&self.raw).ok()?,
            sequence: self.sequence,
            terms: self.terms.clone(),
        })
    }

    pub(super) fn claim(&self) -> Option<Claim> {
        let from = account::owner(self.network, &self.from)?;
        let digest = hex::decode_to_array(&self.digest).ok()?;
        Some(Claim::of(self.network, from, self.sequence, digest))
    }
}
