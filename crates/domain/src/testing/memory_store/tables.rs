//! What the store keeps, and the changes that belong together. All or nothing: a change that fails
//! leaves the tables as they were.

use std::collections::{BTreeMap, HashMap};

use time::OffsetDateTime;
use uuid::Uuid;

use super::arrivals::StoredArrival;
use super::callbacks::StoredCallback;
use super::jobs::StoredJob;
use super::reviews::{StoredItem, StoredReview};
use crate::address::{AddressUse, Network, OwnerAddresses};
use crate::chain::{Cursor, Transfer};
use crate::ids::{CollectionId, OfferId, OrderId, PartyId};
use crate::ledger::Entry;
use crate::money::Crypto;
use crate::offer::Offer;
use crate::order::{HistoryEntry, HoldFate, Order};
use crate::party::{Msisdn, Party};
use crate::placement::{IdempotencyClaim, Placed, Placement, StoredAnswer};
use crate::ports::{ClaimOutcome, StoreError};
use crate::rail::{Circuit, Collection, Disbursement, Hook, Subject};

/// An answer under an idempotency key, with the request that it answered.
#[derive(Debug, Clone)]
struct Answered {
    fingerprint: [u8; 32],
    answer: StoredAnswer,
    at: OffsetDateTime,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    pub(super) parties: BTreeMap<PartyId, Party>,
    pub(super) offers: BTreeMap<OfferId, Offer>,
    pub(super) orders: BTreeMap<OrderId, Order>,
    pub(super) history: BTreeMap<OrderId, Vec<HistoryEntry>>,
    pub(super) outbox: Vec<StoredJob>,
    pub(super) collections: BTreeMap<CollectionId, Collection>,
    /// When a phone was last asked to pay.
    pub(super) phones: HashMap<Msisdn, OffsetDateTime>,
    pub(super) receipts: HashMap<String, Option<CollectionId>>,
    pub(super) disbursements: BTreeMap<Uuid, Disbursement>,
    pub(super) circuit: Option<Circuit>,
    pub(super) tokens: HashMap<(Hook, [u8; 32]), Subject>,
    pub(super) callbacks: Vec<StoredCallback>,
    pub(super) reviews: Vec<StoredReview>,
    pub(super) review_items: Vec<StoredItem>,
    pub(super) entries: Vec<Entry>,
    /// When something that is done now and then was last done.
    pub(super) turns: HashMap<String, OffsetDateTime>,
    pub(super) cursors: HashMap<Network, Cursor>,
    /// The names of the blocks that were read, by their heights.
    pub(super) blocks: HashMap<Network, BTreeMap<u64, String>>,
    pub(super) arrivals: Vec<StoredArrival>,
    pub(super) transfers: BTreeMap<String, Transfer>,
    /// The last that was given out for an address.
    pub(super) sequences: HashMap<(Network, String), u64>,
    pub(super) own_addresses: HashMap<(Network, String), AddressUse>,
    /// Keys are scoped to whoever sent them.
    answers: HashMap<(PartyId, String), Answered>,
}

/// What a foreign key or a check would say.
pub(super) fn rejected(what: &str) -> StoreError {
    StoreError::Rejected(what.into())
}

fn scoped(claim: &IdempotencyClaim) -> (PartyId, String) {
    (claim.principal, claim.key.clone())
}

impl Tables {
    /// The offer, unless its vendor has deleted it.
    pub(super) fn offer(&self, id: OfferId) -> Option<&Offer> {
        self.offers.get(&id).filter(|offer| offer.deleted_at.is_none())
    }

    pub(super) fn address_use(&self, owner: &OwnerAddresses) -> Option<AddressUse> {
        let places = || Network::ALL.into_iter().map(|network| (network, owner.on(network)));
        if places().any(|(network, address)| self.owner(network, address).is_some()) {
            return Some(AddressUse::Escrow);
        }
        places().find_map(|(network, address)| {
            self.own_addresses.get(&(network, address.to_owned())).copied()
        })
    }

    pub(super) fn place(&mut self, placement: &Placement) -> Result<Placed, StoreError> {
        let Placement { order, entry, terms_version, claim } = placement;
        if claim.as_ref().is_some_and(|(claim, _)| self.answers.contains_key(&scoped(claim))) {
            return Ok(Placed::KeyTaken);
        }
        let parties = [order.customer_id, order.vendor_id];
        if parties.iter().any(|id| !self.parties.contains_key(id)) {
            return Err(rejected("an order needs its parties"));
        }
        if self.orders.contains_key(&order.id) {
            return Err(rejected("the order's id is taken"));
        }
        let Some(offer) = self.offers.get_mut(&order.offer_id) else {
            return Ok(Placed::Stale);
        };
        if offer.terms_version != *terms_version || offer.free() < order.crypto {
            return Ok(Placed::Stale);
        }
        offer.held = offer.held.checked_add(order.crypto).ok_or_else(|| rejected("overflow"))?;
        self.orders.insert(order.id, order.clone());
        self.history.insert(order.id, vec![entry.clone()]);
        if let Some((claim, answer)) = claim {
            self.store_answer(claim, answer, order.created_at)?;
        }
        Ok(Placed::Done)
    }

    pub(super) fn save_order(
        &mut self,
        order: &Order,
        entry: &HistoryEntry,
    ) -> Result<(), StoreError> {
        let stored = self.orders.get_mut(&order.id);
        let stored = stored.filter(|stored| stored.version.checked_add(1) == Some(entry.seq));
        let stored = stored.ok_or_else(|| StoreError::Conflict(format!("order {}", order.id)))?;
        stored.clone_from(order);
        self.history.entry(order.id).or_default().push(entry.clone());
        Ok(())
    }

    pub(super) fn save_offer(&mut self, offer: &Offer) -> Result<(), StoreError> {
        let stored = self.offers.get_mut(&offer.id);
        let stored = stored.ok_or_else(|| StoreError::Conflict(format!("offer {}", offer.id)))?;
        if offer.available < stored.held {
            return Err(rejected("an offer cannot hold more than is available"));
        }
        *stored = Offer { held: stored.held, ..offer.clone() };
        Ok(())
    }

    pub(super) fn settle_hold(&mut self, order: &Order, fate: HoldFate) -> Result<(), StoreError> {
        let corrupt = || StoreError::Corrupt(format!("the hold of order {}", order.id));
        let offer = self.offers.get_mut(&order.offer_id).ok_or_else(corrupt)?;
        let less = |amount: Crypto| amount.checked_sub(order.crypto).ok_or_else(corrupt);
        let (held, available) = match fate {
            HoldFate::Kept => (offer.held, offer.available),
            HoldFate::Released => (less(offer.held)?, offer.available),
            HoldFate::Spent => (less(offer.held)?, less(offer.available)?),
        };
        (offer.held, offer.available) = (held, available);
        Ok(())
    }

    pub(super) fn find_answer(&self, claim: &IdempotencyClaim) -> Option<ClaimOutcome> {
        let known = self.answers.get(&scoped(claim))?;
        Some(if known.fingerprint == claim.fingerprint {
            ClaimOutcome::Replay(known.answer.clone())
        } else {
            ClaimOutcome::Reused
        })
    }

    pub(super) fn store_answer(
        &mut self,
        claim: &IdempotencyClaim,
        answer: &StoredAnswer,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let answered = Answered { fingerprint: claim.fingerprint, answer: answer.clone(), at };
        if self.answers.insert(scoped(claim), answered).is_some() {
            return Err(rejected("a key is answered once"));
        }
        Ok(())
    }

    pub(super) fn forget_keys(&mut self, before: OffsetDateTime) -> u64 {
        let old = self.answers.extract_if(|_, answered| answered.at < before).count();
        u64::try_from(old).unwrap_or(u64::MAX)
    }
}
