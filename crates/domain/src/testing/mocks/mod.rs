//! Mocks of the store, to prove a conversation with it: what is called, how often, in which order.
//! To prove what becomes of things, use [`super::MemoryStore`].

mod rail;

use std::collections::HashSet;

use async_trait::async_trait;
use mockall::mock;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::access::Visibility;
use crate::address::{AddressUse, KeyAccount, Network, OwnerAddresses};
use crate::chain::arrival::Return;
use crate::chain::{Arrival, Attempt, Block, BlockRef, Cursor, Sighting, Transfer};
use crate::ids::{CollectionId, OfferId, OrderId, PartyId};
use crate::ledger::{AccountKey, Entry};
use crate::money::Crypto;
use crate::offer::{Asset, Offer};
use crate::order::{DepositId, Effect, HistoryEntry, HoldFate, Order};
use crate::party::{Msisdn, Party};
use crate::placement::{IdempotencyClaim, Placed, Placement, StoredAnswer, Terms};
use crate::ports::{
    ArrivalPage, Arrivals, Callback, ChainStore, ClaimOutcome, CollectionRepository, Cursors,
    DisbursementRepository, FloatBooks, HotBooks, IdempotencyKeys, Job, JobEnd, OfferFilter,
    OfferQueries, OfferRepository, OrderDetails, OrderFilter, OrderQueries, OrderRepository,
    Outbox, OutboxRow, Overdue, OverdueDeposit, OwnAddress, OwnAddresses, Page, PageRequest,
    PartyRepository, Placements, Provisioned, RailBooks, Received, ReviewCount, ReviewQueries,
    Reviews, Store, StoreError, SupervisionQueries, Sweepable, TransferRepository, UnitOfWork,
    WatchList,
};
use crate::rail::{
    Circuit, Collection, Disbursement, Hook, OpenReview, Review, ReviewItem, Subject,
};
use crate::supervision::{OpenJob, OpenOrder};

mock! {
    /// A unit of work that does only what it is told to expect.
    pub Uow {
        pub fn take_job(&mut self, key: &str, now: OffsetDateTime, lease: Duration) -> Result<Option<Job>, StoreError>;
        pub fn end_job(&mut self, job: &Job, end: JobEnd, error: Option<String>, now: OffsetDateTime) -> Result<bool, StoreError>;
        pub fn wake_job(&mut self, key: &str, at: OffsetDateTime) -> Result<(), StoreError>;
    }

    #[async_trait]
    impl OrderRepository for Uow {
        async fn lock_order(&mut self, id: OrderId) -> Result<Option<Order>, StoreError>;
        async fn lock_free_orders(&mut self, ids: &[OrderId]) -> Result<Vec<Order>, StoreError>;
        async fn save_order(&mut self, order: &Order, entry: &HistoryEntry) -> Result<(), StoreError>;
    }

    #[async_trait]
    impl OfferRepository for Uow {
        async fn insert_offer(&mut self, offer: &Offer) -> Result<(), StoreError>;
        async fn lock_offer(&mut self, id: OfferId) -> Result<Option<Offer>, StoreError>;
        async fn save_offer(&mut self, offer: &Offer) -> Result<(), StoreError>;
        async fn settle_hold(&mut self, order: &Order, fate: HoldFate) -> Result<(), StoreError>;
    }

    #[async_trait]
    impl PartyRepository for Uow {
        async fn insert_party(&mut self, party: &Party) -> Result<Provisioned, StoreError>;
        async fn find_party(&mut self, id: PartyId) -> Result<Option<Party>, StoreError>;
    }

    #[async_trait]
    impl Outbox for Uow {
        async fn enqueue(&mut self, order: OrderId, effects: &[Effect], at: OffsetDateTime) -> Result<(), StoreError>;
        async fn pending_effects(&mut self, order: OrderId) -> Result<Vec<OutboxRow>, StoreError>;
    }

    #[async_trait]
    impl IdempotencyKeys for Uow {
        async fn claim_key(&mut self, claim: &IdempotencyClaim) -> Result<ClaimOutcome, StoreError>;
        async fn store_answer(&mut self, claim: &IdempotencyClaim, answer: &StoredAnswer, at: OffsetDateTime) -> Result<(), StoreError>;
    }

    #[async_trait]
    impl CollectionRepository for Uow {
        async fn insert_collection(&mut self, collection: &Collection) -> Result<(), StoreError>;
        async fn find_collection(&mut self, id: CollectionId) -> Result<Option<Collection>, StoreError>;
        async fn find_collection_by_reference(&mut self, account_reference: &str) -> Result<Option<CollectionId>, StoreError>;
        async fn lock_collection(&mut self, id: CollectionId) -> Result<Option<Collection>, StoreError>;
        async fn save_collection(&mut self, collection: &Collection) -> Result<(), StoreError>;
        async fn claim_phone(&mut self, phone: &Msisdn, now: OffsetDateTime, not_since: OffsetDateTime) -> Result<Option<OffsetDateTime>, StoreError>;
        async fn claim_receipt(&mut self, receipt: &str, collection: Option<CollectionId>, at: OffsetDateTime) -> Result<bool, StoreError>;
    }

    #[async_trait]
    impl DisbursementRepository for Uow {
        async fn insert_disbursement(&mut self, disbursement: &Disbursement) -> Result<(), StoreError>;
        async fn find_disbursement(&mut self, id: Uuid) -> Result<Option<Disbursement>, StoreError>;
        async fn lock_disbursement(&mut self, id: Uuid) -> Result<Option<Disbursement>, StoreError>;
        async fn lock_last_disbursement(&mut self, key: &str) -> Result<Option<Disbursement>, StoreError>;
        async fn save_disbursement(&mut self, disbursement: &Disbursement) -> Result<(), StoreError>;
        async fn lock_circuit(&mut self, now: OffsetDateTime) -> Result<Circuit, StoreError>;
        async fn save_circuit(&mut self, circuit: &Circuit) -> Result<(), StoreError>;
        async fn float_claims(&mut self, since: OffsetDateTime) -> Result<i64, StoreError>;
    }

    #[async_trait]
    impl RailBooks for Uow {
        async fn add_token(&mut self, hash: &[u8; 32], hook: Hook, subject: Subject, at: OffsetDateTime) -> Result<(), StoreError>;
        async fn find_token(&mut self, hook: Hook, hash: &[u8; 32]) -> Result<Option<Subject>, StoreError>;
        async fn settle_callback(&mut self, callback: &Callback, outcome: &str, at: OffsetDateTime) -> Result<bool, StoreError>;
        async fn post(&mut self, entry: &Entry) -> Result<bool, StoreError>;
        async fn float_books(&mut self, since: OffsetDateTime) -> Result<FloatBooks, StoreError>;
    }

    #[async_trait]
    impl Reviews for Uow {
        async fn open_review(&mut self, review: &Review) -> Result<bool, StoreError>;
        async fn close_review(&mut self, subject: &str, resolution: &str, at: OffsetDateTime) -> Result<bool, StoreError>;
    }

    #[async_trait]
    impl Cursors for Uow {
        async fn lock_cursor(&mut self, network: Network) -> Result<Option<Cursor>, StoreError>;
        async fn save_cursor(&mut self, cursor: &Cursor) -> Result<(), StoreError>;
        async fn add_blocks(&mut self, network: Network, blocks: &[Block]) -> Result<(), StoreError>;
        async fn drop_blocks_above(&mut self, network: Network, height: u64) -> Result<(), StoreError>;
        async fn drop_blocks_below(&mut self, network: Network, height: u64) -> Result<(), StoreError>;
    }

    #[async_trait]
    impl Arrivals for Uow {
        async fn note_sightings(&mut self, network: Network, sightings: &[Sighting], finality: u64, now: OffsetDateTime) -> Result<u64, StoreError>;
        async fn unmake_arrivals_above(&mut self, network: Network, height: u64) -> Result<u64, StoreError>;
        async fn finalise_arrivals(&mut self, network: Network, finality: u64) -> Result<u64, StoreError>;
        async fn lock_arrival(&mut self, id: &DepositId) -> Result<Option<Arrival>, StoreError>;
        async fn settle_arrival(&mut self, arrival: &Arrival) -> Result<(), StoreError>;
        async fn mark_return(&mut self, id: &DepositId, so_far: Return) -> Result<(), StoreError>;
        async fn put_off_arrival(&mut self, id: &DepositId, again: OffsetDateTime) -> Result<i32, StoreError>;
    }

    #[async_trait]
    impl TransferRepository for Uow {
        async fn insert_transfer(&mut self, transfer: &Transfer) -> Result<(), StoreError>;
        async fn lock_transfer(&mut self, key: &str) -> Result<Option<Transfer>, StoreError>;
        async fn save_transfer(&mut self, transfer: &Transfer) -> Result<(), StoreError>;
        async fn lock_sequence(&mut self, network: Network, address: &str) -> Result<Option<u64>, StoreError>;
        async fn save_sequence(&mut self, network: Network, address: &str, last: u64) -> Result<(), StoreError>;
        async fn find_attempts(&mut self, network: Network, address: &str, sequence: u64) -> Result<Vec<Attempt>, StoreError>;
    }

    #[async_trait]
    impl UnitOfWork for Uow {
        async fn commit(self: Box<Self>) -> Result<(), StoreError>;
        async fn rollback(self: Box<Self>) -> Result<(), StoreError>;
    }
}

mock! {
    /// A store that does only what it is told to expect.
    pub Store {
        pub fn claim_jobs(&self, kinds: &[String], limit: u16, now: OffsetDateTime, lease: Duration) -> Result<Vec<Job>, StoreError>;
        pub fn store_callback(&self, received: &Received) -> Result<(), StoreError>;
        pub fn claim_callbacks(&self, limit: u16, now: OffsetDateTime, lease: Duration) -> Result<Vec<Callback>, StoreError>;
        pub fn claim_turn(&self, name: &str, every: Duration, now: OffsetDateTime) -> Result<bool, StoreError>;
        pub fn undecided_collections(&self, sent_before: OffsetDateTime, limit: u16) -> Result<Vec<Collection>, StoreError>;
        pub fn find_circuit(&self) -> Result<Option<Circuit>, StoreError>;
        pub fn balances(&self) -> Result<Vec<(AccountKey, i128)>, StoreError>;
    }

    #[async_trait]
    impl Store for Store {
        async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;
        async fn ping(&self) -> Result<(), StoreError>;
        async fn forget_keys(&self, before: OffsetDateTime) -> Result<u64, StoreError>;
    }

    #[async_trait]
    impl Placements for Store {
        async fn terms(&self, offer: OfferId, customer: PartyId, wallet: &OwnerAddresses) -> Result<Terms, StoreError>;
        async fn next_escrow_index(&self, account: &KeyAccount) -> Result<u32, StoreError>;
        async fn place(&self, placement: &Placement) -> Result<Placed, StoreError>;
        async fn find_answer(&self, claim: &IdempotencyClaim) -> Result<Option<ClaimOutcome>, StoreError>;
    }

    #[async_trait]
    impl OrderQueries for Store {
        async fn list_orders(&self, sees: Visibility, filter: &OrderFilter, page: PageRequest) -> Result<Page<Order>, StoreError>;
        async fn find_details(&self, sees: Visibility, id: OrderId) -> Result<Option<OrderDetails>, StoreError>;
        async fn find_history(&self, sees: Visibility, id: OrderId) -> Result<Option<Vec<HistoryEntry>>, StoreError>;
        async fn list_overdue(&self, now: OffsetDateTime, after: Option<Overdue>, limit: u16) -> Result<Vec<Overdue>, StoreError>;
    }

    #[async_trait]
    impl OfferQueries for Store {
        async fn find_offer(&self, id: OfferId) -> Result<Option<Offer>, StoreError>;
        async fn list_offers(&self, filter: OfferFilter, page: PageRequest) -> Result<Page<Offer>, StoreError>;
    }

    #[async_trait]
    impl ReviewQueries for Store {
        async fn open_reviews(&self, limit: u16) -> Result<Vec<OpenReview>, StoreError>;
        async fn open_conditions(&self) -> Result<Vec<OpenReview>, StoreError>;
        async fn review_items(&self, review: i64, limit: u16) -> Result<Vec<ReviewItem>, StoreError>;
        async fn count_reviews(&self) -> Result<Vec<ReviewCount>, StoreError>;
    }

    #[async_trait]
    impl SupervisionQueries for Store {
        async fn open_jobs(&self, after: Option<(OrderId, i64)>, limit: u16) -> Result<Vec<OpenJob>, StoreError>;
        async fn open_orders(&self, after: Option<OrderId>, until: Option<OrderId>, limit: u16) -> Result<Vec<OpenOrder>, StoreError>;
    }

    #[async_trait]
    impl ChainStore for Store {
        async fn find_cursor(&self, network: Network) -> Result<Option<Cursor>, StoreError>;
        async fn blocks_down_from(&self, network: Network, height: u64, limit: u16) -> Result<Vec<BlockRef>, StoreError>;
        async fn untold_arrivals(&self, network: Network, now: OffsetDateTime, limit: u16) -> Result<Vec<(OrderId, DepositId)>, StoreError>;
        async fn arrivals_of(&self, order: &Order) -> Result<Vec<Arrival>, StoreError>;
        async fn list_arrivals(&self, order: &Order, page: &ArrivalPage) -> Result<Page<Arrival>, StoreError>;
        async fn overdue_deposits(&self, network: Network, block_time: OffsetDateTime, after: Option<Overdue>, limit: u16) -> Result<Vec<OverdueDeposit>, StoreError>;
        async fn sweepable(&self, network: Network, least: Crypto, limit: u16) -> Result<Vec<Sweepable>, StoreError>;
        async fn hot_books(&self, network: Network, asset: Asset, since: OffsetDateTime) -> Result<HotBooks, StoreError>;
    }

    #[async_trait]
    impl OwnAddresses for Store {
        async fn note_own_addresses(&self, addresses: &[OwnAddress], at: OffsetDateTime) -> Result<(), StoreError>;
        async fn find_address_use(&self, owner: &OwnerAddresses) -> Result<Option<AddressUse>, StoreError>;
    }

    #[async_trait]
    impl WatchList for Store {
        async fn ours(&self, network: Network, addresses: &[String]) -> Result<HashSet<String>, StoreError>;
    }
}

impl MockStore {
    /// A store that begins `uow`, once, and does nothing else.
    pub fn beginning(uow: MockUow) -> Self {
        let mut store = Self::new();
        store.expect_begin().times(1).return_once(move || Ok(Box::new(uow)));
        store
    }
}
