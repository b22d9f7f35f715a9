//! Reading the chain: the domain's port from the head's branch down. What a node calls solid is final;
//! how far that is known to reach decides whose word each block is.

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use domain::address::Network;
use domain::chain::{Block, Scan, Tip, from_chain_units};
use domain::money::Crypto;
use domain::offer::Asset;
use domain::ports::{ChainSource, SourceError, WatchList};

use super::blocks::{Range, State};
use super::header::Header;
use super::node::{Answer, Node};
use super::scan::{Ours, scan};
use super::{Tron, spelling};
use crate::address::owner::Owner;

#[async_trait]
impl ChainSource for Tron {
    fn network(&self) -> Network {
        Network::Tron
    }

    async fn tip(&self) -> Result<Tip, SourceError> {
        let (head, solid) = self.nodes.any(|node| Box::pin(ends(node))).await?;
        self.solid.fetch_max(solid.height, Ordering::Relaxed);
        self.nodes.note_head(head.height);
        let head = head.height.saturating_sub(self.config.margin_blocks).max(solid.height);
        Ok(Tip { head, finality: solid.block()? })
    }

    /// One node that has it is enough; that there is none takes all of them.
    async fn block_at(&self, height: u64) -> Result<Option<Block>, SourceError> {
        let state = State::of(height, self.solid.load(Ordering::Relaxed));
        let header = self.nodes.find(|node| Box::pin(node.block(state, height))).await?;
        header.map(|header| header.block()).transpose()
    }

    async fn scan(&self, from: u64, to: u64, watch: &dyn WatchList) -> Result<Scan, SourceError> {
        let solid = self.solid.load(Ordering::Relaxed);
        let of = Ours { usdt: self.usdt, hot: self.hot };
        scan(&self.nodes, Range { from, to, solid }, of, watch).await
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

    async fn final_native(&self, address: &str) -> Result<u128, SourceError> {
        let holder = spelling::owner(address)
            .ok_or_else(|| SourceError::Contradiction("no Tron address".to_owned()))?;
        let sun = self.nodes.any(|node| Box::pin(node.sun(holder))).await?;
        Ok(sun.into())
    }
}

/// The head and the solid head. The head last: however long the answers take, a chain that grows
/// meanwhile cannot put what was solid above it.
async fn ends(node: &Node) -> Answer<(Header, Header)> {
    let solid = node.solid_head().await?;
    let head = node.head().await?;
    if solid.height > head.height {
        return Err(node.away("getnowblock", "its head is behind what it calls solid"));
    }
    Ok((head, solid))
}

async fn balance(node: &Node, usdt: Owner, holder: Owner) -> Answer<(Crypto, u64)> {
    let head = node.solid_head().await?;
    let units = node.token_balance(usdt, holder).await?;
    let amount = u64::try_from(units).ok().and_then(from_chain_units);
    let amount = amount.ok_or_else(|| node.contradiction("a balance beyond all coin"))?;
    Ok((amount, head.height))
}
