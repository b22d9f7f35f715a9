//! A process of the service, as far as the crash matrix is concerned: a cashier whose ports are wired
//! to a tripwire, and the loops that drive it. It dies by being dropped, wherever it is.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::access::Visibility;
use domain::address::Network;
use domain::ids::{CollectionId, OfferId, OrderId, PartyId};
use domain::ledger::Entry;
use domain::offer::Offer;
use domain::order::{Effect, HistoryEntry, HoldFate, Order};
use domain::party::{Msisdn, Party};
use domain::placement::{IdempotencyClaim, Placed, Placement, StoredAnswer, Terms};
use domain::ports::{
    Callback, ClaimOutcome, Collecting, CollectionRepository, DisbursementRepository, Disbursing,
    FloatBooks, IdempotencyKeys, Job, JobEnd, Jobs, MobileMoney, NoStatement, OfferFilter,
    OfferQueries, OfferRepository, OrderDetails, OrderFilter, OrderQueries, OrderRepository,
    Outbox, OutboxRow, Overdue, Page, PageRequest, PartyRepository, PayoutRequest, Placements,
    Provisioned, PushRequest, RailBooks, RailStore, Received, ReversalRequest, StatementRow,
    Statements, StatusRequest, Store, StoreError, UnitOfWork, Unreadable,
};
use domain::rail::collection::PushRefs;
use domain::rail::{
    CallbackToken, Circuit, Collection, CollectionOutcome, Disbursement, Doubt, Hook, Notice,
    Review, Subject, Submission,
};
use domain::service::Cashier;
use time::OffsetDateTime;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::tripwire::Tripwire;

/// The cashier with a tripwire in each of its effects.
pub(crate) fn wired(cashier: &Cashier, wire: &Tripwire) -> Cashier {
    let store = WiredStore { inner: cashier.engine.store.clone(), wire: wire.clone() };
    let rail = WiredRail { inner: cashier.rail.clone(), wire: wire.clone() };
    let mut wired = cashier.clone();
    wired.engine.store = Arc::new(store);
    wired.rail = Arc::new(rail);
    wired
}

/// The loops of a worker, until they are dropped.
pub(crate) fn work(cashier: &Cashier) -> JoinSet<()> {
    let mut loops = JoinSet::new();
    loops.spawn(jobs(cashier.clone()));
    loops.spawn(callbacks(cashier.clone()));
    loops.spawn(sweep(cashier.clone()));
    loops
}

fn beat() -> tokio::time::Interval {
    tokio::time::interval(Duration::from_millis(5))
}

async fn jobs(cashier: Cashier) {
    let mut beat = beat();
    loop {
        beat.tick().await;
        for job in cashier.claim_jobs(8).await.unwrap_or_default() {
            cashier.work_on(job).await;
        }
    }
}

async fn callbacks(cashier: Cashier) {
    let mut beat = beat();
    loop {
        beat.tick().await;
        for callback in cashier.claim_callbacks(8).await.unwrap_or_default() {
            cashier.read_callback(callback).await;
        }
    }
}

async fn sweep(cashier: Cashier) {
    let mut beat = beat();
    loop {
        beat.tick().await;
        let _next_turn_comes = cashier.sweep_statement().await;
    }
}

fn lost<T>(_: Result<T, StoreError>) -> Result<T, StoreError> {
    Err(StoreError::Unavailable("the reply was lost".into()))
}

fn unknown<T>(_: Submission<T>) -> Submission<T> {
    Submission::Unknown(Doubt::NoAnswer("the reply was lost".into()))
}

struct WiredRail {
    inner: Arc<dyn MobileMoney>,
    wire: Tripwire,
}

#[async_trait]
impl Collecting for WiredRail {
    async fn push(&self, request: &PushRequest) -> Submission<PushRefs> {
        self.wire.effect(self.inner.push(request), unknown).await
    }

    async fn query(&self, checkout_request_id: &str) -> CollectionOutcome {
        let undecided = |_| CollectionOutcome::Undecided { code: "lost".into() };
        self.wire.effect(self.inner.query(checkout_request_id), undecided).await
    }
}

#[async_trait]
impl Disbursing for WiredRail {
    async fn pay_out(&self, request: &PayoutRequest) -> Submission<String> {
        self.wire.effect(self.inner.pay_out(request), unknown).await
    }

    async fn reverse(&self, request: &ReversalRequest) -> Submission<String> {
        self.wire.effect(self.inner.reverse(request), unknown).await
    }

    async fn ask_status(&self, request: &StatusRequest) -> Submission<String> {
        self.wire.effect(self.inner.ask_status(request), unknown).await
    }

    async fn ask_balance(&self, a: &CallbackToken, b: &CallbackToken) -> Submission<String> {
        self.wire.effect(self.inner.ask_balance(a, b), unknown).await
    }
}

#[async_trait]
impl Statements for WiredRail {
    async fn statement(
        &self,
        from: OffsetDateTime,
        to: OffsetDateTime,
    ) -> Result<Vec<StatementRow>, NoStatement> {
        let none = |_| Err(NoStatement("lost".into()));
        self.wire.effect(self.inner.statement(from, to), none).await
    }

    async fn register_bills(&self, token: &CallbackToken) -> Submission<()> {
        self.wire.effect(self.inner.register_bills(token), unknown).await
    }
}

impl MobileMoney for WiredRail {
    fn read(&self, hook: Hook, is_balance: bool, body: &[u8]) -> Result<Notice, Unreadable> {
        self.inner.read(hook, is_balance, body)
    }
}

struct WiredStore {
    inner: Arc<dyn Store>,
    wire: Tripwire,
}

struct WiredUow {
    inner: Box<dyn UnitOfWork>,
    wire: Tripwire,
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
                self.inner.$name($($arg),*).await
            })*
        }
    };
}

#[async_trait]
impl Store for WiredStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let inner = self.inner.begin().await?;
        Ok(Box::new(WiredUow { inner, wire: self.wire.clone() }))
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
        let Self { inner, wire } = *self;
        wire.effect(inner.commit(), lost).await
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
        self.wire.claim(self.inner.claim_jobs(kinds, limit, now, lease)).await
    }

    async fn store_callback(&self, received: &Received) -> Result<(), StoreError> {
        self.wire.effect(self.inner.store_callback(received), lost).await
    }

    async fn claim_callbacks(
        &self,
        limit: u16,
        now: OffsetDateTime,
        lease: time::Duration,
    ) -> Result<Vec<Callback>, StoreError> {
        self.wire.claim(self.inner.claim_callbacks(limit, now, lease)).await
    }

    async fn claim_turn(
        &self,
        name: &str,
        every: time::Duration,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        self.inner.claim_turn(name, every, now).await
    }

    async fn undecided_collections(
        &self,
        sent_before: OffsetDateTime,
        limit: u16,
    ) -> Result<Vec<Collection>, StoreError> {
        self.inner.undecided_collections(sent_before, limit).await
    }

    async fn float_books(&self, since: OffsetDateTime) -> Result<FloatBooks, StoreError> {
        self.inner.float_books(since).await
    }

    async fn open_reviews(&self, limit: u16) -> Result<Vec<Review>, StoreError> {
        self.inner.open_reviews(limit).await
    }
}

impl Tripwire {
    /// A claim that finds nothing is no effect: how often it is asked is chance.
    async fn claim<T: Send>(
        &self,
        claim: impl Future<Output = Result<Vec<T>, StoreError>>,
    ) -> Result<Vec<T>, StoreError> {
        let claimed = claim.await?;
        if claimed.is_empty() {
            return Ok(claimed);
        }
        self.effect(async { Ok(claimed) }, lost).await
    }
}

forward! { Placements for WiredStore:
    fn terms(&self, offer: OfferId, customer: PartyId) -> Terms;
    fn next_escrow_index(&self, network: Network) -> u32;
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
    fn count_under_way(&mut self) -> u64;
}

forward! { RailBooks for WiredUow:
    fn add_token(&mut self, hash: &[u8; 32], hook: Hook, subject: Subject, at: OffsetDateTime) -> ();
    fn find_token(&mut self, hook: Hook, hash: &[u8; 32]) -> Option<Subject>;
    fn settle_callback(&mut self, callback: &Callback, outcome: &str, at: OffsetDateTime) -> bool;
    fn open_review(&mut self, review: &Review) -> bool;
    fn post(&mut self, entry: &Entry) -> bool;
}
