//! What the store keeps of the chain rail: cursors and blocks, arrivals, transfers with all that was
//! signed for them, and sequences. [`ChainStore`] stands alone, the others work inside a unit of work.

use async_trait::async_trait;
use time::OffsetDateTime;

use super::queries::{Overdue, Page};
use super::store::StoreError;
use crate::address::Network;
use crate::chain::arrival::Return;
use crate::chain::{Arrival, Attempt, Block, BlockRef, Cursor, Sighting, Transfer};
use crate::ids::OrderId;
use crate::money::Crypto;
use crate::offer::Asset;
use crate::order::{DepositId, Order};

/// Cursors and the blocks that they stand on.
#[async_trait]
pub trait Cursors {
    /// The network's cursor, locked: whoever holds it decides alone what was read.
    async fn lock_cursor(&mut self, network: Network) -> Result<Option<Cursor>, StoreError>;
    /// Stores a cursor, new or known.
    async fn save_cursor(&mut self, cursor: &Cursor) -> Result<(), StoreError>;
    /// Remembers the names of blocks that were read.
    async fn add_blocks(&mut self, network: Network, blocks: &[Block]) -> Result<(), StoreError>;
    /// Forgets the blocks above a height that a re-org took away.
    async fn drop_blocks_above(&mut self, network: Network, height: u64) -> Result<(), StoreError>;
    /// Forgets the blocks below a height that is final for long.
    async fn drop_blocks_below(&mut self, network: Network, height: u64) -> Result<(), StoreError>;
}

/// Arrivals. Lock the order first.
#[async_trait]
pub trait Arrivals {
    /// Stores sightings, final where their block is not above `finality`. One that is known moves to the
    /// new place; what was final stays so. Those to nobody's address are left out. Answers how many
    /// are new or have moved.
    async fn note_sightings(
        &mut self,
        network: Network,
        sightings: &[Sighting],
        finality: u64,
        now: OffsetDateTime,
    ) -> Result<u64, StoreError>;
    /// Arrivals in blocks above `height` are gone: `orphaned` if they were only seen, `reverted` if they
    /// were final.
    async fn unmake_arrivals_above(
        &mut self,
        network: Network,
        height: u64,
    ) -> Result<u64, StoreError>;
    /// Seen arrivals in blocks not above `finality` are final.
    async fn finalise_arrivals(
        &mut self,
        network: Network,
        finality: u64,
    ) -> Result<u64, StoreError>;
    async fn lock_arrival(&mut self, id: &DepositId) -> Result<Option<Arrival>, StoreError>;
    /// Notes that its stage has been told.
    async fn settle_arrival(&mut self, arrival: &Arrival) -> Result<(), StoreError>;
    /// Notes how far its return has come. It never goes back.
    async fn mark_return(&mut self, id: &DepositId, so_far: Return) -> Result<(), StoreError>;
    /// Notes that telling it failed, and when to try again; answers how often it has.
    async fn put_off_arrival(
        &mut self,
        id: &DepositId,
        again: OffsetDateTime,
    ) -> Result<i32, StoreError>;
}

/// Transfers under lock. Lock the order first.
#[async_trait]
pub trait TransferRepository {
    async fn insert_transfer(&mut self, transfer: &Transfer) -> Result<(), StoreError>;
    /// With all its attempts, oldest first.
    async fn lock_transfer(&mut self, key: &str) -> Result<Option<Transfer>, StoreError>;
    /// Stores the transfer's and its attempts' progress; attempts that are new are added. Their bytes,
    /// hashes and sequences never change.
    async fn save_transfer(&mut self, transfer: &Transfer) -> Result<(), StoreError>;
    /// The last sequence given out for an address (a nonce or a timestamp), locked; `None` before the
    /// first. Whoever holds it is the address's one writer.
    async fn lock_sequence(
        &mut self,
        network: Network,
        address: &str,
    ) -> Result<Option<u64>, StoreError>;
    async fn save_sequence(
        &mut self,
        network: Network,
        address: &str,
        last: u64,
    ) -> Result<(), StoreError>;
    /// What was signed under a sequence of an address, whichever transfer it is of.
    async fn find_attempts(
        &mut self,
        network: Network,
        address: &str,
        sequence: u64,
    ) -> Result<Vec<Attempt>, StoreError>;
}

/// An order whose deadline has passed on the chain's own clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverdueDeposit {
    pub order_id: OrderId,
    pub expires_at: OffsetDateTime,
    pub asset: Asset,
    pub address: String,
    /// What our books say that the address holds of the asset: final arrivals, less what was swept.
    pub held: Crypto,
}

impl OverdueDeposit {
    /// Its place among those that are overdue.
    pub fn place(&self) -> Overdue {
        Overdue { expires_at: self.expires_at, id: self.order_id }
    }
}

/// Coin that lies at an escrow address of an order that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweepable {
    pub order_id: OrderId,
    pub index: u32,
    pub address: String,
    pub asset: Asset,
    pub amount: Crypto,
    /// How often this address has been swept of this asset.
    pub rounds: u32,
}

/// The place of an arrival in the order of the chain. One that a re-org moves may be met again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArrivalPlace {
    pub height: u64,
    pub tx_hash: String,
    pub ordinal: u32,
}

impl ArrivalPlace {
    pub fn of(arrival: &Arrival) -> Self {
        let Sighting { id, block, .. } = &arrival.sighting;
        Self { height: block.height, tx_hash: id.tx_hash.clone(), ordinal: id.ordinal }
    }
}

/// Where a page of arrivals begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArrivalStart {
    /// Skips this many.
    Offset(i64),
    After(ArrivalPlace),
}

/// Which part of an order's arrivals is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivalPage {
    pub start: ArrivalStart,
    /// 1 to 100.
    pub size: u8,
}

/// What the store does for the chain rail outside units of work.
#[async_trait]
pub trait ChainStore: Send + Sync {
    async fn find_cursor(&self, network: Network) -> Result<Option<Cursor>, StoreError>;
    /// Remembered blocks not above `height`, highest first.
    async fn blocks_down_from(
        &self,
        network: Network,
        height: u64,
        limit: u16,
    ) -> Result<Vec<BlockRef>, StoreError>;
    /// Arrivals whose stage has not been told and that are not put off, oldest first.
    async fn untold_arrivals(
        &self,
        network: Network,
        now: OffsetDateTime,
        limit: u16,
    ) -> Result<Vec<(OrderId, DepositId)>, StoreError>;
    /// What arrived for an order, in the order of the chain.
    async fn arrivals_of(&self, order: &Order) -> Result<Vec<Arrival>, StoreError>;
    /// A part of them.
    async fn list_arrivals(
        &self,
        order: &Order,
        page: &ArrivalPage,
    ) -> Result<Page<Arrival>, StoreError>;
    /// Orders that wait for a deposit on this network, whose deadline is before `block_time`, and of
    /// which nothing is untold. Oldest deadline first, right behind `after`.
    async fn overdue_deposits(
        &self,
        network: Network,
        block_time: OffsetDateTime,
        after: Option<Overdue>,
        limit: u16,
    ) -> Result<Vec<OverdueDeposit>, StoreError>;
    /// Final coin at addresses of orders that have ended, at least `least` of it, with no sweep under
    /// way.
    async fn sweepable(
        &self,
        network: Network,
        least: Crypto,
        limit: u16,
    ) -> Result<Vec<Sweepable>, StoreError>;
    /// What the ledger says that the network's hot wallet holds of an asset; `recent` moves are those
    /// after `since`.
    async fn hot_books(
        &self,
        network: Network,
        asset: Asset,
        since: OffsetDateTime,
    ) -> Result<HotBooks, StoreError>;
}

/// What the ledger says of a hot wallet, to be held against the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HotBooks {
    /// 10⁻⁸ of the coin: the sum of what is posted for this network.
    pub minor: i64,
    /// The first balance is posted (its cause begins with `opening:`).
    pub is_opened: bool,
    /// 10⁻⁸ of what is under way, or was settled only just now: so far the chain may differ.
    pub moving: i64,
}
