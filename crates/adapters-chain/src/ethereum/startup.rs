//! Whether the nodes are of the network that we were told, asked once before anything else.

use domain::offer::Asset;
use domain::ports::SourceError;

use super::Ethereum;
use super::node::{At, Node};
use super::token::decimalsCall;

/// What the amounts of the domain count on: 10⁻⁶.
const DECIMALS: u8 = 6;

/// Why a node must not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    #[error("node {node} is of chain {found}, and we are told {expected}")]
    OtherChain { node: usize, expected: u64, found: u64 },
    #[error("node {node}: there is no contract where {} should be", asset.as_str())]
    NoContract { node: usize, asset: Asset },
    #[error("node {node}: {} has not {DECIMALS} decimals", asset.as_str())]
    Decimals { node: usize, asset: Asset },
    /// Not one of the nodes answers.
    #[error(transparent)]
    Away(#[from] SourceError),
}

impl Ethereum {
    /// Asks every node for its chain and our tokens there. A node that is away is passed over, as long
    /// as another one answers.
    ///
    /// # Errors
    /// When a node is of another network, or none answers.
    pub async fn assert_network(&self) -> Result<(), NetworkError> {
        let mut trouble = None;
        let mut answered = false;
        for (place, node) in self.nodes.all().enumerate() {
            match self.assert_node(place, node).await {
                Ok(()) => answered = true,
                Err(NetworkError::Away(error)) => trouble = Some(error),
                Err(error) => return Err(error),
            }
        }
        trouble.filter(|_| !answered).map_or(Ok(()), |error| Err(error.into()))
    }

    async fn assert_node(&self, place: usize, node: &Node) -> Result<(), NetworkError> {
        let (expected, found) = (self.config.chain_id, node.chain_id().await);
        let found = found.map_err(SourceError::from)?;
        if found != expected {
            return Err(NetworkError::OtherChain { node: place, expected, found });
        }
        for asset in Asset::ALL {
            let contract = self.tokens.address(asset);
            if !node.has_code(contract).await.map_err(SourceError::from)? {
                return Err(NetworkError::NoContract { node: place, asset });
            }
            let decimals = node.view(contract, &decimalsCall {}, At::Latest).await?;
            if decimals != Some(DECIMALS) {
                return Err(NetworkError::Decimals { node: place, asset });
            }
        }
        Ok(())
    }
}
