//! Solid blocks as one node gives them: exactly those that were asked for, each checked against its
//! own hash and against the one below. `walletsolidity/*` shows no block that can still go.

use domain::ports::SourceError;
use serde_json::json;

use super::answers::{BlockAnswer, BlockList};
use super::header::{Header, are_linked};
use super::node::{Answer, Node};

impl Node {
    pub(crate) async fn solid_head(&self) -> Answer<Header> {
        let block: BlockAnswer = self.ask("walletsolidity/getnowblock", &json!({})).await?;
        Header::verify(&block).map_err(|why| self.blame(why))
    }

    /// The id of the first block, as the node says it.
    pub(crate) async fn genesis(&self) -> Answer<[u8; 32]> {
        let blocks = self.list(0, 0).await?;
        let first = blocks.first().ok_or_else(|| self.away("genesis", "no first block"))?;
        Ok(first.id.0)
    }

    /// The block of this height; `None` where the node has no such solid block, or says so.
    pub(crate) async fn solid_block(&self, height: u64) -> Answer<Option<Header>> {
        let blocks = self.list(height, height).await?;
        if blocks.is_empty() {
            return Ok(None);
        }
        self.verify(&blocks, height, height).map(|mut headers| headers.pop())
    }

    /// Solid blocks `from..=to`, whole and linked, `batch` of them to a question.
    pub(crate) async fn solid_blocks(&self, from: u64, to: u64, batch: u64) -> Answer<Vec<Header>> {
        let mut headers: Vec<Header> = Vec::new();
        let mut next = from;
        while next <= to {
            let last = next.saturating_add(batch.saturating_sub(1)).min(to);
            let blocks = self.list(next, last).await?;
            headers.extend(self.verify(&blocks, next, last)?);
            next = last.saturating_add(1);
        }
        if are_linked(&headers) { Ok(headers) } else { Err(self.contradiction("unlinked blocks")) }
    }

    async fn list(&self, from: u64, to: u64) -> Answer<Vec<BlockAnswer>> {
        // The end is not included.
        let range = json!({ "startNum": from, "endNum": to.saturating_add(1) });
        let list: BlockList = self.ask("walletsolidity/getblockbylimitnext", &range).await?;
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
