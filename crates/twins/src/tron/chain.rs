//! The blocks, from the first to the head, and which of them are solid.

use std::collections::HashMap;

use super::block::{Block, Mined};
use super::hashing::Hash;
use super::kept::Step;

/// How many blocks back a transaction may refer to.
const TAPOS_BLOCKS: u64 = 65_536;

#[derive(Debug)]
pub(super) struct Chain {
    blocks: Vec<Block>,
    /// Where each transaction is: its block, and its place therein.
    places: HashMap<Hash, (u64, usize)>,
    solid: u64,
    solid_lag: u64,
    /// The solid block stays where it is.
    pub(super) is_solid_held: bool,
    /// Counts the times that blocks were taken back.
    branch: u64,
    /// What is not written down yet, where it is to be.
    news: Option<Vec<Step>>,
}

/// Nothing but a first block, until it is told what came after.
impl Default for Chain {
    fn default() -> Self {
        Self::new(Block::genesis(0, 0), 0)
    }
}

impl Chain {
    pub(super) fn new(genesis: Block, solid_lag: u64) -> Self {
        Self {
            blocks: vec![genesis],
            places: HashMap::new(),
            solid: 0,
            solid_lag,
            is_solid_held: false,
            branch: 0,
            news: None,
        }
    }

    /// From now on every change is told to whoever writes it down.
    pub(super) fn tell_news(&mut self) {
        self.news = Some(Vec::new());
    }

    pub(super) fn take_news(&mut self) -> Vec<Step> {
        self.news.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// As it was when it was written down.
    pub(super) fn set_solid(&mut self, solid: u64, is_held: bool) {
        (self.solid, self.is_solid_held) = (solid, is_held);
    }

    pub(super) fn head(&self) -> &Block {
        // There is a first block, and it is never taken back.
        &self.blocks[self.blocks.len() - 1]
    }

    pub(super) fn solid(&self) -> u64 {
        self.solid
    }

    pub(super) fn solid_lag(&self) -> u64 {
        self.solid_lag
    }

    pub(super) fn block(&self, number: u64) -> Option<&Block> {
        self.blocks.get(usize::try_from(number).ok()?)
    }

    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The transaction, if it is in a block up to `height`.
    pub(super) fn mined(&self, id: &Hash, height: u64) -> Option<(&Block, &Mined)> {
        let (number, place) = *self.places.get(id).filter(|(number, _)| *number <= height)?;
        let block = self.block(number)?;
        Some((block, block.transactions.get(place)?))
    }

    /// Puts a block on top of the head.
    pub(super) fn grow(&mut self, time_ms: i64, transactions: Vec<Mined>) {
        if let Some(news) = &mut self.news {
            news.push(Step::Grow { time_ms, mined: transactions.clone() });
        }
        let block = self.head().after(time_ms, self.branch, transactions);
        for (place, mined) in block.transactions.iter().enumerate() {
            self.places.insert(mined.tx.id, (block.number, place));
        }
        self.blocks.push(block);
        self.settle();
    }

    /// Lets the solid block follow the head.
    pub(super) fn settle(&mut self) {
        if !self.is_solid_held {
            self.solid = self.solid.max(self.head().number.saturating_sub(self.solid_lag));
        }
    }

    /// Takes back everything above `height`, solid or not; what was in there comes back.
    pub(super) fn roll_back(&mut self, height: u64) -> Vec<Mined> {
        if let Some(news) = &mut self.news {
            news.push(Step::Back { height });
        }
        let keep = usize::try_from(height).map_or(usize::MAX, |height| height.saturating_add(1));
        let gone = self.blocks.split_off(keep.min(self.blocks.len()));
        let gone: Vec<Mined> = gone.into_iter().flat_map(|block| block.transactions).collect();
        for mined in &gone {
            self.places.remove(&mined.tx.id);
        }
        self.branch += 1;
        gone
    }

    /// Whether a transaction's reference is one of the last blocks up to `head`.
    pub(super) fn is_known(&self, head: u64, bytes: &[u8], hash: &[u8]) -> bool {
        let Ok([high, low]) = <[u8; 2]>::try_from(bytes) else { return false };
        let low_bits = u64::from(u16::from_be_bytes([high, low]));
        // The latest block up to the head whose number ends so.
        let back = head.wrapping_sub(low_bits) % TAPOS_BLOCKS;
        let block = head.checked_sub(back).and_then(|number| self.block(number));
        block.is_some_and(|block| block.id[8..16] == *hash)
    }
}
