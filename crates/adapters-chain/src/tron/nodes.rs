//! The nodes of the settings, and which network each must be of.

use std::ops::Deref;

use alloy::primitives::U256;
use async_trait::async_trait;
use domain::ports::SourceError;

use super::config::{ConfigError, TronConfig};
use super::contract::Called;
use super::header::Header;
use super::node::{Answer, Node};
use crate::pool::{Identify, Identity, Pool};

/// Blocks that a node may be behind the best one: a minute of them.
const STALE: u64 = 20;
/// What the amounts of the domain count on: 10⁻⁶.
const DECIMALS: U256 = U256::from_limbs([6, 0, 0, 0]);

pub(crate) struct Nodes {
    pool: Pool<Node>,
    batch: u64,
}

impl Nodes {
    pub(crate) fn try_new(config: &TronConfig) -> Result<Self, ConfigError> {
        Ok(Self { pool: Pool::new(Node::try_all(config)?), batch: config.batch.into() })
    }

    /// Blocks that are asked for at once.
    pub(crate) fn batch(&self) -> u64 {
        self.batch
    }

    /// The nodes that see furthest, the best first, each with its solid head: what stands on an old
    /// block is born dead.
    pub(crate) async fn freshest(&self) -> Answer<Vec<(&Node, Header)>> {
        let mut failure = SourceError::Away("no node".to_owned());
        let mut fresh: Vec<(&Node, Header)> = vec![];
        for member in self.round() {
            let head = match member.node().await {
                Ok(node) => member.note(node.solid_head().await).map(|head| (node, head)),
                Err(why) => Err(why),
            };
            match head {
                Ok(head) => fresh.push(head),
                Err(why) => failure = why,
            }
        }
        let Some(best) = fresh.iter().map(|(_, head)| head.height).max() else {
            return Err(failure);
        };
        fresh.retain(|(_, head)| best.saturating_sub(head.height) <= STALE);
        fresh.sort_by_key(|(_, head)| std::cmp::Reverse(head.height));
        Ok(fresh)
    }
}

impl Deref for Nodes {
    type Target = Pool<Node>;

    fn deref(&self) -> &Pool<Node> {
        &self.pool
    }
}

#[async_trait]
impl Identify for Node {
    /// The first block's id ends in the chain's id. A contract that is not there yet proves nothing of
    /// the network: the node may be far behind.
    async fn identify(&self) -> Result<Identity, SourceError> {
        let expected = self.network().chain_id;
        let [.., a, b, c, d] = self.genesis().await?;
        let found = u32::from_be_bytes([a, b, c, d]);
        if found != expected {
            let place = self.place();
            return Ok(Identity::Foreign(format!(
                "node {place}: its chain is {found:#010x}, the settings say {expected:#010x}"
            )));
        }
        let usdt = self.network().usdt;
        match self.call(usdt, usdt, "decimals()", &[]).await? {
            Called::Returned { data, .. } if U256::try_from_be_slice(&data) == Some(DECIMALS) => {
                Ok(Identity::Ours)
            }
            Called::Returned { .. } | Called::Reverted(_) => {
                Err(self.contradiction("what should be USDT has not 6 decimals"))
            }
        }
    }
}
