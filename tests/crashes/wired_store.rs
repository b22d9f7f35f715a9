//! PostgreSQL with a tripwire in each commit and each claim.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use domain::access::Visibility;
use domain::address::{AddressUse, KeyAccount, Network, OwnerAddresses};
use domain::chain::arrival::Return;
use domain::chain::{Arrival, Attempt, Block, BlockRef, Cursor, Sighting, Transfer};
use domain::ids::{CollectionId, OfferId, OrderId, PartyId};
use domain::ledger::{AccountKey, Entry};
use domain::money::Crypto;
use domain::offer::{Asset, Offer};
use domain::order::{DepositId, Effect, HistoryEntry, HoldFate, Order};
use domain::party::{Msisdn, Party};
use domain::placement::{IdempotencyClaim, Placed, Placement, StoredAnswer, Terms};
use domain::ports::{
    ArrivalPage, Arrivals, Callback, ChainStore, ClaimOutcome, CollectionRepository, Cursors,
    DisbursementRepository, FloatBooks, HotBooks, IdempotencyKeys, Job, JobEnd, Jobs, OfferFilter,
    OfferQueries, OfferRepository, OrderDetails, OrderFilter, OrderQueries, OrderRepository,
    Outbox, OutboxRow, Overdue, OverdueDeposit, OwnAddress, OwnAddresses, Page, PageRequest,
    PartyRepository, Placements, Provisioned, RailBooks, RailStore, Received, ReviewCount,
    ReviewQueries, Reviews, Store, StoreError, SupervisionQueries, Sweepable, TransferRepository,
    UnitOfWork, WatchList,
};
use domain::rail::{
    Circuit, Collection, Disbursement, Hook, OpenReview, Review, ReviewItem, Subject,
};
use domain::supervision::{OpenJob, OpenOrder};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::tripwire::Tripwire;

fn lost<T>(_: Result<T, StoreError>) -> Result<T, StoreError> {
    Err(StoreError::Unavailable("the reply was lost".into()))
}

/// A store whose commits and claims are effects.
pub(crate) struct WiredStore {
    pub(crate) inner: Arc<dyn Store>,
    pub(crate) wire: Tripwire,
}

struct WiredUow {
    inner: Box<dyn UnitOfWork>,
    wire: Tripwire,
    /// Commits are named by what was done last before them.
    name: &'static str,
}

/// Hands every method on to `inner`.
macro_rules! forward {
    ($trait:ident for $type:ty: $(fn $name:ident(&self $(, $arg:ident: $of:ty)*) -> $back:ty;)*) => {
        #[async_trait]
        impl $trait for $type {
            $(async fn $name(&self $(, $arg: $of)*) -> Result<$back, StoreError> {
                self.inner.$name($($arg),*).await
            })*
        }
    };
    ($trait:ident for $type:ty: $(fn $name:ident(&mut self $(, $arg:ident: $of:ty)*) -> $back:ty;)*) => {
        #[async_trait]
        impl $trait for $type {
            $(async fn $name(&mut self $(, $arg: $of)*) -> Result<$back, StoreError> {
                self.name = concat!("commit after ", stringify!($name));
                self.inner.$name($($arg),*).await
            })*
        }
    };
}

#[async_trait]
impl Store for WiredStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let inner = self.inner.begin().await?;
        let wire = self.wire.clone();
        Ok(Box::new(WiredUow { inner, wire, name: "commit of nothing" }))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.inner.ping().await
    }

    async fn forget_keys(&self, before: OffsetDateTime) -> Result<u64, StoreError> {
        self.inner.forget_keys(before).await
    }
}

#[async_trait]
impl UnitOfWork for WiredUow {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { inner, wire, name } = *self;
        wire.effect(name, inner.commit(), lost).await
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        self.inner.rollback().await
    }
}

#[async_trait]
impl RailStore for WiredStore {
    async fn claim_jobs(
        &self,
        kinds: &[&str],
        limit: u16,
        now: OffsetDateTime,
        lease: time::Duration,
    ) -> Result<Vec<Job>, StoreError> {
        self.wire.claim("claim jobs", self.inner.claim_jobs(kinds, limit, now, lease)).await
    }

    async fn store_callback(&self, received: &Received) -> Result<(), StoreError> {
        self.wire.effect("store callback", self.inner.store_callback(received), lost).await
    }

    async fn claim_callbacks(
        &self,
        limit: u16,
        now: OffsetDateTime,
        lease: time::Duration,
    ) -> Result<Vec<Callback>, StoreError> {
        let claim = self.inner.claim_callbacks(limit, now, lease);
        self.wire.claim("claim callbacks", claim).await
    }

    async fn claim_turn(
        &self,
        name: &str,
        every: time::Duration,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let won = self.inner.claim_turn(name, every, now).await?;
        if !won || !name.starts_with("sweep ") {
            return Ok(won);
        }
        self.wire.effect("claim turn", async { Ok(won) }, lost).await
    }

    async fn undecided_collections(
        &self,
        sent_before: OffsetDateTime,
        limit: u16,
    ) -> Result<Vec<Collection>, StoreError> {
        self.inner.undecided_collections(sent_before, limit).await
    }

    async fn find_circuit(&self) -> Result<Option<Circuit>, StoreError> {
        self.inner.find_circuit().await
    }

    async fn balances(&self) -> Result<Vec<(AccountKey, i128)>, StoreError> {
        self.inner.balances().await
    }
}

impl Tripwire {
    /// A claim that finds nothing is no effect: how often it is asked is chance.
    async fn claim<T: Send>(
        &self,
        what: &'static str,
        claim: impl Future<Output = Result<Vec<T>, StoreError>>,
    ) -> Result<Vec<T>, StoreError> {
        let claimed = claim.await?;
        if claimed.is_empty() {
            return Ok(claimed);
        }
        self.effect(what, async { Ok(claimed) }, lost).await
    }
}

forward! { Placements for WiredStore:
    fn terms(&self, offer: OfferId, customer: PartyId, wallet: &OwnerAddresses) -> Terms;
    fn next_escrow_index(&self, account: &KeyAccount) -> u32;
    fn place(&self, placement: &Placement) -> Placed;
    fn find_answer(&self, claim: &IdempotencyClaim) -> Option<ClaimOutcome>;
}

forward! { OrderQueries for WiredStore:
    fn list_orders(&self, sees: Visibility, filter: &OrderFilter, page: PageRequest) -> Page<Order>;
    fn find_details(&self, sees: Visibility, id: OrderId) -> Option<OrderDetails>;
    fn find_history(&self, sees: Visibility, id: OrderId) -> Option<Vec<HistoryEntry>>;
    fn list_overdue(&self, now: OffsetDateTime, after: Option<Overdue>, limit: u16) -> Vec<Overdue>;
}

forward! { OfferQueries for WiredStore:
    fn find_offer(&self, id: OfferId) -> Option<Offer>;
    fn list_offers(&self, filter: OfferFilter, page: PageRequest) -> Page<Offer>;
}

forward! { OrderRepository for WiredUow:
    fn lock_order(&mut self, id: OrderId) -> Option<Order>;
    fn lock_free_orders(&mut self, ids: &[OrderId]) -> Vec<Order>;
    fn save_order(&mut self, order: &Order, entry: &HistoryEntry) -> ();
}

forward! { OfferRepository for WiredUow:
    fn insert_offer(&mut self, offer: &Offer) -> ();
    fn lock_offer(&mut self, id: OfferId) -> Option<Offer>;
    fn save_offer(&mut self, offer: &Offer) -> ();
    fn settle_hold(&mut self, order: &Order, fate: HoldFate) -> ();
}

forward! { PartyRepository for WiredUow:
    fn insert_party(&mut self, party: &Party) -> Provisioned;
    fn find_party(&mut self, id: PartyId) -> Option<Party>;
}

forward! { Outbox for WiredUow:
    fn enqueue(&mut self, order: OrderId, effects: &[Effect], at: OffsetDateTime) -> ();
    fn pending_effects(&mut self, order: OrderId) -> Vec<OutboxRow>;
}

forward! { IdempotencyKeys for WiredUow:
    fn claim_key(&mut self, claim: &IdempotencyClaim) -> ClaimOutcome;
    fn store_answer(&mut self, claim: &IdempotencyClaim, answer: &StoredAnswer, at: OffsetDateTime) -> ();
}

forward! { Jobs for WiredUow:
    fn take_job(&mut self, key: &str, now: OffsetDateTime, lease: time::Duration) -> Option<Job>;
    fn end_job(&mut self, job: &Job, end: JobEnd, error: Option<&str>, now: OffsetDateTime) -> bool;
    fn wake_job(&mut self, key: &str, at: OffsetDateTime) -> ();
}

forward! { CollectionRepository for WiredUow:
    fn insert_collection(&mut self, collection: &Collection) -> ();
    fn find_collection(&mut self, id: CollectionId) -> Option<Collection>;
    fn find_collection_by_reference(&mut self, reference: &str) -> Option<CollectionId>;
    fn lock_collection(&mut self, id: CollectionId) -> Option<Collection>;
    fn save_collection(&mut self, collection: &Collection) -> ();
    fn claim_phone(&mut self, phone: &Msisdn, now: OffsetDateTime, not_since: OffsetDateTime) -> Option<OffsetDateTime>;
    fn claim_receipt(&mut self, receipt: &str, collection: Option<CollectionId>, at: OffsetDateTime) -> bool;
}

forward! { DisbursementRepository for WiredUow:
    fn insert_disbursement(&mut self, disbursement: &Disbursement) -> ();
    fn find_disbursement(&mut self, id: Uuid) -> Option<Disbursement>;
    fn lock_disbursement(&mut self, id: Uuid) -> Option<Disbursement>;
    fn lock_last_disbursement(&mut self, key: &str) -> Option<Disbursement>;
    fn save_disbursement(&mut self, disbursement: &Disbursement) -> ();
    fn lock_circuit(&mut self, now: OffsetDateTime) -> Circuit;
    fn save_circuit(&mut self, circuit: &Circuit) -> ();
    fn float_claims(&mut self, since: OffsetDateTime) -> i64;
}

forward! { RailBooks for WiredUow:
    fn add_token(&mut self, hash: &[u8; 32], hook: Hook, subject: Subject, at: OffsetDateTime) -> ();
    fn find_token(&mut self, hook: Hook, hash: &[u8; 32]) -> Option<Subject>;
    fn settle_callback(&mut self, callback: &Callback, outcome: &str, at: OffsetDateTime) -> bool;
    fn post(&mut self, entry: &Entry) -> bool;
    fn float_books(&mut self, since: OffsetDateTime) -> FloatBooks;
}

forward! { Reviews for WiredUow:
    fn open_review(&mut self, review: &Review) -> bool;
    fn close_review(&mut self, subject: &str, resolution: &str, at: OffsetDateTime) -> bool;
}

forward! { SupervisionQueries for WiredStore:
    fn open_jobs(&self, after: Option<(OrderId, i64)>, limit: u16) -> Vec<OpenJob>;
    fn open_orders(&self, after: Option<OrderId>, until: Option<OrderId>, limit: u16) -> Vec<OpenOrder>;
}

forward! { ReviewQueries for WiredStore:
    fn open_reviews(&self, limit: u16) -> Vec<OpenReview>;
    fn open_conditions(&self) -> Vec<OpenReview>;
    fn review_items(&self, review: i64, limit: u16) -> Vec<ReviewItem>;
    fn count_reviews(&self) -> Vec<ReviewCount>;
}

#[async_trait]
impl WatchList for WiredStore {
    async fn ours(
        &self,
        network: Network,
        addresses: &[String],
    ) -> Result<HashSet<String>, StoreError> {
        self.inner.ours(network, addresses).await
    }
}

forward! { OwnAddresses for WiredStore:
    fn note_own_addresses(&self, addresses: &[OwnAddress], at: OffsetDateTime) -> ();
    fn find_address_use(&self, owner: &OwnerAddresses) -> Option<AddressUse>;
}

forward! { ChainStore for WiredStore:
    fn find_cursor(&self, network: Network) -> Option<Cursor>;
    fn blocks_down_from(&self, network: Network, height: u64, limit: u16) -> Vec<BlockRef>;
    fn untold_arrivals(&self, network: Network, now: OffsetDateTime, limit: u16) -> Vec<(OrderId, DepositId)>;
    fn arrivals_of(&self, order: &Order) -> Vec<Arrival>;
    fn list_arrivals(&self, order: &Order, page: &ArrivalPage) -> Page<Arrival>;
    fn overdue_deposits(&self, network: Network, block_time: OffsetDateTime, after: Option<Overdue>, limit: u16) -> Vec<OverdueDeposit>;
    fn sweepable(&self, network: Network, least: Crypto, limit: u16) -> Vec<Sweepable>;
    fn hot_books(&self, network: Network, asset: Asset, since: OffsetDateTime) -> HotBooks;
}

forward! { Cursors for WiredUow:
    fn lock_cursor(&mut self, network: Network) -> Option<Cursor>;
    fn save_cursor(&mut self, cursor: &Cursor) -> ();
    fn add_blocks(&mut self, network: Network, blocks: &[Block]) -> ();
    fn drop_blocks_above(&mut self, network: Network, height: u64) -> ();
    fn drop_blocks_below(&mut self, network: Network, height: u64) -> ();
}

forward! { Arrivals for WiredUow:
    fn note_sightings(&mut self, network: Network, sightings: &[Sighting], finality: u64, now: OffsetDateTime) -> u64;
    fn unmake_arrivals_above(&mut self, network: Network, height: u64) -> u64;
    fn finalise_arrivals(&mut self, network: Network, finality: u64) -> u64;
    fn lock_arrival(&mut self, id: &DepositId) -> Option<Arrival>;
    fn settle_arrival(&mut self, arrival: &Arrival) -> ();
    fn mark_return(&mut self, id: &DepositId, so_far: Return) -> ();
    fn put_off_arrival(&mut self, id: &DepositId, again: OffsetDateTime) -> i32;
}

forward! { TransferRepository for WiredUow:
    fn insert_transfer(&mut self, transfer: &Transfer) -> ();
    fn lock_transfer(&mut self, key: &str) -> Option<Transfer>;
    fn save_transfer(&mut self, transfer: &Transfer) -> ();
    fn lock_sequence(&mut self, network: Network, address: &str) -> Option<u64>;
    fn save_sequence(&mut self, network: Network, address: &str, last: u64) -> ();
    fn find_attempts(&mut self, network: Network, address: &str, sequence: u64) -> Vec<Attempt>;
}
