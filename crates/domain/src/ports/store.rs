//! The store: open units of work, and the one act that is a unit of work in itself (placing).

use async_trait::async_trait;
use time::OffsetDateTime;

use super::chain::WatchList;
use super::chain_store::{Arrivals, ChainStore, Cursors, TransferRepository};
use super::queries::{OfferQueries, OrderQueries};
use super::rail_store::{CollectionRepository, DisbursementRepository, Jobs, RailBooks, RailStore};
use super::reviews::{ReviewQueries, Reviews};
use super::supervision::SupervisionQueries;
use crate::address::{AddressUse, KeyAccount, Network, OwnerAddresses};
use crate::ids::{OfferId, OrderId, PartyId};
use crate::offer::Offer;
use crate::order::{Effect, HistoryEntry, HoldFate, Order};
use crate::party::Party;
use crate::placement::{IdempotencyClaim, Placed, Placement, StoredAnswer, Terms};

/// Why the store did not do as asked. [`std::fmt::Display`] does not print the source: log it once.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed the row although it was locked: a bug, not a race.
    #[error("the row of {0} changed under its lock")]
    Conflict(String),
    /// The database is away, too slow, or out of connections. Try again later.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A lock was held for too long by somebody else. Try again soon.
    #[error("the row is busy")]
    Busy,
    /// What is stored cannot be what we stored.
    #[error("stored data is inconsistent: {0}")]
    Corrupt(String),
    /// The database refused a statement: a bug of ours.
    #[error("the store refused a statement")]
    Rejected(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Orders under lock.
#[async_trait]
pub trait OrderRepository {
    /// Locks the order until the unit of work ends.
    async fn lock_order(&mut self, id: OrderId) -> Result<Option<Order>, StoreError>;

    /// Locks those of the orders that nobody else holds, and waits for none.
    async fn lock_free_orders(&mut self, ids: &[OrderId]) -> Result<Vec<Order>, StoreError>;

    /// Stores a locked order and the entry that its `version` and `head` stand for.
    async fn save_order(&mut self, order: &Order, entry: &HistoryEntry) -> Result<(), StoreError>;
}

/// Offers and what is held of them.
#[async_trait]
pub trait OfferRepository {
    async fn insert_offer(&mut self, offer: &Offer) -> Result<(), StoreError>;
    async fn lock_offer(&mut self, id: OfferId) -> Result<Option<Offer>, StoreError>;
    /// Stores the terms of a locked offer; holds stay as they are.
    async fn save_offer(&mut self, offer: &Offer) -> Result<(), StoreError>;
    /// Gives back or spends what `order` holds of its offer. `Kept` is no change.
    async fn settle_hold(&mut self, order: &Order, fate: HoldFate) -> Result<(), StoreError>;
}

/// What became of a party to be provisioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provisioned {
    Done,
    IdTaken,
    EmailTaken,
}

/// The parties.
#[async_trait]
pub trait PartyRepository {
    async fn insert_party(&mut self, party: &Party) -> Result<Provisioned, StoreError>;
    async fn find_party(&mut self, id: PartyId) -> Result<Option<Party>, StoreError>;
}

/// An effect in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    pub order_id: OrderId,
    pub effect: Effect,
    pub idempotency_key: String,
}

/// What the world must be asked to do, stored with the change that decided it.
#[async_trait]
pub trait Outbox {
    /// Adds effects; one whose key is there already is the same act, and is opened again if it was
    /// done: whoever carries it out sees what has become of it.
    async fn enqueue(
        &mut self,
        order: OrderId,
        effects: &[Effect],
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    /// The order's effects that are not done, oldest first.
    async fn pending_effects(&mut self, order: OrderId) -> Result<Vec<OutboxRow>, StoreError>;
}

/// What an idempotency key means now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// Ours: do the work and store the answer in this unit of work.
    Fresh,
    Replay(StoredAnswer),
    /// The same key came with another request.
    Reused,
}

/// Idempotency keys inside a unit of work.
#[async_trait]
pub trait IdempotencyKeys {
    /// Claims a key; waits for whoever is working on the same one.
    async fn claim_key(&mut self, claim: &IdempotencyClaim) -> Result<ClaimOutcome, StoreError>;

    async fn store_answer(
        &mut self,
        claim: &IdempotencyClaim,
        answer: &StoredAnswer,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
}

/// An open database transaction. Dropping it rolls back; only `commit` counts.
#[async_trait]
pub trait UnitOfWork:
    OrderRepository
    + OfferRepository
    + PartyRepository
    + Outbox
    + IdempotencyKeys
    + Jobs
    + CollectionRepository
    + DisbursementRepository
    + RailBooks
    + Reviews
    + Cursors
    + Arrivals
    + TransferRepository
    + Send
{
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
    async fn rollback(self: Box<Self>) -> Result<(), StoreError>;
}

/// Placing an order: too hot for an open unit of work, so the store does it in one act that either
/// happens whole or not at all (ADR 0005).
#[async_trait]
pub trait Placements: Send + Sync {
    /// `wallet` is what the order names.
    async fn terms(
        &self,
        offer: OfferId,
        customer: PartyId,
        wallet: &OwnerAddresses,
    ) -> Result<Terms, StoreError>;

    /// A child number of the account that nobody gets again, on whichever network.
    async fn next_escrow_index(&self, account: &KeyAccount) -> Result<u32, StoreError>;

    /// Stores order, first entry, hold and answer, if the offer's terms are still those and its
    /// free amount suffices.
    async fn place(&self, placement: &Placement) -> Result<Placed, StoreError>;

    /// What was answered under a key, if anything.
    async fn find_answer(
        &self,
        claim: &IdempotencyClaim,
    ) -> Result<Option<ClaimOutcome>, StoreError>;
}

/// An address that is ours or a token's, and no escrow address: those are kept with their orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAddress {
    pub network: Network,
    /// As the address book spells it.
    pub address: String,
    pub address_use: AddressUse,
}

/// Addresses that no order's coin may be sent to.
#[async_trait]
pub trait OwnAddresses: Send + Sync {
    /// Remembers addresses, each once; what was ours stays ours.
    async fn note_own_addresses(
        &self,
        addresses: &[OwnAddress],
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    /// What this owner is to us, escrow addresses included; `None` for strangers.
    async fn find_address_use(
        &self,
        owner: &OwnerAddresses,
    ) -> Result<Option<AddressUse>, StoreError>;
}

/// Where everything is kept.
#[async_trait]
pub trait Store:
    Placements
    + OrderQueries
    + OfferQueries
    + RailStore
    + ReviewQueries
    + SupervisionQueries
    + ChainStore
    + WatchList
    + OwnAddresses
{
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;

    /// Whether the store answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Forgets idempotency keys stored before `before`; answers how many.
    async fn forget_keys(&self, before: OffsetDateTime) -> Result<u64, StoreError>;
}
