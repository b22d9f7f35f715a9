//! Cursors with the blocks that they stand on, and what arrived at our addresses.

use std::collections::BTreeMap;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::tables::{Tables, rejected};
use super::unit_of_work::MemoryUnitOfWork;
use crate::address::Network;
use crate::chain::arrival::Return;
use crate::chain::{Arrival, Block, BlockRef, Cursor, Sighting};
use crate::ids::OrderId;
use crate::order::{DepositId, DepositStage};
use crate::ports::{Arrivals, Cursors, StoreError};

/// The digits of the largest number that a contract can emit.
const MOST_DIGITS: usize = 78;

#[derive(Debug, Clone)]
pub(super) struct StoredArrival {
    pub(super) arrival: Arrival,
    pub(super) retry_at: OffsetDateTime,
}

impl StoredArrival {
    /// Somebody must be told. What went before anybody was told of it was never there.
    pub(super) fn is_untold(&self) -> bool {
        let Arrival { told, stage, .. } = self.arrival;
        told != Some(stage) && !(told.is_none() && stage == DepositStage::Orphaned)
    }

    pub(super) fn is_at(&self, network: Network) -> bool {
        self.arrival.sighting.id.network == network
    }

    fn height(&self) -> u64 {
        self.arrival.sighting.block.height
    }

    /// Moves to where the chain has it now; `false` when it stands there already or is final.
    fn note(&mut self, told: &Sighting, stage: DepositStage) -> bool {
        let known = &mut self.arrival;
        let place = |it: &Sighting| (it.block.clone(), it.block_time);
        let is_there = place(&known.sighting) == place(told) && known.stage == stage;
        if known.stage == DepositStage::Final || is_there {
            return false;
        }
        known.sighting.block.clone_from(&told.block);
        known.sighting.block_time = told.block_time;
        known.stage = stage;
        true
    }

    fn unmake(&mut self) -> bool {
        self.arrival.stage = match self.arrival.stage {
            DepositStage::Seen => DepositStage::Orphaned,
            DepositStage::Final => DepositStage::Reverted,
            DepositStage::Orphaned | DepositStage::Reverted => return false,
        };
        true
    }
}

fn count<T>(of: impl Iterator<Item = T>) -> u64 {
    u64::try_from(of.count()).unwrap_or(u64::MAX)
}

fn stored_as(stage: DepositStage) -> impl Fn(&&mut StoredArrival) -> bool {
    move |it| it.arrival.stage == stage
}

fn is_number(units: &str) -> bool {
    (1..=MOST_DIGITS).contains(&units.len()) && units.bytes().all(|byte| byte.is_ascii_digit())
}

impl Tables {
    /// Whose escrow address that is.
    pub(super) fn owner(&self, network: Network, address: &str) -> Option<OrderId> {
        let is_it = |order: &&crate::order::Order| {
            let escrow = order.escrow.as_ref().map(|escrow| &escrow.address);
            escrow.is_some_and(|it| it.network() == network && it.as_str() == address)
        };
        self.orders.values().find(is_it).map(|order| order.id)
    }

    fn arrival(&mut self, id: &DepositId) -> Option<&mut StoredArrival> {
        self.arrivals.iter_mut().find(|stored| stored.arrival.sighting.id == *id)
    }

    fn note_sighting(&mut self, told: &Sighting, stage: DepositStage, now: OffsetDateTime) -> bool {
        let Some(order_id) = self.owner(told.id.network, &told.to) else { return false };
        if let Some(known) = self.arrival(&told.id) {
            return known.note(told, stage);
        }
        let sighting = told.clone();
        let arrival = Arrival {
            sighting,
            order_id,
            stage,
            told: None,
            detected_at: now,
            troubles: 0,
            returned: None,
        };
        self.arrivals.push(StoredArrival { arrival, retry_at: now });
        true
    }
}

#[async_trait]
impl Cursors for MemoryUnitOfWork {
    async fn lock_cursor(&mut self, network: Network) -> Result<Option<Cursor>, StoreError> {
        Ok(self.tables.cursors.get(&network).cloned())
    }

    async fn save_cursor(&mut self, cursor: &Cursor) -> Result<(), StoreError> {
        self.tables.cursors.insert(cursor.network, cursor.clone());
        Ok(())
    }

    async fn add_blocks(&mut self, network: Network, blocks: &[Block]) -> Result<(), StoreError> {
        let known = self.tables.blocks.entry(network).or_default();
        for BlockRef { height, hash } in blocks.iter().map(|block| &block.at) {
            if known.get(height).is_some_and(|other| other != hash) {
                return Err(StoreError::Conflict(format!("block {height} of {network:?}")));
            }
            known.insert(*height, hash.clone());
        }
        Ok(())
    }

    async fn drop_blocks_above(&mut self, network: Network, height: u64) -> Result<(), StoreError> {
        let known = self.tables.blocks.entry(network).or_default();
        known.retain(|it, _| *it <= height);
        Ok(())
    }

    async fn drop_blocks_below(&mut self, network: Network, height: u64) -> Result<(), StoreError> {
        let known = self.tables.blocks.entry(network).or_default();
        known.retain(|it, _| *it >= height);
        Ok(())
    }
}

#[async_trait]
impl Arrivals for MemoryUnitOfWork {
    async fn note_sightings(
        &mut self,
        network: Network,
        sightings: &[Sighting],
        finality: u64,
        now: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        if sightings.iter().any(|it| !is_number(&it.units) || it.id.network != network) {
            return Err(rejected("a sighting is a number of units on the network"));
        }
        // The last word about each counts.
        let last: BTreeMap<_, _> =
            sightings.iter().map(|it| ((&it.id.tx_hash, it.id.ordinal), it)).collect();
        Ok(count(last.into_values().filter(|told| {
            let is_final = told.block.height <= finality;
            let stage = if is_final { DepositStage::Final } else { DepositStage::Seen };
            self.tables.note_sighting(told, stage, now)
        })))
    }

    async fn unmake_arrivals_above(
        &mut self,
        network: Network,
        height: u64,
    ) -> Result<u64, StoreError> {
        let all = self.tables.arrivals.iter_mut();
        let above = all.filter(|it| it.is_at(network) && it.height() > height);
        Ok(count(above.filter_map(|it| it.unmake().then_some(()))))
    }

    async fn finalise_arrivals(
        &mut self,
        network: Network,
        finality: u64,
    ) -> Result<u64, StoreError> {
        let all = self.tables.arrivals.iter_mut();
        let deep = all.filter(|it| it.is_at(network) && it.height() <= finality);
        let seen = deep.filter(stored_as(DepositStage::Seen));
        Ok(count(seen.map(|it| it.arrival.stage = DepositStage::Final)))
    }

    async fn lock_arrival(&mut self, id: &DepositId) -> Result<Option<Arrival>, StoreError> {
        Ok(self.tables.arrival(id).map(|stored| stored.arrival.clone()))
    }

    async fn settle_arrival(&mut self, arrival: &Arrival) -> Result<(), StoreError> {
        let id = &arrival.sighting.id;
        let stored = self.tables.arrival(id).filter(|it| it.arrival.stage == arrival.stage);
        let missing = || StoreError::Conflict(format!("arrival {}", id.cause()));
        let known = &mut stored.ok_or_else(missing)?.arrival;
        (known.told, known.troubles) = (Some(arrival.stage), 0);
        Ok(())
    }

    async fn mark_return(&mut self, id: &DepositId, so_far: Return) -> Result<(), StoreError> {
        let missing = || StoreError::Conflict(format!("arrival {}", id.cause()));
        let known = &mut self.tables.arrival(id).ok_or_else(missing)?.arrival;
        if known.returned != Some(Return::Done) {
            known.returned = Some(so_far);
        }
        Ok(())
    }

    async fn put_off_arrival(
        &mut self,
        id: &DepositId,
        again: OffsetDateTime,
    ) -> Result<i32, StoreError> {
        let missing = || StoreError::Conflict(format!("arrival {}", id.cause()));
        let known = self.tables.arrival(id).ok_or_else(missing)?;
        known.retry_at = again;
        known.arrival.troubles = known.arrival.troubles.saturating_add(1);
        Ok(known.arrival.troubles)
    }
}
