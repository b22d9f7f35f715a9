//! Blocks as one node gives them: exactly those that were asked for, each checked against its own hash
//! and against the one below. What is solid is asked of `walletsolidity/*`, which shows no block that
//! can still go; what stands above it of `wallet/*`, which shows one branch, and another one later.

use domain::ports::SourceError;
use serde_json::json;

use super::answers::{BlockAnswer, BlockList};
use super::header::{Header, are_linked};
use super::node::{Answer, Node};

/// Consecutive blocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// The highest block that is known to be solid.
    pub(crate) solid: u64,
}

/// Whose word a block is: that of the solid state, or of the head's branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Solid,
    Head,
}

impl State {
    pub(crate) fn of(height: u64, solid: u64) -> Self {
        if height <= solid { Self::Solid } else { Self::Head }
    }

    pub(crate) fn path(self, call: &str) -> String {
        match self {
            Self::Solid => format!("walletsolidity/{call}"),
            Self::Head => format!("wallet/{call}"),
        }
    }
}

impl Node {
    pub(crate) async fn solid_head(&self) -> Answer<Header> {
        self.now(State::Solid).await
    }

    /// The highest block of the branch that the node is on.
    pub(crate) async fn head(&self) -> Answer<Header> {
        self.now(State::Head).await
    }

    async fn now(&self, state: State) -> Answer<Header> {
        let block: BlockAnswer = self.ask(&state.path("getnowblock"), &json!({})).await?;
        Header::verify(&block).map_err(|why| self.blame(why))
    }

    /// The id of the first block, as the node says it.
    pub(crate) async fn genesis(&self) -> Answer<[u8; 32]> {
        let blocks = self.list(State::Solid, 0, 0).await?;
        let first = blocks.first().ok_or_else(|| self.away("genesis", "no first block"))?;
        Ok(first.id.0)
    }

    /// The block of this height; `None` where the node has no such solid block, or says so.
    pub(crate) async fn solid_block(&self, height: u64) -> Answer<Option<Header>> {
        self.block(State::Solid, height).await
    }

    /// The same of either state.
    pub(crate) async fn block(&self, state: State, height: u64) -> Answer<Option<Header>> {
        let blocks = self.list(state, height, height).await?;
        if blocks.is_empty() {
            return Ok(None);
        }
        self.verify(&blocks, height, height).map(|mut headers| headers.pop())
    }

    /// Solid blocks `from..=to`, whole and linked, `batch` of them to a question.
    pub(crate) async fn solid_blocks(&self, from: u64, to: u64, batch: u64) -> Answer<Vec<Header>> {
        self.blocks(Range { from, to, solid: u64::MAX }, batch).await
    }

    /// The blocks of a range, likewise. No question is about both states.
    pub(crate) async fn blocks(&self, range: Range, batch: u64) -> Answer<Vec<Header>> {
        let mut headers: Vec<Header> = Vec::new();
        let mut next = range.from;
        while next <= range.to {
            let state = State::of(next, range.solid);
            let end = if state == State::Solid { range.solid.min(range.to) } else { range.to };
            let last = next.saturating_add(batch.saturating_sub(1)).min(end);
            let blocks = self.list(state, next, last).await?;
            headers.extend(self.verify(&blocks, next, last)?);
            next = last.saturating_add(1);
        }
        if are_linked(&headers) { Ok(headers) } else { Err(self.contradiction("unlinked blocks")) }
    }

    async fn list(&self, state: State, from: u64, to: u64) -> Answer<Vec<BlockAnswer>> {
        // The end is not included.
        let range = json!({ "startNum": from, "endNum": to.saturating_add(1) });
        let list: BlockList = self.ask(&state.path("getblockbylimitnext"), &range).await?;
        Ok(list.block)
    }

    /// A node that lags leaves the last ones out: that is an absence, not an end of the chain.
    fn verify(&self, blocks: &[BlockAnswer], from: u64, to: u64) -> Answer<Vec<Header>> {
        let headers: Result<Vec<Header>, SourceError> = blocks.iter().map(Header::verify).collect();
        let headers = headers.map_err(|why| self.blame(why))?;
        if headers.iter().map(|header| header.height).eq(from..=to) {
            return Ok(headers);
        }
        let how = format!("{} blocks instead of {from}..={to}", headers.len());
        Err(self.away("getblockbylimitnext", &how))
    }

    fn blame(&self, why: SourceError) -> SourceError {
        match why {
            SourceError::Contradiction(what) => self.contradiction(&what),
            SourceError::Away(_) | SourceError::Store(_) => why,
        }
    }
}
