//! The nodes of the settings, in turn: what one cannot answer, or answers wrongly, another one is
//! asked.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::ports::SourceError;
use futures_util::future::BoxFuture;

use super::config::{ConfigError, TronConfig};
use super::header::Header;
use super::node::{Answer, Node};

/// Blocks that a node may be behind the best one: a minute of them.
const STALE: u64 = 20;

pub(crate) struct Nodes {
    /// At least one.
    all: Vec<Node>,
    /// The one that is asked first.
    first: AtomicUsize,
    batch: u64,
}

impl Nodes {
    pub(crate) fn try_new(config: &TronConfig) -> Result<Self, ConfigError> {
        let all = Node::try_all(config)?;
        Ok(Self { all, first: AtomicUsize::new(0), batch: config.batch.into() })
    }

    /// Blocks that are asked for at once.
    pub(crate) fn batch(&self) -> u64 {
        self.batch
    }

    pub(crate) fn count(&self) -> usize {
        self.all.len()
    }

    /// Every node once, from the one that answered last.
    pub(crate) fn round(&self) -> impl Iterator<Item = &Node> {
        let first = self.first.load(Ordering::Relaxed);
        self.all.iter().cycle().skip(first).take(self.all.len())
    }

    /// The nth, counted on and on.
    pub(crate) fn nth(&self, nth: u32) -> &Node {
        let place = usize::try_from(nth).unwrap_or_default() % self.all.len();
        &self.all[place]
    }

    /// The first whole answer of any node; the next question begins with who gave it.
    pub(crate) async fn any<'a, T>(
        &'a self,
        ask: impl Fn(&'a Node) -> BoxFuture<'a, Answer<T>> + Send,
    ) -> Answer<T> {
        let mut failure = SourceError::Away("no node".to_owned());
        for node in self.round() {
            match ask(node).await {
                Ok(answer) => {
                    self.first.store(node.place(), Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(why) => {
                    tracing::warn!(node = node.place(), %why, "a node gave no answer to build on");
                    failure = why;
                }
            }
        }
        Err(failure)
    }

    /// The nodes that see furthest, the best first, each with its solid head: what stands on an old
    /// block is born dead.
    pub(crate) async fn freshest(&self) -> Answer<Vec<(&Node, Header)>> {
        let mut failure = SourceError::Away("no node".to_owned());
        let mut fresh: Vec<(&Node, Header)> = vec![];
        for node in self.round() {
            match node.solid_head().await {
                Ok(head) => fresh.push((node, head)),
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
