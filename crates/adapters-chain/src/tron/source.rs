//! Reading the chain: the domain's port over solid blocks. What is not solid does not exist here,
//! so the head and the last final block are the same.

use async_trait::async_trait;
use domain::address::Network;
use domain::chain::{Block, Scan, Tip, from_chain_units};
use domain::money::Crypto;
use domain::offer::Asset;
use domain::ports::{ChainSource, SourceError, WatchList};

use super::header::Header;
use super::node::{Answer, Node};
use super::scan::scan;
use super::{Tron, spelling};
use crate::address::owner::Owner;

#[async_trait]
impl ChainSource for Tron {
    fn network(&self) -> Network {
        Network::Tron
    }

    async fn tip(&self) -> Result<Tip, SourceError> {
        let margin = self.config.margin_blocks;
        let head = self.nodes.any(|node| Box::pin(settled_head(node, margin))).await?;
        self.nodes.note_head(head.height);
        Ok(Tip { head: head.height, finality: head.block()? })
    }

    /// One node that has it is enough; that there is none takes all of them.
    async fn block_at(&self, height: u64) -> Result<Option<Block>, SourceError> {
        let header = self.nodes.find(|node| Box::pin(node.solid_block(height))).await?;
        header.map(|header| header.block()).transpose()
    }

    async fn scan(&self, from: u64, to: u64, watch: &dyn WatchList) -> Result<Scan, SourceError> {
        scan(&self.nodes, (from, to), self.usdt, watch).await
    }

    /// The height is read first: the balance is of that block or of a later one.
    async fn final_balance(
        &self,
        asset: Asset,
        address: &str,
    ) -> Result<(Crypto, u64), SourceError> {
        if asset != Asset::Usdt {
            let what = format!("{} does not live on Tron", asset.as_str());
            return Err(SourceError::Contradiction(what));
        }
        let holder = spelling::owner(address)
            .ok_or_else(|| SourceError::Contradiction("no Tron address".to_owned()))?;
        self.nodes.any(|node| Box::pin(balance(node, self.usdt, holder))).await
    }
}

/// The solid head, less the margin.
async fn settled_head(node: &Node, margin: u64) -> Answer<Header> {
    let head = node.solid_head().await?;
    if margin == 0 {
        return Ok(head);
    }
    let height = head.height.saturating_sub(margin);
    let block = node.solid_block(height).await?;
    block.ok_or_else(|| node.away("getblockbylimitnext", "no block below its solid head"))
}

async fn balance(node: &Node, usdt: Owner, holder: Owner) -> Answer<(Crypto, u64)> {
    let head = node.solid_head().await?;
    let units = node.token_balance(usdt, holder).await?;
    let amount = u64::try_from(units).ok().and_then(from_chain_units);
    let amount = amount.ok_or_else(|| node.contradiction("a balance beyond all coin"))?;
    Ok((amount, head.height))
}
