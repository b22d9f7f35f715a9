//! The store, call by call.

use std::collections::HashSet;

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};

use super::SteppingStore;
use super::unit_of_work::SteppingUnitOfWork;
use crate::access::Visibility;
use crate::address::{AddressUse, KeyAccount, Network, OwnerAddresses};
use crate::chain::{Arrival, BlockRef, Cursor};
use crate::ids::{OfferId, OrderId, PartyId};
use crate::ledger::AccountKey;
use crate::money::Crypto;
use crate::offer::{Asset, Offer};
use crate::order::{DepositId, HistoryEntry, Order};
use crate::placement::{IdempotencyClaim, Placed, Placement, Terms};
use crate::ports::{
    ArrivalPage, Callback, ChainStore, ClaimOutcome, HotBooks, Job, OfferFilter, OfferQueries,
    OrderDetails, OrderFilter, OrderQueries, Overdue, OverdueDeposit, OwnAddress, OwnAddresses,
    Page, PageRequest, Placements, RailStore, Received, ReviewCount, ReviewQueries, Store,
    StoreError, SupervisionQueries, Sweepable, UnitOfWork, WatchList,
};
use crate::rail::{Circuit, Collection, OpenReview, ReviewItem};
use crate::supervision::{OpenJob, OpenOrder};

/// Every method does what the one behind it does, a step later.
macro_rules! stepping {
    ($port:ident { $(fn $name:ident(&$me:ident $(, $arg:ident: $kind:ty)*) -> $out:ty;)* }) => {
        #[async_trait]
        impl $port for SteppingStore {
            $(async fn $name(&$me $(, $arg: $kind)*) -> Result<$out, StoreError> {
                $me.call(stringify!($name)).await?;
                $me.inner().$name($($arg),*).await
            })*
        }
    };
}

#[async_trait]
impl Store for SteppingStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.call("begin").await?;
        let inner = self.inner().begin().await?;
        Ok(Box::new(SteppingUnitOfWork { inner, store: self.clone() }))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.call("ping").await?;
        self.inner().ping().await
    }

    async fn forget_keys(&self, before: OffsetDateTime) -> Result<u64, StoreError> {
        self.call("forget_keys").await?;
        self.inner().forget_keys(before).await
    }
}

stepping!(Placements {
    fn terms(&self, offer: OfferId, customer: PartyId, wallet: &OwnerAddresses) -> Terms;
    fn next_escrow_index(&self, account: &KeyAccount) -> u32;
    fn place(&self, placement: &Placement) -> Placed;
    fn find_answer(&self, claim: &IdempotencyClaim) -> Option<ClaimOutcome>;
});

stepping!(OrderQueries {
    fn list_orders(
        &self,
        sees: Visibility,
        filter: &OrderFilter,
        page: PageRequest
    ) -> Page<Order>;
    fn find_details(&self, sees: Visibility, id: OrderId) -> Option<OrderDetails>;
    fn find_history(&self, sees: Visibility, id: OrderId) -> Option<Vec<HistoryEntry>>;
    fn list_overdue(
        &self,
        now: OffsetDateTime,
        after: Option<Overdue>,
        limit: u16
    ) -> Vec<Overdue>;
});

stepping!(OfferQueries {
    fn find_offer(&self, id: OfferId) -> Option<Offer>;
    fn list_offers(&self, filter: OfferFilter, page: PageRequest) -> Page<Offer>;
});

stepping!(RailStore {
    fn claim_jobs(
        &self,
        kinds: &[&str],
        limit: u16,
        now: OffsetDateTime,
        lease: Duration
    ) -> Vec<Job>;
    fn store_callback(&self, received: &Received) -> ();
    fn claim_callbacks(&self, limit: u16, now: OffsetDateTime, lease: Duration) -> Vec<Callback>;
    fn claim_turn(&self, name: &str, every: Duration, now: OffsetDateTime) -> bool;
    fn undecided_collections(&self, sent_before: OffsetDateTime, limit: u16) -> Vec<Collection>;
    fn find_circuit(&self) -> Option<Circuit>;
    fn balances(&self) -> Vec<(AccountKey, i128)>;
});

stepping!(ReviewQueries {
    fn open_reviews(&self, limit: u16) -> Vec<OpenReview>;
    fn open_conditions(&self) -> Vec<OpenReview>;
    fn review_items(&self, review: i64, limit: u16) -> Vec<ReviewItem>;
    fn count_reviews(&self) -> Vec<ReviewCount>;
});

stepping!(SupervisionQueries {
    fn open_jobs(&self, after: Option<(OrderId, i64)>, limit: u16) -> Vec<OpenJob>;
    fn open_orders(
        &self,
        after: Option<OrderId>,
        until: Option<OrderId>,
        limit: u16
    ) -> Vec<OpenOrder>;
});

stepping!(ChainStore {
    fn find_cursor(&self, network: Network) -> Option<Cursor>;
    fn blocks_down_from(&self, network: Network, height: u64, limit: u16) -> Vec<BlockRef>;
    fn untold_arrivals(
        &self,
        network: Network,
        now: OffsetDateTime,
        limit: u16
    ) -> Vec<(OrderId, DepositId)>;
    fn arrivals_of(&self, order: &Order) -> Vec<Arrival>;
    fn list_arrivals(&self, order: &Order, page: &ArrivalPage) -> Page<Arrival>;
    fn overdue_deposits(
        &self,
        network: Network,
        block_time: OffsetDateTime,
        after: Option<Overdue>,
        limit: u16
    ) -> Vec<OverdueDeposit>;
    fn sweepable(&self, network: Network, least: Crypto, limit: u16) -> Vec<Sweepable>;
    fn hot_books(&self, network: Network, asset: Asset, since: OffsetDateTime) -> HotBooks;
});

stepping!(OwnAddresses {
    fn note_own_addresses(&self, addresses: &[OwnAddress], at: OffsetDateTime) -> ();
    fn find_address_use(&self, owner: &OwnerAddresses) -> Option<AddressUse>;
});

stepping!(WatchList {
    fn ours(&self, network: Network, addresses: &[String]) -> HashSet<String>;
});
