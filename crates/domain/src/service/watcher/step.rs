//! One step of reading: the next blocks, whole, and what is final by now.

use super::Watcher;
use crate::chain::cursor::Misfit;
use crate::chain::{Block, Cursor, Scan, Tip};
use crate::ports::{SourceError, Store, UnitOfWork, WatchList};
use crate::service::ServiceError;

/// Names of blocks that are kept below the final one.
const KEPT_BLOCKS: u64 = 200;

/// What a step came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// Blocks that the cursor passed.
    pub blocks: u64,
    /// Arrivals that are new, have moved, or became final.
    pub arrivals: u64,
    /// Blocks that are still to be read.
    pub lag: u64,
    /// Nothing is read any more until an operator says so.
    pub is_halted: bool,
}

impl Watcher {
    /// Reads the next blocks, or finds out how far a re-org reaches. Any number of processes may do so:
    /// of two that read the same blocks, one stores them.
    ///
    /// # Errors
    /// The chain's or the store's; then nothing has moved.
    pub async fn step(&self) -> Result<Step, ServiceError> {
        let tip = self.source.tip().await?;
        let Some(cursor) = self.engine.store.find_cursor(self.network()).await? else {
            return self.begin(&tip).await;
        };
        if cursor.halted.is_some() {
            return Ok(Step { is_halted: true, lag: cursor.lag(), ..Step::default() });
        }
        if tip.head <= cursor.last.height {
            return self.stand_still(cursor, &tip).await;
        }
        let to = tip.head.min(cursor.last.height.saturating_add(self.batch));
        let scan = self.source.scan(cursor.next(), to, &*self.watch_list()).await?;
        match cursor.check(&scan) {
            Ok(()) => self.pass(&cursor, &scan, &tip).await,
            Err(Misfit::OtherParent) => self.follow_reorg(&cursor).await,
            Err(misfit) => Err(SourceError::Contradiction(format!("{misfit:?}")).into()),
        }
    }

    /// Begins below what is final now: nobody could have been given an address long before.
    async fn begin(&self, tip: &Tip) -> Result<Step, ServiceError> {
        let height = tip.finality.at.height.saturating_sub(self.look_back);
        let block = self.source.block_at(height).await?;
        let block = block.ok_or_else(|| SourceError::Away(format!("no block {height}")))?;
        let mut uow = self.engine.store.begin().await?;
        if uow.lock_cursor(self.network()).await?.is_none() {
            let cursor = Cursor::starting_at(self.network(), &block, self.now());
            uow.save_cursor(&cursor).await?;
            uow.add_blocks(self.network(), std::slice::from_ref(&block)).await?;
        }
        uow.commit().await?;
        Ok(Step { lag: tip.head.saturating_sub(height), ..Step::default() })
    }

    /// No new block: the last one may have another name by now, and more may be final.
    async fn stand_still(&self, cursor: Cursor, tip: &Tip) -> Result<Step, ServiceError> {
        let last = self.source.block_at(cursor.last.height).await?;
        if last.is_some_and(|block| block.at != cursor.last) {
            return self.follow_reorg(&cursor).await;
        }
        if tip.finality.at.height > cursor.finality.height {
            return self.pass(&cursor, &Scan::default(), tip).await;
        }
        Ok(Step::default())
    }

    /// Stores the facts of the scanned blocks, what is final, and the cursor, together.
    async fn pass(&self, cursor: &Cursor, scan: &Scan, tip: &Tip) -> Result<Step, ServiceError> {
        if !self.is_agreed(cursor, scan, tip).await? {
            return self.follow_reorg(cursor).await;
        }
        let (network, now) = (self.network(), self.now());
        let mut uow = self.engine.store.begin().await?;
        let Some(mut moved) = self.lock_unmoved(&mut *uow, cursor).await? else {
            uow.rollback().await?;
            return Ok(Step { lag: cursor.lag(), ..Step::default() });
        };
        uow.add_blocks(network, &scan.blocks).await?;
        moved.advance(scan);
        moved.head = tip.head;
        if let Some(block) = final_of(cursor, scan, tip) {
            moved.finalise(block);
        }
        let finality = moved.finality.height;
        let seen = uow.note_sightings(network, &scan.sightings, finality, now).await?;
        let finalised = uow.finalise_arrivals(network, finality).await?;
        uow.drop_blocks_below(network, finality.saturating_sub(KEPT_BLOCKS)).await?;
        moved.updated_at = now;
        uow.save_cursor(&moved).await?;
        uow.commit().await?;
        let blocks = moved.last.height.saturating_sub(cursor.last.height);
        let arrivals = seen.saturating_add(finalised);
        Ok(Step { blocks, arrivals, lag: moved.lag(), is_halted: false })
    }

    /// Whether the block that the chain calls final is the one that was read at that height. Asked before
    /// anything is locked: a unit of work that waits for the store could wait for itself.
    async fn is_agreed(
        &self,
        cursor: &Cursor,
        scan: &Scan,
        tip: &Tip,
    ) -> Result<bool, ServiceError> {
        let called = &tip.finality.at;
        if called.height > read_to(cursor, scan) {
            return Ok(true);
        }
        let read = scan.blocks.iter().map(|block| &block.at).find(|at| at.height == called.height);
        if let Some(read) = read {
            return Ok(read == called);
        }
        let known = self.engine.store.blocks_down_from(self.network(), called.height, 1).await?;
        let known = known.first().filter(|at| at.height == called.height);
        Ok(known.is_none_or(|at| at == called))
    }

    /// The cursor under lock, if nobody has moved it since it was read.
    pub(super) async fn lock_unmoved(
        &self,
        uow: &mut dyn UnitOfWork,
        read: &Cursor,
    ) -> Result<Option<Cursor>, ServiceError> {
        let now = uow.lock_cursor(self.network()).await?;
        Ok(now.filter(|now| now.last == read.last && now.halted == read.halted))
    }

    fn watch_list(&self) -> std::sync::Arc<dyn WatchList> {
        let store: std::sync::Arc<dyn Store> = self.engine.store.clone();
        store
    }
}

/// The height up to which blocks were read, the scanned ones included.
fn read_to(cursor: &Cursor, scan: &Scan) -> u64 {
    scan.blocks.last().map_or(cursor.last.height, |block| block.at.height)
}

/// The highest block that is final and was read; `None` when that is no news.
fn final_of<'a>(cursor: &Cursor, scan: &'a Scan, tip: &'a Tip) -> Option<&'a Block> {
    if tip.finality.at.height > read_to(cursor, scan) {
        // All that was read is final.
        return scan.blocks.last();
    }
    Some(&tip.finality)
}
