//! The port `ChainSource`: which node reads what.

use alloy::primitives::{Address, U256};
use async_trait::async_trait;
use domain::address::Network;
use domain::chain::{Block, Scan, Tip, from_chain_units};
use domain::money::Crypto;
use domain::offer::Asset;
use domain::ports::{ChainSource, SourceError, WatchList};

use super::Ethereum;
use super::error::contradiction;
use super::logs::LogReader;
use super::node::{At, Node};
use super::scan::Scanner;
use super::spelling::parse_address;

#[async_trait]
impl ChainSource for Ethereum {
    fn network(&self) -> Network {
        Network::Ethereum
    }

    async fn tip(&self) -> Result<Tip, SourceError> {
        let tip = self.nodes.any(|node| Box::pin(tip(node))).await?;
        self.nodes.note_head(tip.head);
        Ok(tip)
    }

    /// One node that has it is enough; that there is none takes all of them.
    async fn block_at(&self, height: u64) -> Result<Option<Block>, SourceError> {
        let header = self.nodes.find(|node| Box::pin(node.header(At::Height(height)))).await?;
        header.map(|header| header.block()).transpose()
    }

    async fn scan(&self, from: u64, to: u64, watch: &dyn WatchList) -> Result<Scan, SourceError> {
        if from > to {
            return Ok(Scan::default());
        }
        let tokens = self.tokens.addresses();
        let scan = |node| {
            let reader = LogReader { node, tokens };
            let scanner = Scanner { reader, tokens: &self.tokens, hot: self.hot };
            async move { scanner.scan(from, to, watch).await }
        };
        self.nodes.any(|node| Box::pin(scan(node))).await
    }

    async fn final_balance(
        &self,
        asset: Asset,
        address: &str,
    ) -> Result<(Crypto, u64), SourceError> {
        self.nodes.any(|node| Box::pin(self.balance(node, asset, address))).await
    }

    async fn final_native(&self, address: &str) -> Result<u128, SourceError> {
        let owner = parse_address(address).map_err(contradiction)?;
        let wei = self.nodes.any(|node| Box::pin(finalized_ether(node, owner))).await?;
        u128::try_from(wei).map_err(|_| contradiction("a balance is beyond all coins"))
    }
}

async fn finalized_ether(node: &Node, owner: Address) -> Result<U256, SourceError> {
    Ok(node.ether(owner, At::Finalized).await?)
}

/// The head last: however long the answers take, a chain that grows meanwhile cannot put what was final
/// above it.
async fn tip(node: &Node) -> Result<Tip, SourceError> {
    let finality = node.known_header(At::Finalized).await?.block()?;
    let head = node.known_header(At::Latest).await?.number;
    if finality.at.height > head {
        return Err(contradiction("what is final is above the head"));
    }
    Ok(Tip { head, finality })
}

impl Ethereum {
    async fn balance(
        &self,
        node: &Node,
        asset: Asset,
        address: &str,
    ) -> Result<(Crypto, u64), SourceError> {
        let owner = parse_address(address).map_err(contradiction)?;
        let height = node.known_header(At::Finalized).await?.number;
        let units = node.balance_of(self.tokens.address(asset), owner, At::Height(height)).await?;
        let amount = u64::try_from(units).ok().and_then(from_chain_units);
        let amount = amount.ok_or_else(|| contradiction("a balance is beyond all coins"))?;
        Ok((amount, height))
    }
}
