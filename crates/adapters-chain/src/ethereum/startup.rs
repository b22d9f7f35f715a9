//! Whether a node is of the network that we were told, asked before anything else.

use async_trait::async_trait;
use domain::offer::Asset;
use domain::ports::SourceError;

use super::Ethereum;
use super::error::contradiction;
use super::node::{At, Node};
use super::token::decimalsCall;
use crate::pool::{Identify, Identity, NodeHealth, NodePool};

/// What the amounts of the domain count on: 10⁻⁶.
const DECIMALS: u8 = 6;

impl Ethereum {
    /// Asks every node for its chain and our tokens there. Those that do not answer are asked again
    /// when they are needed, and before anything else.
    ///
    /// # Errors
    /// A contradiction when not one of the nodes can be used.
    pub async fn assert_network(&self) -> Result<(), SourceError> {
        self.nodes.assert_network().await
    }
}

#[async_trait]
impl NodePool for Ethereum {
    async fn revisit(&self) {
        self.nodes.revisit_all().await;
    }

    fn health(&self) -> Vec<NodeHealth> {
        self.nodes.health()
    }
}

#[async_trait]
impl Identify for Node {
    /// The chain's id is the proof. A contract that is not there proves nothing of the network: the
    /// node may be far behind.
    async fn identify(&self) -> Result<Identity, SourceError> {
        let (place, expected, found) = (self.place, self.chain_id, self.told_chain_id().await?);
        if found != expected {
            return Ok(Identity::Foreign(format!(
                "node {place} is of chain {found}, and we are told {expected}"
            )));
        }
        for asset in Asset::ALL {
            self.check_token(asset).await?;
        }
        Ok(Identity::Ours)
    }
}

impl Node {
    async fn check_token(&self, asset: Asset) -> Result<(), SourceError> {
        let (contract, name) = (self.tokens.address(asset), asset.as_str());
        if !self.has_code(contract).await? {
            let place = self.place;
            let what = format!("node {place}: there is no contract where {name} should be");
            return Err(contradiction(what));
        }
        let decimals = self.view(contract, &decimalsCall {}, At::Latest).await?;
        if decimals == Some(DECIMALS) {
            return Ok(());
        }
        Err(contradiction(format!("node {}: {name} has not {DECIMALS} decimals", self.place)))
    }
}
