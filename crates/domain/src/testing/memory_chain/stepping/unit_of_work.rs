//! The unit of work, call by call.

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::SteppingStore;
use crate::address::Network;
use crate::chain::arrival::Return;
use crate::chain::{Arrival, Attempt, Block, Cursor, Sighting, Transfer};
use crate::ids::{CollectionId, OfferId, OrderId, PartyId};
use crate::ledger::Entry;
use crate::offer::Offer;
use crate::order::{DepositId, Effect, HistoryEntry, HoldFate, Order};
use crate::party::{Msisdn, Party};
use crate::placement::{IdempotencyClaim, StoredAnswer};
use crate::ports::{
    Arrivals, Callback, ClaimOutcome, CollectionRepository, Cursors, DisbursementRepository,
    FloatBooks, IdempotencyKeys, Job, JobEnd, Jobs, OfferRepository, OrderRepository, Outbox,
    OutboxRow, PartyRepository, Provisioned, RailBooks, Reviews, StoreError, TransferRepository,
    UnitOfWork,
};
use crate::rail::{Circuit, Collection, Disbursement, Hook, Review, Subject};

pub(super) struct SteppingUnitOfWork {
    pub(super) inner: Box<dyn UnitOfWork>,
    pub(super) store: SteppingStore,
}

/// Every method does what the one behind it does, a step later.
macro_rules! stepping {
    ($port:ident { $(fn $name:ident(&mut $me:ident $(, $arg:ident: $kind:ty)*) -> $out:ty;)* }) => {
        #[async_trait]
        impl $port for SteppingUnitOfWork {
            $(async fn $name(&mut $me $(, $arg: $kind)*) -> Result<$out, StoreError> {
                $me.store.call(stringify!($name)).await?;
                $me.inner.$name($($arg),*).await
            })*
        }
    };
}

#[async_trait]
impl OrderRepository for SteppingUnitOfWork {
    async fn lock_order(&mut self, id: OrderId) -> Result<Option<Order>, StoreError> {
        self.store.call("lock_order").await?;
        self.store.read(id)?;
        self.inner.lock_order(id).await
    }

    async fn lock_free_orders(&mut self, ids: &[OrderId]) -> Result<Vec<Order>, StoreError> {
        self.store.call("lock_free_orders").await?;
        ids.iter().try_for_each(|id| self.store.read(*id))?;
        self.inner.lock_free_orders(ids).await
    }

    async fn save_order(&mut self, order: &Order, entry: &HistoryEntry) -> Result<(), StoreError> {
        self.store.call("save_order").await?;
        self.inner.save_order(order, entry).await
    }
}

stepping!(OfferRepository {
    fn insert_offer(&mut self, offer: &Offer) -> ();
    fn lock_offer(&mut self, id: OfferId) -> Option<Offer>;
    fn save_offer(&mut self, offer: &Offer) -> ();
    fn settle_hold(&mut self, order: &Order, fate: HoldFate) -> ();
});

stepping!(PartyRepository {
    fn insert_party(&mut self, party: &Party) -> Provisioned;
    fn find_party(&mut self, id: PartyId) -> Option<Party>;
});

stepping!(Outbox {
    fn enqueue(&mut self, order: OrderId, effects: &[Effect], at: OffsetDateTime) -> ();
    fn pending_effects(&mut self, order: OrderId) -> Vec<OutboxRow>;
});

stepping!(IdempotencyKeys {
    fn claim_key(&mut self, claim: &IdempotencyClaim) -> ClaimOutcome;
    fn store_answer(
        &mut self,
        claim: &IdempotencyClaim,
        answer: &StoredAnswer,
        at: OffsetDateTime
    ) -> ();
});

stepping!(Jobs {
    fn take_job(&mut self, key: &str, now: OffsetDateTime, lease: Duration) -> Option<Job>;
    fn end_job(
        &mut self,
        job: &Job,
        end: JobEnd,
        error: Option<&str>,
        now: OffsetDateTime
    ) -> bool;
    fn wake_job(&mut self, key: &str, at: OffsetDateTime) -> ();
});

stepping!(CollectionRepository {
    fn insert_collection(&mut self, collection: &Collection) -> ();
    fn find_collection(&mut self, id: CollectionId) -> Option<Collection>;
    fn find_collection_by_reference(&mut self, reference: &str) -> Option<CollectionId>;
    fn lock_collection(&mut self, id: CollectionId) -> Option<Collection>;
    fn save_collection(&mut self, collection: &Collection) -> ();
    fn claim_phone(
        &mut self,
        phone: &Msisdn,
        now: OffsetDateTime,
        not_since: OffsetDateTime
    ) -> Option<OffsetDateTime>;
    fn claim_receipt(
        &mut self,
        receipt: &str,
        collection: Option<CollectionId>,
        at: OffsetDateTime
    ) -> bool;
});

stepping!(DisbursementRepository {
    fn insert_disbursement(&mut self, disbursement: &Disbursement) -> ();
    fn find_disbursement(&mut self, id: Uuid) -> Option<Disbursement>;
    fn lock_disbursement(&mut self, id: Uuid) -> Option<Disbursement>;
    fn lock_last_disbursement(&mut self, key: &str) -> Option<Disbursement>;
    fn save_disbursement(&mut self, disbursement: &Disbursement) -> ();
    fn lock_circuit(&mut self, now: OffsetDateTime) -> Circuit;
    fn save_circuit(&mut self, circuit: &Circuit) -> ();
    fn float_claims(&mut self, since: OffsetDateTime) -> i64;
});

stepping!(RailBooks {
    fn add_token(
        &mut self,
        hash: &[u8; 32],
        hook: Hook,
        subject: Subject,
        at: OffsetDateTime
    ) -> ();
    fn find_token(&mut self, hook: Hook, hash: &[u8; 32]) -> Option<Subject>;
    fn settle_callback(&mut self, callback: &Callback, outcome: &str, at: OffsetDateTime) -> bool;
    fn post(&mut self, entry: &Entry) -> bool;
    fn float_books(&mut self, since: OffsetDateTime) -> FloatBooks;
});

stepping!(Reviews {
    fn open_review(&mut self, review: &Review) -> bool;
    fn close_review(&mut self, subject: &str, resolution: &str, at: OffsetDateTime) -> bool;
});

stepping!(Cursors {
    fn lock_cursor(&mut self, network: Network) -> Option<Cursor>;
    fn save_cursor(&mut self, cursor: &Cursor) -> ();
    fn add_blocks(&mut self, network: Network, blocks: &[Block]) -> ();
    fn drop_blocks_above(&mut self, network: Network, height: u64) -> ();
    fn drop_blocks_below(&mut self, network: Network, height: u64) -> ();
});

stepping!(Arrivals {
    fn note_sightings(
        &mut self,
        network: Network,
        sightings: &[Sighting],
        finality: u64,
        now: OffsetDateTime
    ) -> u64;
    fn unmake_arrivals_above(&mut self, network: Network, height: u64) -> u64;
    fn finalise_arrivals(&mut self, network: Network, finality: u64) -> u64;
    fn lock_arrival(&mut self, id: &DepositId) -> Option<Arrival>;
    fn settle_arrival(&mut self, arrival: &Arrival) -> ();
    fn mark_return(&mut self, id: &DepositId, so_far: Return) -> ();
    fn put_off_arrival(&mut self, id: &DepositId, again: OffsetDateTime) -> i32;
});

stepping!(TransferRepository {
    fn insert_transfer(&mut self, transfer: &Transfer) -> ();
    fn lock_transfer(&mut self, key: &str) -> Option<Transfer>;
    fn save_transfer(&mut self, transfer: &Transfer) -> ();
    fn lock_sequence(&mut self, network: Network, address: &str) -> Option<u64>;
    fn save_sequence(&mut self, network: Network, address: &str, last: u64) -> ();
    fn find_attempts(&mut self, network: Network, address: &str, sequence: u64) -> Vec<Attempt>;
});

#[async_trait]
impl UnitOfWork for SteppingUnitOfWork {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.store.call("commit").await?;
        self.inner.commit().await
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        self.store.call("rollback").await?;
        self.inner.rollback().await
    }
}
