//! What the store keeps of the rail: jobs, attempts, money out, callbacks, the ledger and the
//! breaker. The traits of the first part work inside a unit of work; [`RailStore`] stands alone.

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::store::StoreError;
use crate::ids::{CollectionId, OrderId};
use crate::ledger::{AccountKey, Entry};
use crate::order::Effect;
use crate::party::Msisdn;
use crate::rail::{Circuit, Collection, Disbursement, Hook, Subject};

/// An effect that is somebody's to carry out until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: i64,
    pub order_id: OrderId,
    pub effect: Effect,
    pub key: String,
    /// How often it has been taken up.
    pub attempts: i32,
    /// Grows with every lease: who holds an older one has lost it.
    pub fence: i64,
}

/// What becomes of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobEnd {
    Done,
    /// Again, not before this.
    Again(OffsetDateTime),
}

/// Jobs inside a unit of work.
#[async_trait]
pub trait Jobs {
    /// Takes the job with this key for whoever has just asked for it, due or not; `None` when it is
    /// done or somebody else's.
    async fn take_job(
        &mut self,
        key: &str,
        now: OffsetDateTime,
        lease: Duration,
    ) -> Result<Option<Job>, StoreError>;

    /// Ends the lease; `false` when it is no longer ours, and then the job stays as its new holder has
    /// it. Facts that were learned meanwhile are facts all the same.
    async fn end_job(
        &mut self,
        job: &Job,
        end: JobEnd,
        error: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    /// Brings a job forward, and opens it again if it was done. Never puts it off.
    async fn wake_job(&mut self, key: &str, at: OffsetDateTime) -> Result<(), StoreError>;
}

/// Collections under lock. Lock the order first.
#[async_trait]
pub trait CollectionRepository {
    async fn insert_collection(&mut self, collection: &Collection) -> Result<(), StoreError>;
    /// Reads without locking.
    async fn find_collection(&mut self, id: CollectionId)
    -> Result<Option<Collection>, StoreError>;
    async fn find_collection_by_reference(
        &mut self,
        account_reference: &str,
    ) -> Result<Option<CollectionId>, StoreError>;
    async fn lock_collection(&mut self, id: CollectionId)
    -> Result<Option<Collection>, StoreError>;
    async fn save_collection(&mut self, collection: &Collection) -> Result<(), StoreError>;
    /// Notes that the phone is asked now, unless it was after `not_since`; then tells when.
    async fn claim_phone(
        &mut self,
        phone: &Msisdn,
        now: OffsetDateTime,
        not_since: OffsetDateTime,
    ) -> Result<Option<OffsetDateTime>, StoreError>;
    /// Notes that a receipt is this collection's (or nobody's); `false` when it is another's.
    async fn claim_receipt(
        &mut self,
        receipt: &str,
        collection: Option<CollectionId>,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
}

/// Disbursements under lock. Lock the order first.
#[async_trait]
pub trait DisbursementRepository {
    async fn insert_disbursement(&mut self, disbursement: &Disbursement) -> Result<(), StoreError>;
    /// Reads without locking.
    async fn find_disbursement(&mut self, id: Uuid) -> Result<Option<Disbursement>, StoreError>;
    async fn lock_disbursement(&mut self, id: Uuid) -> Result<Option<Disbursement>, StoreError>;
    /// The last one asked for under a key, locked.
    async fn lock_last_disbursement(
        &mut self,
        key: &str,
    ) -> Result<Option<Disbursement>, StoreError>;
    async fn save_disbursement(&mut self, disbursement: &Disbursement) -> Result<(), StoreError>;
    /// The breaker of all money going out, locked: whoever holds it decides alone.
    async fn lock_circuit(&mut self, now: OffsetDateTime) -> Result<Circuit, StoreError>;
    async fn save_circuit(&mut self, circuit: &Circuit) -> Result<(), StoreError>;
    /// Cents of payouts that have left the float since it was told, or may yet: those under way, and
    /// those sent after `since` and made.
    async fn float_claims(&mut self, since: OffsetDateTime) -> Result<i64, StoreError>;
}

/// Callbacks and the ledger inside a unit of work.
#[async_trait]
pub trait RailBooks {
    async fn add_token(
        &mut self,
        hash: &[u8; 32],
        hook: Hook,
        subject: Subject,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
    async fn find_token(
        &mut self,
        hook: Hook,
        hash: &[u8; 32],
    ) -> Result<Option<Subject>, StoreError>;
    /// Notes what became of a callback; `false` when somebody else has.
    async fn settle_callback(
        &mut self,
        callback: &Callback,
        outcome: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
    /// Posts an entry; `false` when its cause is posted already.
    async fn post(&mut self, entry: &Entry) -> Result<bool, StoreError>;
    /// `recent` counts payouts whose last change is after `since`.
    async fn float_books(&mut self, since: OffsetDateTime) -> Result<FloatBooks, StoreError>;
}

/// A callback as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub hook: Hook,
    pub token_hash: [u8; 32],
    /// Who sent it, as far as the network tells.
    pub source: String,
    /// The source is one of the rail's own.
    pub from_rail: bool,
    pub body: Vec<u8>,
    pub at: OffsetDateTime,
}

/// A stored callback that is somebody's to read until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    pub id: i64,
    pub fence: i64,
    pub attempts: i32,
    pub received: Received,
}

/// What the ledger says of the float, to be held against the rail's own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloatBooks {
    /// Cents: the sum of what is posted.
    pub utility: i64,
    /// The first balance is posted (its cause begins with `opening:`).
    pub is_opened: bool,
    /// Cents of payouts that the rail may have made already.
    pub under_way: i64,
    /// Cents of payouts that were confirmed only just now.
    pub recent: i64,
    /// How many payouts those are together: each may have cost a charge that is not posted yet.
    pub uncharged: i64,
}

/// What the store does for the rail outside units of work.
#[async_trait]
pub trait RailStore: Send + Sync {
    /// Takes up to `limit` jobs of these kinds that are due and nobody's, oldest first.
    async fn claim_jobs(
        &self,
        kinds: &[&str],
        limit: u16,
        now: OffsetDateTime,
        lease: Duration,
    ) -> Result<Vec<Job>, StoreError>;

    /// Stores a callback. The same one again is the same one.
    async fn store_callback(&self, received: &Received) -> Result<(), StoreError>;

    /// Takes up to `limit` callbacks that nobody has read, oldest first.
    async fn claim_callbacks(
        &self,
        limit: u16,
        now: OffsetDateTime,
        lease: Duration,
    ) -> Result<Vec<Callback>, StoreError>;

    /// Whether it is this process's turn to do what is done once per `every`, by anybody.
    async fn claim_turn(
        &self,
        name: &str,
        every: Duration,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    /// Undecided collections that were sent before this, oldest first.
    async fn undecided_collections(
        &self,
        sent_before: OffsetDateTime,
        limit: u16,
    ) -> Result<Vec<Collection>, StoreError>;

    /// The breaker as it is, for whoever only looks; `None` before anybody has asked for it.
    async fn find_circuit(&self) -> Result<Option<Circuit>, StoreError>;

    /// What every account of the ledger holds, in the asset's minor units; zero is left out.
    async fn balances(&self) -> Result<Vec<(AccountKey, i128)>, StoreError>;
}
