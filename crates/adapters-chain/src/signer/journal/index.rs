//! Where in the file each signature is, and what it took for itself. Small, for it grows with the file
//! and is kept in memory; the lines themselves are not.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Vacancy;
use std::fmt;
use std::sync::Arc;

use alloy::primitives::hex;
use domain::address::Network;

use super::Entry;
use crate::address::owner::Owner;
use crate::signer::seal::Digest;

/// What only one transfer may have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::signer) enum Claim {
    /// Ethereum: one of the transactions with a nonce executes. The nonce is the network's: on another
    /// one the same account counts its own.
    Nonce { network: Network, from: Owner, nonce: u64 },
    /// Tron has no nonces: a transaction is paid once, however often it is meant.
    Transaction(Digest),
}

impl Claim {
    pub(in crate::signer) fn of(
        network: Network,
        from: Owner,
        sequence: u64,
        digest: Digest,
    ) -> Self {
        match network {
            Network::Tron => Self::Transaction(digest),
            Network::Ethereum => Self::Nonce { network, from, nonce: sequence },
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nonce { network, nonce, .. } => {
                write!(f, "the nonce {nonce} of {}", network.as_str())
            }
            Self::Transaction(digest) => write!(f, "the transaction {}", hex::encode(digest)),
        }
    }
}

/// A line of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) at: u64,
    pub(super) bytes: usize,
    pub(super) line: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) generation: i32,
    pub(super) variant: i32,
    pub(super) place: Place,
}

#[derive(Debug, Default)]
pub(super) struct Index {
    transfers: HashMap<Arc<str>, Vec<Slot>>,
    claims: HashMap<Claim, (Arc<str>, i32)>,
}

impl Index {
    /// Takes a line in, or says why it contradicts those before.
    pub(super) fn add(&mut self, entry: &Entry, place: Place) -> Result<(), &'static str> {
        let claim = entry.claim().ok_or("it names no account, or no digest")?;
        let key = self.transfers.get_key_value(entry.key.as_str());
        let key = key.map_or_else(|| Arc::from(entry.key.as_str()), |(key, _)| Arc::clone(key));
        let (generation, variant) = (entry.generation, entry.variant);
        let slots = self.transfers.entry(Arc::clone(&key)).or_default();
        if slots.iter().any(|slot| (slot.generation, slot.variant) == (generation, variant)) {
            return Err("it repeats another line");
        }
        match self.claims.entry(claim) {
            Vacancy::Occupied(taken) if *taken.get() != (key.clone(), generation) => {
                return Err("another line has its nonce or its transaction");
            }
            Vacancy::Occupied(_) => {}
            Vacancy::Vacant(free) => {
                free.insert((key, generation));
            }
        }
        slots.push(Slot { generation, variant, place });
        Ok(())
    }

    pub(super) fn slots(&self, key: &str) -> &[Slot] {
        self.transfers.get(key).map_or(&[], Vec::as_slice)
    }

    pub(super) fn claimed_by(&self, claim: &Claim) -> Option<(&str, i32)> {
        self.claims.get(claim).map(|(key, generation)| (&**key, *generation))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A line as it has been written since the first version.
    fn line(key: &str, network: &str, nonce: u64) -> Entry {
        let line = json!({
            "key": key, "generation": 1, "variant": 0, "network": network,
            "from": "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", "sequence": nonce,
            "digest": "11".repeat(32), "tx_hash": "0x22", "raw": "0233",
            "terms": {"chain": "ethereum", "gas_limit": 1, "max_fee": 1, "max_tip": 1},
            "death": null, "at": "2026-11-30T10:00:00Z",
        });
        serde_json::from_value(line).unwrap()
    }

    const PLACE: Place = Place { at: 0, bytes: 1, line: 1 };

    #[test]
    fn a_nonce_is_claimed_on_its_own_network_and_old_lines_claim_theirs() {
        let mut index = Index::default();
        index.add(&line("first", "ethereum", 7), PLACE).unwrap();
        assert!(index.add(&line("second", "ethereum", 7), PLACE).is_err());
        index.add(&line("third", "ethereum", 8), PLACE).unwrap();
        let Some(Claim::Nonce { from, nonce, network }) = line("first", "ethereum", 7).claim()
        else {
            panic!("an account counts there");
        };
        assert_eq!(network, Network::Ethereum);
        assert_eq!(index.claimed_by(&Claim::Nonce { network, from, nonce }), Some(("first", 1)));
        let elsewhere = Claim::Nonce { network: Network::Tron, from, nonce };
        assert_eq!(index.claimed_by(&elsewhere), None, "another network counts for itself");
    }
}
