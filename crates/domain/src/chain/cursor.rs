//! How far a chain has been read. The cursor moves only with the facts of the blocks it passes.

use time::OffsetDateTime;

use super::{Block, BlockRef, Scan};
use crate::address::Network;

/// Where the watcher of a network stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub network: Network,
    /// The last block that was read.
    pub last: BlockRef,
    /// Its time.
    pub last_time: OffsetDateTime,
    /// The highest block that was read and is final: what is not above it is never undone.
    pub finality: BlockRef,
    pub final_time: OffsetDateTime,
    /// The chain's head when it was last asked.
    pub head: u64,
    /// Why nothing is credited any more, until an operator says so.
    pub halted: Option<String>,
    pub updated_at: OffsetDateTime,
}

/// Why a scan does not continue a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// Not the blocks that were asked for.
    Gap,
    /// Its first block stands on another one than ours: the chain was re-organised.
    OtherParent,
    /// Its blocks do not stand on each other.
    Broken,
}

impl Cursor {
    /// The next block to read.
    pub fn next(&self) -> u64 {
        self.last.height.saturating_add(1)
    }

    /// Blocks between the head and what was read.
    pub fn lag(&self) -> u64 {
        self.head.saturating_sub(self.last.height)
    }

    /// A cursor that begins above `block`, which is final.
    pub fn starting_at(network: Network, block: &Block, now: OffsetDateTime) -> Self {
        Self {
            network,
            last: block.at.clone(),
            last_time: block.time,
            finality: block.at.clone(),
            final_time: block.time,
            head: block.at.height,
            halted: None,
            updated_at: now,
        }
    }

    /// Whether the scan is the very next blocks, each standing on the one before.
    ///
    /// # Errors
    /// With what is wrong; then nothing of it may be believed.
    pub fn check(&self, scan: &Scan) -> Result<(), Misfit> {
        let mut below = &self.last;
        for block in &scan.blocks {
            if block.at.height != below.height.saturating_add(1) {
                return Err(Misfit::Gap);
            }
            if block.parent != below.hash {
                let is_first = std::ptr::eq(below, &raw const self.last);
                return Err(if is_first { Misfit::OtherParent } else { Misfit::Broken });
            }
            below = &block.at;
        }
        if scan.blocks.is_empty() { Err(Misfit::Gap) } else { Ok(()) }
    }

    /// Moves over a checked scan.
    pub fn advance(&mut self, scan: &Scan) {
        if let Some(block) = scan.blocks.last() {
            self.last = block.at.clone();
            self.last_time = block.time;
        }
    }

    /// Goes back to a block that both the chain and we know.
    pub fn rewind(&mut self, ancestor: &Block) {
        self.last = ancestor.at.clone();
        self.last_time = ancestor.time;
    }

    /// An operator's word that `ancestor` is the last block to be believed, final or not before.
    pub fn restart_at(&mut self, ancestor: &Block) {
        self.rewind(ancestor);
        self.halted = None;
        if self.finality.height > ancestor.at.height {
            self.finality = ancestor.at.clone();
            self.final_time = ancestor.time;
        }
    }

    /// What is final moves up, never down.
    pub fn finalise(&mut self, block: &Block) {
        if block.at.height > self.finality.height {
            self.finality = block.at.clone();
            self.final_time = block.time;
        }
    }
}
